package till

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"

	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// TestDeposit takes our account through its whole life: every phase, what may be done
// in each, and books that agree with the chain after each.
func TestDeposit(t *testing.T) {
	r := setup(t)
	phase := func(want escrow.Phase) {
		t.Helper()
		r.until(want.String(), func(s *Snapshot) bool { return s.Phase == want })
	}
	refused := func(kinds ...string) {
		t.Helper()
		for _, k := range kinds {
			if err := r.order(Order{Kind: k, Amount: 5 * btt.One}); !errors.Is(err, ErrOrder) {
				t.Errorf("%s while %v: %v", k, r.till.Snapshot().Phase, err)
			}
		}
	}
	phase(escrow.None)
	refused(KindDeposit, KindExit, KindCancel, KindFinish)
	r.done(Order{Kind: KindApprove, Amount: 300 * btt.One})
	phase(escrow.Approved)
	refused(KindExit, KindCancel, KindFinish)
	if err := r.order(Order{Kind: KindDeposit, Amount: 301 * btt.One}); !errors.Is(err, ErrOrder) {
		t.Errorf("more than was approved: %v", err)
	}
	r.done(Order{Kind: KindDeposit, Amount: 300 * btt.One})
	phase(escrow.Funded)
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Onchain: 700 * btt.One, ledger.Deposit: 300 * btt.One})
	r.done(Order{Kind: KindApprove, Amount: 100 * btt.One})
	phase(escrow.ToppingUp)
	r.done(Order{Kind: KindDeposit, Amount: 100 * btt.One})
	phase(escrow.Funded)
	refused(KindCancel, KindFinish)

	r.done(Order{Kind: KindExit, Amount: 400 * btt.One})
	phase(escrow.Exiting)
	r.done(Order{Kind: KindCancel})
	phase(escrow.Funded)
	s := r.done(Order{Kind: KindExit, Amount: 400 * btt.One})
	if left := s.Account.Ready.Sub(r.node.Now()); left < 6*24*time.Hour || left > 7*24*time.Hour {
		t.Errorf("it can be finished in %v", left)
	}
	refused(KindFinish)
	// A payee redeems from what is leaving.
	payee := newKey("payee")
	r.given(payee, 30*btt.One)
	_, err := r.node.GiveTRX(payee.at, 100_000_000)
	r.must(err)
	r.node.SealSolid()
	data, err := escrow.Redeem([]escrow.Claim{r.claim(r.spending, payee.at, 30*btt.One)}, true)
	r.must(err)
	r.call(payee, r.net.Escrow, data)
	r.until("drawn", func(s *Snapshot) bool { return s.Account.Exiting == 370*btt.One })
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Deposit: 370 * btt.One, ledger.Payable(payee.at.String()): 0})
	if got := r.told[[2]voucher.Address{r.spending.at, payee.at}]; got != 30*btt.One {
		t.Errorf("told that %v was settled", got)
	}
	r.node.Advance(7 * 24 * time.Hour)
	r.node.SealSolid()
	r.done(Order{Kind: KindFinish})
	phase(escrow.Exited)
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Onchain: 970 * btt.One, ledger.Deposit: 0})
	r.holds(r.spending.at, 0, 0)
	all, err := r.till.Settlements(t.Context())
	if want := (Settlement{r.spending.at, payee.at, 30 * btt.One}); err != nil || len(all) != 1 || all[0] != want {
		t.Errorf("settlements %+v, %v", all, err)
	}
	r.restart()
	phase(escrow.Exited)
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Onchain: 970 * btt.One, ledger.Deposit: 0})
}

// given is a promise of ours, as the broker records it.
func (r *rig) given(to *key, sum btt.Amount) {
	r.Helper()
	l := ledger.Lane{LaneKey: ledger.LaneKey{Chain: int64(r.net.ChainID()), Escrow: r.net.Escrow, Payer: r.spending.at, Payee: to.at}, Cumulative: sum, Due: sum, Changed: r.node.Now()}
	r.must(r.book.Update(r.Context(), func(tx *ledger.Tx) error {
		if err := tx.PutLane(r.Context(), l); err != nil {
			return err
		}
		return tx.Record(r.Context(), ledger.Transfer{
			ID: ledger.NewID("test given", to.at[:]), At: r.node.Now(), Kind: "promise-given", Phase: ledger.Posted, Debit: ledger.Leeching, Credit: ledger.Payable(to.at.String()), Amount: sum,
		})
	}))
}

