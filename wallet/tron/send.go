package tron

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/voucher"
)

// Signer signs for our accounts. Package wallet is one; asking for the password
// is its matter.
type Signer interface {
	// Sign returns the signature of account over digest, or why not: locked,
	// declined. The digest is that of bytes this package has decoded again and
	// compared with the intent.
	Sign(ctx context.Context, account voucher.Address, digest [32]byte) (voucher.Signature, error)
}

// lifetime is how long a signed transaction can enter a block: long enough for a
// busy chain, short enough that giving up is a matter of minutes.
const lifetime = 90 * time.Second

// row is an intent of the outbox in memory.
type row struct {
	stored ledger.Outgoing
	sent   sent
	tx     outbox.Tx
}

func (r *row) inBlock() bool { return r.tx.State == outbox.InBlock }

func newRow(o ledger.Outgoing) (*row, error) {
	s, err := decodeSent(o.Intent, o.Body)
	if err != nil {
		return nil, err
	}
	state, err := outbox.ParseState(o.State)
	if err != nil {
		return nil, fmt.Errorf("read intent %s: %w", o.Intent, err)
	}
	t := outbox.Tx{State: state, ID: o.TxID, Block: o.Block, Fee: o.Fee, Reason: o.Reason}
	if !o.Expires.IsZero() {
		t.Expires = o.Expires.UnixMilli()
	}
	t.Refused = t.Reason != "" && (state == outbox.Signed || state == outbox.Expired)
	return &row{o, s, t}, nil
}

// shown is the row as the window sees it.
func (r *row) shown() Tx {
	t := Tx{
		Intent: r.sent.Intent, State: r.tx.State, TxID: r.tx.ID, Block: r.tx.Block, Fee: r.tx.Fee, Refused: r.tx.Refused, Reason: r.tx.Reason,
		Expires: r.stored.Expires, Created: r.stored.Created, Changed: r.stored.Changed,
	}
	if r.tx.State.Live() {
		t.Fee = r.sent.MaxFee
	}
	return t
}

func outOfEnergy(reason string) bool {
	return strings.HasPrefix(reason, "OUT_OF_ENERGY") || strings.HasPrefix(reason, "OUT_OF_TIME")
}

func (c *Chain) rows(ctx context.Context, live bool, limit int) ([]*row, error) {
	all, err := c.cfg.Ledger.Outgoing(ctx, c.cfg.Network.Genesis, live, limit)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errLedger, err)
	}
	out := make([]*row, len(all))
	for i, o := range all {
		if out[i], err = newRow(o); err != nil {
			return nil, fmt.Errorf("%w: %w", errLedger, err)
		}
	}
	return out, nil
}

// live are the intents that have not come to an end.
func (c *Chain) live(ctx context.Context) ([]*row, error) { return c.rows(ctx, true, 0) }

// Transactions are this wallet's own, newest first, at most limit and at most 1,000.
func (c *Chain) Transactions(ctx context.Context, limit int) ([]Tx, error) {
	rows, err := c.rows(ctx, false, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Tx, len(rows))
	for i, r := range rows {
		out[i] = r.shown()
	}
	return out, nil
}

// Transaction is the one of an intent; ok is false if it was never recorded: then
// nothing of it was sent.
func (c *Chain) Transaction(ctx context.Context, intent ledger.ID) (t Tx, ok bool, err error) {
	o, ok, err := c.cfg.Ledger.OutgoingOf(ctx, c.cfg.Network.Genesis, intent)
	if err != nil || !ok {
		return Tx{}, false, err
	}
	r, err := newRow(o)
	if err != nil {
		return Tx{}, false, err
	}
	return r.shown(), true, nil
}

