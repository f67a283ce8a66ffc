package view

import (
	"slices"
	"strings"

	"swarmbid/wallet/btt"
)

// notation is the way the language writes amounts.
func (l *Locale) notation() btt.Locale {
	if l.lang == "de" {
		return btt.DE
	}
	return btt.EN
}

// Amount writes an amount of a coin with its unit.
func (l *Locale) Amount(a btt.Amount, c Coin) string { return a.Format(l.notation()) + " " + c.Name() }

// Sun writes an amount of TRX with its unit.
func (l *Locale) Sun(s btt.Sun) string { return l.Amount(btt.Amount(s), TRX) }

// Digits writes an amount without its unit, as ParseAmount reads it.
func (l *Locale) Digits(a btt.Amount) string { return a.Format(l.notation()) }

// ParseAmount reads an amount as the language writes it. Errors are those of
// btt.Parse.
func (l *Locale) ParseAmount(s string) (btt.Amount, error) { return btt.Parse(s, l.notation()) }

// NetworkName is the name of a network for people.
func (l *Locale) NetworkName(network string) string {
	switch network {
	case "mainnet":
		return l.T("wallet.net.mainnet")
	case "nile":
		return l.T("wallet.net.nile")
	case "testnode":
		return l.T("wallet.net.testnode")
	}
	return network
}

// WalletStanding says how far the balances can be relied on.
func (f *Format) WalletStanding(w *Wallet) (s string, t Tone) {
	when := f.T("wallet.fromBooks")
	if !w.At.IsZero() {
		when = f.T("wallet.asOf", f.Time(w.At))
	}
	why, known := f.Explain(w.Why)
	switch {
	case w.Stopped != "":
		return f.T("wallet.trust.stopped", when), Broken
	case w.Trust == TrustAgreed:
		return f.T("wallet.trust.agreed", f.Time(w.At), f.Int(w.Block)), Giving
	case w.Trust == TrustOffline && (!known || w.Why == "tron.ErrOffline"):
		return f.T("wallet.trust.offline", when), Working
	case w.Trust == TrustOneNode:
		return f.T("wallet.trust.oneNode", when), Working
	case w.Trust == TrustDisputed:
		return f.T("wallet.trust.disputed", when), Broken
	}
	if known {
		return why.What + " " + when, Working
	}
	return f.T("wallet.trust.unknown", when), Dim
}

// Sentence says what a finding is about; bad reports whether it forbids sending.
func (l *Locale) Sentence(n Finding) (s string, tone Tone) {
	switch n.Concern {
	case ToContract:
		return l.T("wallet.to.contract"), Broken
	case ToOwn:
		return l.T("wallet.to.own"), Working
	case ToLookAlike:
		return l.T("wallet.to.lookAlike", n.Like), Broken
	case ToNotActive:
		return l.T("wallet.to.notActive"), Working
	case ToFirstUse:
		return l.T("wallet.to.firstUse"), Dim
	case ToNotChecked:
		return l.T("wallet.to.notChecked"), Working
	}
	return "", Plain
}

// Fee says what a payment costs, and of what that consists.
func (l *Locale) Fee(q *WalletQuote) (sum, parts string) {
	sum = l.T("wallet.fee.sum", l.Sun(q.Fee), l.Sun(q.MaxFee))
	var list []string
	if q.Energy > 0 {
		list = append(list, l.T("wallet.fee.energy", l.Int(q.Energy), l.Sun(q.EnergyFee)))
	}
	switch {
	case q.Activation > 0:
		list = append(list, l.T("wallet.fee.activation", l.Sun(q.Activation+q.Bandwidth)))
	case q.Bandwidth > 0:
		list = append(list, l.T("wallet.fee.bandwidth", l.Int(q.Bytes), l.Sun(q.Bandwidth)))
	default:
		list = append(list, l.T("wallet.fee.bandwidthFree", l.Int(q.Bytes)))
	}
	return sum, strings.Join(list, " · ")
}

// StateWord is a state in a word or two, with its tone.
func (l *Locale) StateWord(s TxState) (string, Tone) {
	switch s {
	case TxBuilt:
		return l.T("wallet.state.built"), Working
	case TxSigned:
		return l.T("wallet.state.signed"), Working
	case TxRefused:
		return l.T("wallet.state.refused"), Broken
	case TxSent:
		return l.T("wallet.state.sent"), Arriving
	case TxInBlock:
		return l.T("wallet.state.inBlock"), Arriving
	case TxFailed:
		return l.T("wallet.state.failed"), Broken
	case TxExpired:
		return l.T("wallet.state.expired"), Broken
	case TxVoid:
		return l.T("wallet.state.void"), Resting
	case TxFinal:
	}
	return l.T("wallet.state.final"), Giving
}

