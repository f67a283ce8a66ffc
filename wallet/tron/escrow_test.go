package tron

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// withEscrow puts the contract on the chain and gives me BTT.
func withEscrow(t *testing.T) *rig {
	t.Helper()
	r := setup(t, nil)
	code, err := escrow.InitCode(r.node.BTT())
	r.must(err)
	made, err := r.node.Deploy(code)
	r.must(err)
	r.chain.cfg.Network.Escrow = made.Contract
	r.giveBTT(r.me.at, 500*btt.One)
	_, err = r.node.GiveTRX(r.you.at, 500_000_000)
	r.must(err)
	r.node.SealSolid()
	return r
}

// done sends an intent and waits for its good end.
func (r *rig) done(i Intent) Tx {
	r.Helper()
	r.must(r.send(i))
	r.reaches(outbox.Broadcast)
	r.node.SealSolid()
	tx := r.ends(outbox.SolidOK)
	r.agreed()
	return tx
}

// TestEscrowEndToEnd deposits, is redeemed from, and leaves, all through the
// wallet's own path; books and chain agree after every step.
func TestEscrowEndToEnd(t *testing.T) {
	r := withEscrow(t)
	r.run()
	r.agreed()
	r.must(r.chain.CheckEscrow(t.Context()))
	at := r.chain.Network().Escrow
	data, err := escrow.Approve(at, 400*btt.One)
	r.must(err)
	r.done(Call(r.id(), r.me.at, r.chain.Network().BTT, data, "approve"))
	data, err = escrow.Deposit(r.me.at, 400*btt.One)
	r.must(err)
	tx := r.done(Call(r.id(), r.me.at, at, data, "deposit", Booking{ledger.Deposit, ledger.Onchain, 400 * btt.One}))
	r.ledgerIs(BTT, 100*btt.One)
	if b, err := r.book.Balance(t.Context(), ledger.Deposit); err != nil || b.Posted != 400*btt.One {
		t.Errorf("deposit in the books: %+v, %v", b, err)
	}
	if n := count[Left](r) + count[Received](r); n != 2 { // the first sight of BTT and TRX
		t.Errorf("%d movements told: %+v", n, r.events)
	}
	events, err := r.chain.EscrowEvents(t.Context(), tx.TxID)
	if want := []escrow.Event{escrow.Deposited{From: r.me.at, Account: r.me.at, Amount: 400 * btt.One}}; err != nil || !slices.Equal(events, want) {
		t.Errorf("events %+v, %v", events, err)
	}
	r.stateIs(400*btt.One, 0)
	// Somebody redeems a voucher of ours.
	v := voucher.Voucher{Payer: r.me.at, Payee: r.you.at, Cumulative: 150 * btt.One}
	d, err := v.Digest(voucher.NewDomain(r.chain.Network().ChainID(), at))
	r.must(err)
	sig, err := voucher.Sign(d, r.me.secret[:])
	r.must(err)
	data, err = escrow.Redeem([]escrow.Claim{{Voucher: v, Signature: sig}}, true)
	r.must(err)
	got, err := r.node.Call(r.you.secret[:], at, data)
	if err != nil || !got.OK {
		t.Fatalf("redeem: %+v, %v", got, err)
	}
	r.node.SealSolid()
	r.stateIs(250*btt.One, 0)
	if paid, err := r.chain.Payment(t.Context(), got.TxID, at, r.you.at); err != nil || paid != 150*btt.One {
		t.Errorf("the payee's own look at it: %v, %v", paid, err)
	}
	// Leaving: the money comes back by a call of ours, which is no top-up.
	data, err = escrow.StartExit(250 * btt.One)
	r.must(err)
	r.done(Call(r.id(), r.me.at, at, data, "exit"))
	r.stateIs(0, 250*btt.One)
	if _, err := r.chain.Quote(t.Context(), Call(r.id(), r.me.at, at, escrow.FinishExit(), "exit")); !errors.Is(err, ErrWouldFail) {
		t.Errorf("finish early: %v", err)
	}
	r.node.Advance(7 * 24 * 3600e9)
	r.node.Seal(1)
	r.done(Call(r.id(), r.me.at, at, escrow.FinishExit(), "exit", Booking{ledger.Onchain, ledger.Deposit, 250 * btt.One}))
	r.ledgerIs(BTT, 350*btt.One)
	if h := r.holding(BTT); h.Solid != 350*btt.One {
		t.Errorf("chain has %v", h.Solid)
	}
	if n := count[Left](r) + count[Received](r); n != 2 {
		t.Errorf("%d movements told: %+v", n, r.events)
	}
}

func (r *rig) stateIs(free, exiting btt.Amount) {
	r.Helper()
	ret, err := r.chain.View(r.Context(), r.chain.Network().Escrow, escrow.StateOf(r.me.at))
	r.must(err)
	s, err := escrow.ParseState(ret)
	if err != nil || s.Free != free || s.Exiting != exiting {
		r.Errorf("escrow says %+v, %v; want %v free, %v exiting", s, err, free, exiting)
	}
}

