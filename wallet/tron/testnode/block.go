package testnode

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"
)

// block is one sealed block. world is its state, kept until it has long been solid.
type block struct {
	header *core.BlockHeader
	id     [32]byte
	txs    []*record
	world  *world
}

func (b *block) time() int64 { return b.header.RawData.Timestamp }

// genesis makes block 0. It depends on the name alone, so that a profile can
// name the chain's id whatever accounts a run starts with.
func (n *Node) genesis(name string) {
	raw := &core.BlockHeaderRaw{Timestamp: genesisTime, ParentHash: make([]byte, 32), WitnessAddress: []byte(chainName + name)}
	n.blocks = []*block{{header: &core.BlockHeader{RawData: raw}, id: blockID(raw), world: n.world}}
}

// blockID is sha256 of the raw header with the number in the first eight bytes.
func blockID(raw *core.BlockHeaderRaw) [32]byte {
	id := sha256.Sum256(mustMarshal(raw))
	binary.BigEndian.PutUint64(id[:8], uint64(raw.Number))
	return id
}

func (n *Node) head() *block { return n.blocks[len(n.blocks)-1] }

// solidNum is the number of the newest solid block.
func (n *Node) solidNum() int64 { return max(0, int64(len(n.blocks))-1-n.params.SolidDepth) }

// nextTime is the time the next block will bear, in ms.
func (n *Node) nextTime() int64 {
	t := n.head().time() + blockInterval
	if n.clock == nil {
		return t + n.skip
	}
	return max(t, (n.clock().UnixMilli()+n.skip)/blockInterval*blockInterval)
}

// slot is the number of the three-second slot of the head, for bandwidth.
func (n *Node) slot() int64 { return n.head().time() / blockInterval }

// seal makes the next block of what the pool holds.
func (n *Node) seal() {
	parent := n.head()
	raw := &core.BlockHeaderRaw{
		Number: int64(len(n.blocks)), Timestamp: n.nextTime(), ParentHash: parent.id[:], Version: 30, WitnessId: n.branch,
		WitnessAddress: tron(common.BigToAddress(common.Big1)),
	}
	if n.clock == nil {
		n.skip = 0 // the head carries it from here on
	}
	n.dropExpired(raw.Timestamp)
	b := &block{world: n.world}
	if n.hold {
		b.world = parent.world
	} else {
		b.txs, n.pool = n.pool, nil
	}
	raw.TxTrieRoot = merkleRoot(b.txs)
	b.header, b.id = &core.BlockHeader{RawData: raw}, blockID(raw)
	for _, r := range b.txs {
		r.block, r.info.BlockNumber, r.info.BlockTimeStamp = raw.Number, raw.Number, raw.Timestamp
	}
	n.blocks = append(n.blocks, b)
	if old := n.solidNum() - 1; old >= 0 {
		n.blocks[old].world = nil
	}
}

// dropExpired throws out of the pool what may no longer enter a block at time now.
func (n *Node) dropExpired(now int64) {
	var keep []*core.Transaction
	for _, r := range n.pool {
		if r.tx.RawData.Expiration > now {
			keep = append(keep, r.tx)
		}
	}
	if len(keep) != len(n.pool) {
		n.repool(keep)
	}
}

// repool applies txs afresh to the head's state; what no longer fits is dropped.
func (n *Node) repool(txs []*core.Transaction) {
	for _, r := range n.pool {
		delete(n.txs, r.id)
	}
	n.pool, n.world = nil, n.head().world
	for _, tx := range txs {
		_ = n.accept(proto.CloneOf(tx)) // the old one may be on its way to a client
	}
}

// merkleRoot is java-tron's root over the transactions: an odd leaf moves up as it is.
func merkleRoot(txs []*record) []byte {
	var level [][32]byte
	for _, r := range txs {
		level = append(level, sha256.Sum256(mustMarshal(r.tx)))
	}
	if len(level) == 0 {
		return make([]byte, 32)
	}
	for len(level) > 1 {
		var up [][32]byte
		for i := 0; i+1 < len(level); i += 2 {
			up = append(up, sha256.Sum256(append(level[i][:], level[i+1][:]...)))
		}
		if len(level)%2 == 1 {
			up = append(up, level[len(level)-1])
		}
		level = up
	}
	return level[0][:]
}

// message is the block as the services send it.
func (b *block) message() *api.BlockExtention {
	x := &api.BlockExtention{Blockid: b.id[:], BlockHeader: b.header}
	for _, r := range b.txs {
		x.Transactions = append(x.Transactions, &api.TransactionExtention{Transaction: r.tx, Txid: r.id[:], Result: &api.Return{Result: true}})
	}
	return x
}

// Seal makes count blocks; the pool enters the first.
func (n *Node) Seal(count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for range count {
		n.seal()
	}
}

// SealSolid makes blocks until everything accepted so far is solid.
func (n *Node) SealSolid() { n.Seal(int(n.params.SolidDepth) + 1) }

// Advance makes the next block d later than it would have been.
func (n *Node) Advance(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.skip += d.Milliseconds()
}

// Now is the time of the newest block.
func (n *Node) Now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.UnixMilli(n.head().time())
}

// Height returns the numbers of the newest and the newest solid block.
func (n *Node) Height() (head, solid int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return int64(len(n.blocks)) - 1, n.solidNum()
}

// Reorg replaces the newest depth blocks, at most those that are not solid, by
// as many others. Their transactions go back to the pool if keep, else they are
// forgotten as if they had never been sent. It returns how many were replaced.
func (n *Node) Reorg(depth int, keep bool) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	depth = min(depth, len(n.blocks)-1-int(n.solidNum()))
	if depth <= 0 {
		return 0
	}
	var back []*core.Transaction
	cut := len(n.blocks) - depth
	for _, b := range n.blocks[cut:] {
		for _, r := range b.txs {
			delete(n.txs, r.id)
			back = append(back, r.tx)
		}
	}
	for _, r := range n.pool {
		back = append(back, r.tx)
	}
	n.blocks = n.blocks[:cut]
	n.branch++
	if !keep {
		back = nil
	}
	held := n.hold
	n.repool(nil)
	n.hold = true // the new branch is empty; what is kept waits in the pool
	for range depth {
		n.seal()
	}
	n.hold = held
	n.repool(back)
	return depth
}

// Hold keeps the pool out of blocks while on, as a busy chain would.
func (n *Node) Hold(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hold = on
}

// Lose makes the node acknowledge the next count broadcasts and forget them.
func (n *Node) Lose(count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lose = count
}

// mustMarshal encodes a message this package has built or received over the wire.
func mustMarshal(m proto.Message) []byte {
	b, err := proto.Marshal(m)
	if err != nil {
		panic("testnode: a message that was decoded cannot be encoded: " + err.Error()) //nolint:forbidigo // impossible: protobuf accepts what it produced
	}
	return b
}
