package testnode

import (
	"context"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
)

// solidity is the service protocol.WalletSolidity: what can no longer change.
type solidity struct {
	api.UnimplementedWalletSolidityServer
	n *Node
}

func (s *solidity) world() *world { return s.n.blocks[s.n.solidNum()].world }

// GetAccount answers the account as of the newest solid block.
func (s *solidity) GetAccount(_ context.Context, q *core.Account) (*core.Account, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.account(s.world(), q.Address), nil
}

// GetNowBlock2 answers the newest solid block.
func (s *solidity) GetNowBlock2(context.Context, *api.EmptyMessage) (*api.BlockExtention, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.blocks[s.n.solidNum()].message(), nil
}

// GetBlock answers the newest solid block, or the one of a number or id.
func (s *solidity) GetBlock(_ context.Context, q *api.BlockReq) (*api.BlockExtention, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.blockLike(q, s.n.solidNum())
}

// GetBlockByNum2 answers an empty block for one that is not solid.
func (s *solidity) GetBlockByNum2(_ context.Context, q *api.NumberMessage) (*api.BlockExtention, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.blockAt(q.Num, s.n.solidNum()), nil
}

// GetTransactionInfoByBlockNum answers nothing for a block that is not solid.
func (s *solidity) GetTransactionInfoByBlockNum(_ context.Context, q *api.NumberMessage) (*api.TransactionInfoList, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.infosAt(q.Num, s.n.solidNum()), nil
}

// GetTransactionById knows the transactions in solid blocks.
func (s *solidity) GetTransactionById(_ context.Context, q *api.BytesMessage) (*core.Transaction, error) { //nolint:staticcheck // the service's name
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.txAt(q.Value, s.n.solidNum()), nil
}

// GetTransactionInfoById answers the receipt of a transaction in a solid block.
func (s *solidity) GetTransactionInfoById(_ context.Context, q *api.BytesMessage) (*core.TransactionInfo, error) { //nolint:staticcheck // the service's name
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.infoOf(q.Value, s.n.solidNum()), nil
}

// GetAssetIssueById knows BTTOLD.
func (s *solidity) GetAssetIssueById(_ context.Context, q *api.BytesMessage) (*core.AssetIssueContract, error) { //nolint:staticcheck // the service's name
	return s.n.asset(string(q.Value)), nil
}

// TriggerConstantContract runs a call on the solid state.
func (s *solidity) TriggerConstantContract(_ context.Context, c *core.TriggerSmartContract) (*api.TransactionExtention, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.constant(s.world(), c)
}

// EstimateEnergy answers what TriggerConstantContract used.
func (s *solidity) EstimateEnergy(_ context.Context, c *core.TriggerSmartContract) (*api.EstimateEnergyMessage, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	return s.n.estimate(s.world(), c)
}
