package tron

import (
	"errors"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/voucher"
)

const start = btt.Amount(100_000_000) // sun that me has

func TestTopUpIsSeenAndBookedOnce(t *testing.T) {
	r := setup(t, nil)
	r.run()
	if h := r.holding(TRX); h.Solid != start {
		t.Errorf("holding %+v", h)
	}
	r.ledgerIs(TRX, start)
	r.giveBTT(r.me.at, 5*btt.One)
	_, err := r.node.GiveBTTOLD(r.me.at, 7_000_000)
	r.must(err)
	r.node.Seal(1)
	r.until("seen at the head", func() bool { return r.chain.Snapshot().Accounts[0].Holding[BTT].Latest == 5*btt.One })
	r.ledgerIs(BTT, 0)
	r.node.SealSolid()
	r.until("booked", func() bool { return count[Received](r) == 3 })
	if h := r.holding(BTT); h.Solid != 5*btt.One {
		t.Errorf("holding %+v", h)
	}
	r.ledgerIs(BTT, 5*btt.One)
	r.ledgerIs(BTTOLD, 7_000_000)
	r.giveBTT(r.me.at, 2*btt.One)
	r.giveBTT(r.me.at, 1)
	r.node.SealSolid()
	r.until("both booked", func() bool { return count[Received](r) >= 5 })
	var from, ids int
	for _, e := range r.events {
		if e := e.(Received); e.Asset == BTT && e.From == voucher.Address(r.node.Faucet()) && e.TxID != (ledger.ID{}) {
			from, ids = from+1, ids+1
		}
	}
	if from < 2 {
		t.Errorf("the transactions behind the second top-up were not found: %+v", r.events)
	}
	r.node.Seal(5)
	r.agreed()
	r.ledgerIs(BTT, 7*btt.One+1)
	if n := count[Received](r); n != 5 {
		t.Errorf("%d top-ups told", n)
	}
	if old, err := BTTOLD.InBTT(7_000_000); err != nil || old != 7000*btt.One {
		t.Errorf("7 BTTOLD are %v, %v", old, err)
	}
}

func TestBookedOnceAcrossRestarts(t *testing.T) {
	r := setup(t, nil)
	r.giveBTT(r.me.at, 5*btt.One)
	r.node.SealSolid()
	for range 3 {
		r.run()
		r.agreed()
		r.stop()
		r.ledgerIs(BTT, 5*btt.One)
		r.chain.publish(func(s *Snapshot) { s.Trust = Unknown })
		clear(r.chain.scanned)
	}
	if n := count[Received](r); n != 2 {
		t.Errorf("%d top-ups told", n)
	}
}

func TestLeftElsewhere(t *testing.T) {
	r := setup(t, nil)
	r.run()
	r.agreed()
	r.elsewhere(Transfer(r.id(), r.me.at, r.you.at, TRX, 1_000_000))
	r.node.SealSolid()
	r.until("noticed", func() bool { return count[Left](r) == 1 })
	r.ledgerIs(TRX, start-1_000_000-1_100_000)
}

// elsewhere sends an intent of me without this wallet knowing.
func (r *rig) elsewhere(i Intent) {
	r.Helper()
	n := r.chain.nodes[0]
	head, err := n.head(r.Context(), false)
	r.must(err)
	raw, err := build(i, r.chain.cfg.Network, terms{ref: head, made: head.time + int64(r.n), expires: head.time + 60_000, feeLimit: 50_000_000})
	r.must(err)
	d, err := Decode(raw, r.chain.cfg.Network)
	r.must(err)
	sig, err := voucher.Sign(d.TxID, r.me.secret[:])
	r.must(err)
	if v, words, err := n.broadcast(r.Context(), raw, sig[:]); v != accepted || err != nil {
		r.Fatal(v, words, err)
	}
}

