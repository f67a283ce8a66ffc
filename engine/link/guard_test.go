package link

import (
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// hello is an extended handshake that offers what the library offers.
const hello = "d1:md11:ut_metadatai1e6:ut_pexi2e12:ut_holepunchi3eee"

// TestMalformedFrames sends each bad frame from a socket of its own: the link is
// closed with the reason, and the library sees none of it.
func TestMalformedFrames(t *testing.T) {
	extended := func(id uint8, p string) []byte { return peerwire.AppendExtended(nil, id, []byte(p)) }
	raw := func(id peerwire.ID, body ...byte) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(1+len(body)))
		return append(append(b, byte(id)), body...)
	}
	block := func(id peerwire.ID, index, begin, length uint32) []byte {
		return peerwire.AppendBlock(nil, id, peerwire.Block{Index: index, Begin: begin, Length: length})
	}
	for name, c := range map[string]struct {
		frame []byte
		want  error
	}{
		"4 GiB piece":            {append(binary.BigEndian.AppendUint32(nil, 1<<32-1), 7), peerwire.ErrTooLong},
		"long bitfield":          {raw(peerwire.Bitfield, 1, 2), peerwire.ErrBitfield},
		"choke with a body":      {raw(peerwire.Choke, 1), peerwire.ErrLength},
		"have out of range":      {peerwire.AppendIndex(nil, peerwire.Have, 8), peerwire.ErrIndex},
		"request out of range":   {block(peerwire.Request, 8, 0, 16384), peerwire.ErrIndex},
		"request past the end":   {block(peerwire.Request, 0, 60<<10, 16384), peerwire.ErrRange},
		"request of nothing":     {block(peerwire.Request, 0, 0, 0), peerwire.ErrRange},
		"cancel past the end":    {block(peerwire.Cancel, 0, 1<<31, 16384), peerwire.ErrRange},
		"piece nobody asked for": {pieceOf(0, 0, 16384), peerwire.ErrUnasked},
		"reject of nothing":      {block(peerwire.Reject, 0, 0, 16384), peerwire.ErrUnasked},
		"allowed fast":           {peerwire.AppendIndex(nil, peerwire.AllowedFast, 1<<32-1), peerwire.ErrIndex},
		"short port":             {raw(peerwire.Port, 1), peerwire.ErrLength},
		"unknown id":             {raw(200), peerwire.ErrUnknown},
		"bad bencode":            {extended(0, "d1:m"), peerwire.ErrBencode},
		"deep bencode":           {extended(0, "d1:x"+strings.Repeat("l", 30_000)+strings.Repeat("e", 30_001)), peerwire.ErrBencode},
		"metadata piece -1":      {extended(1, "d8:msg_typei0e5:piecei-1ee"), peerwire.ErrMetadata},
		"metadata piece 2":       {extended(1, "d8:msg_typei0e5:piecei2ee"), peerwire.ErrMetadata},
		"odd pex":                {extended(2, "d5:added3:abce"), peerwire.ErrPex},
		"short holepunch":        {extended(3, "x"), peerwire.ErrHolepunch},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			peer, engine, l := r.pair(true)
			engine.send(extended(0, hello))
			peer.expect(extended(0, hello))
			peer.send(empty(peerwire.Interested))
			engine.expect(empty(peerwire.Interested))
			peer.send(c.frame)
			if id, _, err := engine.next(); err == nil {
				t.Fatalf("the library was shown %v", id)
			}
			d := r.dropped(c.want)
			if d.Key != l.Key() || d.InfoHash != testHash || d.PeerID != l.PeerID() || d.Addr != l.Addr() {
				t.Errorf("%+v", d)
			}
		})
	}
}

func TestFloods(t *testing.T) {
	for name, frame := range map[string][]byte{
		"keep-alives":          peerwire.AppendKeepAlive(nil),
		"interest":             append(empty(peerwire.Interested), empty(peerwire.NotInterested)...),
		"requests when choked": blk(peerwire.Request, 0, 0),
		"cancels":              blk(peerwire.Cancel, 0, 0),
		"haves":                peerwire.AppendIndex(nil, peerwire.Have, 1),
		"unknown extensions":   peerwire.AppendExtended(nil, 99, []byte("x")),
		"large handshakes":     peerwire.AppendExtended(nil, 0, []byte("d1:x60000:"+strings.Repeat("x", 60_000)+"e")),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Config{})
			peer, engine, _ := r.pair(false)
			var wg sync.WaitGroup
			engine.readAll(&wg)
			wg.Go(func() {
				peer.conn.SetWriteDeadline(time.Now().Add(patience))
				for range 3 * controlBurst {
					if _, err := peer.conn.Write(frame); err != nil {
						return
					}
				}
			})
			r.dropped(ErrFlood)
			wg.Wait()
		})
	}
}

// TestAPeerThatDoesNotRead fills what we hold for it and is dropped.
func TestAPeerThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(t, Config{})
		peer, engine, l := p.pair(true)
		engine.pump()
		go func() {
			for peer.conn.SetWriteDeadline(time.Time{}) == nil {
				if _, err := peer.conn.Write(repeat(blk(peerwire.Request, 0, 0), controlRate)); err != nil {
					return
				}
				time.Sleep(time.Second) //nolint:forbidigo // virtual time
			}
		}()
		select {
		case d := <-p.drops:
			if !errors.Is(d.Err, ErrBacklog) {
				t.Error(d.Err)
			}
		case <-time.After(time.Hour):
			t.Errorf("%+v", l.Stats())
		}
		peer.conn.Close()
	})
}

func TestLongControlMessagesAtAnOrdinaryRateAreNoFlood(t *testing.T) {
	r := newRig(t, Config{Shape: func(swarm.InfoHash) (Shape, bool) { return Shape{}, false }})
	peer, engine, _ := r.pair(true)
	offer := peerwire.AppendExtended(nil, 0, []byte("d1:md11:ut_metadatai1eee"))
	engine.send(offer)
	peer.expect(offer)
	peer.send(offer)
	engine.expect(offer)
	// 10 MiB of metadata that we asked for, as fast as the loopback is.
	const pieces = 640
	for i := range pieces {
		ask := peerwire.AppendExtended(nil, 1, []byte("d8:msg_typei0e5:piecei"+itoa(i)+"ee"))
		engine.send(ask)
		peer.expect(ask)
		answer := peerwire.AppendExtended(nil, 1, []byte("d8:msg_typei1e5:piecei"+itoa(i)+"e10:total_sizei10485760ee"+strings.Repeat("x", 16384)))
		peer.send(answer)
		engine.expect(answer)
	}
	select {
	case d := <-r.drops:
		t.Error(d.Reason)
	default:
	}
}

func TestDropIsReportedOnce(t *testing.T) {
	r := newRig(t, Config{})
	peer, _, l := r.pair(true)
	r.Drop(l.Key()+1, "somebody else")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { r.Drop(l.Key(), "banned") })
	}
	wg.Wait()
	if d := r.dropped(ErrDropped); d.Reason != "banned" {
		t.Errorf("%q", d.Reason)
	}
	if len(r.drops) != 0 || len(r.All()) != 0 {
		t.Error("reported more than once, or still listed")
	}
	if _, _, err := peer.next(); err == nil {
		t.Error("the peer is still connected")
	}
}
