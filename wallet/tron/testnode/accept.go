package testnode

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"
)

// reject says why the node did not take a transaction.
type reject struct {
	code api.ReturnResponseCode
	msg  string
}

func rejectf(c api.ReturnResponseCode, format string, args ...any) *reject {
	return &reject{c, fmt.Sprintf(format, args...)}
}

// invalid is a rejection in java-tron's words for a contract that cannot be carried out.
func invalid(format string, args ...any) *reject {
	return rejectf(api.Return_CONTRACT_VALIDATE_ERROR, "Contract validate error : "+format, args...)
}

// accept checks a transaction, applies it to a copy of the world and puts it
// into the pool. On rejection nothing has changed.
func (n *Node) accept(tx *core.Transaction) *reject {
	raw := tx.GetRawData()
	if len(raw.GetContract()) != 1 || raw.Contract[0].GetParameter() == nil {
		return invalid("exactly one contract is expected")
	}
	size := int64(proto.Size(&core.Transaction{RawData: raw, Signature: tx.Signature}))
	if size > maxTxSize {
		return rejectf(api.Return_TOO_BIG_TRANSACTION_ERROR, "Too big transaction, the size is %d bytes", size)
	}
	id := sha256.Sum256(mustMarshal(raw))
	if n.txs[id] != nil {
		return rejectf(api.Return_DUP_TRANSACTION_ERROR, "Dup transaction.")
	}
	for _, check := range []func() *reject{
		func() *reject { return n.checkTAPOS(raw) },
		func() *reject { return n.checkExpiry(raw) },
	} {
		if r := check(); r != nil {
			return r
		}
	}
	msg, owner, r := n.contract(raw.Contract[0])
	if r != nil {
		return r
	}
	if r := checkSignature(tx, id, owner); r != nil {
		return r
	}
	j := &job{n: n, w: n.world.copy(), owner: owner, id: id, raw: raw, info: &core.TransactionInfo{Id: id[:], Receipt: &core.ResourceReceipt{}}}
	if r := j.apply(msg, size+maxResultSize); r != nil {
		return r
	}
	j.w.state.Finalise(false)
	n.world = j.w
	tx.Ret = []*core.Transaction_Result{{ContractRet: max(j.info.Receipt.Result, core.Transaction_Result_SUCCESS)}} // transfers have no receipt
	rec := &record{id: id, tx: tx, info: j.info, block: -1}
	n.txs[id] = rec
	n.pool = append(n.pool, rec)
	return nil
}

// checkTAPOS wants the reference block on this chain, among the newest 65,536.
func (n *Node) checkTAPOS(raw *core.TransactionRaw) *reject {
	if len(raw.RefBlockBytes) != 2 {
		return rejectf(api.Return_TAPOS_ERROR, "Tapos failed, no reference block")
	}
	head := int64(len(n.blocks)) - 1
	ref := head&^0xffff | int64(binary.BigEndian.Uint16(raw.RefBlockBytes))
	if ref > head {
		ref -= 0x10000
	}
	if ref < 0 || !bytes.Equal(n.blocks[ref].id[8:16], raw.RefBlockHash) {
		return rejectf(api.Return_TAPOS_ERROR, "Tapos failed, different block hash, please check if you are on the right chain")
	}
	return nil
}

func (n *Node) checkExpiry(raw *core.TransactionRaw) *reject {
	now := n.head().time()
	if raw.Expiration <= now || raw.Expiration > now+maxExpiry {
		return rejectf(api.Return_TRANSACTION_EXPIRATION_ERROR,
			"Transaction expiration, transaction expiration time is %d, but headBlockTime is %d", raw.Expiration, now)
	}
	return nil
}

// contract decodes the one contract and names its owner.
func (n *Node) contract(c *core.Transaction_Contract) (proto.Message, common.Address, *reject) {
	msg, err := c.Parameter.UnmarshalNew()
	if err != nil {
		return nil, common.Address{}, invalid("%v", err)
	}
	if want := "protocol." + c.Type.String(); string(msg.ProtoReflect().Descriptor().FullName()) != want {
		return nil, common.Address{}, invalid("contract type error, expected %s", want)
	}
	o, ok := msg.(interface{ GetOwnerAddress() []byte })
	if !ok {
		return nil, common.Address{}, invalid("contract has no owner")
	}
	owner, ok := evmAddress(o.GetOwnerAddress())
	switch {
	case !ok:
		return nil, owner, invalid("Invalid ownerAddress")
	case !n.world.active(owner):
		return nil, owner, invalid("Validate TransferContract error, no OwnerAccount.")
	case c.PermissionId != 0 && c.PermissionId != 2:
		return nil, owner, rejectf(api.Return_SIGERROR, "Validate signature error: permission isn't exit")
	}
	return msg, owner, nil
}

// checkSignature wants one signature over the id that recovers the owner.
func checkSignature(tx *core.Transaction, id [32]byte, owner common.Address) *reject {
	if len(tx.Signature) != 1 || len(tx.Signature[0]) != 65 {
		return rejectf(api.Return_SIGERROR, "Validate signature error: miss sig or contract")
	}
	sig := bytes.Clone(tx.Signature[0])
	if sig[64] >= 27 {
		sig[64] -= 27
	}
	pub, err := crypto.SigToPub(id[:], sig)
	if err != nil {
		return rejectf(api.Return_SIGERROR, "Validate signature error: %v", err)
	}
	if a := crypto.PubkeyToAddress(*pub); a != owner {
		return rejectf(api.Return_SIGERROR, "Validate signature error: %x is signed by %x but it is not contained of permission.", id, tron(a))
	}
	return nil
}