func TestWithdrawEndToEnd(t *testing.T) {
	for _, c := range []struct {
		asset  Asset
		amount btt.Amount
		fee    func(btt.Sun) bool
	}{
		{TRX, 3_000_000, func(f btt.Sun) bool { return f == 1_100_000 }},
		{BTTOLD, 3_000_000, func(f btt.Sun) bool { return f == 1_100_000 }},
		{BTT, 3 * btt.One, func(f btt.Sun) bool { return f > 2_500_000 && f < 3_000_000 }},
	} {
		t.Run(string(c.asset), func(t *testing.T) {
			r := setup(t, nil)
			r.giveBTT(r.me.at, 10*btt.One)
			_, err := r.node.GiveBTTOLD(r.me.at, 10_000_000)
			r.must(err)
			r.node.SealSolid()
			r.run()
			before := r.holding(c.asset).Solid
			i := Transfer(r.id(), r.me.at, r.you.at, c.asset, c.amount)
			q, err := r.chain.Quote(t.Context(), i)
			r.must(err)
			if q.Recipient.Active || q.Have[c.asset] != before || q.Fee > q.MaxFee {
				t.Errorf("quote %+v", q)
			}
			v, err := r.chain.Prepare(t.Context(), q)
			r.must(err)
			if d := v.Decoded; d.From != r.me.at || d.To != r.you.at || d.Asset != c.asset || d.Amount != c.amount {
				t.Errorf("review shows %+v", d)
			}
			r.must(r.chain.Send(t.Context(), v, r.me))
			r.reaches(outbox.Broadcast)
			r.node.Seal(1)
			r.reaches(outbox.InBlock)
			if own, _ := c.asset.accounts(); own != "" {
				b, err := r.book.Balance(t.Context(), own)
				r.must(err)
				if b.Posted != before || b.Out < c.amount {
					t.Errorf("before it is solid: %+v", b)
				}
			}
			r.node.SealSolid()
			tx := r.ends(outbox.SolidOK)
			if tx.TxID != v.Decoded.TxID || tx.Err() != nil || !c.fee(tx.Fee) || tx.Fee > q.MaxFee || tx.Fee != q.Fee {
				t.Errorf("ended %+v, quoted fee %v", tx, q.Fee)
			}
			r.agreed()
			trx := start - btt.Amount(tx.Fee)
			if c.asset == TRX {
				trx -= c.amount
			} else {
				r.ledgerIs(c.asset, before-c.amount)
			}
			r.ledgerIs(TRX, trx)
			if h := r.holding(TRX); h.Solid != trx {
				t.Errorf("chain has %d sun, books %d", h.Solid, trx)
			}
			if n := count[Left](r); n != 0 {
				t.Errorf("%d payments of our own taken for somebody else's", n)
			}
			if len(r.me.signed) != 1 {
				t.Errorf("%d signatures", len(r.me.signed))
			}
		})
	}
}

func TestQuoteSaysWhatIsMissing(t *testing.T) {
	r := setup(t, nil)
	r.giveBTT(r.me.at, 5*btt.One)
	r.node.SealSolid()
	poor := newKey("poor")
	r.giveBTT(poor.at, 5*btt.One)
	r.node.Seal(1)
	for _, c := range []struct {
		name string
		i    Intent
		want error
	}{
		{"unactivated sender", Transfer(r.id(), poor.at, r.you.at, BTT, 1), ErrNotActivated},
		{"more TRX than there is", Transfer(r.id(), r.me.at, r.you.at, TRX, start+1), ErrNotEnoughTRX},
		{"all TRX without the fee", Transfer(r.id(), r.me.at, r.you.at, TRX, start), ErrNotEnoughTRX},
		{"more BTT than there is", Transfer(r.id(), r.me.at, r.you.at, BTT, 6*btt.One), ErrNotEnough},
		{"BTTOLD that is not there", Transfer(r.id(), r.me.at, r.you.at, BTTOLD, 1), ErrNotEnough},
		{"to the token's contract", Transfer(r.id(), r.me.at, voucher.Address(r.node.BTT()), BTT, 1), ErrToContract},
		{"to oneself", Transfer(r.id(), r.me.at, r.me.at, TRX, 1), ErrSelf},
		{"nothing", Transfer(r.id(), r.me.at, r.you.at, TRX, 0), ErrIntent},
		{"negative", Transfer(r.id(), r.me.at, r.you.at, BTT, -5), ErrIntent},
		{"no such asset", Transfer(r.id(), r.me.at, r.you.at, "doge", 5), ErrIntent},
		{"no ID", Transfer(ledger.ID{}, r.me.at, r.you.at, TRX, 5), ErrIntent},
		{"a call that reverts", Call(r.id(), r.me.at, voucher.Address(r.node.BTT()), append(selector(selTransfer), make([]byte, 64)...), "x"), ErrWouldFail},
	} {
		if _, err := r.chain.Quote(t.Context(), c.i); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	q, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, BTT, 6*btt.One))
	if !errors.Is(err, ErrNotEnough) || q.Have[BTT] != 5*btt.One {
		t.Errorf("the quote of what cannot be paid: %+v", q)
	}
}

func TestFeeLimitOfTheWallet(t *testing.T) {
	r := setup(t, func(c *Config) { c.MaxFee = btt.TRX })
	if _, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 1)); !errors.Is(err, ErrFee) {
		t.Errorf("1.1 TRX of fee with a limit of 1: %v", err)
	}
}

