package engine

import (
	"sync"

	"swarmbid/bidding"
	"swarmbid/engine/disk"
	"swarmbid/engine/swarm"
)

// books note block by block who delivered what of the pieces that are not verified
// yet, and which blocks left. The library's callbacks write them under its lock,
// so nothing long happens under mu.
type books struct {
	mu sync.Mutex
	of map[swarm.InfoHash]*book
}

// book is that of one torrent.
type book struct {
	length, size int64                          // of a piece, and of all
	pieces       map[uint32]map[uint32]delivery // by piece and begin
	sources      *bidding.Sources               // of the source proofs
}

// delivery is where a block came from; the zero ear is a peer we owe nothing.
type delivery struct {
	ear   *ear
	quote int64
	pos   int64 // in what the peer sent; for the broker
	n     int64 // bytes
}

// open begins the book of m.
func (b *books) open(m *managed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of == nil {
		b.of = map[swarm.InfoHash]*book{}
	}
	if b.of[m.ih()] == nil {
		size := m.meta.PieceLength * int64(m.meta.Pieces)
		if n := len(m.meta.Files); n > 0 {
			size = m.meta.Files[n-1].Offset + m.meta.Files[n-1].Size
		}
		b.of[m.ih()] = &book{
			length: m.meta.PieceLength, size: size,
			pieces:  map[uint32]map[uint32]delivery{},
			sources: bidding.NewSources(m.meta.PieceLength, max(1, size)),
		}
	}
}

func (b *books) close(ih swarm.InfoHash) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.of, ih)
}

// got notes a block. One that comes again, because the piece failed its hash, takes
// the place of the first.
func (b *books) got(ih swarm.InfoHash, piece, begin uint32, d delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.of[ih]
	if k == nil {
		return
	}
	blocks := k.pieces[piece]
	switch {
	case d.ear == nil:
		delete(blocks, begin)
	case blocks == nil:
		k.pieces[piece] = map[uint32]delivery{begin: d}
	default:
		blocks[begin] = d
	}
}

// sent notes that a block goes to somebody: its hash proves nothing from then on.
func (b *books) sent(ih swarm.InfoHash, piece, begin uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k := b.of[ih]; k != nil {
		k.sources.Uploaded(piece, begin)
	}
}

// verified takes out what was delivered of the pieces in have and returns how many
// bytes came from whom under which quote.
func (b *books) verified(ih swarm.InfoHash, have disk.Bits) map[delivery]int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.of[ih]
	if k == nil {
		return nil
	}
	var sums map[delivery]int64
	for piece, blocks := range k.pieces {
		if !have.Has(int(piece)) {
			continue
		}
		delete(k.pieces, piece)
		for _, d := range blocks {
			if sums == nil {
				sums = map[delivery]int64{}
			}
			sums[delivery{ear: d.ear, quote: d.quote}] += d.n
		}
	}
	return sums
}

// take takes out what was delivered of a piece by peers of the broker. whole says
// that it is all of the piece.
func (b *books) take(ih swarm.InfoHash, piece uint32) (blocks []delivery, whole bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.of[ih]
	if k == nil || len(k.pieces[piece]) == 0 {
		return nil, false
	}
	sum := int64(0)
	for _, d := range k.pieces[piece] {
		blocks = append(blocks, d)
		sum += d.n
	}
	delete(k.pieces, piece)
	return blocks, sum >= min(k.length, k.size-int64(piece)*k.length)
}

// withSources runs f on the source proofs of a torrent.
func (b *books) withSources(ih swarm.InfoHash, f func(*bidding.Sources)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k := b.of[ih]; k != nil {
		f(k.sources)
	}
}
