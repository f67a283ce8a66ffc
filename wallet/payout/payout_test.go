package payout

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
)

// TestAnnounced: a debt that is worth its fee is shown for an hour, then paid by one
// transfer, named until the payee holds it, and paid no second time. The books agree with the
// chain.
func TestAnnounced(t *testing.T) {
	r := setup(t)
	r.owe(r.peer.at, false, 60*btt.One) // above the floor, below twenty fees
	r.must(r.pay.step(t.Context()))
	if s := r.pay.Snapshot(); len(r.announced) != 0 || s.Least <= 60*btt.One || s.Least > 70*btt.One || len(s.Debts) != 1 || s.Debts[0].Owed != 60*btt.One {
		t.Fatalf("%+v; announced %v", s, r.announced)
	}
	r.owe(r.peer.at, true, 100*btt.One)
	r.owe(r.peer.at, false, 940*btt.One)
	r.until("it is announced", func() bool { return len(r.announced) == 1 })
	if p := r.announced[0]; p.Amount != 900*btt.One || p.Ask || p.Due.Sub(r.node.Now()) < 59*time.Minute {
		t.Errorf("announced %+v", p)
	}
	r.pass(50 * time.Minute)
	for range 3 {
		r.must(r.pay.step(t.Context()))
	}
	if r.last().State != ledger.PayoutQueued {
		t.Errorf("sent early: %+v", r.last())
	}
	r.owe(r.peer.at, false, 50*btt.One) // what was shown is what is sent
	r.me.locked.Store(true)
	r.pass(11 * time.Minute)
	r.until("it waits for the key", func() bool { return errors.Is(r.pay.Snapshot().Waiting, wallet.ErrLocked) })
	r.me.locked.Store(false)
	r.until("it is sent", r.is(ledger.PayoutInTx))
	r.until("it is final", func() bool {
		r.node.Seal(1)
		return r.last().State == ledger.PayoutPaid && len(r.said) > 0
	})
	if s := r.said[0]; s.to != r.peer.at || s.amount != 900*btt.One || s.tx != r.last().TxID || r.holds(r.peer.at) != 900*btt.One {
		t.Errorf("said %+v, holds %v", s, r.holds(r.peer.at))
	}
	r.pay.Held(r.peer.at, 899*btt.One)
	r.must(r.pay.step(t.Context()))
	if n := len(r.said); r.last().State != ledger.PayoutPaid {
		t.Error("told of less")
	} else {
		r.pay.Met(r.peer.at)
		r.until("it is said again", func() bool { return len(r.said) > n })
	}
	r.pay.Held(r.peer.at, 900*btt.One)
	r.until("told", r.is(ledger.PayoutTold))
	b, err := r.book.Balance(t.Context(), ledger.Payable(r.peer.at.String()))
	r.must(err)
	on, err := r.book.Balance(t.Context(), ledger.Onchain)
	if r.must(err); b.Posted != -150*btt.One || on.Posted != have-900*btt.One {
		t.Errorf("owed by the books %v, on the chain %v", b.Posted, on.Posted)
	}
	for range 5 {
		r.must(r.pay.step(t.Context()))
	}
	if len(r.announced) != 1 || r.holds(r.peer.at) != 900*btt.One {
		t.Errorf("paid again: %+v", r.announced)
	}
}

// TestForbid: what the user forbids is not sent, and not announced for 30 days; Hurry
// does not wait.
func TestForbid(t *testing.T) {
	r := setup(t)
	if err := r.pay.Forbid(t.Context(), r.peer.at); !errors.Is(err, ErrOrder) {
		t.Errorf("nothing to forbid: %v", err)
	}
	r.owe(r.peer.at, false, 500*btt.One)
	r.until("it is announced", r.is(ledger.PayoutQueued))
	r.must(r.pay.Forbid(t.Context(), r.peer.at))
	r.pass(29 * 24 * time.Hour)
	r.must(r.pay.step(t.Context()))
	if p := r.last(); p.State != ledger.PayoutDropped || p.Why != WhyForbidden {
		t.Errorf("%+v", p)
	}
	r.pass(2 * 24 * time.Hour)
	r.until("it is announced again", r.is(ledger.PayoutQueued))
	r.must(r.pay.Hurry(t.Context(), r.peer.at))
	r.until("it is sent", r.is(ledger.PayoutInTx))
	if err := r.pay.Forbid(t.Context(), r.peer.at); !errors.Is(err, ErrOrder) {
		t.Errorf("forbidden on its way: %v", err)
	}
}