func TestSameIntentIsSentOnce(t *testing.T) {
	r := setup(t, nil)
	i := Transfer(r.id(), r.me.at, r.you.at, TRX, 5)
	r.must(r.send(i))
	if err := r.send(i); !errors.Is(err, ErrSent) {
		t.Errorf("second time: %v", err)
	}
	if len(r.me.signed) != 1 {
		t.Errorf("%d signatures", len(r.me.signed))
	}
}

func TestTwoReviewsCannotSpendTheSame(t *testing.T) {
	r := setup(t, nil)
	var reviews []Review
	for range 2 {
		q, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 60_000_000))
		r.must(err)
		v, err := r.chain.Prepare(t.Context(), q)
		r.must(err)
		reviews = append(reviews, v)
	}
	r.must(r.chain.Send(t.Context(), reviews[0], r.me))
	if err := r.chain.Send(t.Context(), reviews[1], r.me); !errors.Is(err, ErrNotEnoughTRX) {
		t.Errorf("the second: %v", err)
	}
}

func TestSignerDeclinesOrIsAnother(t *testing.T) {
	r := setup(t, nil)
	declined := errors.New("declined")
	r.me.refuse = declined
	if err := r.send(Transfer(r.id(), r.me.at, r.you.at, TRX, 5)); !errors.Is(err, declined) {
		t.Errorf("declined: %v", err)
	}
	if tx := r.tx(); tx.State != outbox.Void || !errors.Is(tx.Err(), ErrAbandoned) {
		t.Errorf("left behind %+v", tx)
	}
	r.me.refuse = nil
	r.me.secret = newKey("mallory").secret
	if err := r.send(Transfer(r.id(), r.me.at, r.you.at, TRX, 5)); !errors.Is(err, ErrSigner) {
		t.Errorf("foreign key: %v", err)
	}
	r.ledgerIs(TRX, 0) // nothing observed yet, nothing reserved any more
}

func TestPreparedTooLongAgo(t *testing.T) {
	r := setup(t, nil)
	q, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 5))
	r.must(err)
	v, err := r.chain.Prepare(t.Context(), q)
	r.must(err)
	r.node.Advance(lifetime)
	r.node.Seal(1)
	if err := r.chain.Send(t.Context(), v, r.me); !errors.Is(err, ErrExpired) {
		t.Errorf("got %v", err)
	}
	if len(r.me.signed) != 0 {
		t.Error("it was signed")
	}
}

func TestExpired(t *testing.T) {
	r := setup(t, nil)
	r.run()
	r.agreed()
	r.node.Lose(1 << 30)
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, TRX, 5)))
	r.reaches(outbox.Broadcast)
	r.node.Advance(2 * lifetime)
	r.node.Seal(3) // later than the expiry, not solid: not enough
	r.until("polled", func() bool { s := r.chain.Snapshot(); h, _ := r.node.Height(); return s.Head == h })
	if tx := r.tx(); !tx.State.Live() {
		t.Errorf("given up before a solid block says so: %v", tx.State)
	}
	r.node.SealSolid()
	if tx := r.ends(outbox.Expired); !errors.Is(tx.Err(), ErrExpired) {
		t.Errorf("ended %+v", tx)
	}
	r.agreed()
	r.ledgerIs(TRX, start)
}

func TestRejectedThenExpires(t *testing.T) {
	r := setup(t, nil)
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, TRX, 60_000_000)))
	r.elsewhere(Transfer(r.id(), r.me.at, r.you.at, TRX, 70_000_000))
	r.node.Seal(1)
	r.run()
	r.until("refused", func() bool { return r.tx().Refused })
	if tx := r.tx(); !errors.Is(tx.Err(), ErrRejected) || !tx.State.Live() || !strings.Contains(tx.Reason, "balance is not sufficient") {
		t.Errorf("refused: %+v", tx)
	}
	r.node.Advance(2 * lifetime)
	r.node.Seal(25)
	if tx := r.ends(outbox.Expired); !errors.Is(tx.Err(), ErrRejected) {
		t.Errorf("ended %+v", tx)
	}
	r.until("books agree", func() bool {
		b, _ := r.book.Balance(t.Context(), ledger.TRX)
		return b.Posted == start-70_000_000-1_100_000
	})
	r.ledgerIs(TRX, start-70_000_000-1_100_000)
}

