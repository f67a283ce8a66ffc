package view

import (
	"slices"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// TestWalletStanding: how far balances can be relied on is always said, with
// their time if they are old.
func TestWalletStanding(t *testing.T) {
	f := english(t)
	for _, c := range []struct {
		w    Wallet
		has  []string
		tone Tone
	}{
		{Wallet{}, []string{"Asking", "books"}, Dim},
		{Wallet{Why: "tron.ErrClock"}, []string{"clock", "books"}, Working},
		{Wallet{Trust: TrustAgreed, At: at(), Block: 77_123_456}, []string{"Up to date", "2026-11-20 14:05", "77,123,456"}, Giving},
		{Wallet{Trust: TrustOffline, At: at()}, []string{"No network", "as of 2026-11-20 14:05", "Nothing changes"}, Working},
		{Wallet{Trust: TrustOffline, Why: "tron.ErrOffline"}, []string{"No network"}, Working},
		{Wallet{Trust: TrustOffline, Why: "tron.ErrWrongChain", At: at()}, []string{"another chain", "as of"}, Working},
		{Wallet{Trust: TrustOffline}, []string{"No network", "books"}, Working},
		{Wallet{Trust: TrustOneNode, At: at()}, []string{"Only one", "as of 2026-11-20 14:05", "?"}, Working},
		{Wallet{Trust: TrustDisputed, At: at()}, []string{"contradict", "as of"}, Broken},
		{Wallet{Trust: TrustAgreed, Stopped: "ledger.ErrFull", At: at()}, []string{"cannot be written", "as of"}, Broken},
	} {
		s, tone := f.WalletStanding(&c.w)
		if tone != c.tone {
			t.Errorf("%q has tone %v", s, tone)
		}
		for _, x := range c.has {
			if !strings.Contains(s, x) {
				t.Errorf("%q lacks %q", s, x)
			}
		}
	}
}

// TestAmounts: amounts are written and read in the notation of the language.
func TestAmounts(t *testing.T) {
	en, de := english(t), german(t)
	if a, b := en.Amount(1_234_567_890_000, BTT), de.Amount(1_234_567_890_000, BTT); a != "1,234,567.89 BTT" || b != "1.234.567,89 BTT" {
		t.Error(a, b)
	}
	for _, a := range []btt.Amount{0, 1, 999_999, 1_000_000, 1_234_567_890_123} {
		for _, l := range []*Format{en, de} {
			if got, err := l.ParseAmount(l.Digits(a)); err != nil || got != a {
				t.Errorf("%v reads back as %v, %v", a, got, err)
			}
		}
	}
}

// TestCoinRows: BTTOLD is shown with its thousandfold in BTT, what is under way
// with its direction, and what one node alone says is marked.
func TestCoinRows(t *testing.T) {
	f := english(t)
	all := []string{"coin", "chain", "escrow", "pending", "note"}
	l := CoinRows(f, []CoinState{
		{Coin: TRX, Chain: 5_000_000, Out: 1_500_000}, {Coin: BTTOLD, Chain: 3_500_000}, {Coin: BTT, Chain: 10, Escrow: 7_000_000, In: 1_000_000, Out: 2_000_000, HasClaim: true, Claimed: 30},
	}, all)
	for id, want := range map[string][]string{
		"coin": {"BTT", "BTTOLD", "TRX"}, "chain": {"0.00001", "3.50", "5.00"}, "escrow": {"7.00", "-", "-"}, "pending": {"+1.00 -2.00", "", "-1.50"},
		"note": {"? 0.00003", "= 3,500.00 BTT", ""},
	} {
		if got := texts(l, id); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	if l := CoinRows(f, nil, all); l.Len() != 0 {
		t.Error("rows of nothing")
	}
}

// TestTxRows: signs, fees and states of every kind of line.
func TestTxRows(t *testing.T) {
	f := english(t)
	txs := []WalletTx{
		{ID: "a", At: at(), Kind: TxOut, State: TxSent, Coin: BTT, Amount: 2_000_000, Fee: 3_000_000, Peer: "T1"},
		{ID: "b", At: at().Add(-time.Hour), Kind: TxIn, Coin: TRX, Amount: 4_000_000, Fee: 9},
		{ID: "c", At: at().Add(time.Hour), Kind: TxOut, State: TxFinal, Coin: BTT, Amount: 1, Fee: 345_000},
		{ID: "d", At: at().Add(-2 * time.Hour), Kind: TxElsewhere, Coin: BTT, Amount: 5_000_000},
		{ID: "e", At: at().Add(-3 * time.Hour), Kind: TxCall, State: TxFailed, Fee: 1},
		{ID: "f", At: at().Add(-4 * time.Hour), Kind: TxOut, State: TxExpired, Coin: TRX, Amount: 6_000_000},
	}
	show := []string{"at", "kind", "amount", "state", "fee", "peer"}
	l := WalletTxs(f, txs, Order{Column: "at", Desc: true}, show)
	for id, want := range map[string][]string{
		"kind":   {"Sent", "Sent", "Received", "Left", "Contract", "Sent"},
		"amount": {"-0.000001 BTT", "-2.00 BTT", "4.00 TRX", "-5.00 BTT", "", "-6.00 TRX"},
		"state":  {"Final", "Sent", "Final", "Final", "Failed", "Expired"},
		"fee":    {"0.345 TRX", "up to 3.00 TRX", "", "", "0.000001 TRX", ""},
	} {
		if got := texts(l, id); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	l = WalletTxs(f, txs, Order{Column: "amount"}, show)
	if got := texts(l, "amount"); got[0] != "" || got[1] != "-5.00 BTT" || got[5] != "4.00 TRX" {
		t.Errorf("by amount: %q", got)
	}
	var c Cell
	l.Cell(0, l.Column("state"), &c)
	if c.Ink != Broken {
		t.Errorf("a failure has ink %v", c.Ink)
	}
}

// TestTxStates: every state has a word, and a sentence on what it means.
func TestTxStates(t *testing.T) {
	for _, f := range []*Format{english(t), german(t)} {
		seen := map[string]bool{}
		for s := TxFinal; s <= TxVoid; s++ {
			word, _ := f.StateWord(s)
			if strings.HasPrefix(word, "wallet.") || seen[word] {
				t.Errorf("state %d is %q", s, word)
			}
			seen[word] = true
			x := WalletTx{State: s, Kind: TxOut, Coin: BTT, Amount: 1, Fee: 2, TxID: "ab", Block: 3, Reason: "why", Expires: at()}
			a := f.StateAdvice(&x)
			if a.What == "" || strings.HasPrefix(a.What, "wallet.") {
				t.Errorf("state %s means %+v", word, a)
			}
			if x.Live() && a.Do == "" {
				t.Errorf("state %s does not say what to do", word)
			}
			facts := f.TxFacts(&x)
			if got := slices.ContainsFunc(facts, func(p [2]string) bool { return p[0] == f.T("wallet.tx.reserved") }); got != x.Live() {
				t.Errorf("state %s: a fee that is reserved: %v", word, got)
			}
		}
	}
	x := WalletTx{Kind: TxElsewhere}
	if a := english(t).StateAdvice(&x); !strings.Contains(a.Do, "new wallet") {
		t.Errorf("money that left without us: %+v", a)
	}
	x = WalletTx{State: TxExpired, Fault: "tron.ErrExpired"}
	if a := english(t).StateAdvice(&x); !strings.Contains(a.What, "expired") {
		t.Errorf("expired: %+v", a)
	}
}

// TestFindings: each concern has a sentence, the graver ones in red.
func TestFindings(t *testing.T) {
	l := english(t)
	for c := ToContract; c <= ToNotChecked; c++ {
		s, tone := l.Sentence(Finding{Concern: c, Like: "Tlike"})
		if s == "" || strings.HasPrefix(s, "wallet.") || strings.Contains(s, "%!") || (tone == Broken) != (c == ToContract || c == ToLookAlike) {
			t.Errorf("concern %d: %q in tone %v", c, s, tone)
		}
	}
	if s, _ := l.Sentence(Finding{}); s != "" {
		t.Errorf("no concern says %q", s)
	}
}

// TestFee says of what a fee consists.
func TestFee(t *testing.T) {
	l := english(t)
	for want, q := range map[string]WalletQuote{
		"13,205 energy: 1.3205 TRX · 345 bytes: free":    {Energy: 13_205, EnergyFee: 1_320_500, Bytes: 345, Fee: 1_320_500, MaxFee: 2_000_000},
		"13,205 energy: 0.00 TRX · 345 bytes: 0.345 TRX": {Energy: 13_205, Staked: 13_205, Bytes: 345, Bandwidth: 345_000, Fee: 345_000, MaxFee: 2_000_000},
		"new account: 1.10 TRX":                          {Bytes: 268, Bandwidth: 100_000, Activation: 1_000_000, Fee: 1_100_000, MaxFee: 1_100_000},
		"268 bytes: free":                                {Bytes: 268, MaxFee: 268_000},
	} {
		sum, parts := l.Fee(&q)
		if parts != want || !strings.Contains(sum, l.Sun(q.Fee)) || !strings.Contains(sum, l.Sun(q.MaxFee)) {
			t.Errorf("%q, %q, want %q", sum, parts, want)
		}
	}
}

// TestWithWallet puts the entry above the labels, wherever they are.
func TestWithWallet(t *testing.T) {
	f := english(t)
	rows := []*Entry{{Filter: Filter{Kind: All}}, {Filter: Filter{Kind: GroupLabels}}, {Filter: Filter{Kind: GroupTrackers}}}
	got := WithWallet(f, rows)
	if len(got) != 4 || got[1].Filter.Kind != WalletPage || got[2] != rows[1] || len(rows) != 3 {
		t.Errorf("%v", got)
	}
	if got := WithWallet(f, rows[:1]); len(got) != 2 || got[1].Filter.Kind != WalletPage {
		t.Errorf("%v", got)
	}
}

// TestNetworkNames: every network has a name for people.
func TestNetworkNames(t *testing.T) {
	for _, f := range []*Format{english(t), german(t)} {
		for _, n := range []string{"mainnet", "nile", "testnode"} {
			if s := f.NetworkName(n); s == n || strings.HasPrefix(s, "wallet.") {
				t.Errorf("%s is %q", n, s)
			}
		}
	}
}
