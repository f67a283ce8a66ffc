package escrow

import "swarmbid/wallet/btt"

// Phase is how far our account is. The zero value is that of somebody who never
// deposited.
type Phase uint8

// The phases. A top-up and a first deposit are the same two steps: approve, deposit.
const (
	None      Phase = iota
	Approved        // the escrow may take what is to be deposited
	Funded          // payees trust what is free
	ToppingUp       // funded, and the escrow may take more
	Exiting         // all or a part is leaving
	Exited          // it has left
)

// String returns the phase in English lower case, for logs and tests.
func (p Phase) String() string {
	return [...]string{"none", "approved", "funded", "topping up", "exiting", "exited"}[p]
}

// PhaseOf says how far an account is: what it holds, what its owner lets the escrow
// take, and whether a deposit into it is under way. It follows from the chain alone,
// so nothing of it can be lost or be out of step.
func PhaseOf(s State, allowance btt.Amount, depositing bool) Phase {
	coming := allowance > 0 || depositing
	switch {
	case s.Exiting > 0:
		return Exiting
	case s.Free > 0 && coming:
		return ToppingUp
	case s.Free > 0:
		return Funded
	case coming:
		return Approved
	case !s.Ready.IsZero():
		return Exited
	}
	return None
}
