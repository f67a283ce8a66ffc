package engine

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/wire"
	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

const (
	// proofEvery is how often a torrent's peers are asked for a source proof.
	proofEvery = time.Minute
	// reserveEvery is the least time between two reserve prices told to a peer.
	reserveEvery = 30 * time.Second
	// maxProofs is how many blocks one peer may have us read and hash at once.
	maxProofs = 2
)

// setReserves renews the reserve price of every running torrent, once a round, and
// tells peers whose price it is.
func (e *Engine) setReserves(now time.Time, links []*link.Link) {
	if !e.trading() {
		return
	}
	e.lookForHolders(now, links)
	for _, m := range e.order {
		if m.live != nil {
			e.market.reserve[m.ih()] = e.priceOf(m, now)
		}
	}
	for _, t := range e.market.traders {
		if m := e.torrents[t.ear.ih]; m != nil && m.live != nil && !t.over && t.met() {
			e.tellReserve(m, t, now)
		}
	}
}

// lookForHolders keeps since when nobody else is known to have a torrent of ours.
func (e *Engine) lookForHolders(now time.Time, links []*link.Link) {
	held := map[swarm.InfoHash]bool{}
	for _, l := range links {
		m := e.torrents[l.InfoHash()]
		if m == nil || m.meta == nil || held[m.ih()] {
			continue
		}
		if s := l.Stats(); s.HasAll || s.Has >= m.meta.Pieces {
			held[m.ih()] = true
		}
	}
	for _, m := range e.order {
		if m.live == nil {
			continue
		}
		switch alone := m.complete() && !held[m.ih()]; {
		case alone && m.rec.Alone.IsZero():
			m.rec.Alone, m.dirty = now, true
		case !alone && !m.rec.Alone.IsZero():
			m.rec.Alone, m.dirty = time.Time{}, true
		}
	}
}

// tellReserve tells t the price of its torrent when it moved by more than a tenth,
// and, while rarity sets it, asks for a source proof.
func (e *Engine) tellReserve(m *managed, t *trader, now time.Time) {
	price := e.market.reserve[m.ih()]
	moved := max(price-t.said, t.said-price) > t.said/10
	if !moved || !t.saidAt.IsZero() && now.Sub(t.saidAt) < reserveEvery {
		return
	}
	t.said, t.saidAt = price, now
	e.say(t, wire.Reserve{Price: price, Challenge: e.challenge(m, now)})
}

// challenge is a question whether somebody else has m, nil if there is no cause or
// it was asked just now.
func (e *Engine) challenge(m *managed, now time.Time) (c *wire.Challenge) {
	if m.rec.Alone.IsZero() || now.Sub(e.market.asked[m.ih()]) < proofEvery || e.market.reserve[m.ih()] == 0 {
		return nil
	}
	var draw [8]byte
	var nonce [wire.NonceSize]byte
	_, _ = rand.Read(draw[:]) // never fails
	_, _ = rand.Read(nonce[:])
	e.market.books.withSources(m.ih(), func(s *bidding.Sources) {
		if q, ok := s.Ask(now, binary.BigEndian.Uint64(draw[:]), nonce); ok {
			c = &wire.Challenge{Piece: q.Piece, Begin: q.Begin, Nonce: q.Nonce}
		}
	})
	if c != nil {
		e.market.asked[m.ih()] = now
	}
	return c
}

// heardReserve notes a provider's price, and answers its question if we have the
// block.
func (e *Engine) heardReserve(t *trader, r wire.Reserve) {
	t.reserve = r.Price
	m := e.torrents[t.ear.ih]
	if m == nil || r.Challenge == nil {
		return
	}
	c := *r.Challenge
	e.hashBlock(m, t, c.Piece, c.Begin, c.Nonce, func(h [wire.HashSize]byte) {
		if !t.over {
			e.say(t, wire.Proof{Piece: c.Piece, Begin: c.Begin, Hash: h})
		}
	})
}

// heardProof checks an answer against our own block: who knows it has it.
func (e *Engine) heardProof(t *trader, p wire.Proof) {
	m := e.torrents[t.ear.ih]
	if m == nil {
		return
	}
	now := time.Now()
	var c bidding.Challenge
	asked := false
	e.market.books.withSources(m.ih(), func(s *bidding.Sources) { c, asked = s.Answer(now, p.Piece, p.Begin) })
	if !asked {
		return
	}
	e.hashBlock(m, t, c.Piece, c.Begin, c.Nonce, func(h [wire.HashSize]byte) {
		if h == p.Hash {
			m.rec.Alone, m.dirty = now, true
			e.kickRechoke()
		}
	})
}

// hashBlock reads a verified block on a worker and gives its proof to then, on the
// loop. It does nothing for a block we lack.
func (e *Engine) hashBlock(m *managed, t *trader, piece, begin uint32, nonce [wire.NonceSize]byte, then func([wire.HashSize]byte)) {
	if m.data == nil || t.proofs >= maxProofs || begin%swarm.BlockSize != 0 {
		return
	}
	have, unknown := m.pieces()
	n := m.blockSize(piece, begin)
	if n <= 0 || !have.Has(int(piece)) || unknown.Has(int(piece)) {
		return
	}
	t.proofs++
	data := m.data
	off := int64(piece)*m.meta.PieceLength + int64(begin)
	e.toWorker(func() {
		buf := make([]byte, n)
		_, err := data.ReadAt(buf, off)
		e.post(func() {
			t.proofs--
			if err == nil {
				then(wire.ProofHash(nonce, buf))
			}
		})
	})
}

// blockSize is how much of a block of 16 KiB the piece has, ≤ 0 if nothing.
func (m *managed) blockSize(piece, begin uint32) int64 {
	if int(piece) >= m.meta.Pieces || len(m.meta.Files) == 0 {
		return 0
	}
	last := m.meta.Files[len(m.meta.Files)-1]
	length := min(m.meta.PieceLength, last.Offset+last.Size-int64(piece)*m.meta.PieceLength)
	return min(swarm.BlockSize, length-int64(begin))
}
