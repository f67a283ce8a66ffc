package testnode

import (
	"github.com/ethereum/go-ethereum/common"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"
)

// job is one transaction on its way into a world of its own.
type job struct {
	n     *Node
	w     *world
	owner common.Address
	id    [32]byte
	raw   *core.TransactionRaw
	info  *core.TransactionInfo
}

// apply charges for size bytes and carries the contract out.
func (j *job) apply(msg proto.Message, size int64) *reject {
	to, creates := j.creates(msg)
	if r := j.chargeBandwidth(size, creates); r != nil {
		return r
	}
	if len(j.raw.Data) > 0 && !j.burn(j.n.params.MemoFee) {
		return poor()
	}
	if creates && !j.burn(j.n.params.NewAccountSystemFee) {
		return invalid("Validate TransferContract error, insufficient fee.")
	}
	if creates {
		j.w.activate(to, j.n.head().time())
	}
	switch x := msg.(type) {
	case *core.TransferContract:
		return j.transfer(x)
	case *core.TransferAssetContract:
		return j.transferAsset(x)
	case *core.CreateSmartContract, *core.TriggerSmartContract:
		return j.execute(x)
	default:
		return invalid("contract type %T is not supported by the test chain", msg)
	}
}

// creates reports whether the contract activates an account, and which.
func (j *job) creates(msg proto.Message) (common.Address, bool) {
	var to []byte
	switch x := msg.(type) {
	case *core.TransferContract:
		to = x.ToAddress
	case *core.TransferAssetContract:
		to = x.ToAddress
	}
	a, ok := evmAddress(to)
	return a, ok && !j.w.active(a)
}

// poor is java-tron's rejection of an account that cannot pay for bandwidth.
func poor() *reject {
	return rejectf(api.Return_BANDWITH_ERROR, "Account resource insufficient error.") //nolint:misspell // the protocol's spelling
}

// burn takes a fee from the owner and notes it.
func (j *job) burn(sun int64) bool {
	if !j.w.subTRX(j.owner, sun) {
		return false
	}
	j.info.Fee += sun
	return true
}

// chargeBandwidth uses free bandwidth if all of size fits, else burns TRX. A
// transaction that activates an account pays a fixed fee instead (java-tron,
// BandwidthProcessor.consume).
func (j *job) chargeBandwidth(size int64, creates bool) *reject {
	if creates {
		if !j.burn(j.n.params.CreateAccountFee) {
			return poor()
		}
		j.info.Receipt.NetFee = j.n.params.CreateAccountFee
		return nil
	}
	a, now := j.w.accounts[j.owner], j.n.slot()
	if used := a.netUsage(now); used+size <= j.n.params.FreeNetLimit {
		a.netUsed, a.netSlot = used+size, now
		j.w.accounts[j.owner] = a
		j.info.Receipt.NetUsage = size
		return nil
	}
	fee := size * j.n.params.TransactionFee
	if !j.burn(fee) {
		return poor()
	}
	j.info.Receipt.NetFee = fee
	return nil
}

func (j *job) transfer(x *core.TransferContract) *reject {
	to, ok := evmAddress(x.ToAddress)
	switch {
	case !ok:
		return invalid("Invalid toAddress!")
	case to == j.owner:
		return invalid("Cannot transfer TRX to yourself.")
	case x.Amount <= 0:
		return invalid("Amount must be greater than 0.")
	case j.w.contracts[to] != nil:
		return invalid("Cannot transfer TRX to a smartContract.")
	case !j.w.subTRX(j.owner, x.Amount):
		return invalid("Validate TransferContract error, balance is not sufficient.")
	}
	j.w.addTRX(to, x.Amount)
	return nil
}

func (j *job) transferAsset(x *core.TransferAssetContract) *reject {
	to, ok := evmAddress(x.ToAddress)
	switch {
	case !ok:
		return invalid("Invalid toAddress")
	case x.Amount <= 0:
		return invalid("Amount must be greater than 0.")
	case to == j.owner:
		return invalid("Cannot transfer asset to yourself.")
	case string(x.AssetName) != BTTOLD:
		return invalid("No asset!")
	case j.w.contracts[to] != nil:
		return invalid("Cannot transfer asset to smartContract.")
	case j.w.accounts[j.owner].bttold < x.Amount:
		return invalid("assetBalance is not sufficient.")
	}
	from, dest := j.w.accounts[j.owner], j.w.accounts[to]
	from.bttold -= x.Amount
	dest.bttold += x.Amount
	j.w.accounts[j.owner], j.w.accounts[to] = from, dest
	return nil
}