// abandonUnsigned gives up what an earlier process decided and did not sign.
func (c *Chain) abandonUnsigned(ctx context.Context) error {
	rows, err := c.live(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.tx.State == outbox.Built {
			if err := c.step(ctx, r, nil, outbox.Event{Kind: outbox.Abandon, Reason: "the program ended before it was signed"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Review is what will be signed, decoded from the bytes; the user confirms this.
type Review struct {
	Quote   Quote
	Decoded Decoded
	raw     []byte
	terms   terms
}

// Prepare builds the transaction of a quote, so that the very bytes that would
// be signed can be shown. Nothing is recorded. It is good for a minute.
func (c *Chain) Prepare(ctx context.Context, q Quote) (Review, error) {
	r, err := c.prepare(ctx, q)
	if err != nil {
		return Review{}, fmt.Errorf("prepare %s: %w", q.Intent.Kind, err)
	}
	return r, nil
}

func (c *Chain) prepare(ctx context.Context, q Quote) (Review, error) {
	var v view
	if err := c.ask(ctx, func(n *node) (err error) {
		v, err = c.view(ctx, n)
		return err
	}); err != nil {
		return Review{}, err
	}
	t := termsOf(q, v)
	raw, err := build(q.Intent, c.cfg.Network, t)
	if err != nil {
		return Review{}, err
	}
	d, err := Decode(raw, c.cfg.Network)
	if err == nil {
		err = d.matches(q.Intent, c.cfg.Network, t)
	}
	return Review{q, d, raw, t}, err
}

// termsOf sets the times. Two equal payments in the time of one block must not
// be the same transaction, so a part of the intent's ID enters them: the chain
// does not care when a transaction says it was made.
func termsOf(q Quote, v view) terms {
	id := q.Intent.ID
	made, expires := int64(binary.BigEndian.Uint16(id[:])), int64(binary.BigEndian.Uint16(id[2:])%1000)
	return terms{ref: v.solid, made: v.top.time + made, expires: v.top.time + lifetime.Milliseconds() + expires, feeLimit: q.FeeLimit}
}

// Send records the intent and what it reserves, has it signed, records the
// signature and leaves the rest to Run. When it returns nil the transaction will
// be sent, whatever happens to the process; when it returns an error nothing of
// it was sent or ever will be.
//
// Errors: what Quote and Prepare return, ErrDiffers, ErrSigner, ErrSent, those of
// the signer and of the ledger.
func (c *Chain) Send(ctx context.Context, r Review, s Signer) error {
	if err := c.send(ctx, r, s); err != nil {
		return fmt.Errorf("send %s: %w", r.Quote.Intent.Kind, err)
	}
	c.poke()
	return nil
}

func (c *Chain) send(ctx context.Context, r Review, s Signer) error {
	i := r.Quote.Intent
	d, err := Decode(r.raw, c.cfg.Network)
	if err != nil {
		return err
	}
	if err := d.matches(i, c.cfg.Network, r.terms); err != nil {
		return err
	}
	now := c.cfg.Now()
	if left := d.Expires.Sub(now); left < lifetime/3 || left > lifetime+maxSkew {
		return fmt.Errorf("%w: prepared too long ago", ErrExpired)
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	if err := c.stillAfforded(ctx, r.Quote); err != nil {
		return err
	}
	row, err := c.begin(ctx, r.Quote, now)
	if err != nil {
		return err
	}
	sig, err := s.Sign(ctx, i.From, d.TxID)
	if err == nil {
		err = voucher.Verify(d.TxID, sig, i.From)
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrSigner, err)
		}
	}
	// What follows must not be torn apart by a caller who loses patience.
	ctx = context.WithoutCancel(ctx)
	if err == nil {
		row.stored.Raw, row.stored.Sig = r.raw, sig[:]
		err = c.step(ctx, row, nil, outbox.Event{Kind: outbox.Sign, ID: d.TxID, Expires: d.Expires.UnixMilli()})
	}
	if err != nil { // nothing was sent: without its record it never will be
		row.stored.Raw, row.stored.Sig = nil, nil
		return errors.Join(err, c.step(ctx, row, nil, outbox.Event{Kind: outbox.Abandon, Reason: clip(err.Error())}))
	}
	return nil
}

// stillAfforded asks again what the account holds: two reviews may have been
// open at once.
func (c *Chain) stillAfforded(ctx context.Context, q Quote) error {
	return c.ask(ctx, func(n *node) error {
		have, err := c.available(ctx, n, q.Intent.From)
		switch {
		case err != nil:
			return err
		case !have.active:
			return ErrNotActivated
		case have.amount[TRX] < btt.Amount(q.Total()):
			return ErrNotEnoughTRX
		case q.Intent.Asset != "" && q.Intent.Asset != TRX && have.amount[q.Intent.Asset] < q.Intent.Amount:
			return ErrNotEnough
		}
		return nil
	})
}

// begin records the intent with what it reserves.
func (c *Chain) begin(ctx context.Context, q Quote, now time.Time) (*row, error) {
	s := sent{q.Intent, q.MaxFee}
	s.Bookings = c.moves(q.Intent)
	b, err := s.encode()
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	o := ledger.Outgoing{
		Intent: q.Intent.ID, Chain: c.cfg.Network.Genesis, Owner: q.Intent.From.String(), Body: b, State: outbox.Built.String(), Created: now, Changed: now,
	}
	err = c.cfg.Ledger.Update(ctx, func(tx *ledger.Tx) error {
		added, err := tx.AddOutgoing(ctx, o)
		if err != nil || !added {
			return errors.Join(err, ErrSent)
		}
		return tx.Record(ctx, reservations(s, now)...)
	})
	if errors.Is(err, ledger.ErrConflict) {
		err = errors.Join(ErrSent, err)
	}
	if err != nil {
		return nil, err
	}
	c.at("built")
	return &row{o, s, outbox.Tx{State: outbox.Built}}, nil
}