// TestNever: what is not owed any more, is not allowed, or costs too much is not sent.
func TestNever(t *testing.T) {
	for name, change := range map[string]func(r *rig){
		"switched off": func(r *rig) { r.policy.On = false },
		"set off":      func(r *rig) { r.owe(r.peer.at, true, btt.One) },
		"TRX unknown":  func(r *rig) { r.policy.PerTRX = 0 },
		"fee too high": func(r *rig) { r.policy.PerTRX = 100 * btt.One },
		"floor raised": func(r *rig) { r.policy.Floor = 501 * btt.One },
	} {
		t.Run(name, func(t *testing.T) {
			r := setup(t)
			r.owe(r.peer.at, false, 500*btt.One)
			r.until("it is announced", r.is(ledger.PayoutQueued))
			change(r)
			r.pass(2 * time.Hour)
			r.until("it is dropped", r.is(ledger.PayoutDropped))
			if x, err := r.chain.Transactions(t.Context(), 10); err != nil || len(x) != 0 || r.last().Why != WhyOwed {
				t.Errorf("%+v, %v; %s", x, err, r.last().Why)
			}
		})
	}
	t.Run("not enough", func(t *testing.T) {
		r := setup(t)
		r.owe(r.peer.at, false, have+1)
		for range 3 {
			r.must(r.pay.step(t.Context()))
		}
		if len(r.announced) != 0 {
			t.Errorf("announced %+v", r.announced)
		}
	})
}

// TestExpired: a transfer that no block took moved nothing. It is sent again as another
// intent, and only when the user says so.
func TestExpired(t *testing.T) {
	r := setup(t)
	r.owe(r.peer.at, false, 500*btt.One)
	r.until("it is announced", r.is(ledger.PayoutQueued))
	first := r.last().ID
	r.node.Lose(1000)
	r.pass(2 * time.Hour)
	r.until("it is sent", r.is(ledger.PayoutInTx))
	r.until("it has expired", func() bool {
		r.node.Seal(1)
		return r.last().ID != first
	})
	if p := r.last(); p.State != ledger.PayoutQueued || !p.Ask {
		t.Fatalf("%+v", p)
	}
	r.node.Lose(0)
	r.pass(48 * time.Hour)
	for range 5 {
		r.must(r.pay.step(t.Context()))
	}
	if r.last().State != ledger.PayoutQueued || r.holds(r.peer.at) != 0 {
		t.Errorf("sent without the user: %+v", r.last())
	}
	r.must(r.pay.Hurry(t.Context(), r.peer.at))
	r.until("it is paid", func() bool {
		r.node.Seal(1)
		return r.last().State == ledger.PayoutPaid
	})
	if r.holds(r.peer.at) != 500*btt.One {
		t.Errorf("holds %v", r.holds(r.peer.at))
	}
}

// errDied is where a test lets the process die.
var errDied = errors.New("died")

// TestRestart lets the process die at every place of a transfer. It goes on, and the debt
// is paid once.
func TestRestart(t *testing.T) {
	for _, place := range []string{"queued", "in-tx", "sent", "paid"} {
		t.Run(place, func(t *testing.T) {
			r := setup(t)
			died := false
			r.pause = func(at string) {
				if at == place && !died {
					died = true
					panic(errDied) //nolint:forbidigo // it stands for a kill
				}
			}
			r.pay.pause = r.pause
			r.owe(r.peer.at, false, 500*btt.One)
			for i := 0; r.last().State != ledger.PayoutTold; i++ {
				if i > 3000 {
					t.Fatalf("%+v", r.last())
				}
				r.node.Seal(1)
				if i%10 == 0 {
					r.node.Advance(20 * time.Minute)
				}
				if r.dies(t.Context()) {
					r.restart()
				}
				if p := r.last(); p.State == ledger.PayoutQueued && p.Ask {
					r.must(r.pay.Hurry(t.Context(), r.peer.at))
				}
				if len(r.said) > 0 {
					r.pay.Held(r.peer.at, 500*btt.One)
				}
			}
			if !died || r.holds(r.peer.at) != 500*btt.One {
				t.Errorf("died %v, the peer holds %v", died, r.holds(r.peer.at))
			}
		})
	}
}

