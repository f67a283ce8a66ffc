package engine

import (
	"testing"
	"time"

	"swarmbid/bidding"
	"swarmbid/engine/disk"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// TestUplinkFollowsTheLine has the measurement find a line it does not know, follow
// it up when it gets faster and down when it gets slower, and not be misled by a
// time in which nobody wants anything.
func TestUplinkFollowsTheLine(t *testing.T) {
	var u uplink
	now, sent := time.Unix(1e9, 0), int64(0)
	hold := func(rounds int, line int64, waiting bool) int64 {
		for range rounds {
			rate := line
			if u.limit > 0 {
				rate = min(rate, u.limit)
			}
			now = now.Add(rechokeEvery)
			sent += rate * int64(rechokeEvery/time.Second)
			u.round(now, sent, waiting)
		}
		return u.limit
	}
	within := func(what string, got, want int64) {
		t.Helper()
		if got < want*94/100 || got > want*111/100 {
			t.Errorf("%s: %d, the line carries %d", what, got, want)
		}
	}
	if got := hold(3, 1_000_000, true); got != 0 {
		t.Errorf("limited to %d before anything is known", got)
	}
	within("found", hold(10, 1_000_000, true), 1_000_000)
	within("on and on", hold(200, 1_000_000, true), 1_000_000)
	within("ten times as fast", hold(70, 10_000_000, true), 10_000_000)
	within("nobody wants anything", hold(100, 5_000, false), 10_000_000)
	within("a tenth", hold(40, 1_000_000, true), 1_000_000)
	over, rounds := int64(0), 300
	for range rounds {
		if hold(1, 1_000_000, true) > 1_000_000 {
			over++
		}
	}
	if over > int64(rounds)/10 {
		t.Errorf("in %d of %d rounds more was shared out than the line carries", over, rounds)
	}
}

// TestBooks attributes verified bytes to who delivered them last, under the quote
// of that time, once; and what was for nothing to nobody.
func TestBooks(t *testing.T) {
	p := payload(t, 1<<20)
	s := run(t, testConfig(t, t.TempDir()))
	s.seed(p)
	m := s.torrents[p.InfoHash]
	var b books
	a, c := &ear{}, &ear{}
	b.got(m.ih(), 0, 0, delivery{ear: a, quote: 1, n: 100}) // nobody keeps a book
	b.open(m)
	b.open(m)
	b.got(m.ih(), 0, 0, delivery{ear: a, quote: 1, n: 100})
	b.got(m.ih(), 0, 16384, delivery{ear: a, quote: 1, n: 50})
	b.got(m.ih(), 0, 32768, delivery{ear: a, quote: 2, n: 7})
	b.got(m.ih(), 0, 16384, delivery{ear: c, quote: 1, n: 60}) // after a failed hash
	b.got(m.ih(), 0, 49152, delivery{ear: a, quote: 2, n: 8})
	b.got(m.ih(), 0, 49152, delivery{n: 8}) // likewise, for nothing
	b.got(m.ih(), 1, 0, delivery{ear: a, quote: 1, n: 1000})
	b.got(m.ih(), 2, 0, delivery{n: 9})
	have := disk.NewBits(p.Pieces)
	have.Set(0)
	got := b.verified(m.ih(), have)
	want := map[delivery]int64{{ear: a, quote: 1}: 100, {ear: a, quote: 2}: 7, {ear: c, quote: 1}: 60}
	if len(got) != len(want) {
		t.Errorf("%d accounts, want %d", len(got), len(want))
	}
	for d, n := range want {
		if got[d] != n {
			t.Errorf("%d bytes under quote %d, want %d", got[d], d.quote, n)
		}
	}
	if again := b.verified(m.ih(), have); len(again) != 0 {
		t.Errorf("counted twice: %v", again)
	}
	b.close(m.ih())
	have.Set(1)
	if after := b.verified(m.ih(), have); len(after) != 0 {
		t.Errorf("counted after the end: %v", after)
	}
}

// TestCodesHaveTheSameNames holds the window's codes against the allocator's.
func TestCodesHaveTheSameNames(t *testing.T) {
	for r := bidding.NotInterested; r <= bidding.Closed; r++ {
		if w := whyOf(r); r != bidding.NotInterested && w.String() != r.String() {
			t.Errorf("%v is shown as %v", r, w)
		}
	}
	for o := bidding.NoBid; o <= bidding.Refused; o++ {
		if outcomeOf(o).String() != o.String() {
			t.Errorf("%v is shown as %v", o, outcomeOf(o))
		}
	}
	for m := swarm.BidOff; m <= swarm.BidPaper; m++ {
		if modeOf(m).String() != m.String() {
			t.Errorf("%v means %v", m, modeOf(m))
		}
	}
	if (swarm.WhyClosed+1).String() != "unknown" || swarm.BidAsSession.String() != "as session" {
		t.Error("a code without a name")
	}
}

// TestTradeSettingsSurvive keeps what the user set for a torrent over a restart,
// and since when it is alone.
func TestTradeSettingsSurvive(t *testing.T) {
	t.Parallel()
	p := payload(t, 1<<20)
	c := testConfig(t, t.TempDir())
	c.Payments, c.Market.On = newGrantAll(), true
	c.Market.Reserve = bidding.Reserve{ByRarity: true, Price: 1_000_000}
	a := run(t, c)
	a.seed(p)
	set := swarm.Bandwidth{OwnReserve: true, ByRarity: true, Reserve: 777, Mode: swarm.BidEco, MaxPrice: 5, MaxTotal: 6, AllowPrivate: true}
	if err := a.SetBandwidth(t.Context(), set, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	if err := a.SetBandwidth(t.Context(), swarm.Bandwidth{Reserve: -1}, p.InfoHash); err == nil {
		t.Error("a negative reserve price is taken")
	}
	var alone time.Time
	until(t, "alone", func() bool { alone = a.marketTab(p.InfoHash).Alone; return !alone.IsZero() })
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	c.Payments = newGrantAll()
	b := run(t, c)
	b.wait(p.InfoHash, "seeding again", seeding)
	if got, err := b.Bandwidth(t.Context(), p.InfoHash); err != nil || got != set {
		t.Errorf("%+v, %v", got, err)
	}
	if m := b.marketTab(p.InfoHash); !m.Alone.Equal(alone) || m.Set != set {
		t.Errorf("alone since %v, before the restart since %v", m.Alone, alone)
	}
}

// TestSourceProof has a seed whose price follows rarity ask for a proof. A client
// that has the block from another seed answers, and the price falls.
func TestSourceProof(t *testing.T) {
	t.Parallel()
	p := payload(t, 16<<20)
	lonely, _ := trading(t, func(c *Config) {
		c.Market.Reserve = bidding.Reserve{ByRarity: true, Price: 1 << 40}
		c.UpLimit = 1 << 10 // who is to answer must not become a seed, that would be a proof by itself
	})
	lonely.seed(p)
	other := run(t, testConfig(t, t.TempDir()))
	other.seed(p)
	buyer, _ := trading(t, func(c *Config) { c.DownLimit = 2 << 20 })
	buyer.add(swarm.Add{Source: swarm.Source{File: p.File}})
	connect(t, p.InfoHash, buyer, other)
	buyer.wait(p.InfoHash, "a half", func(r *swarm.Torrent) bool { return r.Completed >= 8<<20 })
	if err := other.Pause(t.Context(), p.InfoHash); err != nil {
		t.Fatal(err)
	}
	before := lonely.marketTab(p.InfoHash)
	if before.Alone.IsZero() || before.Reserve == 0 {
		t.Fatalf("not alone: %+v", before)
	}
	connect(t, p.InfoHash, buyer, lonely)
	until(t, "the proof arrives", func() bool {
		// Asked once a minute; the test asks again at once.
		if err := lonely.do(t.Context(), func() error {
			clear(lonely.market.asked)
			for _, tr := range lonely.market.traders {
				tr.said, tr.saidAt = 0, time.Time{}
			}
			lonely.kickRechoke()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return lonely.marketTab(p.InfoHash).Alone.After(before.Alone)
	})
	if r := buyer.Snapshot().Torrents[0]; r.Complete() {
		t.Error("the buyer became a seed")
	}
}

// TestPerHour converts a price and a rate to what is shown.
func TestPerHour(t *testing.T) {
	if got := perHour(1000, 1<<20); got != 3_600_000 {
		t.Errorf("a MiB a second at 1,000 µBTT comes to %d an hour", got)
	}
	if got := btt.Amount(perHour(4_000_000, 10<<20)); got != 144_000*btt.One {
		t.Errorf("%v", got)
	}
}
