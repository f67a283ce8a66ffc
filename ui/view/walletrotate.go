package view

import (
	"time"

	"swarmbid/wallet/btt"
)

// RotateStep is what comes next on the way to another spending account. The zero value
// is that the network was not asked yet.
type RotateStep uint8

// The steps, in their order.
const (
	RotateLook   RotateStep = iota
	RotateBusy              // a transaction is under way
	RotateLeave             // the deposit has to leave
	RotateWait              // it is leaving
	RotateFinish            // it can be taken out
	RotateEmpty             // the account holds something that is better kept with the savings
	RotateReady             // nothing is left but the step itself
)

// Rotation is how far that way is.
type Rotation struct {
	Step    RotateStep
	Deposit btt.Amount
	Ready   time.Time  // RotateWait: from when it can be taken out
	Open    btt.Amount // promised to the account and not paid
	Fee     btt.Sun    // estimate of what leaving will still cost; 0 = nothing, or unknown
	Coin    Coin       // RotateEmpty: what there is of it
	Left    btt.Amount // likewise
}

// FormerAccount is a former spending account to which something was promised.
type FormerAccount struct {
	Account string
	Open    btt.Amount
	Redeem  Redeem
}

// RotateLine is one step of the way as the dialog shows it.
type RotateLine struct {
	Text string
	Tone Tone // Giving = done, Working = next, Dim = later
}

// RotateLines are the steps with how far each is.
func (f *Format) RotateLines(r *Rotation) []RotateLine {
	at := map[RotateStep]int{RotateLook: -1, RotateBusy: -1, RotateLeave: 0, RotateWait: 1, RotateFinish: 2, RotateEmpty: 3, RotateReady: 4}[r.Step]
	wait := f.T("rotate.step.wait")
	if r.Step == RotateWait {
		wait = f.T("rotate.step.waitUntil", f.Time(r.Ready))
	}
	empty := f.T("rotate.step.empty")
	if r.Step == RotateEmpty {
		empty = f.T("rotate.step.emptyOf", f.Amount(r.Left, r.Coin))
	}
	var out []RotateLine
	for i, s := range []string{f.T("rotate.step.leave"), wait, f.T("rotate.step.finish"), empty, f.T("rotate.step.next")} {
		line := RotateLine{f.T("rotate.later", i+1, s), Dim}
		switch {
		case i < at:
			line = RotateLine{f.T("rotate.isDone", i+1, s), Giving}
		case i == at:
			line = RotateLine{f.T("rotate.isNext", i+1, s), Working}
		}
		out = append(out, line)
	}
	return out
}

// RotateWords say what is to be known before that way is gone: what keeps it from
// going on, what is owed to the account, and what leaving costs.
func (f *Format) RotateWords(r *Rotation) (out []string) {
	switch r.Step {
	case RotateLook:
		out = append(out, f.T("rotate.look"))
	case RotateBusy:
		out = append(out, f.T("rotate.busy"))
	case RotateLeave, RotateWait, RotateFinish, RotateEmpty, RotateReady:
	}
	if r.Fee > 0 {
		out = append(out, f.T("rotate.fee", f.Sun(r.Fee)))
	}
	if r.Open > 0 {
		out = append(out, f.T("rotate.open", f.Amount(r.Open, BTT)))
	}
	return out
}

// RotateDoes is the word on the button for the next step, "" if there is nothing to do
// but wait.
func (l *Locale) RotateDoes(s RotateStep) string {
	switch s {
	case RotateLeave:
		return l.T("rotate.do.leave")
	case RotateFinish:
		return l.T("rotate.do.finish")
	case RotateEmpty:
		return l.T("rotate.do.empty")
	case RotateReady:
		return l.T("rotate.do.next")
	case RotateLook, RotateBusy, RotateWait:
	}
	return ""
}

// FormerWords say what is owed to former spending accounts, "" for nothing.
func (f *Format) FormerWords(all []FormerAccount) string {
	sum := btt.Amount(0)
	for i := range all {
		sum += all[i].Open
	}
	if sum == 0 {
		return ""
	}
	return f.T("rotate.former", f.Amount(sum, BTT))
}
