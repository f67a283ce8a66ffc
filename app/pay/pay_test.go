package pay

import (
	"context"
	"encoding/hex"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"swarmbid/engine"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// TestOneBuysFromAnother: what a lone buyer verified is what it promised, to the
// µBTT, and what the seller holds.
func TestOneBuysFromAnother(t *testing.T) {
	t.Parallel()
	p := payload(t, 24<<20)
	seed := start(t, setup{name: "seed", caps: plenty(), change: asks(1_000_003, 3<<20)})
	must(t, seed.seed(t.Context(), p))
	buyer := start(t, setup{name: "buyer", caps: plenty(), change: bids(2_000_000)})
	must(t, buyer.load(t.Context(), p, seed.addr()))
	until(t, "loaded", func() bool { r := buyer.row(p); return r.Complete() })
	until(t, "paid", func() bool {
		a, b := buyer.lane(buyer, seed), seed.lane(buyer, seed)
		return a.Cumulative == a.Due && a.Cumulative == b.Cumulative && b.Cumulative > 0
	})
	a, b := buyer.lane(buyer, seed), seed.lane(buyer, seed)
	t.Logf("paid %v for %d of %d bytes; the seller counts %d bytes for %v", a.Cumulative.Format(btt.EN), a.Bytes, p.Size, b.Bytes, b.Due.Format(btt.EN))
	if a.Bytes != b.Bytes || a.Due != b.Due || a.Bytes < p.Size*3/4 {
		t.Errorf("buyer %+v\nseller %+v", a, b)
	}
	said := seed.ear.heard.Load() + buyer.ear.heard.Load()
	t.Logf("%d bytes were said about money, %.4f %% of the payload, %d promises and proofs signed", said, 100*float64(said)/float64(p.Size), buyer.pen.signed.Load())
	if said*1000 > p.Size || said == 0 {
		t.Errorf("%d bytes about money for %d of payload", said, p.Size)
	}
	must(t, p.Compare(filepath.Join(buyer.dir, "files"), true))
}

// TestClosed: a counter that is not open greets nobody; the torrent loads as ever.
func TestClosed(t *testing.T) {
	t.Parallel()
	p := payload(t, 2<<20)
	seed := start(t, setup{name: "seed", closed: true, change: asks(1_000_000, 0)})
	must(t, seed.seed(t.Context(), p))
	buyer := start(t, setup{name: "buyer", caps: plenty(), change: bids(2_000_000)})
	must(t, buyer.load(t.Context(), p, seed.addr()))
	until(t, "loaded", func() bool { r := buyer.row(p); return r.Complete() })
	if b := seed.Budget(p.InfoHash); b != (engine.Budget{}) || seed.Open() {
		t.Errorf("a closed counter has %+v", b)
	}
	if s := buyer.Standing(1); s.Met || s.Sells {
		t.Errorf("met %+v", s)
	}
}

// TestDeposits: a payer whose deposit cannot be seen, or is empty, is served for free.
func TestDeposits(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	p := payload(t, 8<<20)
	seed := start(t, setup{
		name: "seed", caps: plenty(), change: asks(1_000_000, 2<<20),
		funds: func(context.Context, voucher.Address) (btt.Amount, error) { asked.Add(1); return 0, nil },
	})
	must(t, seed.seed(t.Context(), p))
	buyer := start(t, setup{name: "buyer", caps: plenty(), change: bids(2_000_000)})
	must(t, buyer.load(t.Context(), p, seed.addr()))
	until(t, "refused", func() bool {
		d, err := seed.Details(t.Context(), p.InfoHash, swarm.PartMarket)
		return err == nil && len(d.Market.Bidders) == 1 && d.Market.Bidders[0].Outcome == swarm.NotGood
	})
	until(t, "loaded", func() bool { r := buyer.row(p); return r.Complete() })
	if a := buyer.lane(buyer, seed); a.Due != 0 || asked.Load() == 0 {
		t.Errorf("due %v, asked %d times", a.Due, asked.Load())
	}
}

// TestBudget: what is promised and not redeemed is not to be spent again.
func TestBudget(t *testing.T) {
	t.Parallel()
	s := start(t, setup{name: "a", caps: plenty()})
	k := ledger.LaneKey{Chain: testChain, Escrow: testEscrow, Payer: s.pen.at, Payee: voucher.Address{7}}
	ih := swarm.InfoHash{5}
	must(t, s.book.Update(t.Context(), func(tx *ledger.Tx) error {
		return errors.Join(tx.PutLane(t.Context(), ledger.Lane{LaneKey: k, Cumulative: 30 * btt.One, Due: 30 * btt.One, Redeemed: 10 * btt.One}),
			tx.Record(t.Context(), ledger.Transfer{
				ID: ledger.ID{1}, At: time.Now(), Kind: "promise-given", Phase: ledger.Posted, Debit: ledger.Leeching,
				Credit: ledger.Payable(voucher.Address{7}.String()), Amount: 30 * btt.One, Torrent: hex.EncodeToString(ih[:]),
			}))
	}))
	s.Redeemed(s.pen.at, voucher.Address{7}, 12*btt.One)
	want := engine.Budget{Balance: 999_982 * btt.One, Spent: 30 * btt.One, SpentDay: 30 * btt.One}
	until(t, "the budget", func() bool { return s.Budget(ih) == want })
	if b := s.Budget(swarm.InfoHash{6}); b.Spent != 0 || b.SpentDay != 30*btt.One {
		t.Errorf("another torrent: %+v", b)
	}
}

// TestUnlockedLater: a buyer that was locked when it met the seller buys as soon as it
// is unlocked.
func TestUnlockedLater(t *testing.T) {
	t.Parallel()
	p := payload(t, 16<<20)
	seed := start(t, setup{name: "seed", caps: plenty(), change: asks(1_000_000, 2<<20)})
	must(t, seed.seed(t.Context(), p))
	buyer := start(t, setup{name: "buyer", caps: plenty(), change: bids(2_000_000)})
	buyer.pen.locked.Store(true)
	must(t, buyer.load(t.Context(), p, seed.addr()))
	until(t, "served for free", func() bool { return buyer.row(p).Completed > 1<<20 })
	if s := buyer.Standing(1); s.Met {
		t.Errorf("met %+v", s)
	}
	buyer.pen.locked.Store(false)
	until(t, "it buys", func() bool { return seed.lane(buyer, seed).Cumulative > 0 })
}
