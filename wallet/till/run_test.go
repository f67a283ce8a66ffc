package till

import (
	"errors"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// TestNoEscrow: where there is none nothing is asked, ordered or done; and a contract
// that is another gets nothing.
func TestNoEscrow(t *testing.T) {
	r := setup(t)
	good := r.net.Escrow
	for _, at := range []voucher.Address{{}, r.net.BTT} {
		r.net.Escrow = at
		r.restart()
		for _, k := range []string{KindApprove, KindDeposit, KindExit, KindCancel, KindFinish, KindRedeem} {
			if err := r.order(Order{Kind: k, Amount: btt.One}); !errors.Is(err, tron.ErrEscrow) {
				t.Errorf("%s at %s: %v", k, at, err)
			}
		}
	}
	r.net.Escrow = voucher.Address{}
	r.restart()
	done := make(chan error, 1)
	ctx, cancel := contextWithCancel(t)
	go func() { done <- r.till.Run(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	r.net.Escrow = good
	r.restart()
	r.until("well again", func(s *Snapshot) bool { return s.Err == nil && !s.Account.Seen.IsZero() })
}

// TestRun: the loop looks by itself, and goes on after a fault of the node.
func TestRun(t *testing.T) {
	r := setup(t)
	remove := r.node.Inject(testnode.Fault{Method: "GetChainParameters", Err: errors.New("a bad day")})
	ctx, cancel := contextWithCancel(t)
	done := make(chan error, 1)
	go func() { done <- r.till.Run(ctx) }()
	wait := func(is func(*Snapshot) bool) {
		t.Helper()
		deadline := time.After(20 * time.Second)
		for !is(r.till.Snapshot()) {
			select {
			case <-r.till.Changed():
			case <-deadline:
				t.Fatalf("never came true: %+v", *r.till.Snapshot())
			}
		}
	}
	wait(func(s *Snapshot) bool { return s.Err != nil })
	remove()
	r.till.Look()
	wait(func(s *Snapshot) bool { return s.Err == nil && !s.Account.Seen.IsZero() })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
