package main

import (
	"bytes"
	"context"
	"errors"
	"time"

	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/voucher"
)

// draft is a wallet that is being made.
type draft struct {
	p        *purse
	mnemonic wallet.Mnemonic
	safe     bool // the user has the words on paper: typed them in, or was asked
	found    []wallet.Account
}

// NewWords implements dialogs.Wallet.
func (p *purse) NewWords(words int) (dialogs.WalletDraft, error) {
	m, err := wallet.NewMnemonic(words)
	if err != nil {
		return nil, err
	}
	return &draft{p: p, mnemonic: m}, nil
}

// FromWords implements dialogs.Wallet.
func (p *purse) FromWords(words []byte) (dialogs.WalletDraft, error) {
	m, err := wallet.ParseMnemonic(words)
	if err != nil {
		return nil, err
	}
	return &draft{p: p, mnemonic: m, safe: true}, nil
}

// Words implements dialogs.WalletDraft.
func (d *draft) Words() []string { return d.mnemonic.Words() }

// Challenge implements dialogs.WalletDraft.
func (d *draft) Challenge() ([3]int, error) { return d.p.Challenge(d.mnemonic.Len()) }

// Answer implements dialogs.WalletDraft.
func (d *draft) Answer(places [3]int, answers [3]string) error {
	err := wallet.Challenge(places).Check(d.mnemonic, answers)
	d.safe = err == nil
	return err
}

// Address implements dialogs.WalletDraft.
func (d *draft) Address(_ context.Context, passphrase []byte) (string, error) {
	a, err := wallet.Preview(d.mnemonic, passphrase)
	return a.String(), err
}

// Discover implements dialogs.WalletDraft.
func (d *draft) Discover(ctx context.Context, passphrase []byte) (int, error) {
	k, free, err := d.p.use(ctx)
	if err != nil {
		return 0, err
	}
	defer free()
	d.found, err = wallet.Discover(ctx, d.mnemonic, passphrase, func(ctx context.Context, a voucher.Address) (bool, error) { return k.used(ctx, a) })
	return len(d.found), err
}

// Create implements dialogs.WalletDraft.
func (d *draft) Create(ctx context.Context, passphrase, password []byte) error {
	keys, err := wallet.Create(d.p.path, password, wallet.Setup{
		Mnemonic: d.mnemonic, Passphrase: passphrase, Restored: d.safe, Found: d.found, Now: time.Now(),
	}, d.p.params)
	if err != nil {
		return err
	}
	return d.p.take(ctx, keys)
}

// Discard implements dialogs.WalletDraft.
func (d *draft) Discard() { d.mnemonic.Zero() }

// take adopts a wallet that was just made. Books that cannot be opened are the
// page's matter: the wallet is there.
func (p *purse) take(ctx context.Context, keys *wallet.Wallet) error {
	p.failed(p.adopt(ctx, keys))
	return nil
}

// CheckWords implements dialogs.Wallet.
func (p *purse) CheckWords(words []byte) view.WordsCheck {
	c := view.WordsCheck{Count: len(bytes.Fields(words))}
	m, err := wallet.ParseMnemonic(words)
	m.Zero()
	c.Complete, c.Mismatch = err == nil, errors.Is(err, wallet.ErrMnemonic)
	if err == nil || c.Mismatch {
		return c
	}
	c.Unknown = unknown(words)
	return c
}

// leastWords is the least number of words that a mnemonic has.
const leastWords = 12

// unknown returns the place, from 1, of the first word that no list has together
// with those before it; 0 for none. Package wallet says so of whole mnemonics
// only, so a word that is known stands in for those that are missing.
func unknown(words []byte) int {
	list := bytes.Fields(words)
	if len(list) == 0 {
		return 0
	}
	n := min(len(list)+(leastWords-len(list)%3)%3, 24)
	for n < max(leastWords, len(list)) {
		n += 3
	}
	filled := make([][]byte, 0, n)
	filled = append(filled, list...)
	for len(filled) < n {
		filled = append(filled, list[0])
	}
	text := bytes.Join(filled[:min(n, len(filled))], []byte(" "))
	defer clear(text)
	m, err := wallet.ParseMnemonic(text)
	m.Zero()
	if bad, ok := errors.AsType[*wallet.WordError](err); ok && bad.Position <= len(list) {
		return bad.Position
	}
	return 0
}

// maxSuggested is how many words are offered.
const maxSuggested = 5

// Suggest implements dialogs.Wallet. New wallets have English words.
func (p *purse) Suggest(typed string) []string {
	return wallet.Suggest(wallet.English, typed, maxSuggested)
}

// Reveal implements dialogs.Wallet.
func (p *purse) Reveal(_ context.Context, password []byte) ([]string, error) {
	keys, err := p.wallet()
	if err != nil {
		return nil, err
	}
	m, err := keys.Reveal(password)
	if err != nil {
		return nil, err
	}
	defer m.Zero()
	return m.Words(), nil
}

// Challenge implements dialogs.Wallet.
func (p *purse) Challenge(words int) ([3]int, error) {
	c, err := wallet.NewChallenge(words)
	return [3]int(c), err
}

// ConfirmBackup implements dialogs.Wallet.
func (p *purse) ConfirmBackup(_ context.Context, password []byte, places [3]int, answers [3]string) error {
	keys, err := p.wallet()
	if err != nil {
		return err
	}
	defer p.tell()
	return keys.ConfirmBackup(password, wallet.Challenge(places), answers)
}

// ChangePassword implements dialogs.Wallet.
func (p *purse) ChangePassword(_ context.Context, old, next []byte) error {
	keys, err := p.wallet()
	if err != nil {
		return err
	}
	return keys.ChangePassword(old, next)
}
