package till

import (
	"errors"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// TestRotate goes the whole way from one spending account to the next, and dies after
// every step: the way goes on where it was. What was promised to the account before is
// redeemed with its key, to the wallet, and never unasked.
func TestRotate(t *testing.T) {
	r := setup(t)
	payer, old := newKey("payer"), r.spending
	r.deposit(payer, 200*btt.One)
	step := func(want Step) Rotation {
		t.Helper()
		r.restart()
		var got Rotation
		r.until("rotation", func(s *Snapshot) bool {
			got = s.Rotation(r.node.Now())
			return got.Step == want
		})
		if err := r.till.Retire(t.Context()); (err == nil) != (want == StepRotate) || err != nil && !errors.Is(err, ErrDeposit) {
			t.Errorf("step %d, and rotating is %v", want, err)
		}
		if want == StepRotate {
			if err := r.order(Order{Kind: KindApprove, Amount: 1}); !errors.Is(err, ErrOrder) {
				t.Errorf("after it was retired: %v", err)
			}
			r.restart()
			r.until("looked", func(s *Snapshot) bool { return !s.Account.Seen.IsZero() })
		}
		return got
	}
	if got := r.till.Snapshot().Rotation(r.node.Now()); got.Step != StepLook {
		t.Errorf("before the first look: %+v", got)
	}
	r.done(Order{Kind: KindApprove, Amount: 300 * btt.One})
	step(StepRotate) // what may be taken is not in the deposit
	r.done(Order{Kind: KindDeposit, Amount: 300 * btt.One})
	if got := step(StepLeave); got.Deposit != 300*btt.One || got.Fee < 60_000*100 {
		t.Errorf("leaving: %+v", got)
	}
	r.promise(payer, 40*btt.One)
	r.must(r.order(Order{Kind: KindExit, Amount: 300 * btt.One}))
	step(StepBusy)
	r.through()
	got := step(StepWait)
	if left := got.Ready.Sub(r.node.Now()); left < 6*24*time.Hour || left > 7*24*time.Hour || got.Open != 40*btt.One {
		t.Errorf("waiting: %+v, %v", got, left)
	}
	r.node.Advance(7*24*time.Hour + time.Minute)
	r.node.SealSolid()
	step(StepFinish)
	r.done(Order{Kind: KindFinish})
	if got := step(StepRotate); got.Fee != 0 || got.Deposit != 0 || got.Open != 40*btt.One {
		t.Errorf("at the end: %+v", got)
	}

	// The index is the next one; the old account is kept for what it is owed.
	r.policy = worthAll()
	r.spending, r.former = newKey("next"), []*key{old}
	r.restart()
	s := r.until("the old account", func(s *Snapshot) bool { return len(s.Former) == 1 && !s.Account.Seen.IsZero() })
	if f := s.Former[0]; f.Account != old.at || f.Open != 40*btt.One || f.Plan.Amount != 40*btt.One || len(f.Plan.Take) != 1 {
		t.Errorf("owed to the old account: %+v", f)
	}
	if s.Account.Free != 0 || s.Phase != escrow.None || len(s.Plan.Take) != 0 || s.Rotation(r.node.Now()).Open != 0 {
		t.Errorf("the new account begins with %+v, plan %+v", s.Account, s.Plan)
	}
	for range 5 { // its key is not at hand: nothing happens unasked
		r.must(r.till.step(t.Context(), true))
	}
	if r.redeems() != 0 || r.till.Snapshot().Next != nil {
		t.Error("something was redeemed unasked for the old account")
	}
	for _, o := range []Order{{Kind: KindExit, Account: old.at, Amount: 1}, {Kind: KindRedeem, Account: payer.at}, {Kind: KindFuel, Account: payer.at, Amount: 5_000_000}} {
		if err := r.order(o); !errors.Is(err, ErrOrder) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if err := r.order(Order{Kind: KindRedeem}); !errors.Is(err, ErrNothing) {
		t.Errorf("redeeming with the new key: %v", err)
	}
	r.done(Order{Kind: KindFuel, Account: old.at, Amount: 5_000_000})
	r.must(r.order(Order{Kind: KindRedeem, Account: old.at})) // into the wallet, asked or not
	r.restart()
	r.through()
	if c := r.state(payer); c.State != ledger.Redeemed || c.Settled != 40*btt.One {
		t.Errorf("redeemed: %+v", c)
	}
	if got := r.told[[2]voucher.Address{payer.at, old.at}]; got != 40*btt.One {
		t.Errorf("told that %v was settled", got)
	}
	r.holds(old.at, 0, 0)
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Onchain: 1040 * btt.One, ledger.Deposit: 0, ledger.Receivable(payer.at.String()): 0})
	if len(r.till.Snapshot().Former) != 0 {
		t.Errorf("still owed: %+v", r.till.Snapshot().Former)
	}
	all, err := r.till.Settlements(t.Context())
	if want := (Settlement{payer.at, old.at, 40 * btt.One}); err != nil || len(all) != 1 || all[0] != want {
		t.Errorf("settlements %+v, %v", all, err)
	}
}

// TestRotation is the table of what comes next.
func TestRotation(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	at := voucher.Address{9}
	us, they := voucher.Address{1}, voucher.Address{2}
	account := func(free, exiting btt.Amount, ready time.Duration) ledger.EscrowSeen {
		return ledger.EscrowSeen{EscrowKey: ledger.EscrowKey{Account: us}, Free: free, Exiting: exiting, Ready: now.Add(ready), Seen: now}
	}
	claim := func(payee voucher.Address) Claim {
		return Claim{Claim: ledger.Claim{LaneKey: ledger.LaneKey{Payee: payee}, Cumulative: 9, Settled: 2}}
	}
	for name, c := range map[string]struct {
		s    Snapshot
		want Rotation
	}{
		"no escrow":           {Snapshot{}, Rotation{Step: StepRotate}},
		"never looked":        {Snapshot{Escrow: at}, Rotation{Step: StepLook}},
		"nothing in it":       {Snapshot{Escrow: at, Account: account(0, 0, 0)}, Rotation{Step: StepRotate}},
		"an order":            {Snapshot{Escrow: at, Account: account(5, 0, 0), Under: []string{KindExit}}, Rotation{Step: StepBusy, Deposit: 5}},
		"a redemption":        {Snapshot{Escrow: at, Account: account(0, 0, 0), Next: &Next{Sent: true}}, Rotation{Step: StepBusy}},
		"one that is planned": {Snapshot{Escrow: at, Account: account(0, 0, 0), Next: &Next{Auto: true}}, Rotation{Step: StepRotate}},
		"funded":              {Snapshot{Escrow: at, Account: account(5, 0, 0), Energy: 2}, Rotation{Step: StepLeave, Deposit: 5, Fee: 127_000}},
		"leaving":             {Snapshot{Escrow: at, Account: account(1, 4, time.Second)}, Rotation{Step: StepWait, Deposit: 5, Ready: now.Add(time.Second)}},
		"through":             {Snapshot{Escrow: at, Account: account(0, 4, 0), Energy: 2}, Rotation{Step: StepFinish, Deposit: 4, Fee: 71_000}},
		"owed":                {Snapshot{Escrow: at, Account: account(0, 0, 0), Claims: []Claim{claim(us), claim(they)}}, Rotation{Step: StepRotate, Open: 7}},
	} {
		if got := c.s.Rotation(now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