// StateAdvice is a state in sentences: what happened, and what it means for the
// money.
func (l *Locale) StateAdvice(t *WalletTx) Advice {
	if a, ok := l.Explain(t.Fault); ok && t.Fault != "" {
		return a
	}
	switch t.State {
	case TxBuilt:
		return Advice{l.T("wallet.tx.built.what"), l.T("wallet.tx.built.do")}
	case TxSigned, TxRefused:
		return Advice{l.T("wallet.tx.signed.what"), l.T("wallet.tx.signed.do")}
	case TxSent:
		return Advice{l.T("wallet.tx.sent.what"), l.T("wallet.tx.sent.do")}
	case TxInBlock:
		return Advice{l.T("wallet.tx.inBlock.what"), l.T("wallet.tx.inBlock.do")}
	case TxFinal, TxFailed, TxExpired, TxVoid:
	}
	if t.Kind == TxElsewhere {
		return Advice{l.T("wallet.tx.elsewhere.what"), l.T("wallet.tx.elsewhere.do")}
	}
	return Advice{What: l.T("wallet.tx.final")}
}

// kindWord is which way a transaction went.
func (l *Locale) kindWord(k TxKind) string {
	switch k {
	case TxOut:
		return l.T("wallet.kind.out")
	case TxElsewhere:
		return l.T("wallet.kind.elsewhere")
	case TxCall:
		return l.T("wallet.kind.call")
	case TxIn:
	}
	return l.T("wallet.kind.in")
}

// txWord is which way a transaction went, or what it was for.
func (l *Locale) txWord(t *WalletTx) string {
	if t.Order != "" {
		return l.OrderDoes(t.Order)
	}
	return l.kindWord(t.Kind)
}

// signed is the amount with the sign it has for the wallet.
func (t *WalletTx) signed() btt.Amount {
	if t.Kind == TxIn {
		return t.Amount
	}
	return -t.Amount
}

// TxFacts is everything about one transaction.
func (f *Format) TxFacts(t *WalletTx) [][2]string {
	state, _ := f.StateWord(t.State)
	out := [][2]string{
		{f.T("wallet.col.at"), f.Time(t.At)}, {f.T("wallet.col.kind"), f.txWord(t)}, {f.T("wallet.col.state"), state},
	}
	add := func(key, value string) {
		if value != "" {
			out = append(out, [2]string{f.T(key), value})
		}
	}
	if t.Coin != "" {
		add("wallet.col.amount", f.Amount(t.signed(), t.Coin))
	}
	add("wallet.col.peer", t.Peer)
	switch {
	case t.Fee == 0:
	case t.Live():
		add("wallet.tx.reserved", f.Sun(t.Fee))
	default:
		add("wallet.col.fee", f.Sun(t.Fee))
	}
	if t.Block != 0 {
		add("wallet.tx.block", f.Int(t.Block))
	}
	add("wallet.col.txid", t.TxID)
	if t.Live() {
		add("wallet.tx.expires", f.Time(t.Expires))
	}
	add("wallet.tx.reason", t.Reason)
	return out
}

// WalletTxs builds the history in an order.
func WalletTxs(f *Format, txs []WalletTx, o Order, show []string) *List[WalletTx] {
	items := make([]*WalletTx, len(txs))
	for i := range txs {
		items[i] = &txs[i]
	}
	cols := TxColumns(f.Locale)
	Sort(items, cols, o)
	return Build(f, cols, show, items)
}

