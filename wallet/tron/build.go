package tron

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// The parts of the TRC-20 interface that are needed: selectors and topic are the
// first bytes of keccak256 of the signatures in the comments.
const (
	selTransfer   = "a9059cbb"                                                         // transfer(address,uint256)
	selBalanceOf  = "70a08231"                                                         // balanceOf(address)
	topicTransfer = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef" // Transfer(address,address,uint256)
)

// selector decodes one of the constants above.
func selector(hexed string) []byte {
	b, _ := hex.DecodeString(hexed) // constants of this file
	return b
}

// transferData is the call transfer(to, amount).
func transferData(to voucher.Address, amount btt.Word) []byte {
	d := append(selector(selTransfer), make([]byte, 12)...)
	d = append(d, to[:]...)
	return append(d, amount[:]...)
}

// parseTransfer is the inverse of transferData.
func parseTransfer(data []byte) (to voucher.Address, amount btt.Word, ok bool) {
	if len(data) != 68 || !bytes.Equal(data[:4], selector(selTransfer)) || !allZero(data[4:16]) {
		return to, amount, false
	}
	return voucher.Address(data[16:36]), btt.Word(data[36:]), true
}

func allZero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// terms is what a transaction needs beside the intent.
type terms struct {
	ref      block
	made     int64 // ms
	expires  int64 // ms
	feeLimit btt.Sun
}

