package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"sync"
	"time"

	"swarmbid/engine/swarm"
)

// Shape is what a peer has to know of a torrent to ask for blocks.
type Shape struct {
	InfoHash swarm.InfoHash
	Pieces   int
	PieceLen int64
	Size     int64
	Metadata int // bytes of the info dictionary
}

// Shape is the payload's.
func (p *Payload) Shape() Shape {
	return Shape{InfoHash: p.InfoHash, Pieces: p.Pieces, PieceLen: p.PieceLen, Size: p.Size, Metadata: len(p.Metadata)}
}

// blocks is the number of blocks of the torrent.
func (s Shape) blocks() int64 { return (s.Size + Block - 1) / Block }

// block is the place of the n-th block. PieceLen has to be a multiple of Block.
func (s Shape) block(n int64) (piece, begin, length uint32) {
	at := n * Block
	return uint32(at / s.PieceLen), uint32(at % s.PieceLen), uint32(min(Block, s.Size-at))
}

// Leecher is a peer that has nothing, keeps a number of requests open as long as
// it is unchoked and throws the data away, so that it is never done.
type Leecher struct {
	raw      *Raw
	shape    Shape
	fast     bool
	pipeline int
	began    time.Time
	done     chan struct{}

	mu     sync.Mutex
	counts Counts
	series []int64
	out    map[[2]uint32]uint32 // requests that are open, with their length
	has    []bool               // pieces of the other end
	next   int64                // block to ask for next
}

// Counts is what a Leecher has seen so far.
type Counts struct {
	Bytes, Blocks    int64
	Chokes, Unchokes int
	Rejects          int
	AfterChoke       int   // blocks that came while choked; BEP 6 allows those that are not rejected
	Unrequested      int   // blocks and rejects that answer no open request
	Open             int   // requests open now
	Choked           bool  // now
	Closed           bool  // the other end closed the connection
	Err              error // how it ended; nil before
}

// LeecherConfig says how a Leecher behaves.
type LeecherConfig struct {
	Hello
	Shape
	Pipeline int   // open requests; 0 = 64
	First    int64 // block to begin with, so that leechers do not ask for the same ones
}

// Leech connects and begins to ask. The Leecher works until Close.
func Leech(ctx context.Context, to netip.AddrPort, cfg LeecherConfig) (*Leecher, error) {
	if cfg.Pipeline == 0 {
		cfg.Pipeline = 64
	}
	cfg.Hello.InfoHash = cfg.Shape.InfoHash
	raw, err := Dial(ctx, to, cfg.Hello)
	if err != nil {
		return nil, err
	}
	l := &Leecher{
		raw: raw, shape: cfg.Shape, pipeline: cfg.Pipeline, began: time.Now(), done: make(chan struct{}),
		out: map[[2]uint32]uint32{}, has: make([]bool, cfg.Pieces), next: cfg.First % cfg.blocks(),
		fast: cfg.Reserved[7]&raw.Theirs.Reserved[7]&4 != 0, counts: Counts{Choked: true},
	}
	first := [][]byte{Msg(MsgInterested)}
	if l.fast {
		first = [][]byte{Msg(MsgHaveNone), Msg(MsgInterested)}
	}
	if err := raw.Send(first...); err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	go l.run()
	return l, nil
}

// run reads until the connection ends.
func (l *Leecher) run() {
	defer close(l.done)
	for {
		f, err := l.raw.Next(context.Background())
		if err == nil {
			err = l.take(f)
		}
		if err != nil {
			l.mu.Lock()
			l.counts.Closed, l.counts.Err = errors.Is(err, io.EOF), err
			l.mu.Unlock()
			return
		}
	}
}

// take books a frame and asks for more.
func (l *Leecher) take(f Frame) error {
	l.mu.Lock()
	switch f.ID {
	case MsgChoke:
		l.counts.Chokes++
		l.counts.Choked = true
		if !l.fast {
			clear(l.out) // BEP 3: they are forgotten
		}
	case MsgUnchoke:
		l.counts.Unchokes++
		l.counts.Choked = false
	case MsgHaveAll, MsgBitfield, MsgHave:
		l.learn(f)
	case MsgPiece, MsgReject:
		l.answered(f)
	}
	ask := l.requests()
	l.mu.Unlock()
	if ask == nil {
		return nil
	}
	return l.raw.Send(ask)
}

// learn books what the other end has.
func (l *Leecher) learn(f Frame) {
	for i := range l.has {
		switch {
		case f.ID == MsgHaveAll:
			l.has[i] = true
		case f.ID == MsgHave:
			l.has[i] = l.has[i] || f.Index() == int64(i)
		case i/8 < len(f.Body):
			l.has[i] = f.Body[i/8]&(0x80>>(i%8)) != 0
		}
	}
}

// answered books a block or a reject.
func (l *Leecher) answered(f Frame) {
	if len(f.Body) < 8 {
		l.counts.Unrequested++
		return
	}
	key := [2]uint32{binary.BigEndian.Uint32(f.Body), binary.BigEndian.Uint32(f.Body[4:])}
	length, open := l.out[key]
	delete(l.out, key)
	if f.ID == MsgReject {
		l.counts.Rejects++
	}
	if !open || f.ID == MsgPiece && len(f.Body)-8 != int(length) {
		l.counts.Unrequested++
	}
	if f.ID == MsgReject {
		return
	}
	n := int64(len(f.Body) - 8)
	l.counts.Blocks++
	l.counts.Bytes += n
	if l.counts.Choked {
		l.counts.AfterChoke++
	}
	sec := int(time.Since(l.began) / time.Second)
	for len(l.series) <= sec && len(l.series) < 3600 {
		l.series = append(l.series, 0)
	}
	if sec < len(l.series) {
		l.series[sec] += n
	}
}

// requests fills the pipeline; nil = nothing to ask for.
func (l *Leecher) requests() []byte {
	var b []byte
	for tries := l.shape.blocks(); !l.counts.Choked && len(l.out) < l.pipeline && tries > 0; tries-- {
		piece, begin, length := l.shape.block(l.next)
		l.next = (l.next + 1) % l.shape.blocks()
		key := [2]uint32{piece, begin}
		if _, open := l.out[key]; open || !l.has[piece] {
			continue
		}
		l.out[key] = length
		b = append(b, Msg(MsgRequest, Words(piece, begin, length))...)
	}
	return b
}

// Counts is what it has seen so far.
func (l *Leecher) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.counts
	c.Open = len(l.out)
	return c
}

// Series is how many bytes arrived in each second since Leech.
func (l *Leecher) Series() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]int64(nil), l.series...)
}

// Interest says that it is interested, or no longer.
func (l *Leecher) Interest(yes bool) error {
	if yes {
		return l.raw.Send(Msg(MsgInterested))
	}
	return l.raw.Send(Msg(MsgNotInterested))
}

// Raw is its connection, to send more on. Only the Leecher may read from it.
func (l *Leecher) Raw() *Raw { return l.raw }

// Done is closed when the connection has ended.
func (l *Leecher) Done() <-chan struct{} { return l.done }

// Close ends the connection and waits for the goroutine.
func (l *Leecher) Close() error {
	err := l.raw.Close()
	<-l.done
	return err
}
