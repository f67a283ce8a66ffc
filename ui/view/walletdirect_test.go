package view

import (
	"os"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// directFormat words things in English at a fixed time.
func directFormat(t *testing.T) *Format {
	t.Helper()
	b, err := os.ReadFile("../../assets/tr/en.json")
	if err != nil {
		t.Fatal(err)
	}
	l, err := ParseLocale("en", b, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return &Format{Locale: l, Now: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)}
}

// TestDebtWords: of each debt it is said who owes what and what comes of it.
func TestDebtWords(t *testing.T) {
	f := directFormat(t)
	at := f.Now.Add(time.Hour)
	d := &Direct{Least: 100 * btt.One, Have: 500 * btt.One}
	for name, c := range map[string]struct {
		debt PeerDebt
		key  string
		args []any
	}{
		"small":     {PeerDebt{Owed: 5 * btt.One}, "direct.notYet", nil},
		"set off":   {PeerDebt{Owed: 200 * btt.One, Owing: 150 * btt.One}, "direct.notYet", nil},
		"too great": {PeerDebt{Owed: 501 * btt.One}, "direct.short", nil},
		"queued":    {PeerDebt{State: DebtQueued, Amount: btt.One, At: at}, "direct.queued", []any{f.Amount(btt.One, BTT), f.Time(at)}},
		"asks":      {PeerDebt{State: DebtQueued, Amount: btt.One, At: at, Ask: true}, "direct.ask", []any{f.Amount(btt.One, BTT)}},
		"in tx":     {PeerDebt{State: DebtInTx, Amount: btt.One}, "direct.sent", []any{f.Amount(btt.One, BTT)}},
		"paid":      {PeerDebt{State: DebtPaid, Amount: btt.One}, "direct.paid", []any{f.Amount(btt.One, BTT)}},
		"forbidden": {PeerDebt{State: DebtForbidden, At: at}, "direct.forbidden", []any{f.Date(at)}},
	} {
		if got, want := f.debtWords(&c.debt, d), f.T(c.key, c.args...); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q at its end", name, got, want)
		}
	}
	both := f.debtWords(&PeerDebt{Owed: 2 * btt.One, Owing: 3 * btt.One}, d)
	if want := f.T("direct.you", f.Amount(2*btt.One, BTT)) + " · " + f.T("direct.they", f.Amount(3*btt.One, BTT)); both != want {
		t.Errorf("%q, want %q", both, want)
	}
	if got := f.debtWords(&PeerDebt{Owed: 500 * btt.One}, d); got != f.T("direct.you", f.Amount(500*btt.One, BTT)) {
		t.Errorf("about to be announced: %q", got)
	}
}

// TestDirectFacts: the ways are named, the list of debts is bounded.
func TestDirectFacts(t *testing.T) {
	f := directFormat(t)
	w := &Wallet{}
	ways := func() string { return f.DirectFacts(w)[0].Facts[0].Value }
	for _, c := range []struct {
		contract string
		direct   bool
		key      string
	}{{"", false, "direct.ways.none"}, {"T", false, "direct.ways.deposit"}, {"", true, "direct.ways.direct"}, {"T", true, "direct.ways.both"}} {
		w.Escrow.Contract, w.Pay.Direct = c.contract, c.direct
		if ways() != f.T(c.key) {
			t.Errorf("%+v: %q", c, ways())
		}
	}
	for range shownDebts + 3 {
		w.Direct.Peers = append(w.Direct.Peers, PeerDebt{Peer: "TSeJkUh4Qv67VNFwY8LaAxERygNdy6NQZK", Owed: 1})
	}
	g := f.DirectFacts(w)
	if len(g) != 2 || len(g[1].Facts) != shownDebts+1 || g[1].Facts[0].Label != "TSeJkU…y6NQZK" || g[1].Facts[shownDebts].Value != f.T("direct.more", 3) {
		t.Errorf("%+v", g)
	}
	if shortAddress("short") != "short" {
		t.Error("a short one is cut")
	}
}

