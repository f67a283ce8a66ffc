package link

import (
	"testing"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// BenchmarkBlock is the way of one block through a link over loopback TCP, with a
// scripted peer and library: request in, release, block out.
func BenchmarkBlock(b *testing.B) {
	b.Run("gated", func(b *testing.B) { blocks(b, nil) })
	b.Run("direct", func(b *testing.B) {
		blocks(b, func(swarm.InfoHash, uint32, uint32, []byte) error { return nil })
	})
}

func blocks(b *testing.B, serve ServeFunc) {
	b.Helper()
	const batch = 16
	r := newRig(b, Config{Encryption: Off})
	r.SetServe(serve)
	peer, engine, l := r.bare(true)
	go answer(engine)
	l.SetUnchoked(true)
	peer.expect(empty(peerwire.Unchoke))
	var asks []byte
	for i := range uint32(batch) {
		asks = append(asks, blk(peerwire.Request, i/4%8, i%4*16384)...)
	}
	in := make([]byte, 256<<10)
	b.SetBytes(16384)
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += batch {
		peer.conn.Write(asks)
		for released := 0; released < batch; {
			<-r.Ready()
			for {
				if size, _ := l.Next(1 << 20); size == 0 {
					break
				}
				l.Release()
				released++
			}
			l.Push()
		}
		for got := 0; got < batch*(16384+peerwire.PieceHead); {
			k, err := peer.conn.Read(in)
			if err != nil {
				b.Fatal(err)
			}
			got += k
		}
	}
}

// answer is a library that answers requests.
func answer(engine *wire) {
	engine.conn.Write(empty(peerwire.Unchoke))
	in, out := make([]byte, 128<<10), make([]byte, 0, 1<<20)
	for {
		n, err := engine.conn.Read(in)
		if err != nil {
			return
		}
		out = out[:0]
		for p := in[:n]; len(p) >= 17; p = p[17:] {
			q, _ := peerwire.ParseBlock(p[5:17])
			out = peerwire.AppendPieceHead(out, q)
			out = out[:len(out)+int(q.Length)]
		}
		if _, err := engine.conn.Write(out); err != nil {
			return
		}
	}
}

// BenchmarkReceive is what a link adds to each received block: finding, checking
// and copying its frame.
func BenchmarkReceive(b *testing.B) {
	r := newRig(b, Config{Encryption: Off})
	_, _, l := r.bare(true)
	frame := pieceOf(1, 0, 16384)
	l.in.buf = make([]byte, maxBuffer)
	l.checker.Asked = true
	p := make([]byte, maxBuffer)
	b.SetBytes(16384)
	b.ReportAllocs()
	for b.Loop() {
		l.in.start, l.in.end = 0, copy(l.in.buf, frame)
		l.mu.Lock()
		n, err := l.deliver(p)
		l.mu.Unlock()
		if n != len(frame) || err != nil {
			b.Fatal(n, err)
		}
	}
}
