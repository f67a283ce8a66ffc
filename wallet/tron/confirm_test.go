package tron

import (
	"testing"

	"swarmbid/wallet/tron/outbox"
)

// TestConclude is the table of what two endpoints can say, and one of two.
func TestConclude(t *testing.T) {
	const expires = 1000
	ok := fate{found: true, ok: true, block: 7, fee: 5}
	failed := fate{found: true, block: 7, fee: 5, reason: "REVERT"}
	no := fate{}
	early, late := int64(900), int64(1100)
	said := func(solid, top fate, now int64) answer { return answer{solid, top, now} }
	const silent = outbox.Kind(0)
	for name, c := range map[string]struct {
		answers  []answer
		everyone bool
		clock    int64
		want     outbox.Kind
	}{
		"both: carried out":                  {[]answer{said(ok, ok, early), said(ok, ok, early)}, true, early, outbox.Solid},
		"both: failed":                       {[]answer{said(failed, failed, early), said(failed, failed, early)}, true, early, outbox.Solid},
		"one of two: carried out":            {[]answer{said(ok, ok, early)}, false, early, outbox.Solid},
		"one of two: failed":                 {[]answer{said(failed, failed, early)}, false, early, silent},
		"the only one: failed":               {[]answer{said(failed, failed, early)}, true, early, outbox.Solid},
		"carried out and failed":             {[]answer{said(ok, ok, early), said(failed, ok, early)}, true, early, silent},
		"other blocks":                       {[]answer{said(ok, ok, early), said(fate{found: true, ok: true, block: 8, fee: 5}, ok, early)}, true, early, silent},
		"other fees":                         {[]answer{said(ok, ok, early), said(fate{found: true, ok: true, block: 7, fee: 6}, ok, early)}, true, early, silent},
		"solid and unknown":                  {[]answer{said(ok, ok, late), said(no, no, late)}, true, late, silent},
		"unknown and solid":                  {[]answer{said(no, no, late), said(ok, ok, late)}, true, late, silent},
		"both in a block":                    {[]answer{said(no, ok, early), said(no, ok, early)}, true, early, outbox.Seen},
		"one in a block":                     {[]answer{said(no, no, early), said(no, ok, early)}, true, early, outbox.Seen},
		"in a block after the expiry":        {[]answer{said(no, ok, late), said(no, no, late)}, true, late, outbox.Seen},
		"unknown":                            {[]answer{said(no, no, early), said(no, no, early)}, true, early, outbox.Unseen},
		"unknown, expired for both":          {[]answer{said(no, no, late), said(no, no, late)}, true, late, outbox.Passed},
		"unknown, expired for one":           {[]answer{said(no, no, late), said(no, no, early)}, true, late, outbox.Unseen},
		"unknown, expired for the other":     {[]answer{said(no, no, early), said(no, no, late)}, true, late, outbox.Unseen},
		"unknown, expired says one of two":   {[]answer{said(no, no, late)}, false, late, outbox.Unseen},
		"unknown, expired says the only one": {[]answer{said(no, no, late)}, true, late, outbox.Passed},
		"unknown, the computer says no":      {[]answer{said(no, no, late), said(no, no, late)}, true, early, outbox.Unseen},
		"unknown, at the expiry itself":      {[]answer{said(no, no, expires)}, true, late, outbox.Unseen},
	} {
		e, f, definite := question{c.answers, c.everyone, expires, c.clock}.conclude()
		if definite != (c.want != silent) || e.Kind != c.want {
			t.Errorf("%s: event %d, definite %v", name, e.Kind, definite)
			continue
		}
		if e.Kind == outbox.Solid && (e.OK != f.ok || e.Block != 7 || e.Fee != 5 || e.Reason != f.reason) {
			t.Errorf("%s: %+v from %+v", name, e, f)
		}
		if e.Kind == outbox.Passed && e.Now <= expires {
			t.Errorf("%s: passed at %d", name, e.Now)
		}
	}
}

// TestConcludeNeverPaysAgainOnOneWord goes through every pair of answers, as few
// values as make a difference: an end that allows another payment needs both.
func TestConcludeNeverPaysAgainOnOneWord(t *testing.T) {
	fates := []fate{{}, {found: true, ok: true, block: 7}, {found: true, block: 7}, {found: true, ok: true, block: 8}}
	times := []int64{900, 1100}
	var all []answer
	for _, s := range fates {
		for _, h := range fates {
			for _, now := range times {
				all = append(all, answer{s, h, now})
			}
		}
	}
	again := func(e outbox.Event, definite bool) bool {
		return definite && (e.Kind == outbox.Passed || e.Kind == outbox.Solid && !e.OK)
	}
	for _, a := range all {
		if e, _, definite := (question{[]answer{a}, false, 1000, 1100}).conclude(); again(e, definite) {
			t.Errorf("%+v alone of two: %+v", a, e)
		}
		for _, b := range all {
			e, _, definite := question{[]answer{a, b}, true, 1000, 1100}.conclude()
			if !again(e, definite) {
				continue
			}
			for _, x := range []answer{a, b} {
				if x.solid.ok || x.solid.found != (e.Kind == outbox.Solid) || e.Kind == outbox.Passed && (x.top.found || x.now <= 1000) {
					t.Errorf("%+v and %+v: %+v", a, b, e)
				}
			}
		}
	}
}
