package till

import (
	"context"
	"fmt"
	"time"

	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// Restore takes over the vouchers of a backup, as ledger.Vouchers wrote them, that
// are made out to one of payees. Forged ones and those of others are left out and
// counted: who made the file may have been deceived or deceive. Of a lane the greater
// promise counts, so an old backup does no harm. Errors: ledger.ErrVouchers and those
// of the ledger.
func Restore(ctx context.Context, l *ledger.Ledger, b []byte, payees []voucher.Address, at time.Time) (news, refused int, err error) {
	all, err := ledger.ParseVouchers(b)
	if err != nil {
		return 0, 0, err
	}
	var good []ledger.Received
	for _, r := range all {
		if !genuine(r, payees) {
			refused++
			continue
		}
		good = append(good, r)
	}
	news, err = l.RestoreVouchers(ctx, good, func(a [20]byte) string { return voucher.Address(a).String() }, at)
	if err != nil {
		return 0, refused, fmt.Errorf("restore vouchers: %w", err)
	}
	return news, refused, nil
}

// genuine reports whether a promise is to one of payees and signed by its payer.
func genuine(r ledger.Received, payees []voucher.Address) bool {
	ours := false
	for _, a := range payees {
		ours = ours || a == r.Payee
	}
	d, err := voucher.Voucher{Payer: r.Payer, Payee: r.Payee, Cumulative: r.Cumulative}.Digest(voucher.NewDomain(uint64(r.Chain), r.Escrow))
	return ours && err == nil && voucher.Verify(d, r.Signature, r.Payer) == nil
}
