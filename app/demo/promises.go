package main

import (
	"crypto/rand"
	"sync"

	"swarmbid/bidding/wire"
	"swarmbid/engine"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// promises is the payment side of the demo's market: everybody's word is taken, and
// what was promised for is counted. It shows who is served at what price; no money
// moves.
type promises struct {
	mu      sync.Mutex
	ready   map[swarm.PeerKey]bool
	charges map[swarm.PeerKey]map[int64]engine.Charge // what we bought, by quote
}

var _ engine.Payments = (*promises)(nil)

func newPromises() *promises {
	return &promises{ready: map[swarm.PeerKey]bool{}, charges: map[swarm.PeerKey]map[int64]engine.Charge{}}
}

// Hello implements engine.Payments.
func (p *promises) Hello(engine.Party) (wire.Hello, bool) {
	h := wire.Hello{Instruments: []wire.Instrument{{Kind: wire.Direct, Chain: 1}}}
	_, err := rand.Read(h.Nonce[:])
	return h, err == nil
}

// Message implements engine.Payments.
func (p *promises) Message(k swarm.PeerKey, m wire.Message) {
	if m.Type() != wire.TypeHello {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ready[k] = true
}

// Ready implements engine.Payments.
func (p *promises) Ready(k swarm.PeerKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready[k]
}

// Standing implements engine.Payments.
func (p *promises) Standing(swarm.PeerKey) bool { return true }

// Budget implements engine.Payments.
func (p *promises) Budget(swarm.InfoHash) engine.Budget {
	return engine.Budget{Balance: 1000 * btt.One}
}

// Terms implements engine.Payments.
func (p *promises) Terms(_ swarm.PeerKey, q wire.Quote) wire.Quote {
	q.Window = 4 << 20
	return q
}

// Sold implements engine.Payments.
func (p *promises) Sold(swarm.PeerKey, engine.Charge) {}

// Bought implements engine.Payments.
func (p *promises) Bought(k swarm.PeerKey, c engine.Charge) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.charges[k] == nil {
		p.charges[k] = map[int64]engine.Charge{}
	}
	p.charges[k][c.Quote] = c
}

// Gone implements engine.Payments.
func (p *promises) Gone(swarm.PeerKey) {}

// bought is what was bought so far and what it costs.
func (p *promises) bought() (bytes int64, cost btt.Amount) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, quotes := range p.charges {
		for _, c := range quotes {
			a, err := c.Price.Cost(c.Bytes)
			if err != nil {
				continue // beyond any sum of the demo
			}
			bytes, cost = bytes+c.Bytes, cost+a
		}
	}
	return bytes, cost
}
