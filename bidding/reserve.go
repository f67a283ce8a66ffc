package bidding

import (
	"time"

	"swarmbid/wallet/btt"
)

// Reserve is how the reserve price of one torrent is set. The zero value takes
// any bid.
type Reserve struct {
	ByRarity bool     // Price is the cap of a price that follows rarity
	Price    btt.Rate // else the price itself
}

// rareAfter is how long it takes from the last sign of another whole holder until
// a reserve by rarity reaches its cap.
const rareAfter = 24 * time.Hour

// At returns the reserve price now. alone is since when nobody else is known to
// have the whole torrent: the later of our completing it and the last sign of
// another, seen with all pieces by us or by a source proof. It is zero while we
// are still loading, or while another holder is connected: then rarity is no
// reason to ask for anything.
func (r Reserve) At(now, alone time.Time) btt.Rate {
	if !r.ByRarity {
		return max(r.Price, 0)
	}
	if alone.IsZero() || r.Price <= 0 {
		return 0
	}
	grown := min(max(now.Sub(alone), 0), rareAfter)
	return btt.Rate(product(int64(r.Price), int64(grown)).over(int64(rareAfter)))
}

// Challenge asks for the hash of one block, as the message reserve does. The zero
// value asks for the first block.
type Challenge struct {
	Piece, Begin uint32
	Nonce        [16]byte
}

// Sources is the state of the source proofs of one torrent that we have whole.
// It has one owner. Blocks that were asked for or uploaded in this run are used
// up: their hash proves nothing, since it may come from us.
type Sources struct {
	perPiece int64 // blocks of a full piece
	blocks   int64
	used     []uint64 // one bit for each block
	open     []asked  // the oldest first
}

type asked struct {
	Challenge
	at time.Time
}

// What is kept of challenges without an answer.
const (
	blockSize     = 16 << 10
	maxOpen       = 32
	challengeLife = 10 * time.Minute
)

// NewSources returns the state for a torrent of size bytes in pieces of
// pieceLength, both positive.
func NewSources(pieceLength, size int64) *Sources {
	perPiece := (pieceLength + blockSize - 1) / blockSize
	whole, rest := size/pieceLength, size%pieceLength
	blocks := whole*perPiece + (rest+blockSize-1)/blockSize
	return &Sources{perPiece: perPiece, blocks: blocks, used: make([]uint64, (blocks+63)/64)}
}

// Uploaded notes that the block was sent to anybody.
func (s *Sources) Uploaded(piece, begin uint32) {
	if n := int64(piece)*s.perPiece + int64(begin)/blockSize; int64(begin)/blockSize < s.perPiece && n < s.blocks {
		s.used[n/64] |= 1 << (n % 64)
	}
}

// Ask chooses a block that is not used up and uses it. draw and nonce are random;
// there is none to ask for when all are used up, or when too many questions are
// open.
func (s *Sources) Ask(now time.Time, draw uint64, nonce [16]byte) (Challenge, bool) {
	s.expire(now)
	if len(s.open) == maxOpen || s.blocks == 0 {
		return Challenge{}, false
	}
	first := int64(draw % uint64(s.blocks))
	for k := range s.blocks {
		n := (first + k) % s.blocks
		if s.used[n/64]>>(n%64)&1 == 1 {
			continue
		}
		c := Challenge{Piece: uint32(n / s.perPiece), Begin: uint32(n % s.perPiece * blockSize), Nonce: nonce}
		s.used[n/64] |= 1 << (n % 64)
		s.open = append(s.open, asked{c, now})
		return c, true
	}
	return Challenge{}, false
}

// Answer takes the challenge that an answer is for off the list. The caller
// compares the hash with that of its own block: if they are the same somebody
// else holds it, and the reserve by rarity falls to 0.
func (s *Sources) Answer(now time.Time, piece, begin uint32) (Challenge, bool) {
	s.expire(now)
	for i, a := range s.open {
		if a.Piece == piece && a.Begin == begin {
			s.open = append(s.open[:i], s.open[i+1:]...)
			return a.Challenge, true
		}
	}
	return Challenge{}, false
}

// expire forgets challenges that are too old.
func (s *Sources) expire(now time.Time) {
	for len(s.open) > 0 && now.Sub(s.open[0].at) > challengeLife {
		s.open = s.open[1:]
	}
}
