package main

import (
	"context"
	"errors"
	"fmt"

	"swarmbid/engine/lab"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/till"
)

// account is what everybody says of one lane.
type account struct {
	buyer          *buyer
	bytes          int64      // that the buyer verified and was charged for
	due, given     btt.Amount // in the buyer's ledger
	held           btt.Amount // in the seed's ledger
	settled, drawn btt.Amount // by the escrow; and in the buyer's ledger
}

// reconcile redeems what the seed was promised and holds the ledgers of both sides
// against each other and against the escrow.
func (w *world) reconcile(ctx context.Context, buyers []*buyer) error {
	var payers []*buyer
	for _, b := range buyers {
		if b.teller != nil {
			payers = append(payers, b)
		}
	}
	var all []account
	err := lab.Until(ctx, func() (done bool, err error) {
		all, err = w.accounts(ctx, payers)
		done = true
		for _, a := range all {
			done = done && a.due == a.given && a.given == a.held && a.held > 0
		}
		return done, err
	})
	if err != nil {
		return fmt.Errorf("wait for the last promises: %w; %+v", err, all)
	}
	if err := w.bank.endow(w.teller.spending.at, 0); err != nil { // fees
		return err
	}
	if err := w.teller.order(ctx, till.Order{Kind: till.KindRedeem}, w.teller.spending); err != nil {
		return err
	}
	err = lab.Until(ctx, func() (done bool, err error) {
		all, err = w.accounts(ctx, payers)
		earned := btt.Amount(0)
		done = true
		for _, a := range all {
			a.buyer.teller.till.Look()
			done = done && a.settled == a.given && a.drawn == a.given
			earned += a.given
		}
		w.teller.till.Look()
		booked, berr := w.teller.book.Balance(ctx, ledger.Deposit)
		return done && booked.Posted == earned, errors.Join(err, berr)
	})
	w.printAccounts(all)
	if err != nil {
		return fmt.Errorf("wait for the redemption: %w", err)
	}
	return w.audit(ctx, all)
}

// accounts asks everybody.
func (w *world) accounts(ctx context.Context, payers []*buyer) ([]account, error) {
	var all []account
	for _, b := range payers {
		given, err1 := b.teller.lane(ctx, b.teller, w.teller)
		held, err2 := w.teller.lane(ctx, b.teller, w.teller)
		settled, err3 := w.bank.paid(b.teller.spending.at, w.teller.spending.at)
		drawn, err4 := b.teller.book.Drawn(ctx, given.LaneKey)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			return nil, err
		}
		all = append(all, account{b, given.Bytes, given.Due, given.Cumulative, held.Cumulative, settled, drawn})
	}
	return all, nil
}

func (w *world) printAccounts(all []account) {
	fmt.Fprintf(w.out, "%-22s %10s %14s %14s %14s %14s\n", "BTT", "MiB", "payer's ledger", "seed's ledger", "escrow paid", "payer's draws")
	sum := account{}
	for _, a := range all {
		fmt.Fprintf(w.out, "%-22s %10.2f %14s %14s %14s %14s\n", a.buyer.name(), float64(a.bytes)/(1<<20),
			a.given.Format(btt.EN), a.held.Format(btt.EN), a.settled.Format(btt.EN), a.drawn.Format(btt.EN))
		sum.bytes, sum.given, sum.held, sum.settled, sum.drawn = sum.bytes+a.bytes, sum.given+a.given, sum.held+a.held, sum.settled+a.settled, sum.drawn+a.drawn
	}
	fmt.Fprintf(w.out, "%-22s %10.2f %14s %14s %14s %14s\n\n", "in all", float64(sum.bytes)/(1<<20),
		sum.given.Format(btt.EN), sum.held.Format(btt.EN), sum.settled.Format(btt.EN), sum.drawn.Format(btt.EN))
}

// audit holds deposits against the chain and lets every ledger audit itself.
func (w *world) audit(ctx context.Context, all []account) error {
	earned := btt.Amount(0)
	var errs []error
	check := func(what string, got, want btt.Amount) {
		if got != want {
			errs = append(errs, fmt.Errorf("%s: %v, want %v", what, got, want))
		}
	}
	for _, a := range all {
		earned += a.settled
		errs = append(errs, w.auditOne(ctx, a.buyer.name(), a.buyer.teller, marketDeposit-a.settled, check))
		open, err := a.buyer.teller.book.Balance(ctx, ledger.Payable(w.teller.spending.at.String()))
		errs = append(errs, err)
		check("what "+a.buyer.name()+" still owes", open.Posted, 0)
		open, err = w.teller.book.Balance(ctx, ledger.Receivable(a.buyer.teller.spending.at.String()))
		errs = append(errs, err)
		check("what the seed still has to get of who "+a.buyer.name(), open.Posted, 0)
	}
	errs = append(errs, w.auditOne(ctx, "seed", w.teller, earned, check))
	f, err := w.teller.book.Flow(ctx, ledger.Period{})
	errs = append(errs, err)
	check("the seed's income", f.Earned, earned)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("the books do not agree: %w", err)
	}
	fmt.Fprintf(w.out, "Every µBTT is where it should be: %d ledgers audited, deposits as the escrow has them.\n", len(all)+1)
	return nil
}

func (w *world) auditOne(ctx context.Context, name string, t *teller, deposit btt.Amount, check func(string, btt.Amount, btt.Amount)) error {
	free, err1 := w.bank.free(t.spending.at)
	booked, err2 := t.book.Balance(ctx, ledger.Deposit)
	check(name+": deposit in the escrow", free, deposit)
	check(name+": deposit in the ledger", booked.Posted, deposit)
	return errors.Join(err1, err2, t.book.Audit(ctx))
}
