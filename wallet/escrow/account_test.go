package escrow

import (
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// TestPhaseOf walks an account through its whole life.
func TestPhaseOf(t *testing.T) {
	then := time.Unix(1_800_000_000, 0)
	for _, c := range []struct {
		what       string
		s          State
		allowance  btt.Amount
		depositing bool
		want       Phase
	}{
		{"never used", State{}, 0, false, None},
		{"approved", State{}, 5, false, Approved},
		{"deposit under way", State{}, 0, true, Approved},
		{"deposited", State{Free: 5}, 0, false, Funded},
		{"more approved", State{Free: 5}, 3, false, ToppingUp},
		{"more under way", State{Free: 5}, 0, true, ToppingUp},
		{"leaving", State{Exiting: 8, Ready: then}, 0, false, Exiting},
		{"leaving in part", State{Free: 3, Exiting: 5, Ready: then}, 3, true, Exiting},
		{"stays after all", State{Free: 8, Ready: then}, 0, false, Funded},
		{"left", State{Ready: then}, 0, false, Exited},
		{"comes back", State{Ready: then}, 2, false, Approved},
	} {
		if got := PhaseOf(c.s, c.allowance, c.depositing); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
	for p := None; p <= Exited; p++ {
		if p.String() == "" {
			t.Error("a phase without a name")
		}
	}
}
