package dialogs

import (
	"reflect"
	"strings"
	"testing"
)

// FuzzParseTiers: what is read once reads the same when written again, and no
// address is empty or has a line break.
func FuzzParseTiers(f *testing.F) {
	for _, s := range []string{"", "a", "a\nb\n\nc", "\r\n\r\n", " \t\n\n x ", "a\n\n\n\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tiers := ParseTiers(s)
		for _, tier := range tiers {
			if len(tier) == 0 {
				t.Errorf("%q has an empty tier", s)
			}
			for _, u := range tier {
				if strings.TrimSpace(u) == "" || strings.Contains(u, "\n") {
					t.Errorf("%q has the address %q", s, u)
				}
			}
		}
		if again := ParseTiers(TiersText(tiers)); !reflect.DeepEqual(again, tiers) {
			t.Errorf("%q: %q, then %q", s, tiers, again)
		}
	})
}
