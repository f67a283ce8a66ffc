package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/till"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// Withdrawals above these wait until the words are backed up: what one may lose
// without much regret.
const (
	freeBTT = 1_000_000 * btt.One
	freeTRX = 10 * btt.TRX
)

// errAsset is returned for a coin that this program does not know.
var errAsset = errors.New("no such coin")

// mayWithdraw returns wallet.ErrNotBackedUp for too large an amount.
func mayWithdraw(i wallet.Info, c view.Coin, a btt.Amount) error {
	if c == view.TRX {
		return i.MayWithdraw(a, btt.Amount(freeTRX))
	}
	inBTT, err := tron.Asset(c).InBTT(a)
	if err != nil {
		return err
	}
	return i.MayWithdraw(inBTT, freeBTT)
}

// CheckAddress implements dialogs.Wallet.
func (p *purse) CheckAddress(to string) ([]view.Finding, error) {
	a, err := wallet.ParseAddress(to)
	if err != nil {
		return nil, err
	}
	return p.findings(a, tron.OnChain{}), nil
}

// findings says what speaks against sending to an address.
func (p *purse) findings(to voucher.Address, on tron.OnChain) (out []view.Finding) {
	known := p.known.Load()
	if known == nil {
		known = &tron.Known{}
	}
	for _, f := range tron.CheckRecipient(to, *known, on) {
		v := view.Finding{Concern: map[tron.Concern]view.Concern{
			tron.Contract: view.ToContract, tron.Own: view.ToOwn, tron.LookAlike: view.ToLookAlike, tron.NotActivated: view.ToNotActive,
			tron.FirstUse: view.ToFirstUse, tron.Unchecked: view.ToNotChecked,
		}[f.Concern]}
		if f.Concern == tron.LookAlike {
			v.Like = f.Like.String()
		}
		out = append(out, v)
	}
	return out
}

// intent is what a payment asks for, with an ID of its own.
func (p *purse) intent(keys *wallet.Wallet, y view.Payment) (i tron.Intent, err error) {
	from := keys.Info().Savings.Address
	if y.From != "" {
		if from, err = wallet.ParseAddress(y.From); err != nil {
			return i, err
		}
	}
	to, err := wallet.ParseAddress(y.To)
	if err != nil {
		return i, err
	}
	var id ledger.ID
	if _, err := rand.Read(id[:]); err != nil {
		return i, fmt.Errorf("random numbers: %w", err)
	}
	switch y.Coin {
	case view.BTT, view.BTTOLD, view.TRX:
	default:
		return i, fmt.Errorf("%w: %q", errAsset, y.Coin)
	}
	return tron.Transfer(id, from, to, tron.Asset(y.Coin), y.Amount), nil
}

// quote asks what a payment costs; of all there is, it finds out how much that is.
func (p *purse) quote(ctx context.Context, d *desk, keys *wallet.Wallet, y view.Payment) (q tron.Quote, err error) {
	i, err := p.intent(keys, y)
	if err != nil {
		return q, err
	}
	if !y.All {
		return d.chain.Quote(ctx, i)
	}
	i.Amount = 1 // whatever it is, what is held comes with the answer
	if q, err = d.chain.Quote(ctx, i); err != nil {
		return q, err
	}
	i.Amount = q.Have[i.Asset]
	if i.Asset == tron.TRX {
		i.Amount -= btt.Amount(q.MaxFee)
	}
	if i.Amount <= 0 {
		return q, tron.ErrNotEnough
	}
	return d.chain.Quote(ctx, i)
}

// Quote implements dialogs.Wallet.
func (p *purse) Quote(ctx context.Context, y view.Payment) (view.WalletQuote, error) {
	keys, err := p.wallet()
	if err != nil {
		return view.WalletQuote{}, err
	}
	d, free, err := p.use(ctx)
	if err != nil {
		return view.WalletQuote{}, err
	}
	defer free()
	q, err := p.quote(ctx, d, keys, y)
	if to, errAddress := wallet.ParseAddress(y.To); errAddress == nil && !q.Recipient.Asked && !errors.Is(err, tron.ErrOffline) {
		if on, errAsk := d.chain.Recipient(ctx, to); errAsk == nil {
			q.Recipient = on
		}
	}
	return p.shown(q, y), err
}

