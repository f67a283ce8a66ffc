package view

import (
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

var payNow = time.Date(2026, 11, 20, 14, 5, 0, 0, time.UTC)

func payFormat(t *testing.T) *Format {
	t.Helper()
	return &Format{Locale: locale(t, "en"), Now: payNow}
}

// TestEscrowWords: every state of the deposit has its own sentences, and what is
// offered in it can be done.
func TestEscrowWords(t *testing.T) {
	f, seen := payFormat(t), map[string]string{}
	for name, c := range map[string]struct {
		w   Wallet
		may []OrderKind
	}{
		"mainnet":    {Wallet{Network: "mainnet"}, nil},
		"unnamed":    {Wallet{Network: "nile"}, nil},
		"unseen":     {Wallet{Escrow: Escrow{Contract: "T"}}, nil},
		"none":       {Wallet{Escrow: Escrow{Contract: "T", Seen: payNow}}, []OrderKind{OrderApprove, OrderFuel}},
		"approving":  {Wallet{Escrow: Escrow{Contract: "T", Seen: payNow, Under: []OrderKind{OrderApprove}}}, []OrderKind{OrderFuel}},
		"approved":   {Wallet{Escrow: Escrow{Contract: "T", Seen: payNow, Phase: EscrowApproved, Approved: 5}}, []OrderKind{OrderDeposit, OrderFuel}},
		"depositing": {Wallet{Escrow: Escrow{Contract: "T", Seen: payNow, Phase: EscrowApproved, Approved: 5, Under: []OrderKind{OrderDeposit}}}, []OrderKind{OrderFuel}},
		"funded":     {Wallet{Escrow: Escrow{Contract: "T", Seen: payNow, Phase: EscrowFunded, Free: 5}}, []OrderKind{OrderApprove, OrderExit, OrderFuel}},
		"topping up": {Wallet{Escrow: Escrow{Contract: "T", Seen: payNow, Phase: EscrowToppingUp, Free: 5, Approved: 2}}, []OrderKind{OrderDeposit, OrderExit, OrderFuel}},
		"exiting":    {Wallet{Escrow: Escrow{Contract: "T", Seen: payNow, Phase: EscrowExiting, Leaving: 5, Ready: payNow.Add(time.Hour)}}, []OrderKind{OrderCancel, OrderApprove, OrderFuel}},
		"ready":      {Wallet{Escrow: Escrow{Contract: "T", Seen: payNow, Phase: EscrowExiting, Leaving: 5, Ready: payNow}}, []OrderKind{OrderFinish, OrderCancel, OrderApprove, OrderFuel}},
		"exited":     {Wallet{Escrow: Escrow{Contract: "T", Seen: payNow, Phase: EscrowExited}}, []OrderKind{OrderApprove, OrderFuel}},
	} {
		a, _ := f.EscrowWords(&c.w)
		if a.What == "" || a.Do == "" || strings.Contains(a.What, "escrow.") || strings.Contains(a.What, "%") || seen[a.What] != "" {
			t.Errorf("%s: %+v, as %s", name, a, seen[a.What])
		}
		seen[a.What] = name
		c.w.Phase = WalletLocked
		if may := EscrowMay(&c.w, payNow); !slices.Equal(may, c.may) {
			t.Errorf("%s offers %v, want %v", name, may, c.may)
		}
		for _, k := range c.may {
			for _, s := range []string{f.OrderName(k, &c.w.Escrow), f.OrderText(k), f.OrderDoes(k)} {
				if s == "" || strings.HasPrefix(s, "escrow.") {
					t.Errorf("%s has no words: %q", k, s)
				}
			}
		}
		c.w.Phase = WalletFailed
		if EscrowMay(&c.w, payNow) != nil {
			t.Errorf("%s offers something without a wallet", name)
		}
		if g := f.EscrowFacts(&c.w); (g == nil) != (c.w.Escrow.Contract == "") {
			t.Errorf("%s: facts %v", name, g)
		}
	}
	w := Wallet{Escrow: Escrow{Contract: "T", Why: "tron.ErrOffline"}}
	if a, tone := f.EscrowWords(&w); tone != Working || a == (Advice{}) {
		t.Errorf("offline: %+v", a)
	}
}

// TestPayNotice names the first thing that keeps money from moving.
func TestPayNotice(t *testing.T) {
	l := locale(t, "en")
	y := Pay{On: true, PeerCap: 1}
	terms := Terms{BidMode: "eco", MaxPrice: 1, MaxTorrent: 1, MaxDay: 1}
	w := Wallet{Phase: WalletUnlocked, Escrow: Escrow{Contract: "T", Free: 1}}
	for want, f := range map[string]func(*Pay, *Terms, *Wallet){
		"":              func(*Pay, *Terms, *Wallet) {},
		"pay.noEscrow":  func(_ *Pay, _ *Terms, w *Wallet) { w.Escrow.Contract = "" },
		"pay.locked":    func(_ *Pay, _ *Terms, w *Wallet) { w.Phase = WalletLocked },
		"pay.noCaps":    func(y *Pay, _ *Terms, _ *Wallet) { y.PeerCap = 0 },
		"pay.noDeposit": func(_ *Pay, _ *Terms, w *Wallet) { w.Escrow.Free = 0 },
	} {
		a, b, c := y, terms, w
		f(&a, &b, &c)
		if want != "" {
			want = l.T(want)
		}
		if got := l.PayNotice(&a, &b, &c); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		a.On = false
		if got := l.PayNotice(&a, &b, &c); got != "" {
			t.Errorf("off: %q", got)
		}
	}
	terms.BidMode, w.Escrow.Free = "off", 0
	if got := l.PayNotice(&y, &terms, &w); got != "" {
		t.Errorf("who only sells needs no deposit: %q", got)
	}
}

// TestRedeemWords: worth it, not yet, unknown, leaving.
func TestRedeemWords(t *testing.T) {
	f := payFormat(t)
	r := Redeem{Vouchers: 2, Amount: 1000 * btt.One, Fee: 9 * btt.TRX, Limit: 5}
	for _, c := range []struct {
		edit func(*Redeem)
		has  string
		tone Tone
	}{
		{func(r *Redeem) { r.Vouchers = 0 }, f.T("redeem.none"), Dim},
		{func(*Redeem) {}, f.T("redeem.unknown"), Plain},
		{func(r *Redeem) { r.Cost, r.Worth = 20*btt.One, true }, f.T("redeem.worth", "2.0 %"), Giving},
		{func(r *Redeem) { r.Cost = 200 * btt.One }, f.T("redeem.notYet", "20.0 %", "5.0 %"), Working},
		{func(r *Redeem) { r.Cost = 200_000 * btt.One }, f.T("redeem.over", "1000.0 %"), Working},
		{func(r *Redeem) { r.Cost, r.Leaving = 200*btt.One, payNow }, f.T("redeem.leaving", f.Time(payNow)), Broken},
	} {
		x := r
		c.edit(&x)
		if got, tone := f.RedeemWords(&x); !strings.Contains(got, c.has) || tone != c.tone {
			t.Errorf("%q in %v, want %q in %v", got, tone, c.has, c.tone)
		}
	}
	n := &NextRedeem{At: payNow, Vouchers: 1, Amount: btt.One, Fee: btt.TRX, Withdraw: true}
	if s, _ := f.NextWords(n); !strings.Contains(s, f.T("redeem.toWallet")) || !strings.Contains(s, f.Time(payNow)) {
		t.Errorf("next: %q", s)
	}
	n.Waiting = "wallet.ErrLocked"
	a, _ := f.Explain(n.Waiting)
	if s, _ := f.NextWords(n); !strings.Contains(s, a.What) {
		t.Errorf("waiting: %q", s)
	}
	n.Sent = true
	if s, tone := f.NextWords(n); tone != Arriving || strings.Contains(s, a.What) {
		t.Errorf("sent: %q", s)
	}
	if s, _ := f.NextWords(nil); s != "" {
		t.Errorf("nothing: %q", s)
	}
}

// TestVouchers: the list sorts, and every state has a word of its own.
func TestVouchers(t *testing.T) {
	f, words := payFormat(t), map[string]bool{}
	var all []Voucher
	for s := VoucherHeld; s <= VoucherDust; s++ {
		v := Voucher{Payer: string('A' + rune(s)), State: s, Promised: btt.Amount(s+1) * btt.One, Paid: btt.One, Rest: 3}
		w, _ := f.VoucherWord(&v)
		words[w] = true
		all = append(all, v)
	}
	if len(words) != 6 {
		t.Errorf("words %v", words)
	}
	all[0].Leaving, all[1].Looked = payNow, true
	var notes []string
	for i := range all {
		notes = append(notes, f.voucherNote(&all[i]))
	}
	if !strings.Contains(notes[0], "2026-11-20") || !strings.Contains(notes[1], "0.00") || !strings.Contains(notes[4], "0.000003") || notes[5] != "" {
		t.Errorf("notes %q", notes)
	}
	for _, c := range VoucherColumns(f.Locale) {
		if c.ID == "note" {
			continue
		}
		l := Vouchers(f, all, Order{Column: c.ID, Desc: true}, []string{"payer", "open"})
		if l.Len() != 6 || c.ID != "paid" && l.Item(0).Payer != "F" {
			t.Errorf("by %s: %s first", c.ID, l.Item(0).Payer)
		}
	}
}

// TestDayBars: heights are parts of one scale, nothing is above 1, and a month
// without trade says so.
func TestDayBars(t *testing.T) {
	f := payFormat(t)
	days := func(flows ...Flow) (w Turnover) {
		for i, x := range flows {
			w.Days = append(w.Days, DayFlow{payNow.AddDate(0, 0, i-len(flows)), x})
		}
		return w
	}
	for name, c := range map[string]struct {
		w     Turnover
		split float64
		empty bool
	}{
		"nothing": {days(Flow{}, Flow{}), 0.5, true},
		"earned":  {days(Flow{Earned: 5}, Flow{Earned: 10}), 1, false},
		"spent":   {days(Flow{Spent: 5}, Flow{Spent: 10}), 0, false},
		"both":    {days(Flow{Earned: 5, Spent: 7}, Flow{Earned: 7, Spent: 1}), 0.5, false},
		"mostly":  {days(Flow{Earned: math.MaxInt64 / 4, Spent: 1}, Flow{}), 0.8, false},
	} {
		b := DayBars(f, &c.w)
		if b.Split != c.split || (b.Note != "") != c.empty || !c.empty && (len(b.Up) != 2 || len(b.Down) != 2 || len(b.XLabels) != 4) {
			t.Errorf("%s: %+v", name, b)
		}
		for _, v := range append(slices.Clone(b.Up), b.Down...) {
			if v < 0 || v > 1 {
				t.Errorf("%s: a bar of %v", name, v)
			}
		}
	}
}

func TestShares(t *testing.T) {
	f := payFormat(t)
	ih := swarm.InfoHash{7}
	w := Turnover{Torrents: []ShareFlow{{hex.EncodeToString(ih[:]), Flow{Earned: 5 * btt.One}}, {strings.Repeat("ab", 20), Flow{Spent: 1234567 * btt.One}}, {"", Flow{}}}}
	g := f.Shares(&w, func(x swarm.InfoHash) string {
		if x == ih {
			return strings.Repeat("name ", 20)
		}
		return ""
	})
	if len(g) != 3 || !strings.HasPrefix(g[1].Facts[0].Label, "name name") || g[1].Facts[0].Value != "+5.00 BTT" || g[1].Facts[1].Value != "-1,230,000 BTT" || g[1].Facts[2].Value != "-" {
		t.Errorf("%+v", g)
	}
	if g[2].Facts[0].Label != f.T("pay.nobody") {
		t.Errorf("without peers: %+v", g[2])
	}
	for _, p := range []Pay{{}, {PeerCap: 1, AutoRedeem: true, RedeemFee: 5}} {
		for _, m := range []Terms{{}, {BidMode: "paper", MaxPrice: 1, Reserve: 5, ReserveRarity: true}} {
			for _, group := range f.PayFacts(&p, &m, &w) {
				for _, x := range group.Facts {
					if x.Label == "" || x.Value == "" || strings.Contains(x.Value, "%!") || strings.Contains(x.Value, "pay.") {
						t.Errorf("%+v", x)
					}
				}
			}
		}
	}
}

// TestSpeedReport: 11 GiB in 31 minutes where 3 GiB would have come, 9 of them for
// 38,400 BTT.
func TestSpeedReport(t *testing.T) {
	f := payFormat(t)
	r := SpeedReport{Measured: true, Spent: 38_400 * btt.One, Peers: 7, Buying: 31 * time.Minute, Bytes: 11 << 30, Paid: 9 << 30, Free: 3 << 30, Began: payNow, Ended: payNow}
	saved, ok := r.Saved()
	if want := 31 * time.Minute * 8 / 3; !ok || saved != want {
		t.Errorf("saved %v, %v, want %v", saved, ok, want)
	}
	if p, ok := r.PerGiB(); !ok || p != 38_400*btt.One/9 {
		t.Errorf("a GiB has cost %v", p)
	}
	if with, without := r.Rates(); with != 11<<30/1860 || without != 3<<30/1860 {
		t.Errorf("rates %d, %d", with, without)
	}
	for name, c := range map[string]struct {
		edit func(*SpeedReport)
		key  string
	}{
		"saved":      {func(*SpeedReport) {}, "report.saved"},
		"slower":     {func(r *SpeedReport) { r.Free = 12 << 30 }, "report.notSaved"},
		"only paid":  {func(r *SpeedReport) { r.Free = 0 }, "report.onlyPaid"},
		"unmeasured": {func(r *SpeedReport) { r.Measured = false }, "report.unmeasured"},
		"earned":     {func(r *SpeedReport) { r.Spent, r.Earned = 0, 5 }, "report.earned"},
		"nothing":    {func(r *SpeedReport) { *r = SpeedReport{} }, "report.nothing"},
	} {
		x := r
		c.edit(&x)
		begin, _, _ := strings.Cut(f.T(c.key), "%")
		if got := f.ReportHead(&x); !strings.HasPrefix(got, begin) || strings.Contains(got, "%") {
			t.Errorf("%s: %q", name, got)
		}
		for _, fact := range f.ReportFacts(&x) {
			if fact[0] == "" || fact[1] == "" || strings.Contains(fact[1], "%!") {
				t.Errorf("%s: %q", name, fact)
			}
		}
	}
	huge := SpeedReport{Bytes: math.MaxInt64, Free: 1, Buying: math.MaxInt64, Spent: btt.MaxAmount, Paid: 1}
	if _, ok := huge.Saved(); ok {
		t.Error("a time beyond all measure")
	}
	if _, ok := huge.PerGiB(); ok {
		t.Error("a price beyond all measure")
	}
	if got := f.seconds(-time.Minute); !strings.HasPrefix(got, "-") {
		t.Errorf("%q", got)
	}
}