// TestExitIsNoLoss: a look between the end of an exit and its booking takes nothing for
// lost.
func TestExitIsNoLoss(t *testing.T) {
	r := setup(t)
	r.done(Order{Kind: KindApprove, Amount: 300 * btt.One})
	r.until("approved", func(s *Snapshot) bool { return s.Phase == escrow.Approved })
	r.done(Order{Kind: KindDeposit, Amount: 300 * btt.One})
	r.until("funded", func(s *Snapshot) bool { return s.Phase == escrow.Funded })
	r.done(Order{Kind: KindExit, Amount: 300 * btt.One})
	r.until("leaving", func(s *Snapshot) bool { return s.Phase == escrow.Exiting })
	r.node.Advance(7*24*time.Hour + time.Minute)
	r.node.SealSolid()
	r.until("ready", func(s *Snapshot) bool { return !r.node.Now().Before(s.Account.Ready) })
	r.must(r.order(Order{Kind: KindFinish}))
	for live := true; live; {
		r.seal()
		txs, err := r.chain.Transactions(t.Context(), 1)
		r.must(err)
		live = txs[0].State.Live()
	}
	r.must(r.till.look(t.Context()))
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Onchain: 700 * btt.One, ledger.Deposit: 300 * btt.One})
	r.until("left", func(s *Snapshot) bool { return s.Phase == escrow.Exited })
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Onchain: 1000 * btt.One, ledger.Deposit: 0})
}

// TestFuel: the spending account gets its TRX from the savings.
func TestFuel(t *testing.T) {
	r := setup(t)
	if err := r.order(Order{Kind: KindFuel, Amount: 10}); !errors.Is(err, ErrOrder) {
		t.Errorf("next to nothing: %v", err)
	}
	r.done(Order{Kind: KindFuel, Amount: 20_000_000})
	if err := r.order(Order{Kind: "gift", Amount: 1}); !errors.Is(err, ErrOrder) {
		t.Errorf("an unknown order: %v", err)
	}
	r.until("arrived", func(*Snapshot) bool {
		for _, a := range r.chain.Snapshot().Accounts {
			if a.Address == r.spending.at && a.Holding[tron.TRX].Solid == 520_000_000 {
				return true
			}
		}
		return false
	})
}

// TestBookedOnce redeems to both places: what is paid, what bounces and what was
// redeemed before come out as the escrow says, once, whoever looks how often.
func TestBookedOnce(t *testing.T) {
	r := setup(t)
	rich, poor, gone := newKey("rich"), newKey("poor"), newKey("gone")
	for k, v := range map[*key]btt.Amount{rich: 100, poor: 10, gone: 50} {
		r.deposit(k, v*btt.One)
	}
	r.promise(rich, 40*btt.One)
	r.promise(poor, 25*btt.One)
	r.promise(gone, 20*btt.One)
	s := r.until("looked", func(s *Snapshot) bool { return len(s.Claims) == 3 && !s.Claims[2].Payer.Seen.IsZero() })
	if s.Plan.Amount != 70*btt.One || len(s.Plan.Take) != 3 || s.Plan.Cost != 0 || s.Plan.Worth || s.Plan.Fee <= 0 || s.Next != nil {
		t.Errorf("plan %+v", s.Plan)
	}
	r.done(Order{Kind: KindRedeem})
	for _, c := range []struct {
		k     *key
		state ledger.ClaimState
		paid  btt.Amount
		rest  btt.Amount
	}{{rich, ledger.Redeemed, 40, 0}, {poor, ledger.Bounced, 10, 15}, {gone, ledger.Redeemed, 20, 0}} {
		if x := r.state(c.k); x.State != c.state || x.Last != c.paid*btt.One || x.Rest != c.rest*btt.One || x.Settled != c.paid*btt.One {
			t.Errorf("%v: %+v", c.paid, x)
		}
		if got := r.told[[2]voucher.Address{c.k.at, r.spending.at}]; got != c.paid*btt.One {
			t.Errorf("told that %v was settled, want %v", got, c.paid*btt.One)
		}
	}
	owes := ledger.Receivable(poor.at.String())
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Deposit: 70 * btt.One, ledger.Onchain: 1000 * btt.One, owes: 15 * btt.One, ledger.Receivable(rich.at.String()): 0, ledger.Seeding: -85 * btt.One})
	r.holds(r.spending.at, 70*btt.One, 0)
	if err := r.order(Order{Kind: KindRedeem}); !errors.Is(err, ErrNothing) {
		t.Errorf("with nothing that could be paid: %v", err)
	}
	// The poor one tops up, the rich one promises more, and a third party redeems nothing.
	r.deposit(poor, 100*btt.One)
	r.promise(rich, 45*btt.One)
	r.node.Advance(2 * time.Hour)
	r.node.SealSolid()
	r.until("looked again", func(s *Snapshot) bool { return s.Plan.Amount == 20*btt.One })
	r.done(Order{Kind: KindRedeem, Withdraw: true})
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Deposit: 70 * btt.One, ledger.Onchain: 1020 * btt.One, owes: 0})
	for range 3 {
		r.restart()
		r.until("looked", func(s *Snapshot) bool { return s.Err == nil && !s.Account.Seen.IsZero() })
	}
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Deposit: 70 * btt.One, ledger.Onchain: 1020 * btt.One, owes: 0})
	all, err := r.till.Settlements(t.Context())
	if err != nil || len(all) != 3 {
		t.Errorf("settlements %+v, %v", all, err)
	}
	if r.redeems() != 2 {
		t.Errorf("%d redemptions", r.redeems())
	}
}