// build encodes raw_data of the intent: what is hashed and signed.
func build(i Intent, net Network, t terms) ([]byte, error) {
	if err := i.Validate(); err != nil {
		return nil, err
	}
	kind, msg, err := contract(i, net)
	if err != nil {
		return nil, err
	}
	p, err := anypb.New(msg)
	if err != nil {
		return nil, fmt.Errorf("build a transaction: %w", err)
	}
	raw := &core.TransactionRaw{
		RefBlockBytes: t.ref.id[6:8], RefBlockHash: t.ref.id[8:16], Timestamp: t.made, Expiration: t.expires, FeeLimit: int64(t.feeLimit),
		Contract: []*core.Transaction_Contract{{Type: kind, Parameter: p}},
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(raw)
	if err != nil {
		return nil, fmt.Errorf("build a transaction: %w", err)
	}
	return b, nil
}

func contract(i Intent, net Network) (core.Transaction_Contract_ContractType, proto.Message, error) {
	from, to := i.From.Bytes21(), i.To.Bytes21()
	switch i.Asset {
	case TRX:
		return core.Transaction_Contract_TransferContract, &core.TransferContract{OwnerAddress: from, ToAddress: to, Amount: int64(i.Amount)}, nil
	case BTTOLD:
		return core.Transaction_Contract_TransferAssetContract,
			&core.TransferAssetContract{AssetName: []byte(oldToken), OwnerAddress: from, ToAddress: to, Amount: int64(i.Amount)}, nil
	case BTT:
		word, err := i.Amount.Word()
		if err != nil {
			return 0, nil, err
		}
		return core.Transaction_Contract_TriggerSmartContract,
			&core.TriggerSmartContract{OwnerAddress: from, ContractAddress: net.BTT.Bytes21(), Data: transferData(i.To, word)}, nil
	default:
		return core.Transaction_Contract_TriggerSmartContract,
			&core.TriggerSmartContract{OwnerAddress: from, ContractAddress: to, Data: i.Data}, nil
	}
}

// Decoded is what a transaction does, read from the very bytes that are signed.
// A review shows this and not the intent.
type Decoded struct {
	TxID     [32]byte
	From, To voucher.Address
	Asset    Asset // empty for a call
	Amount   btt.Amount
	Contract voucher.Address // called, zero for TRX and BTTOLD
	Data     []byte          // call data
	FeeLimit btt.Sun         // what a contract may burn
	Expires  time.Time
}

// Decode reads raw_data. It returns ErrDiffers, wrapped, for anything that this
// package does not build: several contracts, a memo, other permissions, call
// values, unknown fields.
func Decode(raw []byte, net Network) (Decoded, error) {
	d, err := decode(raw, net)
	if err != nil {
		return Decoded{}, fmt.Errorf("decode a transaction: %w: %w", ErrDiffers, err)
	}
	return d, nil
}

func decode(raw []byte, net Network) (d Decoded, err error) {
	var r core.TransactionRaw
	if err := proto.Unmarshal(raw, &r); err != nil {
		return d, err
	}
	again, err := proto.MarshalOptions{Deterministic: true}.Marshal(&r)
	switch {
	case err != nil:
		return d, err
	case !bytes.Equal(again, raw) || len(r.ProtoReflect().GetUnknown()) > 0:
		return d, errors.New("not in the one encoding")
	case len(r.Contract) != 1 || r.Contract[0].GetParameter() == nil:
		return d, errors.New("not one contract")
	case len(r.Data)+len(r.Scripts)+len(r.Auths) > 0 || r.RefBlockNum != 0:
		return d, errors.New("a memo or other extra")
	case len(r.RefBlockBytes) != 2 || len(r.RefBlockHash) != 8 || r.Expiration <= 0 || r.FeeLimit < 0:
		return d, errors.New("no reference block, no expiry or a negative limit")
	}
	c := r.Contract[0]
	if c.PermissionId != 0 || len(c.Provider)+len(c.ContractName) > 0 {
		return d, errors.New("another permission")
	}
	d = Decoded{TxID: hashOf(raw), FeeLimit: btt.Sun(r.FeeLimit), Expires: time.UnixMilli(r.Expiration)}
	want := "protocol." + c.Type.String()
	if c.Parameter.TypeUrl != "type.googleapis.com/"+want {
		return d, fmt.Errorf("not a %s", want)
	}
	msg, err := c.Parameter.UnmarshalNew()
	if err != nil {
		return d, err
	}
	if string(msg.ProtoReflect().Descriptor().FullName()) != want || len(msg.ProtoReflect().GetUnknown()) > 0 {
		return d, fmt.Errorf("not a %s", want)
	}
	return d, d.read(msg, net)
}

// read fills in what the contract says.
func (d *Decoded) read(msg proto.Message, net Network) error {
	var from, to []byte
	switch m := msg.(type) {
	case *core.TransferContract:
		d.Asset, d.Amount, from, to = TRX, btt.Amount(m.Amount), m.OwnerAddress, m.ToAddress
	case *core.TransferAssetContract:
		if string(m.AssetName) != oldToken {
			return fmt.Errorf("token %q", m.AssetName)
		}
		d.Asset, d.Amount, from, to = BTTOLD, btt.Amount(m.Amount), m.OwnerAddress, m.ToAddress
	case *core.TriggerSmartContract:
		if m.CallValue != 0 || m.CallTokenValue != 0 || m.TokenId != 0 {
			return errors.New("a call value")
		}
		d.Data, from, to = m.Data, m.OwnerAddress, m.ContractAddress
	default:
		return fmt.Errorf("contract %T", msg)
	}
	var ok1, ok2 bool
	d.From, ok1 = address21(from)
	d.To, ok2 = address21(to)
	if !ok1 || !ok2 {
		return errors.New("not addresses")
	}
	if d.Data == nil {
		return nil
	}
	d.Contract = d.To
	recipient, word, ok := parseTransfer(d.Data)
	if d.Contract != net.BTT || !ok {
		return nil
	}
	amount, rest, err := btt.FromWord(word)
	if err != nil || rest != 0 {
		return errors.Join(err, errors.New("an amount that is no whole number of µBTT"))
	}
	d.To, d.Asset, d.Amount = recipient, BTT, amount
	return nil
}

// hashOf is the id of a transaction: the hash of raw_data.
func hashOf(raw []byte) [32]byte { return sha256.Sum256(raw) }

// address21 is the address that transactions carry with its prefix.
func address21(b []byte) (voucher.Address, bool) {
	if len(b) != 21 || b[0] != 0x41 {
		return voucher.Address{}, false
	}
	return voucher.Address(b[1:]), true
}

// matches returns ErrDiffers, wrapped, unless d does what i says, no more, and
// within the terms.
func (d Decoded) matches(i Intent, net Network, t terms) error {
	wantContract, wantTo, wantData := voucher.Address{}, i.To, i.Data
	switch i.Asset {
	case BTT:
		wantContract = net.BTT
		word, err := i.Amount.Word()
		if err != nil {
			return err
		}
		wantData = transferData(i.To, word)
	case "":
		wantContract = i.To
	default:
	}
	if i.Asset == "" && d.Asset == BTT { // a call that is a transfer would escape the review of transfers
		return fmt.Errorf("%w: a call that transfers BTT", ErrDiffers)
	}
	for what, same := range map[string]bool{
		"sender": d.From == i.From, "recipient": d.To == wantTo, "asset": d.Asset == i.Asset, "amount": d.Amount == i.Amount,
		"contract": d.Contract == wantContract, "call data": bytes.Equal(d.Data, wantData), "fee limit": d.FeeLimit == t.feeLimit,
		"expiry": d.Expires.UnixMilli() == t.expires,
	} {
		if !same {
			return fmt.Errorf("%w: %s", ErrDiffers, what)
		}
	}
	return nil
}
