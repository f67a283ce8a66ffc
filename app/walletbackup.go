package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"swarmbid/wallet"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/till"
	"swarmbid/wallet/voucher"
)

// networks are all that there can be books of.
func networks() []string { return []string{"mainnet", "nile", "testnode"} }

// attachment is the name under which a backup has the vouchers of a network.
func attachment(network string) string { return "vouchers-" + network + ".json" }

// Export implements dialogs.Wallet. Received vouchers are money: those of every
// network go with the keys.
func (p *purse) Export(ctx context.Context, password []byte, dir string) (string, error) {
	keys, err := p.wallet()
	if err != nil {
		return "", err
	}
	vouchers := map[string][]byte{}
	for _, network := range networks() {
		err := p.withBooks(ctx, network, false, func(l *ledger.Ledger) error {
			b, err := l.Vouchers(ctx)
			if err == nil && len(b) > len("[]") {
				vouchers[attachment(network)] = b
			}
			return err
		})
		if err != nil {
			return "", fmt.Errorf("export the vouchers of %s: %w", network, err)
		}
	}
	return create(dir, "swarmbid-wallet", ".btt", func(path string) error { return keys.Export(password, path, vouchers) })
}

// withBooks calls f with the books of a network, opened for it unless they are in
// use. Where there are none it makes them, or does nothing.
func (p *purse) withBooks(ctx context.Context, network string, create bool, f func(*ledger.Ledger) error) (err error) {
	p.using.RLock()
	defer p.using.RUnlock()
	p.mu.Lock()
	d := p.desk
	p.mu.Unlock()
	if d != nil && d.chain.Network().Name == network {
		return f(d.book)
	}
	file := p.books(network)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) && !create {
		return nil
	}
	l, err := ledger.Open(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return f(l)
}

// Import implements dialogs.Wallet. The vouchers that came with the file go into the
// books of their networks; the wallet is there even if they cannot be read.
func (p *purse) Import(ctx context.Context, file string, password []byte) error {
	keys, vouchers, err := wallet.Import(p.path, file, password, p.params)
	if err != nil {
		return err
	}
	var payees []voucher.Address
	for _, a := range keys.Info().Accounts() {
		payees = append(payees, a.Address)
	}
	var errs []error
	for _, network := range networks() {
		b, ok := vouchers[attachment(network)]
		if !ok {
			continue
		}
		errs = append(errs, p.withBooks(ctx, network, true, func(l *ledger.Ledger) error {
			news, refused, err := till.Restore(ctx, l, b, payees, time.Now())
			p.log.Info("vouchers restored", "network", network, "new", news, "refused", refused)
			return err
		}))
	}
	return errors.Join(errors.Join(errs...), p.take(ctx, keys))
}
