package tron

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// TestVectors holds bytes, ids and signatures against tronweb's.
func TestVectors(t *testing.T) {
	var v struct {
		Key, From, BTT string
		Cases          []struct {
			Asset, To, Amount, Raw, TxID, Sig string
			FeeLimit                          int64
			Block                             struct {
				Bytes   string `json:"ref_block_bytes"`
				Hash    string `json:"ref_block_hash"`
				Made    int64  `json:"timestamp"`
				Expires int64  `json:"expiration"`
			}
		}
	}
	text, err := os.ReadFile("testdata/tronweb.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	from, err := voucher.ParseAddress(v.From)
	if err != nil || Mainnet().BTT.String() != v.BTT {
		t.Fatal(err, v.BTT)
	}
	for n, c := range v.Cases {
		to, err := voucher.ParseAddress(c.To)
		if err != nil {
			t.Fatal(err)
		}
		amount, err := strconv.ParseInt(c.Amount, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		tm := terms{made: c.Block.Made, expires: c.Block.Expires, feeLimit: btt.Sun(c.FeeLimit)}
		copy(tm.ref.id[6:], append(unhex(c.Block.Bytes), unhex(c.Block.Hash)...))
		i := Transfer(ledger.ID{1}, from, to, Asset(c.Asset), btt.Amount(amount))
		raw, err := build(i, Mainnet(), tm)
		if err != nil || hex.EncodeToString(raw) != c.Raw {
			t.Errorf("case %d, %s: raw_data\n got %x\nwant %s\n%v", n, c.Asset, raw, c.Raw, err)
			continue
		}
		d, err := Decode(raw, Mainnet())
		if err != nil || hex.EncodeToString(d.TxID[:]) != c.TxID {
			t.Errorf("case %d: id %x, %v", n, d.TxID, err)
		}
		if err := d.matches(i, Mainnet(), tm); err != nil {
			t.Errorf("case %d: %v", n, err)
		}
		sig, err := voucher.Sign(d.TxID, unhex(v.Key))
		if err != nil || hex.EncodeToString(sig[:]) != c.Sig {
			t.Errorf("case %d: signature\n got %v\nwant %s\n%v", n, sig, c.Sig, err)
		}
	}
	if len(v.Cases) != 22 {
		t.Errorf("%d cases", len(v.Cases))
	}
}

func sample(asset Asset) (Intent, terms) {
	i := Transfer(ledger.ID{1}, voucher.Address{1}, voucher.Address{2}, asset, 123)
	if asset == "" {
		i = Call(ledger.ID{1}, voucher.Address{1}, voucher.Address{2}, []byte{1, 2, 3, 4, 5}, "deposit")
	}
	return i, terms{made: 1_760_000_000_000, expires: 1_760_000_090_000, feeLimit: 7}
}

// TestSignedIsIntended changes the intent, or the bytes, in every way and wants
// to be told.
func TestSignedIsIntended(t *testing.T) {
	for _, asset := range append(Assets(), "") {
		i, tm := sample(asset)
		raw, err := build(i, Mainnet(), tm)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Decode(raw, Mainnet())
		if err != nil || d.matches(i, Mainnet(), tm) != nil {
			t.Fatalf("%q: the truth differs: %v", asset, err)
		}
		for name, change := range map[string]func(*Intent, *terms){
			"sender":    func(i *Intent, _ *terms) { i.From[5]++ },
			"recipient": func(i *Intent, _ *terms) { i.To[5]++ },
			"amount":    func(i *Intent, _ *terms) { i.Amount++ },
			"asset": func(i *Intent, _ *terms) {
				i.Asset = map[Asset]Asset{TRX: BTTOLD, BTTOLD: TRX, BTT: TRX, "": BTT}[i.Asset]
			},
			"fee limit": func(_ *Intent, t *terms) { t.feeLimit++ },
			"expiry":    func(_ *Intent, t *terms) { t.expires++ },
			"data":      func(i *Intent, _ *terms) { i.Data = append(slices.Clone(i.Data), 0) },
		} {
			if name == "data" && asset != "" {
				continue
			}
			j, tn := i, tm
			change(&j, &tn)
			if err := d.matches(j, Mainnet(), tn); !errors.Is(err, ErrDiffers) {
				t.Errorf("%q, other %s: %v", asset, name, err)
			}
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for range 3000 { // any other bytes are another transaction or none
			b := slices.Clone(raw)
			b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
			d, err := Decode(b, Mainnet())
			if err == nil && d.matches(i, Mainnet(), tm) == nil && !onlyReference(t, b, raw) {
				t.Fatalf("%q: %x passes for %x", asset, b, raw)
			}
		}
	}
}

// onlyReference reports whether two transactions differ in nothing but the
// reference block and the time of making, which decide no money.
func onlyReference(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y core.TransactionRaw
	if err := errors.Join(proto.Unmarshal(a, &x), proto.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*core.TransactionRaw{&x, &y} {
		r.RefBlockBytes, r.RefBlockHash, r.Timestamp = nil, nil, 0
	}
	return proto.Equal(&x, &y)
}

func TestCallThatIsATransferIsRefused(t *testing.T) {
	word, _ := btt.Amount(5).Word()
	i := Call(ledger.ID{1}, voucher.Address{1}, Mainnet().BTT, transferData(voucher.Address{9}, word), "approve")
	_, tm := sample("")
	raw, err := build(i, Mainnet(), tm)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Decode(raw, Mainnet())
	if err != nil || d.Asset != BTT || d.To != (voucher.Address{9}) {
		t.Fatalf("decoded %+v, %v", d, err)
	}
	if err := d.matches(i, Mainnet(), tm); !errors.Is(err, ErrDiffers) {
		t.Errorf("got %v", err)
	}
}

func TestDecodeRefusesWhatIsNeverBuilt(t *testing.T) {
	i, tm := sample(TRX)
	good, err := build(i, Mainnet(), tm)
	if err != nil {
		t.Fatal(err)
	}
	with := func(edit func(*core.TransactionRaw)) []byte {
		var r core.TransactionRaw
		if err := proto.Unmarshal(good, &r); err != nil {
			t.Fatal(err)
		}
		edit(&r)
		b, err := proto.MarshalOptions{Deterministic: true}.Marshal(&r)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	contract := func(k core.Transaction_Contract_ContractType, m proto.Message) []byte {
		return with(func(r *core.TransactionRaw) {
			p, err := anypb.New(m)
			if err != nil {
				t.Fatal(err)
			}
			r.Contract[0].Type, r.Contract[0].Parameter = k, p
		})
	}
	a, b := i.From.Bytes21(), i.To.Bytes21()
	for name, raw := range map[string][]byte{
		"nothing":             nil,
		"rubbish":             []byte("rubbish"),
		"unknown field":       append(slices.Clone(good), 0xf8, 0x07, 1),
		"other order":         append(slices.Clone(good[4:]), good[:4]...),
		"two contracts":       with(func(r *core.TransactionRaw) { r.Contract = append(r.Contract, r.Contract[0]) }),
		"no contract":         with(func(r *core.TransactionRaw) { r.Contract = nil }),
		"memo":                with(func(r *core.TransactionRaw) { r.Data = []byte("x") }),
		"script":              with(func(r *core.TransactionRaw) { r.Scripts = []byte("x") }),
		"permission":          with(func(r *core.TransactionRaw) { r.Contract[0].PermissionId = 2 }),
		"provider":            with(func(r *core.TransactionRaw) { r.Contract[0].Provider = []byte("x") }),
		"no expiry":           with(func(r *core.TransactionRaw) { r.Expiration = 0 }),
		"negative fee limit":  with(func(r *core.TransactionRaw) { r.FeeLimit = -1 }),
		"no reference":        with(func(r *core.TransactionRaw) { r.RefBlockHash = nil }),
		"type without body":   with(func(r *core.TransactionRaw) { r.Contract[0].Type = core.Transaction_Contract_TransferAssetContract }),
		"unknown body":        with(func(r *core.TransactionRaw) { r.Contract[0].Parameter = &anypb.Any{TypeUrl: "type.googleapis.com/x.Y"} }),
		"another token":       contract(core.Transaction_Contract_TransferAssetContract, &core.TransferAssetContract{AssetName: []byte("1"), OwnerAddress: a, ToAddress: b, Amount: 1}),
		"call value":          contract(core.Transaction_Contract_TriggerSmartContract, &core.TriggerSmartContract{OwnerAddress: a, ContractAddress: b, CallValue: 1, Data: []byte("xxxx")}),
		"token value":         contract(core.Transaction_Contract_TriggerSmartContract, &core.TriggerSmartContract{OwnerAddress: a, ContractAddress: b, CallTokenValue: 1, Data: []byte("xxxx")}),
		"short address":       contract(core.Transaction_Contract_TransferContract, &core.TransferContract{OwnerAddress: a, ToAddress: b[:20], Amount: 1}),
		"permission update":   contract(core.Transaction_Contract_AccountPermissionUpdateContract, &core.AccountPermissionUpdateContract{OwnerAddress: a}),
		"BTT below a µBTT":    contract(core.Transaction_Contract_TriggerSmartContract, &core.TriggerSmartContract{OwnerAddress: a, ContractAddress: Mainnet().BTT.Bytes21(), Data: transferData(i.To, btt.Word{31: 1})}),
		"BTT beyond the most": contract(core.Transaction_Contract_TriggerSmartContract, &core.TriggerSmartContract{OwnerAddress: a, ContractAddress: Mainnet().BTT.Bytes21(), Data: transferData(i.To, btt.Word{0: 1})}),
	} {
		if d, err := Decode(raw, Mainnet()); !errors.Is(err, ErrDiffers) {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, asset := range append(Assets(), "") {
		i, tm := sample(asset)
		raw, err := build(i, Mainnet(), tm)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Decode(raw, Mainnet())
		if err != nil {
			if !errors.Is(err, ErrDiffers) || d.TxID != ([32]byte{}) {
				t.Fatalf("%+v, %v", d, err)
			}
			return
		}
		var r core.TransactionRaw
		if err := proto.Unmarshal(raw, &r); err != nil || len(r.Contract) != 1 || len(r.Data) != 0 {
			t.Fatalf("%x was decoded", raw)
		}
	})
}

func TestProfiles(t *testing.T) {
	for _, c := range []struct {
		n     Network
		chain uint64
	}{{Mainnet(), 0x2b6653dc}, {Nile(), 0xcd8690dc}, {Testnode("127.0.0.1:1"), 0x395c66ae}} {
		if err := c.n.Validate(); err != nil || c.n.ChainID() != c.chain || c.n.Escrow != (voucher.Address{}) {
			t.Errorf("%s: chain %#x, escrow %v, %v", c.n.Name, c.n.ChainID(), c.n.Escrow, err)
		}
	}
	if err := (Network{Name: "x"}).Validate(); !errors.Is(err, ErrIntent) {
		t.Errorf("half a profile: %v", err)
	}
}
