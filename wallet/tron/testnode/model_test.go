package testnode

import (
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/protobuf/proto"
)

// TestNothingIsLostOrMade plays random blocks, with reorganisations, held pools
// and jumps of time: TRX are where they are or burnt as the receipts say, BTTOLD
// and BTT are constant, and a transaction is in at most one block.
func TestNothingIsLostOrMade(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	users := []*user{newUser("a"), newUser("b"), newUser("c"), newUser("d")}
	n, err := New(Config{Accounts: map[[20]byte]int64{users[0].at: 1e9, users[1].at: 1e9}})
	if err != nil {
		t.Fatal(err)
	}
	c := &chaos{T: t, n: n, rng: rng, users: users}
	trx := c.total(func(a common.Address) int64 { return n.world.trx(a) })
	old := c.total(func(a common.Address) int64 { return n.world.accounts[a].bttold })
	for range 400 {
		c.something()
		n.mu.Lock()
		burnt := c.burnt()
		if got := c.total(func(a common.Address) int64 { return n.world.trx(a) }); got+burnt != trx {
			t.Fatalf("seed %d: %d sun there, %d burnt, %d at first", seed, got, burnt, trx)
		}
		if got := c.total(func(a common.Address) int64 { return n.world.accounts[a].bttold }); got != old {
			t.Fatalf("seed %d: %d of BTTOLD, %d at first", seed, got, old)
		}
		n.mu.Unlock()
	}
	if got := c.bttTotal(); got.Cmp(new(big.Int).Mul(big.NewInt(990e12), big.NewInt(1e18))) != 0 {
		t.Errorf("%v units of BTT", got)
	}
	if c.taken < 100 || c.refused < 20 {
		t.Errorf("too little happened: %d taken, %d refused", c.taken, c.refused)
	}
}

type chaos struct {
	*testing.T
	n              *Node
	rng            *rand.Rand
	users          []*user
	taken, refused int
}

func (c *chaos) total(of func(common.Address) int64) (sum int64) {
	for a := range c.n.world.accounts {
		sum += of(a)
	}
	return sum
}

// burnt adds up the fees of all that counts, each once.
func (c *chaos) burnt() (sum int64) {
	seen := map[[32]byte]bool{}
	for _, b := range c.n.blocks {
		for _, r := range b.txs {
			if seen[r.id] || r.block != b.header.RawData.Number {
				c.Errorf("transaction %x is in block %d and says %d", r.id, b.header.RawData.Number, r.block)
			}
			seen[r.id] = true
			sum += r.info.Fee
		}
	}
	for _, r := range c.n.pool {
		sum += r.info.Fee
	}
	return sum
}

func (c *chaos) bttTotal() *big.Int {
	sum := new(big.Int)
	for _, u := range append([]*user{{at: c.n.Faucet()}}, c.users...) {
		data := append(common.FromHex("70a08231"), common.LeftPadBytes(u.at[:], 32)...)
		ret, err := c.n.View(c.n.BTT(), data)
		if err != nil {
			c.Fatal(err)
		}
		sum.Add(sum, new(big.Int).SetBytes(ret))
	}
	return sum
}

func (c *chaos) something() {
	from, to := c.users[c.rng.IntN(4)], c.users[c.rng.IntN(4)]
	amount := c.rng.Int64N(300_000_000)
	switch c.rng.IntN(9) {
	case 0, 1:
		c.send(from, core.Transaction_Contract_TransferContract, &core.TransferContract{OwnerAddress: tron(from.at), ToAddress: tron(to.at), Amount: amount})
	case 2:
		c.send(from, core.Transaction_Contract_TransferAssetContract,
			&core.TransferAssetContract{AssetName: []byte(BTTOLD), OwnerAddress: tron(from.at), ToAddress: tron(to.at), Amount: amount})
	case 3, 4:
		c.send(from, core.Transaction_Contract_TriggerSmartContract,
			&core.TriggerSmartContract{OwnerAddress: tron(from.at), ContractAddress: tron(c.n.BTT()), Data: transferData(to.at, amount)})
	case 5:
		_, err1 := c.n.GiveBTTOLD(to.at, 1+amount)
		_, err2 := c.n.GiveBTT(to.at, big.NewInt(amount))
		if err1 != nil || err2 != nil {
			c.Fatal(err1, err2)
		}
	case 6:
		c.n.Reorg(1+c.rng.IntN(25), c.rng.IntN(2) == 0)
	case 7:
		c.n.Hold(c.rng.IntN(2) == 0)
	case 8:
		c.n.Advance(time.Duration(c.rng.IntN(30)) * time.Hour)
	}
	c.n.Seal(c.rng.IntN(3))
}

func (c *chaos) send(from *user, kind core.Transaction_Contract_ContractType, msg proto.Message) {
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	if _, err := c.n.submit(crypto.FromECDSA(from.key), kind, c.rng.Int64N(3_000_000), msg); err != nil {
		c.refused++
		return
	}
	c.taken++
}
