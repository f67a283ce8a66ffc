package bidding

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

func TestOffer(t *testing.T) {
	const gib = 1 << 30
	a := AutoBid{Mode: Fast, MaxPrice: 4_000_000, PerTorrent: 10_000 * btt.One, PerDay: 20_000 * btt.One, Spending: 10}
	d := Download{Remaining: gib, Balance: 100_000 * btt.One}
	for _, tt := range []struct {
		name   string
		change func(a *AutoBid, d *Download)
		price  btt.Rate
		most   btt.Amount
	}{
		{"fast", func(*AutoBid, *Download) {}, 4_000_000, 10_000 * btt.One},
		{"balanced", func(a *AutoBid, _ *Download) { a.Mode = Balanced }, 2_000_000, 10_000 * btt.One},
		{"eco", func(a *AutoBid, _ *Download) { a.Mode = Eco }, 1_000_000, 10_000 * btt.One},
		{"off", func(a *AutoBid, _ *Download) { a.Mode = Off }, 0, 0},
		{"no cap on the torrent", func(a *AutoBid, _ *Download) { a.PerTorrent = 0 }, 0, 0},
		{"no cap on the day", func(a *AutoBid, _ *Download) { a.PerDay = 0 }, 0, 0},
		{"the torrent's budget must last", func(_ *AutoBid, d *Download) { d.Spent = 8976 * btt.One }, 1_000_000, 1024 * btt.One},
		{"the day's budget must last", func(_ *AutoBid, d *Download) { d.SpentDay = 18_976 * btt.One }, 1_000_000, 1024 * btt.One},
		{"the balance must last", func(_ *AutoBid, d *Download) { d.Balance = 2048 * btt.One }, 2_000_000, 2048 * btt.One},
		{"the budget is spent", func(_ *AutoBid, d *Download) { d.Spent = 10_000 * btt.One }, 0, 0},
		{"nothing remains", func(_ *AutoBid, d *Download) { d.Remaining = 0 }, 0, 0},
		{"served for nothing", func(_ *AutoBid, d *Download) { d.Wanted, d.Free = 1000, 1000 }, 0, 0},
		{"served for nothing, but slowly", func(_ *AutoBid, d *Download) { d.Wanted, d.Free = 1000, 999 }, 4_000_000, 10_000 * btt.One},
		{"below the reserve", func(_ *AutoBid, d *Download) { d.Reserve = 4_000_001 }, 0, 0},
		{"at the reserve", func(_ *AutoBid, d *Download) { d.Reserve = 4_000_000 }, 4_000_000, 10_000 * btt.One},
		{"paper", func(a *AutoBid, d *Download) { a.Mode, d.Balance = Paper, 10_240*btt.One }, 1_000_000, 10_000 * btt.One},
		{"paper, not more than a tenth", func(a *AutoBid, d *Download) { a.Mode, a.Spending, d.Balance = Paper, 100, 10_240*btt.One }, 1_000_000, 10_000 * btt.One},
		{"paper, within the caps", func(a *AutoBid, d *Download) { a.Mode, d.Remaining = Paper, 1 }, 4_000_000, 10_000 * btt.One},
	} {
		a, d := a, d
		tt.change(&a, &d)
		if got := a.Offer(d); got.Price != tt.price || got.Most != tt.most || got.Demand != d.Wanted && got.Price > 0 {
			t.Errorf("%s: %+v, want %v, at most %v", tt.name, got, tt.price, tt.most)
		}
	}
	if (AutoBid{Mode: Fast}).Offer(d) != (Offer{}) {
		t.Error("it spends without caps")
	}
}

// TestCaps: whatever the figures, the remaining bytes at the offered price fit in
// each budget, and a higher mode never bids less.
func TestCaps(t *testing.T) {
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 6))
		figure := func() int64 { return r.Int64N(1 << r.IntN(63)) }
		a := AutoBid{
			MaxPrice: btt.Rate(figure()), PerTorrent: btt.Amount(figure()), PerDay: btt.Amount(figure()), Spending: r.IntN(200) - 50,
		}
		d := Download{
			Remaining: figure(), Spent: btt.Amount(figure()), SpentDay: btt.Amount(figure()), Balance: btt.Amount(figure()), Reserve: btt.Rate(r.IntN(3)),
		}
		last := btt.Rate(0)
		for _, a.Mode = range []Mode{Off, Eco, Balanced, Fast, Paper} {
			o := a.Offer(d)
			if o == (Offer{}) {
				continue
			}
			cost, err := o.Price.Cost(d.Remaining)
			if err != nil || cost > d.Balance || cost+d.Spent > a.PerTorrent || cost+d.SpentDay > a.PerDay || cost > o.Most {
				t.Fatalf("seed %d: %v for %+v %+v costs %v, %v", seed, o, a, d, cost, err)
			}
			if o.Price > a.MaxPrice || o.Price < d.Reserve || o.Price < last && a.Mode != Paper {
				t.Fatalf("seed %d: %v for %+v %+v", seed, o, a, d)
			}
			last = o.Price
		}
	}
}