func TestCheckEscrow(t *testing.T) {
	r := withEscrow(t)
	good := r.chain.cfg.Network.Escrow
	for name, at := range map[string]voucher.Address{"none": {}, "the token": r.chain.cfg.Network.BTT, "an account": r.me.at} {
		r.chain.cfg.Network.Escrow = at
		if err := r.chain.CheckEscrow(t.Context()); !errors.Is(err, ErrEscrow) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.chain.cfg.Network.Escrow = good
	r.node.Inject(testnode.Fault{Method: "GetContract", Times: 1, Lie: func(_, m proto.Message) { m.(*core.SmartContract).Bytecode[99]++ }})
	if err := r.chain.CheckEscrow(t.Context()); !errors.Is(err, ErrEscrow) {
		t.Errorf("other code: %v", err)
	}
	r.must(r.chain.CheckEscrow(t.Context()))
}

// TestPayment is the payee's check in mode "direct".
func TestPayment(t *testing.T) {
	r := setup(t, nil)
	r.giveBTT(r.me.at, 10*btt.One)
	r.node.SealSolid()
	r.run()
	r.agreed()
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, BTT, 3*btt.One)))
	tx := r.reaches(outbox.Broadcast)
	r.node.Seal(1)
	if _, err := r.chain.Payment(t.Context(), tx.TxID, r.me.at, r.you.at); !errors.Is(err, ErrUnknownTx) {
		t.Errorf("before it is solid: %v", err)
	}
	r.node.SealSolid()
	r.ends(outbox.SolidOK)
	for name, c := range map[string]struct {
		from, to voucher.Address
		want     btt.Amount
	}{
		"the payment":   {r.me.at, r.you.at, 3 * btt.One},
		"another payer": {r.you.at, r.you.at, 0},
		"another payee": {r.me.at, r.me.at, 0},
		"the other way": {r.you.at, r.me.at, 0},
	} {
		if got, err := r.chain.Payment(t.Context(), tx.TxID, c.from, c.to); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := r.chain.Payment(t.Context(), [32]byte{1}, r.me.at, r.you.at); !errors.Is(err, ErrUnknownTx) {
		t.Errorf("no such transaction: %v", err)
	}
	r.node.Inject(testnode.Fault{Method: "GetTransactionInfoById", Times: 1, Lie: func(_, m proto.Message) {
		m.(*core.TransactionInfo).Log[0].Address[0]++
	}})
	if got, err := r.chain.Payment(t.Context(), tx.TxID, r.me.at, r.you.at); err != nil || got != 0 {
		t.Errorf("another token's log: %v, %v", got, err)
	}
}

func TestEveryoneMustAgree(t *testing.T) {
	r := setup(t, nil)
	liar, host := testnode.Start(t, testnode.Config{})
	liar.SealSolid()
	cfg := r.chain.cfg
	cfg.Network.Endpoints = append(cfg.Network.Endpoints, Endpoint{Full: host})
	c, err := Open(t.Context(), cfg)
	r.must(err)
	defer c.Close()
	balance := append(selector(selBalanceOf), make([]byte, 32)...)
	ret, err := c.View(t.Context(), cfg.Network.BTT, balance)
	if err != nil || new(big.Int).SetBytes(ret).Sign() != 0 {
		t.Errorf("both the same: %x, %v", ret, err)
	}
	_, err = liar.GiveBTT([20]byte{}, big.NewInt(1)) // the contract refuses the zero address
	r.must(err)
	_, err = liar.GiveBTT([20]byte{5}, big.NewInt(1))
	r.must(err)
	liar.SealSolid()
	balance[4+12] = 5
	if ret, err := c.View(t.Context(), cfg.Network.BTT, balance); !errors.Is(err, ErrDisagree) {
		t.Errorf("one differs: %x, %v", ret, err)
	}
	liar.Inject(testnode.Fault{Lie: testnode.WrongChain})
	c.nodes[1].onChain.Store(false)
	if ret, err := c.View(t.Context(), cfg.Network.BTT, balance); !errors.Is(err, ErrWrongChain) {
		t.Errorf("one is of another chain: %x, %v", ret, err)
	}
}

func TestRecipientAndUsed(t *testing.T) {
	r := setup(t, nil)
	holder, nobody := newKey("holder"), newKey("nobody")
	r.giveBTT(holder.at, 1)
	r.node.Seal(1)
	for name, c := range map[string]struct {
		a    voucher.Address
		on   OnChain
		used bool
	}{
		"active":                {r.me.at, OnChain{Asked: true, Active: true}, true},
		"contract":              {r.node.BTT(), OnChain{Asked: true, Active: true, Contract: true}, true},
		"holds BTT, not active": {holder.at, OnChain{Asked: true}, true},
		"nobody":                {nobody.at, OnChain{Asked: true}, false},
	} {
		on, err := r.chain.Recipient(t.Context(), c.a)
		r.must(err)
		used, err := r.chain.Used(t.Context(), c.a)
		if err != nil || on != c.on || used != c.used {
			t.Errorf("%s: %+v, used %v, %v", name, on, used, err)
		}
	}
}

func TestEscrowLogs(t *testing.T) {
	good := &core.TransactionInfo_Log{Address: make([]byte, 20), Topics: [][]byte{make([]byte, 32)}, Data: []byte{1}}
	short := &core.TransactionInfo_Log{Address: make([]byte, 19)}
	topic := &core.TransactionInfo_Log{Address: make([]byte, 20), Topics: [][]byte{make([]byte, 31)}}
	if got := escrowLogs([]*core.TransactionInfo_Log{nil, short, topic, good}); len(got) != 1 || len(got[0].Topics) != 1 {
		t.Errorf("got %+v", got)
	}
}
