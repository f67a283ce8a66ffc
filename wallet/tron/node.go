package tron

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"

	"github.com/fbsobreira/gotron-sdk/pkg/client"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// maxAnswer bounds an answer, in bytes. A full block of mainnet is below 2 MiB.
const maxAnswer = 4 << 20

// node is one endpoint behind the guard. Every method has a deadline, survives
// what the answer contains and returns only what has been checked.
type node struct {
	host    string
	timeout time.Duration
	full    *client.GrpcClient
	solid   *client.GrpcClient // may be full
	onChain atomic.Bool        // has shown the right genesis block since the last failure
}

func dial(e Endpoint, apiKey string, timeout time.Duration) (*node, error) {
	creds := insecure.NewCredentials()
	if e.TLS {
		creds = credentials.NewTLS(nil)
	}
	opts := []grpc.DialOption{
		grpc.WithTransportCredentials(creds), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
		grpc.WithUnaryInterceptor(withKey(apiKey)),
	}
	n := &node{host: e.Full, timeout: timeout, full: client.NewGrpcClientWithTimeout(e.Full, timeout)}
	if err := n.full.Start(opts...); err != nil {
		return nil, fmt.Errorf("dial %s: %w", e.Full, err)
	}
	n.solid = n.full
	if e.Solid != "" && e.Solid != e.Full {
		n.solid = client.NewGrpcClientWithTimeout(e.Solid, timeout)
		if err := n.solid.Start(opts...); err != nil {
			n.full.Stop()
			return nil, fmt.Errorf("dial %s: %w", e.Solid, err)
		}
	}
	return n, nil
}

// withKey sends the provider's key, if there is one, with every request. The
// SDK's own way is not safe for concurrent use and misses its raw client.
func withKey(key string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if key != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "TRON-PRO-API-KEY", key)
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	}
}

func (n *node) close() {
	n.full.Stop()
	if n.solid != n.full {
		n.solid.Stop()
	}
}

// ask runs one request under the guard.
func ask[A any](ctx context.Context, n *node, what string, f func(context.Context) (A, error)) (answer A, err error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrAnswer, p)
		}
		if err != nil {
			n.onChain.Store(false)
			err = fmt.Errorf("%s at %s: %w", what, n.host, err)
		}
	}()
	return f(ctx)
}

// solidity is the service that shows what can no longer change.
func (n *node) solidity() api.WalletSolidityClient { return api.NewWalletSolidityClient(n.solid.Conn) }

// block is what is used of a block.
type block struct {
	num  int64
	id   [32]byte
	time int64 // ms
}

func parseBlock(b *api.BlockExtention) (block, error) {
	raw := b.GetBlockHeader().GetRawData()
	if raw == nil || len(b.GetBlockid()) != 32 || raw.Number < 0 || raw.Timestamp < 0 || raw.Timestamp > maxTime {
		return block{}, fmt.Errorf("%w: a block without header or id", ErrAnswer)
	}
	out := block{num: raw.Number, id: [32]byte(b.Blockid), time: raw.Timestamp}
	if int64(binary.BigEndian.Uint64(out.id[:8])) != out.num {
		return block{}, fmt.Errorf("%w: a block whose id is not its number's", ErrAnswer)
	}
	return out, nil
}

// maxTime is a time in ms that no block of this century has.
const maxTime = 4_102_444_800_000

// checkChain asks for the genesis block unless the node has shown it already.
func (n *node) checkChain(ctx context.Context, genesis [32]byte) error {
	if n.onChain.Load() {
		return nil
	}
	err := n.genesisIs(ctx, "check the chain", genesis, func(ctx context.Context) (*api.BlockExtention, error) {
		return n.full.GetBlockByNumCtx(ctx, 0)
	})
	if err == nil && n.solid != n.full {
		err = n.genesisIs(ctx, "check the chain of the solid service", genesis, func(ctx context.Context) (*api.BlockExtention, error) {
			return n.solidity().GetBlockByNum2(ctx, &api.NumberMessage{})
		})
	}
	n.onChain.Store(err == nil)
	return err
}

func (n *node) genesisIs(ctx context.Context, what string, genesis [32]byte, get func(context.Context) (*api.BlockExtention, error)) error {
	_, err := ask(ctx, n, what, func(ctx context.Context) (block, error) {
		x, err := get(ctx)
		if err != nil {
			return block{}, err
		}
		b, err := parseBlock(x)
		if err == nil && b.id != genesis {
			err = fmt.Errorf("%w: genesis block %x", ErrWrongChain, b.id)
		}
		return b, err
	})
	return err
}