func (p *purse) shown(q tron.Quote, y view.Payment) view.WalletQuote {
	out := view.WalletQuote{
		Amount: q.Intent.Amount, Have: q.Have[tron.Asset(y.Coin)], HaveTRX: btt.Sun(q.Have[tron.TRX]), Energy: q.Energy, Staked: q.Staked, Price: q.EnergyPrice,
		EnergyFee: q.EnergyFee, Bytes: q.Bytes, Bandwidth: q.Bandwidth, Activation: q.Activation, Fee: q.Fee, MaxFee: q.MaxFee,
	}
	if to, err := wallet.ParseAddress(y.To); err == nil {
		out.Findings = p.findings(to, q.Recipient)
	}
	return out
}

// Prepare implements dialogs.Wallet.
func (p *purse) Prepare(ctx context.Context, y view.Payment) (view.WalletReview, error) {
	keys, err := p.wallet()
	if err != nil {
		return view.WalletReview{}, err
	}
	d, free, err := p.use(ctx)
	if err != nil {
		return view.WalletReview{}, err
	}
	defer free()
	q, err := p.quote(ctx, d, keys, y)
	if err != nil {
		return view.WalletReview{}, err
	}
	if err := mayWithdraw(keys.Info(), y.Coin, q.Intent.Amount); err != nil {
		return view.WalletReview{}, err
	}
	r, err := d.chain.Prepare(ctx, q)
	if err != nil {
		return view.WalletReview{}, err
	}
	p.mu.Lock()
	p.review = &r
	p.mu.Unlock()
	return p.reviewed(d, r), nil
}

// reviewed is a review as the window shows it: everything but the fee is read
// from the bytes that will be signed.
func (p *purse) reviewed(d *desk, r tron.Review) view.WalletReview {
	out := view.WalletReview{
		ID: r.Quote.Intent.ID.String(), TxID: hex.EncodeToString(r.Decoded.TxID[:]), Network: d.chain.Network().Name, From: r.Decoded.From.String(), To: r.Decoded.To.String(),
		Coin: view.Coin(r.Decoded.Asset), Amount: r.Decoded.Amount, FeeLimit: r.Decoded.FeeLimit, Fee: r.Quote.Fee, MaxFee: r.Quote.MaxFee, Expires: r.Decoded.Expires,
		Findings: p.findings(r.Decoded.To, r.Quote.Recipient),
	}
	if r.Decoded.Contract != (voucher.Address{}) {
		out.Contract = r.Decoded.Contract.String()
	}
	return out
}

// Send implements dialogs.Wallet. The signature is made first: a wrong password
// leaves no trace in the books.
func (p *purse) Send(ctx context.Context, review string, password []byte) error {
	keys, err := p.wallet()
	if err != nil {
		return err
	}
	d, free, err := p.use(ctx)
	if err != nil {
		return err
	}
	defer free()
	p.mu.Lock()
	r := p.review
	p.mu.Unlock()
	if r == nil || r.Quote.Intent.ID.String() != review {
		return errReview
	}
	pen, err := sign(keys, password, r.Decoded)
	if err != nil {
		return err
	}
	p.mu.Lock() // from here on it is sent at most once
	if p.review != r {
		p.mu.Unlock()
		return errReview
	}
	p.review = nil
	p.mu.Unlock()
	defer p.tell()
	if k := r.Quote.Intent.Kind; till.IsKind(k) && d.tillNow() != nil {
		err = d.tillNow().Send(ctx, *r, pen)
	} else {
		err = d.chain.Send(ctx, *r, pen)
	}
	if errors.Is(err, tron.ErrExpired) {
		return fmt.Errorf("%w: %w", errReview, err)
	}
	return err
}

// pen is a signature that was made already, for the one digest it is of.
type pen struct {
	account voucher.Address
	digest  [32]byte
	sig     voucher.Signature
}

// sign signs a transaction with the key of the account that pays.
func sign(keys *wallet.Wallet, password []byte, t tron.Decoded) (pen, error) {
	for _, a := range keys.Info().Accounts() {
		if a.Address == t.From {
			sig, err := keys.SignAs(password, a.Path, t.TxID)
			return pen{t.From, t.TxID, sig}, err
		}
	}
	return pen{}, wallet.ErrNoAccount
}

// Sign implements tron.Signer.
func (s pen) Sign(_ context.Context, account voucher.Address, digest [32]byte) (voucher.Signature, error) {
	if account != s.account || digest != s.digest {
		return voucher.Signature{}, tron.ErrDiffers
	}
	return s.sig, nil
}
