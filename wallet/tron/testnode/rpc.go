package testnode

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/ethereum/go-ethereum/common"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// wallet is the service protocol.Wallet: the head's view, and sending.
type wallet struct {
	api.UnimplementedWalletServer
	n *Node
}

func txID(tx *core.Transaction) [32]byte { return sha256.Sum256(mustMarshal(tx.RawData)) }

// GetAccount answers an empty account for an address that is not activated.
func (s *wallet) GetAccount(_ context.Context, q *core.Account) (*core.Account, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.account(s.n.world, q.Address), nil
}

// GetAccountResource answers the account's bandwidth as it stands now.
func (s *wallet) GetAccountResource(_ context.Context, q *core.Account) (*api.AccountResourceMessage, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	a, _ := evmAddress(q.Address)
	acc, ok := s.n.world.accounts[a]
	if !ok {
		return &api.AccountResourceMessage{}, nil
	}
	return &api.AccountResourceMessage{FreeNetLimit: s.n.params.FreeNetLimit, FreeNetUsed: acc.netUsage(s.n.slot())}, nil
}

// GetNowBlock2 answers the newest block.
func (s *wallet) GetNowBlock2(context.Context, *api.EmptyMessage) (*api.BlockExtention, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.head().message(), nil
}

// GetBlock answers the newest block, or the one of a number or id, with or
// without its transactions.
func (s *wallet) GetBlock(_ context.Context, q *api.BlockReq) (*api.BlockExtention, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.blockLike(q, s.n.head().header.RawData.Number)
}

// GetBlockByNum2 answers an empty block for a number above the head.
func (s *wallet) GetBlockByNum2(_ context.Context, q *api.NumberMessage) (*api.BlockExtention, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.blockAt(q.Num, s.n.head().header.RawData.Number), nil
}

// GetTransactionInfoByBlockNum answers the receipts of a block.
func (s *wallet) GetTransactionInfoByBlockNum(_ context.Context, q *api.NumberMessage) (*api.TransactionInfoList, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.infosAt(q.Num, s.n.head().header.RawData.Number), nil
}

// CreateTransaction2 builds a TRX transfer, unsigned.
func (s *wallet) CreateTransaction2(_ context.Context, c *core.TransferContract) (*api.TransactionExtention, error) {
	return s.wrap(core.Transaction_Contract_TransferContract, c)
}

// TransferAsset2 builds a TRC-10 transfer, unsigned.
func (s *wallet) TransferAsset2(_ context.Context, c *core.TransferAssetContract) (*api.TransactionExtention, error) {
	return s.wrap(core.Transaction_Contract_TransferAssetContract, c)
}

// DeployContract builds a deployment, unsigned.
func (s *wallet) DeployContract(_ context.Context, c *core.CreateSmartContract) (*api.TransactionExtention, error) {
	return s.wrap(core.Transaction_Contract_CreateSmartContract, c)
}

// TriggerContract builds a call of a contract, unsigned.
func (s *wallet) TriggerContract(_ context.Context, c *core.TriggerSmartContract) (*api.TransactionExtention, error) {
	return s.wrap(core.Transaction_Contract_TriggerSmartContract, c)
}

func (s *wallet) wrap(kind core.Transaction_Contract_ContractType, msg proto.Message) (*api.TransactionExtention, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.unsigned(kind, msg)
}

// TriggerConstantContract runs a call without a transaction and forgets its effects.
func (s *wallet) TriggerConstantContract(_ context.Context, c *core.TriggerSmartContract) (*api.TransactionExtention, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.constant(s.n.world, c)
}

// EstimateEnergy answers what TriggerConstantContract used.
func (s *wallet) EstimateEnergy(_ context.Context, c *core.TriggerSmartContract) (*api.EstimateEnergyMessage, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.estimate(s.n.world, c)
}

// BroadcastTransaction checks, applies and pools a transaction.
func (s *wallet) BroadcastTransaction(_ context.Context, tx *core.Transaction) (*api.Return, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	if s.n.lose > 0 {
		s.n.lose--
		return &api.Return{Result: true}, nil
	}
	if r := s.n.accept(tx); r != nil {
		return &api.Return{Code: r.code, Message: []byte(r.msg)}, nil
	}
	return &api.Return{Result: true}, nil
}

