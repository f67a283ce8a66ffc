package tron

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/voucher"
)

// TestBookedOnce plays random months: gifts of every asset, payments, payments by
// another wallet with the same words, reorganisations, lost broadcasts, restarts
// of the wallet and long absences. Whenever things are at rest the books say what
// the chain says, to the last millionth.
func TestBookedOnce(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	r := setup(t, func(c *Config) { c.Watch = append(c.Watch, newKey("second").at) })
	second := newKey("second").at
	_, err := r.node.GiveTRX(second, 50_000_000)
	r.must(err)
	r.node.SealSolid()
	m := &month{rig: r, rng: rng, own: []voucher.Address{r.me.at, second}}
	for round := range 60 {
		for range 1 + rng.IntN(5) {
			m.something()
		}
		m.rest()
		m.compare(fmt.Sprintf("seed %d round %d", seed, round))
		if t.Failed() {
			return
		}
	}
	t.Logf("%d payments sent, %d events", m.sent, len(r.events))
	if m.sent < 20 || count[Received](r) < 20 || count[Left](r) < 3 {
		t.Errorf("too little happened: %d sent, %d received, %d left", m.sent, count[Received](r), count[Left](r))
	}
}

// month is a life of a wallet.
type month struct {
	*rig
	rng  *rand.Rand
	own  []voucher.Address
	sent int
}

// something happens.
func (m *month) something() {
	to := m.own[m.rng.IntN(2)]
	amount := btt.Amount(1 + m.rng.Int64N(3_000_000))
	var err error
	switch m.rng.IntN(11) {
	case 0:
		_, err = m.node.GiveTRX(to, int64(amount))
	case 1:
		_, err = m.node.GiveBTTOLD(to, int64(amount))
	case 2, 3:
		m.giveBTT(to, amount)
	case 4, 5, 6:
		m.pay(amount)
	case 7:
		m.another(amount)
	case 8:
		m.node.Reorg(1+m.rng.IntN(10), m.rng.IntN(2) == 0)
	case 9:
		m.restart()
	case 10:
		if m.rng.IntN(2) == 0 {
			m.node.Lose(1)
		} else {
			m.node.Advance(time.Duration(m.rng.IntN(48)) * time.Hour)
		}
	}
	m.must(err)
	m.node.Seal(m.rng.IntN(4))
	_, err = m.chain.poll(m.Context())
	m.must(err)
}

// pay sends something to somebody, or to our own second address, if there is enough.
func (m *month) pay(amount btt.Amount) {
	to := m.you.at
	if m.rng.IntN(3) == 0 {
		to = m.own[1]
	}
	id := ledger.NewID("month", fmt.Append(nil, m.rng.Uint64()))
	err := m.send(Transfer(id, m.me.at, to, Assets()[m.rng.IntN(3)], amount))
	switch {
	case err == nil:
		m.sent++
	case errors.Is(err, ErrNotEnough), errors.Is(err, ErrNotEnoughTRX), errors.Is(err, ErrWouldFail):
	default:
		m.Fatal(err)
	}
}

// another wallet with the same words spends.
func (m *month) another(amount btt.Amount) {
	n := m.chain.nodes[0]
	h, err := n.holdings(m.Context(), m.chain.cfg.Network, m.me.at, false)
	m.must(err)
	if asset := Assets()[m.rng.IntN(3)]; h.amount[asset] >= amount && h.amount[TRX] > 10_000_000 {
		m.n++
		m.elsewhere(Transfer(ledger.ID{1}, m.me.at, m.you.at, asset, amount))
	}
}

// restart replaces the wallet by a new process on the same files.
func (m *month) restart() {
	m.chain.Close()
	c, err := Open(m.Context(), m.chain.cfg)
	m.must(err)
	for len(m.chain.events) > 0 {
		m.events = append(m.events, <-m.chain.events)
	}
	m.chain = c
}

// rest waits until nothing is under way and everything is solid.
func (m *month) rest() {
	for range 200 {
		m.node.Seal(5)
		live, err := m.chain.poll(m.Context())
		m.must(err)
		head, solid := m.node.Height()
		if s := m.chain.Snapshot(); !live && s.Trust == Agreed && s.Solid == solid && head > solid && m.settled() {
			return
		}
	}
	m.Fatal("never at rest")
}

// settled reports whether head and solid balances are the same.
func (m *month) settled() bool {
	for _, a := range m.chain.Snapshot().Accounts {
		for _, h := range a.Holding {
			if h.Solid != h.Latest {
				return false
			}
		}
	}
	return true
}

func (m *month) compare(where string) {
	m.Helper()
	sum := map[Asset]btt.Amount{}
	for _, a := range m.chain.Snapshot().Accounts {
		for asset, h := range a.Holding {
			sum[asset] += h.Solid
		}
	}
	for asset, want := range sum {
		own, _ := asset.accounts()
		b, err := m.book.Balance(m.Context(), own)
		m.must(err)
		if b.Posted != want || b.In != 0 || b.Out != 0 {
			m.Errorf("%s: books say %d %s (%d in, %d out), the chain %d", where, b.Posted, asset, b.In, b.Out, want)
		}
	}
	fee, err := m.book.Balance(m.Context(), ledger.TronFee)
	m.must(err)
	all, err := m.chain.Transactions(m.Context(), 0)
	m.must(err)
	burnt := btt.Sun(0)
	for _, x := range all {
		if x.State == outbox.SolidOK || x.State == outbox.SolidFailed {
			burnt += x.Fee
		}
	}
	if fee.Posted != btt.Amount(burnt) {
		m.Errorf("%s: books say %d sun of fees, the transactions %d", where, fee.Posted, burnt)
	}
}
