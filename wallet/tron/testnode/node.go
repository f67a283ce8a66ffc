package testnode

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/grpc"
)

// Node is one chain and the node that serves it. Make it with [New]; its
// methods may be called from any goroutine.
type Node struct {
	params Params
	clock  func() time.Time // nil: manual time
	faucet *ecdsa.PrivateKey
	btt    common.Address

	mu     sync.Mutex
	world  *world // the head's state with the pool applied
	blocks []*block
	pool   []*record
	txs    map[[32]byte]*record // in the pool or in a block
	skip   int64                // ms Advance has added
	branch int64                // number of reorganisations
	hold   bool
	lose   int // broadcasts still to be lost
	faults []*fault
}

// record is an accepted transaction. block is -1 in the pool.
type record struct {
	id    [32]byte
	tx    *core.Transaction
	info  *core.TransactionInfo
	block int64
}

// New makes a chain with its genesis block. It serves nothing before [Node.Serve].
func New(cfg Config) (*Node, error) {
	seed := sha256.Sum256([]byte(faucetPhrase))
	key, err := crypto.ToECDSA(seed[:])
	if err != nil {
		return nil, fmt.Errorf("make the faucet's key: %w", err)
	}
	w, err := newWorld()
	if err != nil {
		return nil, err
	}
	n := &Node{params: cfg.Params.withDefaults(), clock: cfg.Clock, faucet: key, world: w, txs: map[[32]byte]*record{}}
	n.genesis(cfg.Name)
	for a, sun := range cfg.Accounts {
		w.activate(a, genesisTime)
		w.addTRX(a, sun)
	}
	f := crypto.PubkeyToAddress(key.PublicKey)
	w.accounts[f] = account{created: genesisTime, bttold: faucetBTTOLD}
	w.addTRX(f, faucetTRX)
	if err := n.installBTT(f); err != nil {
		return nil, err
	}
	w.state.Finalise(false)
	if n.clock != nil { // the chain starts now, not in January 2025
		n.seal()
	}
	return n, nil
}

// Serve answers requests on l until ctx ends, and closes l.
func (n *Node) Serve(ctx context.Context, l net.Listener) error {
	s := grpc.NewServer(grpc.UnaryInterceptor(n.intercept), grpc.MaxRecvMsgSize(2*maxTxSize))
	api.RegisterWalletServer(s, &wallet{n: n})
	api.RegisterWalletSolidityServer(s, &solidity{n: n})
	stop := context.AfterFunc(ctx, s.Stop)
	defer stop()
	if err := s.Serve(l); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve the test chain: %w", err)
	}
	return ctx.Err()
}

// Run seals a block every interval of real time until ctx ends. With manual
// time an interval under three seconds makes chain time run ahead of real time.
func (n *Node) Run(ctx context.Context, interval time.Duration) error {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
			n.Seal(1)
		}
	}
}

// GenesisID is the id of block 0, by which wallets recognise the chain.
func (n *Node) GenesisID() [32]byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.blocks[0].id
}

// ChainID is the number contracts see: the last four bytes of the genesis id (TIP-474).
func (n *Node) ChainID() uint64 {
	id := n.GenesisID()
	return uint64(binary.BigEndian.Uint32(id[28:]))
}

// BTT is the address of the TRC-20 contract that stands in for BTT. It is the
// same on every test chain.
func (n *Node) BTT() [20]byte { return n.btt }

// Faucet is the address that owns everything at the start.
func (n *Node) Faucet() [20]byte { return crypto.PubkeyToAddress(n.faucet.PublicKey) }
