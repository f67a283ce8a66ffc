package link

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// TestCloseWhileBusy closes a link from every side while all that can go on goes
// on. It is for the race detector and for hangs.
func TestCloseWhileBusy(t *testing.T) {
	for round := range 12 {
		r := newRig(t, Config{})
		if round%2 == 1 {
			r.SetServe(func(_ swarm.InfoHash, _, _ uint32, _ []byte) error { return nil })
		}
		peer, engine, l := r.pair(round%3 != 0)
		unchoke(peer, engine, l)
		var wg sync.WaitGroup
		engine.readAll(&wg)
		peer.readAll(&wg)
		stop := make(chan struct{})
		forever := func(f func() error) {
			wg.Go(func() {
				for f() == nil {
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		n := uint32(0)
		forever(func() error {
			n++
			_, err := peer.conn.Write(blk(peerwire.Request, n%8, n/8%4*16384))
			return err
		})
		forever(func() error { _, err := l.Write(pieceOf(0, 0, 16384)); return err })
		forever(func() error { l.Next(1 << 20); l.Release(); l.Push(); return nil })
		forever(func() error { l.SetUnchoked(false); l.SetUnchoked(true); return nil })
		forever(func() error { l.Stats(); r.All(); l.SetReadDeadline(time.Now().Add(time.Minute)); return nil })
		until(t, "some traffic", func() bool { return l.Stats().OverheadIn > 20_000 || len(r.All()) == 0 })
		switch round % 4 {
		case 0:
			peer.conn.Close()
		case 1:
			l.Close()
		case 2:
			r.Drop(l.Key(), "test")
		case 3:
			r.listen.Close()
			r.Close()
		}
		until(t, "gone", func() bool { return len(r.All()) == 0 || round%4 == 0 })
		close(stop)
		l.Close()
		wg.Wait()
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("second Close: %v", err)
		}
	}
}

func TestCloseFreesABlockedReader(t *testing.T) {
	r := newRig(t, Config{})
	_, _, l := r.bare(true)
	l.SetReadDeadline(time.Time{})
	done := make(chan error, 1)
	go func() { _, err := l.Read(make([]byte, 10)); done <- err }()
	until(t, "reading", func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.reading })
	l.Close()
	select {
	case err := <-done:
		if err == nil {
			t.Error("no error")
		}
	case <-time.After(patience):
		t.Error("still blocked")
	}
}

func TestServingDirectly(t *testing.T) {
	for name, fast := range both() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			bad := errors.New("disk")
			hold, reading := make(chan struct{}), make(chan struct{})
			r.SetServe(func(ih swarm.InfoHash, piece, begin uint32, buf []byte) error {
				switch {
				case ih != testHash || len(buf) != 16384:
					t.Errorf("%v %d", ih, len(buf))
				case piece == 7:
					return bad
				case piece == 6:
					close(reading)
					<-hold
				}
				copy(buf, bytes.Repeat([]byte{0xab}, len(buf)))
				return nil
			})
			peer, engine, l := r.pair(fast)
			unchoke(peer, engine, l)
			peer.send(blk(peerwire.Request, 1, 0), blk(peerwire.Request, 7, 0), blk(peerwire.Request, 2, 16384))
			until(t, "queued", func() bool { return l.Stats().QueuedRequests == 3 })
			for range 3 {
				l.Release()
			}
			l.Push()
			if fast {
				peer.expect(blk(peerwire.Reject, 7, 0))
			}
			peer.expect(pieceOf(1, 0, 16384), pieceOf(2, 16384, 16384))
			until(t, "accounted", func() bool { return l.Stats().PayloadOut == 2*16384 && l.Stats().ReleasedBytes == 0 })
			if _, returned := l.Next(1); returned != 16384 {
				t.Errorf("%d bytes given back for the unreadable block", returned)
			}

			// A cancel, and a choke that does not wait for the disk.
			peer.send(blk(peerwire.Request, 6, 0), blk(peerwire.Request, 1, 0), blk(peerwire.Request, 2, 0), blk(peerwire.Request, 3, 0))
			release1(t, l)
			<-reading
			release1(t, l)
			release1(t, l)
			peer.send(blk(peerwire.Cancel, 1, 0))
			l.SetUnchoked(false)
			if fast {
				peer.expect(blk(peerwire.Reject, 1, 0), empty(peerwire.Choke), blk(peerwire.Reject, 3, 0), blk(peerwire.Reject, 2, 0))
				close(hold)
				peer.expect(pieceOf(6, 0, 16384))
			} else {
				peer.expect(empty(peerwire.Choke))
				close(hold)
			}
			engine.send(peerwire.AppendIndex(nil, peerwire.Have, 1))
			peer.expect(peerwire.AppendIndex(nil, peerwire.Have, 1))
			r.SetServe(nil)
			unchokeAgain(peer, l)
			peer.send(blk(peerwire.Request, 1, 0))
			release1(t, l)
			engine.expect(blk(peerwire.Request, 1, 0))
		})
	}
}

func unchokeAgain(peer *wire, l *Link) {
	l.SetUnchoked(true)
	peer.expect(empty(peerwire.Unchoke))
}

// broken is a connection whose writes fail.
type broken struct{ net.Conn }

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAFailedWriteIsFinal(t *testing.T) {
	r := newRig(t, Config{})
	_, engine, l := r.pair(true)
	l.wmu.Lock()
	good := l.w
	l.w = broken{}
	l.wmu.Unlock()
	if _, err := engine.conn.Write(empty(peerwire.Interested)); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	l.wmu.Lock()
	l.w = good
	l.wmu.Unlock()
	if _, err := engine.conn.Write(empty(peerwire.Interested)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the stream goes on after a gap: %v", err)
	}
}