// GetTransactionById knows the transactions in blocks, not the pool.
func (s *wallet) GetTransactionById(_ context.Context, q *api.BytesMessage) (*core.Transaction, error) { //nolint:staticcheck // the service's name
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.txAt(q.Value, s.n.head().header.RawData.Number), nil
}

// GetTransactionInfoById answers the receipt of a transaction in a block.
func (s *wallet) GetTransactionInfoById(_ context.Context, q *api.BytesMessage) (*core.TransactionInfo, error) { //nolint:staticcheck // the service's name
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.infoOf(q.Value, s.n.head().header.RawData.Number), nil
}

// GetContract answers an empty contract for any other address.
func (s *wallet) GetContract(_ context.Context, q *api.BytesMessage) (*core.SmartContract, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	a, _ := evmAddress(q.Value)
	if c := s.n.world.contracts[a]; c != nil {
		return c, nil
	}
	return &core.SmartContract{}, nil
}

// GetAssetIssueById knows BTTOLD.
func (s *wallet) GetAssetIssueById(_ context.Context, q *api.BytesMessage) (*core.AssetIssueContract, error) { //nolint:staticcheck // the service's name
	return s.n.asset(string(q.Value)), nil
}

// GetChainParameters answers the governance parameters under java-tron's keys.
func (s *wallet) GetChainParameters(context.Context, *api.EmptyMessage) (*core.ChainParameters, error) {
	p, out := s.n.params, &core.ChainParameters{}
	for _, kv := range []struct {
		key   string
		value int64
	}{
		{"getTransactionFee", p.TransactionFee},
		{"getEnergyFee", p.EnergyFee},
		{"getFreeNetLimit", p.FreeNetLimit},
		{"getCreateAccountFee", p.CreateAccountFee},
		{"getCreateNewAccountFeeInSystemContract", p.NewAccountSystemFee},
		{"getMemoFee", p.MemoFee},
		{"getMaxFeeLimit", p.MaxFeeLimit},
	} {
		out.ChainParameter = append(out.ChainParameter, &core.ChainParameters_ChainParameter{Key: kv.key, Value: kv.value})
	}
	return out, nil
}

// GetEnergyPrices answers one price, in force from the start.
func (s *wallet) GetEnergyPrices(context.Context, *api.EmptyMessage) (*api.PricesResponseMessage, error) {
	return &api.PricesResponseMessage{Prices: fmt.Sprintf("0:%d", s.n.params.EnergyFee)}, nil
}

// GetBandwidthPrices answers one price, in force from the start.
func (s *wallet) GetBandwidthPrices(context.Context, *api.EmptyMessage) (*api.PricesResponseMessage, error) {
	return &api.PricesResponseMessage{Prices: fmt.Sprintf("0:%d", s.n.params.TransactionFee)}, nil
}

// GetNodeInfo names the heights.
func (s *wallet) GetNodeInfo(context.Context, *api.EmptyMessage) (*core.NodeInfo, error) {
	head, solid := s.n.Height()
	return &core.NodeInfo{Block: fmt.Sprintf("Num:%d", head), SolidityBlock: fmt.Sprintf("Num:%d", solid)}, nil
}

// account is the protobuf form of an address in w.
func (n *Node) account(w *world, address []byte) *core.Account {
	a, _ := evmAddress(address)
	acc, ok := w.accounts[a]
	if !ok {
		return &core.Account{}
	}
	out := &core.Account{
		Address: tron(a), Balance: w.trx(a), Type: acc.kind, CreateTime: acc.created, FreeNetUsage: acc.netUsed, LatestConsumeFreeTime: acc.netSlot,
		OwnerPermission: &core.Permission{Threshold: 1, PermissionName: "owner", Keys: []*core.Key{{Address: tron(a), Weight: 1}}},
	}
	if acc.bttold > 0 {
		out.AssetV2 = map[string]int64{BTTOLD: acc.bttold}
	}
	return out
}

func (n *Node) blockAt(num, newest int64) *api.BlockExtention {
	if num < 0 || num > newest {
		return &api.BlockExtention{}
	}
	return n.blocks[num].message()
}