// TestRestart: the process dies at every step of a redemption. It goes on there, is
// paid once, and no voucher is presented by two transactions at once.
func TestRestart(t *testing.T) {
	for place, want := range map[string]struct {
		state   ledger.ClaimState // after the restart, before anything else happens
		redeems int               // on the chain in the end, with the user trying again where it is held
	}{
		"queued":  {ledger.Queued, 1},
		"in-tx":   {ledger.InTx, 1},
		"sent":    {ledger.InTx, 1},
		"settled": {ledger.Redeemed, 1},
	} {
		t.Run(place, func(t *testing.T) {
			r := setup(t)
			payer := newKey("payer")
			r.deposit(payer, 100*btt.One)
			r.promise(payer, 40*btt.One)
			r.until("looked", func(s *Snapshot) bool { return s.Plan.Amount == 40*btt.One })
			review, err := r.review(Order{Kind: KindRedeem, Withdraw: true})
			r.must(err)
			r.dieAt(place, func() {
				_ = r.till.Send(t.Context(), review, hand{r.spending})
				for !t.Failed() {
					r.seal()
					_ = r.till.step(t.Context(), true)
				}
			})
			r.restart()
			if got := r.state(payer); got.State != want.state {
				t.Errorf("after the restart it is %s, want %s", got.State, want.state)
			}
			s := r.through()
			if s.Claims[0].State == ledger.Held {
				r.done(Order{Kind: KindRedeem, Withdraw: true})
			}
			if got := r.state(payer); got.State != ledger.Redeemed || got.Last != 40*btt.One {
				t.Errorf("in the end %+v", got)
			}
			r.booksAre(map[ledger.Account]btt.Amount{ledger.Onchain: 1040 * btt.One, ledger.Receivable(payer.at.String()): 0})
			if r.redeems() != want.redeems {
				t.Errorf("%d transactions, want %d", r.redeems(), want.redeems)
			}
		})
	}
}

// dieAt runs f until it comes to a place, and no further.
func (r *rig) dieAt(place string, f func()) {
	r.Helper()
	died := make(chan struct{})
	r.till.pause = func(at string) {
		if at == place {
			close(died)
			runtime.Goexit()
		}
	}
	go f()
	select {
	case <-died:
	case <-time.After(30 * time.Second):
		r.Fatalf("never came to %q", place)
	}
	r.till.work.Lock() // what was deferred is done
	defer r.till.work.Unlock()
}

// TestReverted: a redemption that the contract refuses frees the vouchers, and is not
// tried again unasked for a day.
func TestReverted(t *testing.T) {
	r := setup(t)
	payer := newKey("payer")
	r.deposit(payer, 100*btt.One)
	r.promise(payer, 40*btt.One)
	r.until("looked", func(s *Snapshot) bool { return s.Plan.Amount == 40*btt.One })
	remove := r.node.Inject(testnode.Fault{Method: "GetTransactionInfoById", Lie: func(_, m proto.Message) {
		if i := m.(*core.TransactionInfo); i.Receipt != nil {
			i.Receipt.Result, i.Result = core.Transaction_Result_REVERT, core.TransactionInfo_FAILED
		}
	}})
	r.done(Order{Kind: KindRedeem})
	remove()
	c := r.state(payer)
	if c.State != ledger.Held || c.Settled != 0 || c.Due.Sub(r.node.Now()) < 20*time.Hour {
		t.Errorf("after it was refused: %+v", c)
	}
	r.policy = worthAll()
	for range 3 {
		r.must(r.till.step(t.Context(), true))
	}
	if r.till.Snapshot().Next != nil {
		t.Error("tried again unasked")
	}
}

