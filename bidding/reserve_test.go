package bidding

import (
	"math/rand/v2"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

func TestReserve(t *testing.T) {
	const top = btt.Rate(4_000_000)
	for _, tt := range []struct {
		r     Reserve
		alone time.Duration // ago; 0 = not alone
		want  btt.Rate
	}{
		{Reserve{}, time.Hour, 0},
		{Reserve{Price: 7}, 0, 7},
		{Reserve{Price: -7}, 0, 0},
		{Reserve{ByRarity: true, Price: top}, 0, 0},
		{Reserve{ByRarity: true, Price: top}, 1, 0},
		{Reserve{ByRarity: true, Price: top}, 6 * time.Hour, top / 4},
		{Reserve{ByRarity: true, Price: top}, 24 * time.Hour, top},
		{Reserve{ByRarity: true, Price: top}, 1000 * time.Hour, top},
		{Reserve{ByRarity: true, Price: top}, -time.Hour, 0}, // the clock went back
		{Reserve{ByRarity: true, Price: 1<<63 - 1}, 24 * time.Hour, 1<<63 - 1},
		{Reserve{ByRarity: true, Price: -1}, 24 * time.Hour, 0},
	} {
		alone := epoch.Add(-tt.alone)
		if tt.alone == 0 {
			alone = time.Time{}
		}
		if got := tt.r.At(epoch, alone); got != tt.want {
			t.Errorf("%+v, alone for %v: %v, want %v", tt.r, tt.alone, got, tt.want)
		}
	}
}

// TestReserveGrows: by rarity the price never falls while we stay alone.
func TestReserveGrows(t *testing.T) {
	r := Reserve{ByRarity: true, Price: 1_000_003}
	last := btt.Rate(0)
	for d := time.Duration(0); d <= 30*time.Hour; d += 7 * time.Minute {
		p := r.At(epoch.Add(d), epoch)
		if p < last || p > r.Price {
			t.Fatalf("after %v %v, before %v", d, p, last)
		}
		last = p
	}
	if last != r.Price {
		t.Errorf("ends at %v", last)
	}
}

// TestSources: no block is asked for twice or after it was uploaded, every block
// exists, and in the end none is left.
func TestSources(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		piece := int64(blockSize * (1 + r.IntN(4)))
		if r.IntN(4) == 0 {
			piece = int64(1 + r.IntN(3*blockSize)) // an odd length
		}
		size := 1 + int64(r.IntN(int(20*piece)))
		s := NewSources(piece, size)
		type block struct{ piece, begin uint32 }
		all, used := map[block]bool{}, map[block]bool{}
		for at := int64(0); at < size; at += piece {
			for b := int64(0); b < min(piece, size-at); b += blockSize {
				all[block{uint32(at / piece), uint32(b)}] = true
			}
		}
		now := epoch
		for range 4 * len(all) {
			now = now.Add(time.Minute)
			if r.IntN(3) == 0 {
				b := block{uint32(r.IntN(21)), uint32(r.IntN(4) * blockSize)}
				s.Uploaded(b.piece, b.begin)
				if all[b] {
					used[b] = true
				}
				continue
			}
			c, ok := s.Ask(now, r.Uint64(), [16]byte{byte(seed)})
			b := block{c.Piece, c.Begin}
			if !ok && len(used) < len(all) {
				t.Fatalf("seed %d: %d of %d blocks are used up, and none is left", seed, len(used), len(all))
			}
			if ok && (used[b] || !all[b] || c.Nonce[0] != byte(seed)) {
				t.Fatalf("seed %d: asked for %+v", seed, c)
			}
			if ok {
				used[b] = true
			}
		}
	}
}

// TestAnswer: a challenge is answered once and in time, and only so many are open.
func TestAnswer(t *testing.T) {
	s := NewSources(blockSize, 1000*blockSize)
	c, ok := s.Ask(epoch, 7, [16]byte{1})
	if !ok || c != (Challenge{Piece: 7, Nonce: [16]byte{1}}) {
		t.Fatalf("%+v, %v", c, ok)
	}
	if _, ok := s.Answer(epoch, 8, 0); ok {
		t.Error("a block that was not asked for")
	}
	if got, ok := s.Answer(epoch.Add(challengeLife), 7, 0); !ok || got != c {
		t.Errorf("%+v, %v", got, ok)
	}
	if _, ok := s.Answer(epoch, 7, 0); ok {
		t.Error("answered twice")
	}
	for n := range maxOpen {
		if _, ok := s.Ask(epoch, uint64(n), [16]byte{}); !ok {
			t.Fatalf("question %d", n)
		}
	}
	if _, ok := s.Ask(epoch, 0, [16]byte{}); ok {
		t.Error("too many are open")
	}
	late := epoch.Add(challengeLife + 1)
	if _, ok := s.Answer(late, 0, 0); ok {
		t.Error("answered too late")
	}
	if _, ok := s.Ask(late, 0, [16]byte{}); !ok {
		t.Error("the old ones are still open")
	}
}