// blockLike finds the block a request means, not above newest.
func (n *Node) blockLike(q *api.BlockReq, newest int64) (*api.BlockExtention, error) {
	num := newest
	switch text := q.IdOrNum; {
	case text == "":
	case len(text) == 64:
		id, err := hex.DecodeString(text)
		if err != nil {
			return nil, status.Error(codes.InvalidArgument, "id_or_num must be legal block id or number")
		}
		num = int64(binary.BigEndian.Uint64(id))
		if num < 0 || num > newest || n.blocks[num].id != [32]byte(id) {
			return &api.BlockExtention{}, nil
		}
	default:
		var err error
		if num, err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, status.Error(codes.InvalidArgument, "id_or_num must be legal block id or number")
		}
	}
	b := n.blockAt(num, newest)
	if !q.Detail {
		b.Transactions = nil
	}
	return b, nil
}

func (n *Node) infosAt(num, newest int64) *api.TransactionInfoList {
	out := &api.TransactionInfoList{}
	if num >= 0 && num <= newest {
		for _, r := range n.blocks[num].txs {
			out.TransactionInfo = append(out.TransactionInfo, r.info)
		}
	}
	return out
}

// mined finds a transaction in a block up to newest.
func (n *Node) mined(id []byte, newest int64) *record {
	if len(id) != 32 {
		return nil
	}
	if r := n.txs[[32]byte(id)]; r != nil && r.block >= 0 && r.block <= newest {
		return r
	}
	return nil
}

func (n *Node) txAt(id []byte, newest int64) *core.Transaction {
	if r := n.mined(id, newest); r != nil {
		return r.tx
	}
	return &core.Transaction{}
}

func (n *Node) infoOf(id []byte, newest int64) *core.TransactionInfo {
	if r := n.mined(id, newest); r != nil {
		return r.info
	}
	return &core.TransactionInfo{}
}

func (n *Node) asset(id string) *core.AssetIssueContract {
	if id != BTTOLD {
		return &core.AssetIssueContract{}
	}
	return &core.AssetIssueContract{
		Id: BTTOLD, Name: []byte("BitTorrentOld"), Abbr: []byte("BTTOLD"), Precision: 6, TotalSupply: faucetBTTOLD, OwnerAddress: tron(n.Faucet()),
	}
}

// unsigned is a transaction in the services' envelope.
func (n *Node) unsigned(kind core.Transaction_Contract_ContractType, msg proto.Message) (*api.TransactionExtention, error) {
	tx, id, err := n.build(kind, msg)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &api.TransactionExtention{Transaction: tx, Txid: id[:], Result: &api.Return{Result: true}}, nil
}

// constant runs a call on a copy of w.
func (n *Node) constant(w *world, c *core.TriggerSmartContract) (*api.TransactionExtention, error) {
	x, err := n.unsigned(core.Transaction_Contract_TriggerSmartContract, c)
	if err != nil {
		return nil, err
	}
	owner, _ := evmAddress(c.OwnerAddress) // the zero address may ask
	if a, ok := evmAddress(c.ContractAddress); !ok || w.contracts[a] == nil {
		x.Result = &api.Return{
			Code: api.Return_CONTRACT_VALIDATE_ERROR, Message: []byte("Contract validate error : Smart contract is not exist."),
		}
		return x, nil
	}
	o := n.run(w.copy(), owner, c, [32]byte(x.Txid), maxConstant)
	x.ConstantResult, x.EnergyUsed = [][]byte{o.ret}, int64(o.energy)
	ret := &core.Transaction_Result{}
	if o.err != nil {
		ret.Ret = core.Transaction_Result_FAILED
		x.Result.Message = []byte(o.err.Error())
		if o.result == core.Transaction_Result_REVERT {
			x.Result.Message = []byte("REVERT opcode executed")
		}
	}
	for _, l := range o.logs {
		x.Logs = append(x.Logs, &core.TransactionInfo_Log{Address: l.Address[:], Topics: topics(l.Topics), Data: l.Data})
	}
	x.Transaction.Ret = []*core.Transaction_Result{ret}
	return x, nil
}

func (n *Node) estimate(w *world, c *core.TriggerSmartContract) (*api.EstimateEnergyMessage, error) {
	x, err := n.constant(w, c)
	if err != nil {
		return nil, err
	}
	return &api.EstimateEnergyMessage{Result: x.Result, EnergyRequired: x.EnergyUsed}, nil
}

func topics(hashes []common.Hash) [][]byte {
	var out [][]byte
	for _, h := range hashes {
		out = append(out, h.Bytes())
	}
	return out
}