func TestAffordable(t *testing.T) {
	for _, tt := range []struct {
		budget btt.Amount
		bytes  int64
		want   btt.Rate
	}{
		{1, 1 << 20, 1},
		{1, 1<<20 + 1, 0},
		{math.MaxInt64, 1, math.MaxInt64},
		{math.MaxInt64, 1 << 20, math.MaxInt64},
		{math.MaxInt64, 1 << 21, math.MaxInt64 / 2},
		{1 << 62, 1 << 18, math.MaxInt64},
	} {
		if got := affordable(tt.budget, tt.bytes); got != tt.want {
			t.Errorf("affordable(%d, %d) = %d, want %d", int64(tt.budget), tt.bytes, int64(got), int64(tt.want))
		}
	}
}

func TestRebid(t *testing.T) {
	last := Offer{Price: 100, Demand: 1000, Most: 5000}
	for _, tt := range []struct {
		next  Offer
		after time.Duration
		want  bool
	}{
		{last, time.Hour, false},
		{Offer{Price: 111, Demand: 1000, Most: 5000}, time.Minute, true},
		{Offer{Price: 111, Demand: 1000, Most: 5000}, 59 * time.Second, false},
		{Offer{Price: 110, Demand: 1000, Most: 5000}, time.Hour, false},
		{Offer{Price: 89, Demand: 1000, Most: 5000}, time.Minute, true},
		{Offer{Price: 100, Demand: 1200, Most: 5000}, time.Minute, true},
		{Offer{Price: 100, Demand: 1000, Most: 2000}, time.Minute, true},
		{Offer{Price: 100, Demand: 1000, Most: 4000}, time.Minute, false},
		{Offer{}, 0, true},
	} {
		if got := Rebid(epoch.Add(tt.after), epoch, last, tt.next); got != tt.want {
			t.Errorf("%+v after %v: %v", tt.next, tt.after, got)
		}
	}
	if !Rebid(epoch, epoch, Offer{}, last) || Rebid(epoch, epoch, Offer{}, Offer{}) {
		t.Error("the first bid")
	}
}

func TestEstimates(t *testing.T) {
	seen := []Sighting{
		{Free: 100, Price: 30, Rate: 0},     // sells nothing
		{Free: 0, Price: 20, Rate: 400},     // affordable
		{Free: 100, Price: 10, Rate: 300},   // the cheapest
		{Free: 0, Price: 1000, Rate: 10000}, // too dear
	}
	const remaining = 600 << 20
	for _, tt := range []struct {
		price btt.Rate
		limit int64
		want  Estimate
	}{
		{0, 0, Estimate{FreeRate: 200, PaidRate: 200, Cost: 0}},
		{10, 0, Estimate{FreeRate: 200, PaidRate: 400, Cost: 600 * 7}},   // 300 of 400 B/s at 10: 7.5, rounded down
		{50, 0, Estimate{FreeRate: 200, PaidRate: 800, Cost: 600 * 13}},  // 300 at 10, 400 at 20, 100 free: 13.75
		{50, 300, Estimate{FreeRate: 200, PaidRate: 300, Cost: 600 * 6}}, // 200 at 10, 100 free: 6.67
		{50, 100, Estimate{FreeRate: 100, PaidRate: 100}},
	} {
		got, err := Estimates(tt.price, remaining, tt.limit, seen)
		tt.want.FreeTime = lasts(remaining, tt.want.FreeRate)
		tt.want.PaidTime = lasts(remaining, tt.want.PaidRate)
		if err != nil || got != tt.want {
			t.Errorf("%d within %d: %+v, %v; want %+v", int64(tt.price), tt.limit, got, err, tt.want)
		}
	}
	if e := (Estimate{FreeRate: 100, PaidRate: 310}); e.Faster() != 310 || (Estimate{PaidRate: 1}).Faster() != 0 {
		t.Error("Faster")
	}
	if lasts(1500, 1000) != 1500*time.Millisecond || lasts(1, 0) != 0 || lasts(math.MaxInt64, 1) != 0 {
		t.Error("lasts")
	}
	if e, err := Estimates(1, remaining, 0, nil); err != nil || e != (Estimate{}) {
		t.Errorf("nothing is known: %+v, %v", e, err)
	}
}

// TestAchieved: what an estimate promised and came true is reported the same.
func TestAchieved(t *testing.T) {
	seen := []Sighting{{Free: 1000, Price: 10, Rate: 4000}}
	want, err := Estimates(10, 4_000_000, 0, seen)
	if err != nil || want.Faster() != 400 {
		t.Fatalf("%+v, %v", want, err)
	}
	if got := Achieved(4_000_000, want.PaidTime, want.Cost, want.FreeRate); got != want {
		t.Errorf("%+v, estimated %+v", got, want)
	}
	if got := Achieved(math.MaxInt64, time.Millisecond, 0, 0); got.PaidRate != math.MaxInt64 {
		t.Errorf("very fast: %+v", got)
	}
	if (Estimate{FreeRate: 1, PaidRate: math.MaxInt64}).Faster() != math.MaxInt64 {
		t.Error("very much faster")
	}
	if got := Achieved(1, 0, 0, 0); got != (Estimate{}) {
		t.Errorf("in no time: %+v", got)
	}
}

func TestModes(t *testing.T) {
	for m := Off; m <= Paper; m++ {
		if m.String() == "unknown" {
			t.Errorf("mode %d has no word", m)
		}
	}
}