// TestExpires: a redemption that no block ever took frees the vouchers; the next one
// is another transaction.
func TestExpires(t *testing.T) {
	r := setup(t)
	payer := newKey("payer")
	r.deposit(payer, 100*btt.One)
	r.promise(payer, 40*btt.One)
	r.until("looked", func(s *Snapshot) bool { return s.Plan.Amount == 40*btt.One })
	r.node.Hold(true) // nothing enters a block
	r.must(r.order(Order{Kind: KindRedeem}))
	r.until("in a transaction", func(*Snapshot) bool { return r.state(payer).State == ledger.InTx })
	if err := r.order(Order{Kind: KindRedeem}); !errors.Is(err, ErrOrder) && !errors.Is(err, ErrNothing) {
		t.Errorf("a second one meanwhile: %v", err)
	}
	r.node.Advance(3 * time.Minute)
	r.through()
	if c := r.state(payer); c.State != ledger.Held || c.Open() != 40*btt.One || c.Settled != 0 {
		t.Errorf("after it expired: %+v", c)
	}
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Deposit: 0, ledger.Receivable(payer.at.String()): 40 * btt.One})
	r.node.Hold(false)
	r.done(Order{Kind: KindRedeem})
	if c := r.state(payer); c.State != ledger.Redeemed {
		t.Errorf("the second try: %+v", c)
	}
}

// worthAll is a policy under which fees are next to nothing.
func worthAll() Policy { return Policy{Auto: true, Fee: 5, PerTRX: 1000} }

// TestAnnounced: what is done unasked is shown first, waits for its time and for the
// key, and the user can forbid it or have it at once.
func TestAnnounced(t *testing.T) {
	r := setup(t)
	payer := newKey("payer")
	r.deposit(payer, 100*btt.One)
	r.promise(payer, 40*btt.One)
	r.policy = worthAll()
	if err := r.till.Forbid(t.Context()); !errors.Is(err, ErrOrder) {
		t.Errorf("forbidding nothing: %v", err)
	}
	s := r.until("announced", func(s *Snapshot) bool { return s.Next != nil })
	if n := s.Next; !n.Auto || n.Sent || n.Vouchers != 1 || n.Amount != 40*btt.One || n.Fee <= 0 || n.At.Sub(r.node.Now()) > time.Hour || n.At.Sub(r.node.Now()) < 50*time.Minute {
		t.Errorf("announced %+v at %v", n, r.node.Now())
	}
	if r.announced != 1 {
		t.Errorf("told of it %d times", r.announced)
	}
	r.restart()
	for range 5 {
		r.node.SealSolid()
		r.must(r.till.step(t.Context(), true))
	}
	if r.redeems() != 0 || r.state(payer).State != ledger.Queued {
		t.Fatal("it was sent before its time")
	}
	r.must(r.till.Forbid(t.Context()))
	r.node.Advance(3 * time.Hour)
	r.node.SealSolid()
	for range 5 {
		r.must(r.till.step(t.Context(), true))
	}
	if c := r.state(payer); c.State != ledger.Held || r.till.Snapshot().Next != nil {
		t.Errorf("it was forbidden, and is %s", c.State)
	}
	r.node.Advance(31 * 24 * time.Hour)
	r.node.SealSolid()
	r.until("announced again", func(s *Snapshot) bool { return s.Next != nil })
	r.spending.locked.Store(true)
	r.must(r.till.Hurry(t.Context()))
	s = r.until("waits for the key", func(s *Snapshot) bool { return s.Next != nil && s.Next.Waiting != nil })
	if !errors.Is(s.Next.Waiting, wallet.ErrLocked) || r.redeems() != 0 {
		t.Errorf("it waits for %v", s.Next.Waiting)
	}
	r.spending.locked.Store(false)
	r.until("sent", func(s *Snapshot) bool { return s.Next != nil && s.Next.Sent })
	r.through()
	if c := r.state(payer); c.State != ledger.Redeemed {
		t.Errorf("in the end %+v", c)
	}
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Deposit: 40 * btt.One})
}