// head returns the newest block, or the newest solid one, without its
// transactions: on mainnet those are some hundred KiB that nobody looks at.
func (n *node) head(ctx context.Context, solid bool) (block, error) {
	return ask(ctx, n, "read the newest block", func(ctx context.Context) (block, error) {
		b, err := n.header(ctx, solid)
		if status.Code(err) == codes.Unimplemented { // a node from before java-tron 4.7
			b, err = n.wholeBlock(ctx, solid)
		}
		if err != nil {
			return block{}, err
		}
		return parseBlock(b)
	})
}

func (n *node) header(ctx context.Context, solid bool) (*api.BlockExtention, error) {
	newest := &api.BlockReq{Detail: false}
	if solid {
		return n.solidity().GetBlock(ctx, newest)
	}
	return n.full.Client.GetBlock(ctx, newest)
}

func (n *node) wholeBlock(ctx context.Context, solid bool) (*api.BlockExtention, error) {
	if solid {
		return n.solidity().GetNowBlock2(ctx, &api.EmptyMessage{})
	}
	return n.full.GetNowBlockCtx(ctx)
}

// The largest amounts that can exist: all BTTOLD ever made, and more TRX than
// ever will be. BTT is bounded by btt.Amount, a hundredth of its supply.
const (
	maxOld = 990_000_000_000_000_000
	maxTRX = 1_000_000_000_000_000_000
)

// holdings are the balances of one address.
type holdings struct {
	active   bool
	contract bool
	amount   map[Asset]btt.Amount
	rest     uint64 // base units of BTT below a µBTT
}

// account reads TRX and BTTOLD.
func (n *node) account(ctx context.Context, a voucher.Address, solid bool) (holdings, error) {
	return ask(ctx, n, "read account "+a.String(), func(ctx context.Context) (holdings, error) {
		q := &core.Account{Address: a.Bytes21()}
		var x *core.Account
		var err error
		if solid {
			x, err = n.solidity().GetAccount(ctx, q)
		} else {
			x, err = n.full.Client.GetAccount(ctx, q)
		}
		if err != nil {
			return holdings{}, err
		}
		h := holdings{amount: map[Asset]btt.Amount{}}
		if len(x.GetAddress()) == 0 { // the answer for an account that does not exist
			if proto.Size(x) > 0 {
				return holdings{}, fmt.Errorf("%w: an account without address", ErrAnswer)
			}
			return h, nil
		}
		got, ok := address21(x.Address)
		old := x.GetAssetV2()[oldToken]
		if !ok || got != a || x.Balance < 0 || x.Balance > maxTRX || old < 0 || old > maxOld {
			return holdings{}, fmt.Errorf("%w: account %x with %d sun and %d of BTTOLD", ErrAnswer, x.Address, x.Balance, old)
		}
		h.active, h.contract = true, x.Type == core.AccountType_Contract
		h.amount[TRX], h.amount[BTTOLD] = btt.Amount(x.Balance), btt.Amount(old)
		return h, nil
	})
}

// constant runs a call without a transaction. A revert is ErrWouldFail.
func (n *node) constant(ctx context.Context, from, at voucher.Address, data []byte, solid bool) (ret []byte, energy int64, err error) {
	type answer struct {
		ret    []byte
		energy int64
	}
	a, err := ask(ctx, n, "call contract "+at.String(), func(ctx context.Context) (answer, error) {
		q := &core.TriggerSmartContract{OwnerAddress: from.Bytes21(), ContractAddress: at.Bytes21(), Data: data}
		var x *api.TransactionExtention
		var err error
		if solid {
			x, err = n.solidity().TriggerConstantContract(ctx, q)
		} else {
			x, err = n.full.Client.TriggerConstantContract(ctx, q)
		}
		if err != nil {
			return answer{}, err
		}
		for _, r := range x.GetTransaction().GetRet() {
			if r.GetRet() == core.Transaction_Result_FAILED {
				return answer{}, fmt.Errorf("%w: %.100q", ErrWouldFail, x.GetResult().GetMessage())
			}
		}
		if !x.GetResult().GetResult() || len(x.GetConstantResult()) != 1 || x.EnergyUsed < 0 || x.EnergyUsed > maxEnergy {
			return answer{}, fmt.Errorf("%w: %.100q", ErrAnswer, x.GetResult().GetMessage())
		}
		return answer{x.ConstantResult[0], x.EnergyUsed}, nil
	})
	return a.ret, a.energy, err
}

// maxEnergy is more than a block of TRON can use.
const maxEnergy = 1_000_000_000

// bttOf reads the TRC-20 balance. An empty or reverted answer is an error and
// never zero.
func (n *node) bttOf(ctx context.Context, contract, a voucher.Address, solid bool) (amount btt.Amount, rest uint64, err error) {
	data := append(selector(selBalanceOf), make([]byte, 12)...)
	ret, _, err := n.constant(ctx, a, contract, append(data, a[:]...), solid)
	if err != nil {
		return 0, 0, err
	}
	if len(ret) != 32 {
		n.onChain.Store(false)
		return 0, 0, fmt.Errorf("read BTT of %s at %s: %w: %d bytes", a, n.host, ErrAnswer, len(ret))
	}
	amount, rest, err = btt.FromWord(btt.Word(ret))
	if err != nil {
		n.onChain.Store(false)
		return 0, 0, fmt.Errorf("read BTT of %s at %s: %w: %w", a, n.host, ErrAnswer, err)
	}
	return amount, rest, nil
}

