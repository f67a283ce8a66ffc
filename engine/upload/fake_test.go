package upload

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// fake is a leecher that keeps so many requests open, throws the data away and
// counts what it gets.
type fake struct {
	conn     net.Conn
	pieces   uint32
	pieceLen uint32
	pipeline int
	fast     bool
	addr     string        // "" = of loopback
	rest     time.Duration // after an unchoke, before it asks

	got, chokes, unchokes, rejects atomic.Int64
	unasked                        atomic.Int64 // blocks it did not ask for
	late                           atomic.Int64 // blocks after a choke, which end all requests without fast
	done                           chan struct{}
}

func startFake(tb testing.TB, conn net.Conn, ih swarm.InfoHash, f *fake) *fake {
	tb.Helper()
	f.conn, f.done = conn, make(chan struct{})
	h := peerwire.Handshake{InfoHash: ih}
	copy(h.PeerID[:], "-FK0001-"+conn.LocalAddr().String())
	if f.fast {
		h.SetFast()
	}
	go func() {
		defer close(f.done)
		conn.Write(peerwire.AppendHandshake(nil, h))
		if _, err := io.ReadFull(conn, make([]byte, peerwire.HandshakeSize)); err == nil {
			conn.Write(peerwire.AppendEmpty(nil, peerwire.Interested))
			f.run()
		}
	}()
	tb.Cleanup(func() {
		conn.Close()
		<-f.done
	})
	return f
}

// run reads frames and answers with requests.
func (f *fake) run() {
	var buf []byte
	p := make([]byte, 128<<10)
	open := map[peerwire.Block]bool{}
	choked, next := true, uint32(0)
	for {
		n, err := f.conn.Read(p)
		if err != nil {
			return
		}
		buf = append(buf, p[:n]...)
		for {
			h, ok := peerwire.Peek(buf)
			if !ok || len(buf) < h.Size() {
				break
			}
			f.take(h, h.Body(buf), open, &choked)
			buf = buf[h.Size():]
		}
		var ask []byte
		for !choked && len(open) < f.pipeline {
			per := f.pieceLen / swarm.BlockSize
			b := peerwire.Block{Index: next / per % f.pieces, Begin: next % per * swarm.BlockSize, Length: swarm.BlockSize}
			next++
			if !open[b] {
				open[b] = true
				ask = peerwire.AppendBlock(ask, peerwire.Request, b)
			}
		}
		if len(ask) > 0 {
			if _, err := f.conn.Write(ask); err != nil {
				return
			}
		}
	}
}

func (f *fake) take(h peerwire.Head, body []byte, open map[peerwire.Block]bool, choked *bool) {
	if h.KeepAlive() {
		return
	}
	switch h.ID {
	case peerwire.Choke:
		f.chokes.Add(1)
		*choked = true
		if !f.fast {
			clear(open)
		}
	case peerwire.Unchoke:
		f.unchokes.Add(1)
		*choked = false
		if f.rest > 0 {
			<-time.After(f.rest)
		}
	case peerwire.Reject:
		f.rejects.Add(1)
		b, _ := peerwire.ParseBlock(body)
		delete(open, b)
	case peerwire.Piece:
		b, data, _ := peerwire.ParsePiece(body)
		if !open[b] {
			f.unasked.Add(1)
		}
		delete(open, b)
		if *choked {
			f.late.Add(1)
		}
		f.got.Add(int64(len(data)))
	default:
	}
}

// library is a scripted library that answers every request at once, for virtual
// time.
func library(conn net.Conn, block []byte) {
	conn.SetDeadline(time.Time{})
	head := make([]byte, peerwire.HandshakeSize)
	if _, err := io.ReadFull(conn, head); err != nil {
		return
	}
	h, _ := peerwire.ParseHandshake(head)
	h.SetFast()
	conn.Write(peerwire.AppendEmpty(peerwire.AppendHandshake(nil, h), peerwire.Unchoke))
	writes := make(chan []byte, 1024) // as the library, it reads while it writes
	defer close(writes)
	go func() {
		for b := range writes {
			conn.Write(b)
		}
	}()
	var buf []byte
	p := make([]byte, 64<<10)
	for {
		n, err := conn.Read(p)
		if err != nil {
			return
		}
		buf = append(buf, p[:n]...)
		var out []byte
		for {
			h, ok := peerwire.Peek(buf)
			if !ok || len(buf) < h.Size() {
				break
			}
			if h.ID == peerwire.Request {
				b, _ := peerwire.ParseBlock(h.Body(buf))
				out = append(peerwire.AppendPieceHead(out, b), block[:b.Length]...)
			}
			buf = buf[h.Size():]
		}
		writes <- out
	}
}

var testBlock = bytes.Repeat([]byte{7}, 128<<10)