// TxColumns describes the history. Words of its cells are those of l.
func TxColumns(l *Locale) []Column[WalletTx] {
	return []Column[WalletTx]{
		{
			ID: "at", Title: "wallet.col.at", Width: 118, Text: func(b []byte, f *Format, t *WalletTx) []byte { return f.AppendTime(b, t.At) },
			Compare: func(a, b *WalletTx) int { return a.At.Compare(b.At) },
		},
		{
			ID: "kind", Title: "wallet.col.kind", Width: 84, Text: func(b []byte, f *Format, t *WalletTx) []byte { return append(b, f.txWord(t)...) },
			Compare: func(a, b *WalletTx) int { return int(a.Kind) - int(b.Kind) },
			Mark: func(t *WalletTx, c *Cell) {
				c.Icon, c.Tone = "down", Giving
				if t.Kind != TxIn {
					c.Icon, c.Tone = "up", Arriving
				}
			},
		},
		{
			ID: "amount", Title: "wallet.col.amount", Width: 140, Align: Right,
			Text: func(b []byte, f *Format, t *WalletTx) []byte {
				if t.Coin == "" {
					return b
				}
				return append(b, f.Amount(t.signed(), t.Coin)...)
			},
			Compare: func(a, b *WalletTx) int {
				if a.Coin != b.Coin {
					return strings.Compare(string(a.Coin), string(b.Coin))
				}
				return compareAmounts(a.signed(), b.signed())
			},
		},
		{
			ID: "state", Title: "wallet.col.state", Width: 128,
			Text: func(b []byte, f *Format, t *WalletTx) []byte {
				w, _ := f.StateWord(t.State)
				return append(b, w...)
			},
			Mark: func(t *WalletTx, c *Cell) { _, c.Ink = l.StateWord(t.State) }, Compare: func(a, b *WalletTx) int { return int(a.State) - int(b.State) },
		},
		{
			ID: "fee", Title: "wallet.col.fee", Width: 116, Align: Right, Mark: func(_ *WalletTx, c *Cell) { c.Ink = Dim },
			Text: func(b []byte, f *Format, t *WalletTx) []byte {
				switch {
				case t.Kind == TxIn || t.Fee == 0:
					return b
				case t.Live():
					return append(b, f.T("wallet.fee.upTo", f.Sun(t.Fee))...)
				}
				return append(b, f.Sun(t.Fee)...)
			},
			Compare: func(a, b *WalletTx) int { return compareAmounts(btt.Amount(a.Fee), btt.Amount(b.Fee)) },
		},
		{
			ID: "peer", Title: "wallet.col.peer", Width: 250, Fill: true, Text: func(b []byte, _ *Format, t *WalletTx) []byte { return append(b, t.Peer...) },
			Compare: func(a, b *WalletTx) int { return strings.Compare(a.Peer, b.Peer) },
		},
		{
			ID: "txid", Title: "wallet.col.txid", Width: 150, Hidden: true, Text: func(b []byte, _ *Format, t *WalletTx) []byte { return append(b, t.TxID...) },
			Mark: func(_ *WalletTx, c *Cell) { c.Ink = Dim }, Compare: func(a, b *WalletTx) int { return strings.Compare(a.TxID, b.TxID) },
		},
	}
}

func compareAmounts(a, b btt.Amount) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// CoinRows builds the balances.
func CoinRows(f *Format, coins []CoinState, show []string) *List[CoinState] {
	items := make([]*CoinState, 0, len(coins))
	for _, c := range Coins() {
		if i := slices.IndexFunc(coins, func(s CoinState) bool { return s.Coin == c }); i >= 0 {
			items = append(items, &coins[i])
		}
	}
	return Build(f, CoinColumns(), show, items)
}

// CoinColumns describes the balances.
func CoinColumns() []Column[CoinState] {
	digits := func(id, title string, width float32, ink Tone, value func(*CoinState) btt.Amount) Column[CoinState] {
		return Column[CoinState]{
			ID: id, Title: title, Width: width, Align: Right, Mark: func(_ *CoinState, c *Cell) { c.Ink = ink },
			Text: func(b []byte, f *Format, s *CoinState) []byte {
				v := value(s)
				if v == 0 && ink == Dim {
					return append(b, "-"...)
				}
				return append(b, f.Digits(v)...)
			},
		}
	}
	return []Column[CoinState]{
		{
			ID: "coin", Title: "wallet.col.coin", Width: 62, Mark: func(_ *CoinState, c *Cell) { c.Bold = true },
			Text: func(b []byte, _ *Format, s *CoinState) []byte { return append(b, s.Coin.Name()...) },
		},
		digits("chain", "wallet.col.chain", 112, Plain, func(s *CoinState) btt.Amount { return s.Chain }),
		digits("escrow", "wallet.col.escrow", 74, Dim, func(s *CoinState) btt.Amount { return s.Escrow }),
		{
			ID: "pending", Title: "wallet.col.pending", Width: 156, Align: Right, Mark: func(_ *CoinState, c *Cell) { c.Ink = Working },
			Text: func(b []byte, f *Format, s *CoinState) []byte { return append(b, f.underWay(s)...) },
		},
		{
			ID: "note", Width: 100, Fill: true, Mark: func(s *CoinState, c *Cell) {
				c.Ink = Dim
				if s.HasClaim {
					c.Ink = Working
				}
			},
			Text: func(b []byte, f *Format, s *CoinState) []byte { return append(b, f.coinNote(s)...) },
		},
	}
}

// underWay is what is coming and going.
func (f *Format) underWay(s *CoinState) string {
	var parts []string
	if s.In != 0 {
		parts = append(parts, "+"+f.Digits(s.In))
	}
	if s.Out != 0 {
		parts = append(parts, "-"+f.Digits(s.Out))
	}
	return strings.Join(parts, " ")
}

// coinNote is what is to be said about a balance beside its figures.
func (f *Format) coinNote(s *CoinState) string {
	if s.HasClaim && s.Claimed != s.Chain {
		return f.T("wallet.claimed", f.Digits(s.Claimed))
	}
	if s.Coin == BTTOLD {
		if v, err := btt.FromOld(int64(s.Chain)); err == nil && s.Chain >= 0 {
			return f.T("wallet.inBTT", f.Amount(v, BTT))
		}
	}
	return ""
}