func TestReverted(t *testing.T) {
	r := setup(t, nil)
	r.giveBTT(r.me.at, 5*btt.One)
	r.node.SealSolid()
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, BTT, 4*btt.One)))
	r.elsewhere(Transfer(r.id(), r.me.at, r.you.at, BTT, 2*btt.One))
	r.node.Seal(1)
	r.run()
	r.reaches(outbox.Broadcast)
	r.node.SealSolid()
	tx := r.ends(outbox.SolidFailed)
	if !errors.Is(tx.Err(), ErrReverted) || tx.Fee == 0 {
		t.Errorf("ended %+v", tx)
	}
	r.until("books agree", func() bool { b, _ := r.book.Balance(t.Context(), ledger.Onchain); return b.Posted == 3*btt.One })
	r.ledgerIs(BTT, 3*btt.One)
	h := r.holding(TRX)
	r.ledgerIs(TRX, h.Solid)
}

func TestOutOfEnergy(t *testing.T) {
	r := setup(t, nil)
	r.giveBTT(r.me.at, 5*btt.One)
	r.node.SealSolid()
	r.run()
	r.agreed()
	q, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, BTT, btt.One))
	r.must(err)
	q.FeeLimit = 500_000
	v, err := r.chain.Prepare(t.Context(), q)
	r.must(err)
	r.must(r.chain.Send(t.Context(), v, r.me))
	r.reaches(outbox.Broadcast)
	r.node.SealSolid()
	if tx := r.ends(outbox.SolidFailed); !errors.Is(tx.Err(), ErrOutOfEnergy) || tx.Fee < 500_000 {
		t.Errorf("ended %+v", tx)
	}
	h := r.holding(TRX)
	r.ledgerIs(TRX, h.Solid)
	r.ledgerIs(BTT, 5*btt.One)
}

func TestReorgPutsItBackAndItArrivesOnce(t *testing.T) {
	r := setup(t, nil)
	r.run()
	r.agreed()
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, TRX, 5_000_000)))
	r.reaches(outbox.Broadcast)
	r.node.Seal(2)
	r.reaches(outbox.InBlock)
	r.node.Reorg(5, false)
	r.until("sent again after the reorganisation", func() bool { return r.tx().State == outbox.Broadcast })
	r.until("in a block again", func() bool {
		r.node.Seal(1)
		return r.tx().State == outbox.InBlock
	})
	r.node.SealSolid()
	r.ends(outbox.SolidOK)
	if n := len(r.me.signed); n != 1 {
		t.Errorf("%d signatures", n)
	}
	r.ledgerIs(TRX, start-6_100_000)
	if h := r.holding(TRX); h.Solid != start-6_100_000 {
		t.Errorf("chain has %d", h.Solid)
	}
}

func TestBetweenOurOwnAddressesOnlyTheFeeMoves(t *testing.T) {
	r := setup(t, nil)
	r.must(r.chain.SetWatch([]voucher.Address{r.me.at, r.you.at}))
	r.run()
	r.agreed()
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, TRX, 5_000_000)))
	r.reaches(outbox.Broadcast)
	r.node.SealSolid()
	r.ends(outbox.SolidOK)
	r.agreed()
	r.node.Seal(3)
	r.agreed()
	r.ledgerIs(TRX, start-1_100_000)
	if n := count[Received](r) + count[Left](r); n != 1 {
		t.Errorf("%d movements told, want the first sight alone: %+v", n, r.events)
	}
}

func TestWatchIsBounded(t *testing.T) {
	r := setup(t, nil)
	if err := r.chain.SetWatch(make([]voucher.Address, maxWatch+1)); !errors.Is(err, ErrIntent) {
		t.Errorf("got %v", err)
	}
	if _, err := Open(t.Context(), Config{Network: Testnode("x")}); !errors.Is(err, ErrIntent) {
		t.Errorf("no ledger: %v", err)
	}
	if _, err := Open(t.Context(), Config{Ledger: r.book}); !errors.Is(err, ErrIntent) {
		t.Errorf("no network: %v", err)
	}
}

func TestPauseBacksOff(t *testing.T) {
	c := &Chain{cfg: Config{Every: 15 * time.Second}}
	for _, x := range []struct {
		live     bool
		failures int
		want     time.Duration
	}{
		{false, 0, 15 * time.Second},
		{true, 0, 3 * time.Second},
		{false, 1, 30 * time.Second},
		{false, 3, 2 * time.Minute},
		{false, 50, 5 * time.Minute},
		{true, 2, 12 * time.Second},
	} {
		if got := c.pause(x.live, x.failures); got != x.want {
			t.Errorf("live %v, %d failures: %v, want %v", x.live, x.failures, got, x.want)
		}
	}
}