// dies is a step that may end the process.
func (r *rig) dies(ctx context.Context) (died bool) {
	defer func() {
		if e := recover(); e != nil {
			if e != errDied { //nolint:errorlint // a panic of ours
				panic(e) //nolint:forbidigo // not ours
			}
			r.pay.work.TryLock()
			died = true
		}
	}()
	r.must(r.pay.step(ctx))
	return false
}

// TestDecide: never more than there is, never twice, never below what is worth it.
func TestDecide(t *testing.T) {
	price := tron.Prices{Energy: 100, Bandwidth: 1000}
	now := time.UnixMilli(1_700_000_000_000)
	if _, ok := (Policy{On: true}).Least(price); ok {
		t.Error("a fee is guessed")
	}
	p := Policy{On: true, PerTRX: btt.One, Floor: 3}
	least, ok := p.Least(price)
	if want := 20 * (28_205*100 + 345*1000) * btt.One / btt.Amount(btt.TRX); !ok || least != want {
		t.Errorf("%v, want %v", least, want)
	}
	if l, _ := (Policy{PerTRX: btt.One, Floor: 1000 * btt.One}).Least(price); l != 1000*btt.One {
		t.Errorf("with a floor %v", l)
	}
	if l, ok := (Policy{PerTRX: btt.MaxAmount}).Least(price); !ok || l != btt.MaxAmount {
		t.Errorf("at its bound %v", l)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		var all []Debt
		under := btt.Amount(0)
		for i := range r.IntN(6) {
			d := Debt{Owed: btt.Amount(r.Int64N(300)) * btt.One, Owing: btt.Amount(r.Int64N(100)) * btt.One}
			d.Peer[0] = byte(i)
			d.Last.State = []ledger.PayoutState{"", ledger.PayoutQueued, ledger.PayoutInTx, ledger.PayoutPaid, ledger.PayoutTold, ledger.PayoutDropped}[r.IntN(6)]
			if d.Last.State == ledger.PayoutDropped {
				d.Last.Due = now.Add(time.Duration(r.IntN(3)-1) * time.Hour)
			}
			if d.Last.State == ledger.PayoutQueued || d.Last.State == ledger.PayoutInTx {
				d.Last.Amount = btt.One
				under += btt.One
			}
			all = append(all, d)
		}
		have := btt.Amount(r.Int64N(600)) * btt.One
		sum := under
		for _, d := range Decide(p, price, have, all, now) {
			sum += d.Net()
			if d.Net() < least || d.Last.Live() || now.Before(d.Last.Due) {
				t.Fatalf("decides %+v", d)
			}
		}
		if sum > have && sum > under {
			t.Fatalf("%v of %v", sum, have)
		}
	}
	if out := Decide(Policy{PerTRX: btt.One}, price, have, []Debt{{Owed: have}}, now); out != nil {
		t.Errorf("switched off: %+v", out)
	}
}

// TestRetire: an account with a transfer under way is not given up, one that was given up
// pays nothing more.
func TestRetire(t *testing.T) {
	r := setup(t)
	r.owe(r.peer.at, false, 500*btt.One)
	r.until("it is announced", r.is(ledger.PayoutQueued))
	if err := r.pay.Retire(t.Context()); !errors.Is(err, ErrBusy) {
		t.Errorf("announced: %v", err)
	}
	r.must(r.pay.Forbid(t.Context(), r.peer.at))
	r.must(r.pay.Retire(t.Context()))
	r.pass(31 * 24 * time.Hour)
	for range 3 {
		r.must(r.pay.step(t.Context()))
	}
	if r.last().State != ledger.PayoutDropped {
		t.Errorf("%+v", r.last())
	}
}

// TestConfig: what cannot be worked with is refused.
func TestConfig(t *testing.T) {
	if _, err := New(Config{}); !errors.Is(err, ErrConfig) {
		t.Errorf("%v", err)
	}
	r := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.pay.Run(ctx) }()
	<-r.pay.Changed()
	r.pay.Look()
	<-r.pay.Changed()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("%v", err)
	}
}
