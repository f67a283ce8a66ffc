package view

import (
	"time"

	"swarmbid/wallet/btt"
)

// NoticeKind says what a notice about money is of. The zero value is none.
type NoticeKind uint8

// The kinds.
const (
	NoticeRedeem NoticeKind = iota + 1 // vouchers will be redeemed unasked
	NoticePayout                       // a peer will be paid by a transfer unasked
	NoticeLeaves                       // a payer that owes us takes its deposit out
)

// MoneyNotice is something about money that the user is told of at once, wherever the
// window is.
type MoneyNotice struct {
	ID     string // the same for the same notice; never empty
	Kind   NoticeKind
	Redeem NextRedeem // NoticeRedeem
	Peer   string     // NoticePayout, NoticeLeaves
	Amount btt.Amount // likewise
	At     time.Time  // NoticePayout: not before; NoticeLeaves: from when the payer can be gone
}

// Notice words a notice: its title, the fact, and what can be done.
func (f *Format) Notice(n *MoneyNotice) (title string, a Advice) {
	switch n.Kind {
	case NoticeRedeem:
		what, _ := f.NextWords(&n.Redeem)
		return f.T("notice.redeem"), Advice{What: what, Do: f.T("notice.forbid")}
	case NoticePayout:
		return f.T("notice.payout"), Advice{What: f.T("notice.payout.what", f.Time(n.At), f.Amount(n.Amount, BTT), n.Peer), Do: f.T("notice.forbidPay")}
	case NoticeLeaves:
	}
	return f.T("notice.leaves"), Advice{What: f.T("notice.leaves.what", n.Peer, f.Amount(n.Amount, BTT), f.Time(n.At)), Do: f.T("notice.leaves.do")}
}
