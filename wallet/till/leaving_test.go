package till

import (
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
)

// TestLeavingHastens: of a payer that can be gone soon half of the time that is left is
// the notice, not an hour; and it is redeemed although the fee is above the user's part.
func TestLeavingHastens(t *testing.T) {
	r := setup(t)
	payer, stays := newKey("payer"), newKey("stays")
	r.deposit(payer, 100*btt.One)
	r.deposit(stays, 100*btt.One)
	r.promise(payer, 40*btt.One)
	r.policy = Policy{Auto: true, Fee: 1, PerTRX: 2 * btt.One} // some TRX of fee: more than a percent, less than all
	for range 5 {
		r.must(r.till.step(t.Context(), true))
	}
	if s := r.till.Snapshot(); s.Next != nil || s.Plan.Worth || s.Plan.Cost <= 0 || s.Plan.Cost >= s.Plan.Amount {
		t.Fatalf("not worth it, and yet: %+v, %+v", s.Next, s.Plan)
	}
	data, err := escrow.StartExit(100 * btt.One)
	r.must(err)
	r.call(payer, r.net.Escrow, data)
	r.node.Advance(7*24*time.Hour - time.Hour)
	r.node.SealSolid()
	s := r.until("announced", func(s *Snapshot) bool { return s.Next != nil })
	left := r.state(payer).Leaving().Sub(r.node.Now())
	if n := s.Next; n.Amount != 40*btt.One || n.Vouchers != 1 || n.At.Sub(r.node.Now()) > left/2+time.Minute || n.At.Sub(r.node.Now()) < left/2-5*time.Minute {
		t.Errorf("announced for %v, %v before it can be gone: %+v", n.At.Sub(r.node.Now()), left, n)
	}
	r.node.Advance(40 * time.Minute)
	r.node.SealSolid()
	r.until("sent", func(s *Snapshot) bool { return s.Next != nil && s.Next.Sent || r.state(payer).State == ledger.Redeemed })
	r.through()
	if c := r.state(payer); c.Settled != 40*btt.One || c.State != ledger.Redeemed {
		t.Errorf("in the end %+v", c)
	}
}

// TestWorthIsLookedAtAgain: what was worth its fee when it was announced is not sent if
// it no longer is when its time has come.
func TestWorthIsLookedAtAgain(t *testing.T) {
	r := setup(t)
	payer := newKey("payer")
	r.deposit(payer, 100*btt.One)
	r.promise(payer, 40*btt.One)
	r.policy = worthAll()
	s := r.until("announced", func(s *Snapshot) bool { return s.Next != nil })
	at := s.Next.At
	r.policy.PerTRX = 20 * btt.One // a TRX is dear now: the fee is more than the voucher
	r.node.Advance(at.Sub(r.node.Now()) + time.Minute)
	r.node.SealSolid()
	r.until("given up", func(s *Snapshot) bool { return s.Next == nil })
	if c := r.state(payer); r.redeems() != 0 || c.State != ledger.Held && c.State != ledger.Dust {
		t.Errorf("%d redemptions, %+v", r.redeems(), c)
	}
	r.policy = worthAll()
	for range 3 {
		r.must(r.till.step(t.Context(), true))
	}
	if r.till.Snapshot().Next != nil {
		t.Error("announced again at once: it is left alone for a while")
	}
	r.node.Advance(2 * time.Hour)
	r.node.SealSolid()
	r.until("announced again", func(s *Snapshot) bool { return s.Next != nil })
}

// TestNoticeIsTheSame: what is shown of a batch keeps its name until it is done or taken
// back, so that it is told once.
func TestNoticeIsTheSame(t *testing.T) {
	r := setup(t)
	payer := newKey("payer")
	r.deposit(payer, 100*btt.One)
	r.promise(payer, 40*btt.One)
	r.policy = worthAll()
	first := r.until("announced", func(s *Snapshot) bool { return s.Next != nil }).Next.Batch
	r.spending.locked.Store(true)
	r.restart()
	r.must(r.till.Hurry(t.Context()))
	if n := r.till.Snapshot().Next; first == (ledger.ID{}) || n == nil || n.Batch != first {
		t.Errorf("%s became %+v", first, n)
	}
	r.must(r.till.Forbid(t.Context()))
	r.node.Advance(31 * 24 * time.Hour)
	r.node.SealSolid()
	if again := r.until("announced again", func(s *Snapshot) bool { return s.Next != nil }).Next.Batch; again == first {
		t.Error("another one has the same name")
	}
}
