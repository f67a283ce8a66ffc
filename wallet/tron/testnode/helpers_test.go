package testnode

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/fbsobreira/gotron-sdk/pkg/address"
	"github.com/fbsobreira/gotron-sdk/pkg/client"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// rig is a chain, the unmodified SDK's client and some users.
type rig struct {
	*testing.T
	n          *Node
	c          *client.GrpcClient
	solid      api.WalletSolidityClient
	alice, bob *user
}

type user struct {
	key *ecdsa.PrivateKey
	at  common.Address
}

func (u *user) base58() string { return address.Address(tron(u.at)).String() }

func newUser(name string) *user {
	seed := sha256.Sum256([]byte(name))
	key, _ := crypto.ToECDSA(seed[:])
	return &user{key, crypto.PubkeyToAddress(key.PublicKey)}
}

// setup starts a chain on which alice has 1,000 TRX and bob nothing, not even an account.
func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, alice: newUser("alice"), bob: newUser("bob")}
	n, addr := Start(t, Config{Accounts: map[[20]byte]int64{r.alice.at: 1_000_000_000}})
	r.n = n
	r.c = client.NewGrpcClientWithTimeout(addr, 5*time.Second)
	if err := r.c.Start(client.GRPCInsecure()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.c.Stop)
	r.solid = api.NewWalletSolidityClient(r.c.Conn)
	return r
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// sign signs tx as u and returns its id.
func (u *user) sign(tx *core.Transaction) [32]byte {
	id := txID(tx)
	sig, _ := crypto.Sign(id[:], u.key) // the key is fixed and valid
	tx.Signature = [][]byte{sig}
	return id
}

// tx builds msg on the current head; edit may change it before it is signed.
func (r *rig) tx(u *user, kind core.Transaction_Contract_ContractType, msg proto.Message, edit func(*core.TransactionRaw)) (*core.Transaction, [32]byte) {
	r.Helper()
	head, err := r.c.GetNowBlockCtx(r.Context())
	r.must(err)
	p, err := anypb.New(msg)
	r.must(err)
	now := head.BlockHeader.RawData.Timestamp
	tx := &core.Transaction{RawData: &core.TransactionRaw{
		RefBlockBytes: head.Blockid[6:8], RefBlockHash: head.Blockid[8:16], Timestamp: now, Expiration: now + 60_000, FeeLimit: 100_000_000,
		Contract: []*core.Transaction_Contract{{Type: kind, Parameter: p}},
	}}
	if edit != nil {
		edit(tx.RawData)
	}
	return tx, u.sign(tx)
}

func (r *rig) send(tx *core.Transaction) *api.Return {
	r.Helper()
	ret, err := r.c.Client.BroadcastTransaction(r.Context(), tx)
	r.must(err)
	return ret
}

// mined sends msg as u, seals a block and returns the receipt.
func (r *rig) mined(u *user, kind core.Transaction_Contract_ContractType, msg proto.Message, edit func(*core.TransactionRaw)) *core.TransactionInfo {
	r.Helper()
	tx, id := r.tx(u, kind, msg, edit)
	if ret := r.send(tx); !ret.Result {
		r.Fatalf("rejected: %v %s", ret.Code, ret.Message)
	}
	r.n.Seal(1)
	info, err := r.c.GetTransactionInfoByIDCtx(r.Context(), hex.EncodeToString(id[:]))
	r.must(err)
	return info
}

func (r *rig) payTRX(u *user, to common.Address, sun int64) *core.TransactionInfo {
	r.Helper()
	return r.mined(u, core.Transaction_Contract_TransferContract,
		&core.TransferContract{OwnerAddress: tron(u.at), ToAddress: tron(to), Amount: sun}, nil)
}

func (r *rig) call(u *user, at common.Address, data []byte, feeLimit int64) *core.TransactionInfo {
	r.Helper()
	return r.mined(u, core.Transaction_Contract_TriggerSmartContract,
		&core.TriggerSmartContract{OwnerAddress: tron(u.at), ContractAddress: tron(at), Data: data},
		func(raw *core.TransactionRaw) { raw.FeeLimit = feeLimit })
}

func transferData(to common.Address, units int64) []byte {
	d := append(crypto.Keccak256([]byte("transfer(address,uint256)"))[:4:4], common.LeftPadBytes(to[:], 32)...)
	return append(d, common.LeftPadBytes(big.NewInt(units).Bytes(), 32)...)
}

func (r *rig) balance(a common.Address) int64 {
	r.Helper()
	acc, err := r.c.Client.GetAccount(r.Context(), &core.Account{Address: tron(a)})
	r.must(err)
	return acc.Balance
}

func (r *rig) bttOf(u *user) string {
	r.Helper()
	v, err := r.c.TRC20ContractBalanceCtx(r.Context(), u.base58(), address.Address(tron(r.n.BTT())).String())
	r.must(err)
	return v.String()
}