// holdings reads all balances of an address.
func (n *node) holdings(ctx context.Context, net Network, a voucher.Address, solid bool) (holdings, error) {
	h, err := n.account(ctx, a, solid)
	if err != nil {
		return h, err
	}
	h.amount[BTT], h.rest, err = n.bttOf(ctx, net.BTT, a, solid)
	return h, err
}

// fate is what a node knows of a transaction.
type fate struct {
	found  bool
	block  int64
	ok     bool
	fee    btt.Sun
	reason string
	logs   []*core.TransactionInfo_Log
}

// maxBurn is the most a transaction can burn: the largest fee limit and a megabyte.
const maxBurn = btt.Sun(16_000) * btt.TRX

// fateOf asks for the receipt, at the head or where it is solid.
func (n *node) fateOf(ctx context.Context, id [32]byte, solid bool) (fate, error) {
	return ask(ctx, n, fmt.Sprintf("look for transaction %x", id[:6]), func(ctx context.Context) (fate, error) {
		q := &api.BytesMessage{Value: id[:]}
		var x *core.TransactionInfo
		var err error
		if solid {
			x, err = n.solidity().GetTransactionInfoById(ctx, q)
		} else {
			x, err = n.full.Client.GetTransactionInfoById(ctx, q)
		}
		if err != nil || proto.Size(x) == 0 {
			return fate{}, err
		}
		if !bytesAre(x.Id, id) || x.BlockNumber <= 0 || x.Fee < 0 || btt.Sun(x.Fee) > maxBurn {
			return fate{}, fmt.Errorf("%w: receipt of %x in block %d with fee %d", ErrAnswer, x.Id, x.BlockNumber, x.Fee)
		}
		f := fate{found: true, block: x.BlockNumber, fee: btt.Sun(x.Fee), logs: x.Log}
		r := x.GetReceipt().GetResult()
		f.ok = x.Result == core.TransactionInfo_SUCESS && //nolint:misspell // the protocol's spelling
			(r == core.Transaction_Result_SUCCESS || r == core.Transaction_Result_DEFAULT)
		if !f.ok {
			f.reason = clip(fmt.Sprintf("%v: %s", r, x.ResMessage))
		}
		return f, nil
	})
}

func bytesAre(b []byte, id [32]byte) bool { return len(b) == 32 && [32]byte(b) == id }

// clip shortens a node's words to what the ledger keeps.
func clip(s string) string {
	r := []rune(s)
	return string(r[:min(len(r), 200)])
}

// verdict is a node's answer to a broadcast.
type verdict uint8

const (
	unsure   verdict = iota // nobody knows; ask again
	accepted                // taken, or there already
	refused                 // this node never will
)

// broadcast hands the signed bytes over.
func (n *node) broadcast(ctx context.Context, raw, sig []byte) (verdict, string, error) {
	var r core.TransactionRaw
	if err := proto.Unmarshal(raw, &r); err != nil {
		return refused, "", fmt.Errorf("send: %w: %w", ErrDiffers, err)
	}
	ret, err := ask(ctx, n, fmt.Sprintf("send %x", hashOf(raw)), func(ctx context.Context) (*api.Return, error) {
		ret, err := n.full.BroadcastCtx(ctx, &core.Transaction{RawData: &r, Signature: [][]byte{sig}})
		if ret != nil { // the SDK makes an error of a refusal
			return ret, nil
		}
		return nil, errors.Join(err, ErrAnswer)
	})
	if err != nil {
		return unsure, "", err
	}
	switch ret.GetCode() {
	case api.Return_SUCCESS:
		if ret.GetResult() {
			return accepted, "", nil
		}
		return unsure, clip(string(ret.GetMessage())), nil
	case api.Return_DUP_TRANSACTION_ERROR:
		return accepted, "", nil
	case api.Return_SIGERROR, api.Return_CONTRACT_VALIDATE_ERROR, api.Return_CONTRACT_EXE_ERROR, api.Return_BANDWITH_ERROR, //nolint:misspell // the protocol's spelling
		api.Return_TAPOS_ERROR, api.Return_TOO_BIG_TRANSACTION_ERROR, api.Return_TRANSACTION_EXPIRATION_ERROR:
		return refused, clip(fmt.Sprintf("%v: %s", ret.Code, ret.Message)), nil
	default: // busy, not connected, unknown
		return unsure, clip(string(ret.GetMessage())), nil
	}
}
