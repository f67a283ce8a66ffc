package till

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

func contextWithCancel(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return ctx, cancel
}

// today are the prices in force on mainnet when this was written.
var today = tron.Prices{Energy: 100, Bandwidth: 1000}

// TestDecide: at 100 sun a unit of energy one new pair costs about 6.1 TRX.
func TestDecide(t *testing.T) {
	then := time.Unix(1_800_000_000, 0)
	one := feeOf(today, []Holding{{}}, false)
	if one < 6*btt.TRX || one > 7*btt.TRX {
		t.Fatalf("one new pair costs %v", one)
	}
	trx := 600_000 * btt.One // what a TRX is worth
	cost := Policy{PerTRX: trx}.worth(one)
	for name, c := range map[string]struct {
		p     Policy
		all   []Holding
		asked bool
		take  []int
		dust  []int
		worth bool
		auto  bool
	}{
		"nothing":                       {Policy{Auto: true, Fee: 5, PerTRX: trx}, nil, false, nil, nil, false, false},
		"worth it":                      {Policy{Auto: true, Fee: 5, PerTRX: trx}, []Holding{{Open: cost * 20, Reach: -1}}, false, []int{0}, nil, true, true},
		"a little less":                 {Policy{Auto: true, Fee: 5, PerTRX: trx}, []Holding{{Open: cost*20 - 1, Reach: -1}}, false, []int{0}, nil, false, false},
		"not allowed":                   {Policy{Fee: 5, PerTRX: trx}, []Holding{{Open: cost * 20, Reach: -1}}, false, []int{0}, nil, true, false},
		"worth unknown":                 {Policy{Auto: true, Fee: 5}, []Holding{{Open: cost * 2000, Reach: -1}}, false, []int{0}, nil, false, false},
		"deposit too small":             {Policy{Auto: true, Fee: 5, PerTRX: trx}, []Holding{{Open: cost * 20, Reach: cost}}, false, []int{0}, nil, false, false},
		"deposit empty":                 {Policy{Auto: true, Fee: 5, PerTRX: trx}, []Holding{{Open: cost * 20}}, true, nil, nil, false, false},
		"leaving, gains":                {Policy{Auto: true, Fee: 5, PerTRX: trx}, []Holding{{Open: cost * 2, Reach: -1, Leaving: then}}, false, []int{0}, nil, false, true},
		"leaving, loses":                {Policy{Auto: true, Fee: 5, PerTRX: trx}, []Holding{{Open: cost - 1, Reach: -1, Leaving: then}}, false, []int{0}, nil, false, false},
		"leaving, forbidden":            {Policy{Auto: true, Fee: 5, PerTRX: trx}, []Holding{{Open: cost * 2, Reach: -1, Leaving: then, Rested: true}}, false, nil, nil, false, false},
		"rested, asked":                 {Policy{Fee: 5, PerTRX: trx}, []Holding{{Open: cost * 20, Reach: -1, Rested: true}}, true, []int{0}, nil, true, false},
		"dust":                          {Policy{Auto: true, Fee: 5, PerTRX: trx}, []Holding{{Open: 1, Reach: -1}, {Open: cost * 30, Reach: -1}}, true, []int{1}, []int{0}, true, true},
		"leaving does not drag others":  {Policy{Auto: true, Fee: 5, PerTRX: trx}, []Holding{{Open: cost * 3, Reach: -1}, {Open: cost * 4, Reach: -1, Leaving: then}}, false, []int{1}, nil, false, true},
		"leaving takes the worthy with": {Policy{Auto: true, Fee: 1, PerTRX: trx}, []Holding{{Open: cost * 70, Reach: -1}, {Open: cost * 2, Reach: -1, Leaving: then}}, false, []int{0, 1}, nil, false, true},
	} {
		got := Decide(c.p, today, c.all, c.asked)
		if !slices.Equal(got.Take, c.take) || !slices.Equal(got.Dust, c.dust) || got.Worth != c.worth || got.Auto != c.auto {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestDecideNeverLoses: over random holdings and prices, nothing is done unasked that
// costs more than it brings, more than the user's part, or what was forbidden; no
// batch is too large or has a voucher twice; asked or not is a matter of what is taken.
func TestDecideNeverLoses(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	for range 3000 {
		p := Policy{Auto: rnd.IntN(4) > 0, Fee: rnd.IntN(101), PerTRX: btt.Amount(rnd.Int64N(1 << rnd.IntN(60))), Withdraw: rnd.IntN(2) == 0}
		price := tron.Prices{Energy: btt.Sun(rnd.Int64N(1000)), Bandwidth: btt.Sun(rnd.Int64N(5000))}
		all := make([]Holding, rnd.IntN(120))
		for i := range all {
			all[i] = Holding{Open: btt.Amount(rnd.Int64N(1 << rnd.IntN(62))), Reach: btt.Amount(rnd.Int64N(1<<rnd.IntN(62))) - 1, Known: rnd.IntN(2) == 0, Rested: rnd.IntN(5) == 0}
			if rnd.IntN(9) == 0 {
				all[i].Leaving = time.Unix(rnd.Int64N(1e9)+1, 0)
			}
		}
		asked := rnd.IntN(2) == 0
		plan := Decide(p, price, all, asked)
		seen := map[int]bool{}
		sum := btt.Amount(0)
		for _, i := range plan.Take {
			if h := all[i]; seen[i] || h.pays() <= 0 || h.Rested && !asked || slices.Contains(plan.Dust, i) {
				t.Fatalf("seed %d: takes %d: %+v", seed, i, h)
			}
			seen[i] = true
			if sum += all[i].pays(); sum < 0 {
				sum = btt.MaxAmount
			}
		}
		switch {
		case len(plan.Take) > escrow.MaxBatch:
			t.Fatalf("seed %d: a batch of %d", seed, len(plan.Take))
		case plan.Amount != sum && sum != btt.MaxAmount:
			t.Fatalf("seed %d: amount %v of %v", seed, plan.Amount, sum)
		case plan.Auto && (!p.Auto || p.PerTRX == 0 || plan.Cost >= plan.Amount || !plan.Worth && plan.Leaving.IsZero()):
			t.Fatalf("seed %d: unasked %+v under %+v", seed, plan, p)
		case plan.Worth && float64(plan.Cost)*100 > float64(plan.Amount)*float64(p.Fee)*1.0001:
			t.Fatalf("seed %d: worth it: %+v under %+v", seed, plan, p)
		}
	}
}

func TestWorth(t *testing.T) {
	for _, c := range []struct {
		per  btt.Amount
		fee  btt.Sun
		want btt.Amount
	}{
		{0, btt.TRX, 0},
		{5, 0, 0},
		{5, btt.TRX, 5},
		{5, 1, 1},
		{5, 2 * btt.TRX, 10},
		{btt.MaxAmount, btt.TRX, btt.MaxAmount},
		{btt.MaxAmount, 2 * btt.TRX, btt.MaxAmount},
		{btt.MaxAmount, 1 << 62, btt.MaxAmount},
		{600_000 * btt.One, 6_100_000, 3_660_000 * btt.One},
	} {
		if got := (Policy{PerTRX: c.per}).worth(c.fee); got != c.want {
			t.Errorf("%v at %v: %v, want %v", c.fee, c.per, got, c.want)
		}
	}
}

// TestRestore: of a backup only what is made out to us and signed by its payer comes
// back.
func TestRestore(t *testing.T) {
	r := setup(t)
	payer, other := newKey("payer"), newKey("other")
	r.promise(payer, 40*btt.One)
	b, err := r.book.Vouchers(t.Context())
	r.must(err)
	for name, c := range map[string]struct {
		edit          func(*ledger.Received)
		payee         voucher.Address
		news, refused int
	}{
		"good":          {func(*ledger.Received) {}, r.spending.at, 1, 0},
		"not ours":      {func(*ledger.Received) {}, other.at, 0, 1},
		"more than was": {func(v *ledger.Received) { v.Cumulative++ }, r.spending.at, 0, 1},
		"other escrow":  {func(v *ledger.Received) { v.Escrow[0]++ }, r.spending.at, 0, 1},
		"other chain":   {func(v *ledger.Received) { v.Chain++ }, r.spending.at, 0, 1},
		"other payer":   {func(v *ledger.Received) { v.Payer = other.at }, r.spending.at, 0, 1},
	} {
		all, err := ledger.ParseVouchers(b)
		r.must(err)
		c.edit(&all[0])
		fresh, err := ledger.Open(t.Context(), t.TempDir()+"/l.db")
		r.must(err)
		good := genuine(all[0], []voucher.Address{c.payee})
		if good != (c.news == 1) {
			t.Errorf("%s: genuine %v", name, good)
		}
		if name == "good" || name == "not ours" {
			for _, want := range []int{c.news, 0} {
				if news, refused, err := Restore(t.Context(), fresh, b, []voucher.Address{c.payee}, r.node.Now()); err != nil || news != want || refused != c.refused {
					t.Errorf("%s: %d news, %d refused, %v", name, news, refused, err)
				}
			}
		}
		r.must(fresh.Audit(t.Context()))
		r.must(fresh.Close())
	}
	if _, _, err := Restore(t.Context(), r.book, []byte("{"), nil, r.node.Now()); err == nil {
		t.Error("nonsense was restored")
	}
}

func TestConfig(t *testing.T) {
	r := setup(t)
	good := r.till.cfg
	for what, f := range map[string]func(*Config){
		"no ledger":   func(c *Config) { c.Ledger = nil },
		"no chain":    func(c *Config) { c.Chain = nil },
		"no account":  func(c *Config) { c.Spending = voucher.Address{} },
		"one account": func(c *Config) { c.Savings = c.Spending },
		"no time":     func(c *Config) { c.Every = -1 },
	} {
		c := good
		f(&c)
		if _, err := New(t.Context(), c); err == nil {
			t.Error(what, "was taken")
		}
	}
	c := good
	c.Every, c.Notice, c.Now, c.Policy = 0, 0, nil, nil
	till, err := New(t.Context(), c)
	if err != nil || till.cfg.Notice != time.Hour || till.cfg.Every != 15*time.Second || till.cfg.Policy() != (Policy{}) {
		t.Errorf("defaults %+v, %v", till.cfg, err)
	}
}