// TestPayoutWords: what is announced is said with its fee, and what it waits for.
func TestPayoutWords(t *testing.T) {
	f := directFormat(t)
	w := &Wallet{Direct: Direct{Fee: 3_000_000, Peers: []PeerDebt{{Peer: "A", State: DebtPaid}}}}
	if s, _ := f.PayoutWords(w); s != "" || QueuedDebt(w) != nil {
		t.Errorf("nothing announced: %q", s)
	}
	w.Direct.Peers = append(w.Direct.Peers, PeerDebt{Peer: "B", State: DebtQueued, Amount: btt.One, At: f.Now})
	s, tone := f.PayoutWords(w)
	if want := f.T("direct.next", f.Time(f.Now), f.Amount(btt.One, BTT), "B", f.Sun(3_000_000)); s != want || tone != Working {
		t.Errorf("%q, want %q", s, want)
	}
	w.Direct.Waiting = "wallet.ErrLocked"
	if s, _ := f.PayoutWords(w); !strings.Contains(s, f.T("wallet.error.locked.what")) {
		t.Errorf("waits: %q", s)
	}
	w.Direct.Peers[1].Ask = true
	if s, _ := f.PayoutWords(w); !strings.HasPrefix(s, f.T("direct.nextAsk", f.Amount(btt.One, BTT), "B", f.Sun(3_000_000))) {
		t.Errorf("asks: %q", s)
	}
}

// TestDirectNotice: without a contract it is said what is missing, one thing at a time.
func TestDirectNotice(t *testing.T) {
	f := directFormat(t)
	p := Pay{On: true, Direct: true, PeerCap: 1, TRXWorth: 1, Line: 100 * btt.One}
	terms := Terms{BidMode: "eco", MaxPrice: 1, MaxTorrent: 1, MaxDay: 1}
	w := Wallet{Phase: WalletUnlocked, Direct: Direct{Fee: 3, Least: 50 * btt.One, Have: 60 * btt.One, TRX: 4}}
	for name, c := range map[string]struct {
		change func(p *Pay, t *Terms, w *Wallet)
		want   string
	}{
		"all well":     {func(*Pay, *Terms, *Wallet) {}, ""},
		"off":          {func(p *Pay, _ *Terms, w *Wallet) { p.On, w.PayFault = false, "x" }, ""},
		"failed":       {func(_ *Pay, _ *Terms, w *Wallet) { w.PayFault = "ledger.ErrFull" }, f.PayFault("ledger.ErrFull")},
		"no way":       {func(p *Pay, _ *Terms, _ *Wallet) { p.Direct = false }, f.T("pay.noEscrow")},
		"locked":       {func(_ *Pay, _ *Terms, w *Wallet) { w.Phase = WalletLocked }, f.T("pay.locked")},
		"no caps":      {func(p *Pay, _ *Terms, _ *Wallet) { p.PeerCap = 0 }, f.T("pay.noCaps")},
		"no rate":      {func(p *Pay, _ *Terms, _ *Wallet) { p.TRXWorth = 0 }, f.T("direct.noRate")},
		"no BTT":       {func(_ *Pay, _ *Terms, w *Wallet) { w.Direct.Have = btt.One }, f.T("direct.noBTT", f.Amount(btt.One, BTT), f.Amount(50*btt.One, BTT))},
		"no TRX":       {func(_ *Pay, _ *Terms, w *Wallet) { w.Direct.TRX = 2 }, f.T("direct.noTRX", f.Sun(2), f.Sun(3))},
		"short line":   {func(p *Pay, _ *Terms, _ *Wallet) { p.Line = btt.One }, f.T("direct.shortLine", f.Amount(btt.One, BTT), f.Amount(50*btt.One, BTT))},
		"only earns":   {func(_ *Pay, t *Terms, w *Wallet) { t.BidMode, w.Direct.Have = "off", 0 }, ""},
		"has both":     {func(_ *Pay, _ *Terms, w *Wallet) { w.Escrow.Contract = "T" }, ""},
		"deposit only": {func(p *Pay, _ *Terms, w *Wallet) { w.Escrow.Contract, p.Direct = "T", false }, f.T("pay.noDeposit")},
	} {
		p, terms, w := p, terms, w
		c.change(&p, &terms, &w)
		if got := f.PayNotice(&p, &terms, &w); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if s := f.PayFault("something odd"); !strings.Contains(s, "something odd") {
		t.Errorf("without words: %q", s)
	}
	if len(DirectMay(&w)) != 0 {
		t.Error("feeds what is not allowed")
	}
	if w.Pay.Direct = true; len(DirectMay(&w)) != 2 {
		t.Error("cannot be fed")
	}
}