// TestPolicyChanges: what was announced is not done when the user has switched it off.
func TestPolicyChanges(t *testing.T) {
	r := setup(t)
	payer := newKey("payer")
	r.deposit(payer, 100*btt.One)
	r.promise(payer, 40*btt.One)
	r.policy = worthAll()
	r.until("announced", func(s *Snapshot) bool { return s.Next != nil })
	r.policy.Auto = false
	r.node.Advance(2 * time.Hour)
	r.node.SealSolid()
	r.until("taken back", func(s *Snapshot) bool { return s.Next == nil })
	if r.redeems() != 0 || r.state(payer).State != ledger.Held {
		t.Error("it was sent against the user's word")
	}
	// Prices rise between the announcement and its time.
	r.policy = worthAll()
	r.until("announced", func(s *Snapshot) bool { return s.Next != nil })
	r.policy.PerTRX = btt.MaxAmount / 1000
	r.must(r.till.Hurry(t.Context()))
	r.until("taken back", func(s *Snapshot) bool { return s.Next == nil })
	if r.redeems() != 0 {
		t.Error("it was sent although it is not worth it any more")
	}
}

// TestNotWorthIt: nothing is redeemed unasked whose fee is above the user's part,
// unless the payer is leaving and something is won; dust is left alone.
func TestNotWorthIt(t *testing.T) {
	r := setup(t)
	payer, crumb := newKey("payer"), newKey("crumb")
	r.deposit(payer, 100*btt.One)
	r.deposit(crumb, 1*btt.One)
	r.promise(payer, 40*btt.One)
	r.promise(crumb, 1)
	r.policy = Policy{Auto: true, Fee: 5, PerTRX: 2 * btt.One} // the fee is about ten BTT
	s := r.until("looked", func(s *Snapshot) bool { return len(s.Claims) == 2 && r.state(crumb).State == ledger.Dust })
	if s.Plan.Worth || s.Plan.Cost <= 2*btt.One || s.Plan.Amount != 40*btt.One || s.Next != nil {
		t.Errorf("plan %+v, next %+v", s.Plan, s.Next)
	}
	for range 3 {
		r.must(r.till.step(t.Context(), true))
	}
	if r.till.Snapshot().Next != nil {
		t.Fatal("announced although it is not worth it")
	}
	data, err := escrow.StartExit(60 * btt.One)
	r.must(err)
	r.call(payer, r.net.Escrow, data)
	r.node.Advance(2 * time.Hour)
	r.node.SealSolid()
	s = r.until("announced", func(s *Snapshot) bool { return s.Next != nil })
	if s.Next.Vouchers != 1 || s.Plan.Leaving.IsZero() && s.Next == nil || r.funds[payer.at] != 0 {
		t.Errorf("next %+v, funds %v", s.Next, r.funds)
	}
	r.node.Advance(time.Hour)
	r.node.SealSolid()
	r.until("sent", func(s *Snapshot) bool { return r.redeems() == 1 })
	r.through()
	if c := r.state(payer); c.State != ledger.Redeemed {
		t.Errorf("of the one that leaves: %+v", c)
	}
	r.policy.PerTRX = 0 // nobody knows what a fee is worth
	r.until("no dust", func(*Snapshot) bool { return r.state(crumb).State == ledger.Held })
}

// TestFound: a deposit that the books know nothing of, after the wallet was restored,
// is booked once; vouchers redeemed elsewhere are not presented again.
func TestFound(t *testing.T) {
	r := setup(t)
	r.deposit(r.spending, 60*btt.One) // by another installation
	payer := newKey("payer")
	r.deposit(payer, 100*btt.One)
	data, err := escrow.Redeem([]escrow.Claim{r.claim(payer, r.spending.at, 25*btt.One)}, false)
	r.must(err)
	r.call(r.spending, r.net.Escrow, data)
	r.promise(payer, 40*btt.One) // of a backup
	r.until("found", func(s *Snapshot) bool { return s.Account.Free == 85*btt.One && r.state(payer).Settled == 25*btt.One })
	r.until("booked", func(*Snapshot) bool {
		b, err := r.book.Balance(t.Context(), ledger.Deposit)
		r.must(err)
		return b.Posted == 85*btt.One
	})
	for range 3 {
		r.must(r.till.step(t.Context(), true))
	}
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Deposit: 85 * btt.One, ledger.Receivable(payer.at.String()): 15 * btt.One})
	r.done(Order{Kind: KindRedeem})
	r.booksAre(map[ledger.Account]btt.Amount{ledger.Deposit: 100 * btt.One, ledger.Receivable(payer.at.String()): 0})
	if free, err := r.till.Funds(t.Context(), payer.at); err != nil || free != 60*btt.One {
		t.Errorf("funds of the payer: %v, %v", free, err)
	}
}
