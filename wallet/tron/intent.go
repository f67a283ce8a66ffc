package tron

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// Asset is what an address can hold.
type Asset string

// The assets. The zero value is none.
const (
	TRX    Asset = "trx"
	BTT    Asset = "btt"    // the TRC-20 token
	BTTOLD Asset = "bttold" // the TRC-10 token 1002000, of which one is 1,000 BTT
)

// Assets returns all assets in the order in which they are shown.
func Assets() []Asset { return []Asset{BTT, BTTOLD, TRX} }

// oldToken is BTTOLD's id on the chain.
const oldToken = "1002000"

// accounts are the ledger's account of an asset and its other side.
func (a Asset) accounts() (own, world ledger.Account) {
	switch a {
	case TRX:
		return ledger.TRX, ledger.TRXWorld
	case BTTOLD:
		return ledger.Old, ledger.OldWorld
	case BTT:
		return ledger.Onchain, ledger.World
	default:
		return "", ledger.World
	}
}

// InBTT is what amount of the asset is in BTT: BTTOLD counts a thousandfold,
// TRX has no fixed rate and is nothing. The error is btt.ErrOverflow.
func (a Asset) InBTT(amount btt.Amount) (btt.Amount, error) {
	switch a {
	case BTT:
		return amount, nil
	case BTTOLD:
		return btt.FromOld(int64(amount))
	default:
		return 0, nil
	}
}

// Booking is an amount that the ledger reserves when an intent is sent and
// posts when it has been carried out.
type Booking struct {
	Debit, Credit ledger.Account
	Amount        btt.Amount
}

// Intent is something somebody decided to do on the chain: a transfer of Asset,
// or with empty Asset a call of the contract To with Data.
type Intent struct {
	// ID tells intents apart. The same ID twice is the same intent and is sent
	// once; a second try after the first has expired needs an ID of its own.
	ID   ledger.ID
	From voucher.Address // pays amount and fee
	To   voucher.Address // recipient, or contract
	// Asset and Amount say what is transferred, in millionths.
	Asset  Asset
	Amount btt.Amount
	Data   []byte // call data, for a call
	// Kind is the ledger's word for it, such as "withdraw".
	Kind string
	// Bookings are what a call moves; those of a transfer follow from it, but for that
	// of a debt that it pays.
	Bookings []Booking
	Note     string // for the history, at most 200 characters
}

// Transfer is an intent to send amount of asset.
func Transfer(id ledger.ID, from, to voucher.Address, asset Asset, amount btt.Amount) Intent {
	return Intent{ID: id, From: from, To: to, Asset: asset, Amount: amount, Kind: "withdraw"}
}

// Call is an intent to call a contract.
func Call(id ledger.ID, from, contract voucher.Address, data []byte, kind string, bookings ...Booking) Intent {
	return Intent{ID: id, From: from, To: contract, Data: data, Kind: kind, Bookings: bookings}
}

// What the ledger keeps of a kind, in bytes, and of a note, in characters.
const (
	maxKind = 32
	maxNote = 200
)

// maxData bounds call data; a batch of 50 vouchers takes 7 KiB.
const maxData = 32 << 10

// Validate returns ErrIntent or ErrSelf, wrapped, for what cannot be meant.
func (i Intent) Validate() error {
	zero := voucher.Address{}
	switch {
	case i.ID == (ledger.ID{}), i.From == zero, i.To == zero:
		return fmt.Errorf("%w: ID, sender and recipient are needed", ErrIntent)
	case i.Kind == "" || i.Kind[0] < 'a' || i.Kind[0] > 'z' || len(i.Kind) > maxKind || utf8.RuneCountInString(i.Note) > maxNote:
		return fmt.Errorf("%w: the ledger wants a kind in small letters and a note of at most %d characters", ErrIntent, maxNote)
	case i.From == i.To:
		return ErrSelf
	case i.Asset == "":
		if i.Amount != 0 || len(i.Data) < 4 || len(i.Data) > maxData {
			return fmt.Errorf("%w: a call has 4 to %d bytes of data and no amount", ErrIntent, maxData)
		}
		return nil
	case i.Asset != TRX && i.Asset != BTT && i.Asset != BTTOLD:
		return fmt.Errorf("%w: asset %q", ErrIntent, i.Asset)
	case i.Amount <= 0 || len(i.Data) > 0 || len(i.Bookings) > 0 && !i.paysDebt():
		return fmt.Errorf("%w: a transfer has a positive amount, no data and no bookings but that of a debt", ErrIntent)
	}
	return nil
}

// KindPayout is the ledger's word for a transfer that pays a debt.
const KindPayout = "payout"

// Payout is an intent to pay a debt of amount BTT, which is the debit account.
func Payout(id ledger.ID, from, to voucher.Address, amount btt.Amount, debt ledger.Account) Intent {
	i := Transfer(id, from, to, BTT, amount)
	i.Kind, i.Bookings = KindPayout, []Booking{{debt, ledger.Onchain, amount}}
	return i
}

// paysDebt reports whether the booking of a transfer is that of its BTT.
func (i Intent) paysDebt() bool {
	return i.Asset == BTT && len(i.Bookings) == 1 && i.Bookings[0].Credit == ledger.Onchain && i.Bookings[0].Amount == i.Amount
}

// sent is the form of an intent in the outbox: with what was promised when it
// was sent.
type sent struct {
	Intent
	MaxFee btt.Sun // reserved
}

// body is the stored form; the ID is beside it.
type body struct {
	From, To, Asset, Kind, Note string
	Amount                      btt.Amount
	Data                        []byte
	Bookings                    []Booking
	MaxFee                      btt.Sun
}

func (s sent) encode() ([]byte, error) {
	return json.Marshal(body{
		s.From.String(), s.To.String(), string(s.Asset), s.Kind, s.Note, s.Amount, s.Data, s.Bookings, s.MaxFee,
	})
}

func decodeSent(id ledger.ID, b []byte) (sent, error) {
	var v body
	if err := json.Unmarshal(b, &v); err != nil {
		return sent{}, fmt.Errorf("read intent %s: %w", id, err)
	}
	from, err1 := voucher.ParseAddress(v.From)
	to, err2 := voucher.ParseAddress(v.To)
	if err := errors.Join(err1, err2); err != nil {
		return sent{}, fmt.Errorf("read intent %s: %w", id, err)
	}
	return sent{Intent: Intent{
		ID: id, From: from, To: to, Asset: Asset(v.Asset), Amount: v.Amount, Data: v.Data, Kind: v.Kind, Bookings: v.Bookings, Note: v.Note,
	}, MaxFee: v.MaxFee}, nil
}
