package upload

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/metainfo"

	"swarmbid/engine/link"
	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// hostile are frames that no peer may send, for a torrent of few pieces.
func hostile() map[string][]byte {
	raw := func(id peerwire.ID, n int) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(1+n))
		return append(append(b, byte(id)), make([]byte, n)...)
	}
	block := func(id peerwire.ID, index, begin, length uint32) []byte {
		return peerwire.AppendBlock(nil, id, peerwire.Block{Index: index, Begin: begin, Length: length})
	}
	ext := func(id uint8, p string) []byte { return peerwire.AppendExtended(nil, id, []byte(p)) }
	frames := map[string][]byte{
		"4 GiB":              append(binary.BigEndian.AppendUint32(nil, 1<<32-1), 7),
		"64 KiB + 1":         append(binary.BigEndian.AppendUint32(nil, 64<<10+1), 20),
		"unknown":            raw(77, 3),
		"have max":           peerwire.AppendIndex(nil, peerwire.Have, 1<<32-1),
		"suggest max":        peerwire.AppendIndex(nil, peerwire.Suggest, 1<<32-1),
		"allowed fast max":   peerwire.AppendIndex(nil, peerwire.AllowedFast, 1<<32-1),
		"request max":        block(peerwire.Request, 1<<32-1, 1<<32-1, 1<<32-1),
		"request nothing":    block(peerwire.Request, 0, 0, 0),
		"cancel max":         block(peerwire.Cancel, 1<<32-1, 0, 16384),
		"reject":             block(peerwire.Reject, 1<<31, 1<<31, 16384),
		"piece max":          append(peerwire.AppendPieceHead(nil, peerwire.Block{Index: 1<<32 - 1, Begin: 1<<32 - 1, Length: 4}), 1, 2, 3, 4),
		"metadata -1":        ext(1, "d8:msg_typei0e5:piecei-1ee"),
		"metadata max":       ext(1, "d8:msg_typei0e5:piecei9223372036854775807ee"),
		"metadata data":      ext(1, "d8:msg_typei1e5:piecei0e10:total_sizei-16384ee"),
		"metadata garbage":   ext(1, "i"),
		"handshake garbage":  ext(0, "d1:md1:"),
		"handshake nested":   ext(0, "d1:x"+strings.Repeat("d1:x", 9_000)+"i1e"+strings.Repeat("e", 9_001)),
		"handshake size":     ext(0, "d13:metadata_sizei-1ee"),
		"handshake size max": ext(0, "d13:metadata_sizei9223372036854775807ee"),
		"hash request":       append(raw(peerwire.HashRequest, 47), 0),
		"hashes short":       raw(peerwire.Hashes, 20),
		"empty extended":     raw(peerwire.Extended, 0),
	}
	for _, id := range []peerwire.ID{peerwire.Choke, peerwire.Interested, peerwire.HaveAll, peerwire.Have, peerwire.Request, peerwire.Piece, peerwire.Cancel, peerwire.Port, peerwire.Reject} {
		frames[id.String()+" of 3 bytes"] = raw(id, 3)
	}
	return frames
}

// attack shakes hands, sends one frame and waits to be hung up on.
func attack(t *testing.T, addr string, ih swarm.InfoHash, frame []byte) {
	t.Helper()
	c, err := net.Dial("tcp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	h := peerwire.Handshake{InfoHash: ih}
	copy(h.PeerID[:], "-XX0001-")
	copy(h.PeerID[8:], c.LocalAddr().String()[10:])
	h.SetFast()
	h.SetExtended()
	c.Write(peerwire.AppendHandshake(nil, h))
	// The library offers its extended ids first; then the frame means something.
	if _, err := io.ReadFull(c, make([]byte, peerwire.HandshakeSize+5)); err != nil {
		t.Fatalf("handshake: %v", err)
	}
	c.Write(frame)
	if _, err := io.Copy(io.Discard, c); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("not disconnected")
		}
	}
}

// TestHostilePeers: the library survives each malformed frame, seeding and before
// it knows the metadata; the peer is named with the reason; an honest peer goes
// on.
func TestHostilePeers(t *testing.T) {
	dir := t.TempDir()
	mi := payload(t, dir, 8<<20, 256<<10)
	ih := swarm.InfoHash(mi.HashInfoBytes())
	drops := make(chan link.Drop, 100)
	record := func(d link.Drop) { drops <- d }
	seed := newHouse(t, dir, link.Config{OnDrop: record}, Config{Limit: 1})
	seed.add(t, mi)
	leech := newHouse(t, t.TempDir(), link.Config{}, Config{})
	lt := leech.add(t, mi)
	lt.DownloadAll()
	lt.AddPeers(peerAt(seed.addr))
	until(t, "connected", func() bool { return len(seed.links.All()) == 1 })
	honest := seed.links.All()[0]
	seed.serveAll()

	magnet := newHouse(t, t.TempDir(), link.Config{OnDrop: record}, Config{})
	mt, _ := magnet.client.AddTorrentInfoHash(metainfo.Hash(ih))

	for name, frame := range hostile() {
		for _, victim := range []*house{seed, magnet} {
			attack(t, victim.addr, ih, frame)
			select {
			case d := <-drops:
				if d.Reason == "" || d.Err == nil || d.InfoHash != ih || string(d.PeerID[:8]) != "-XX0001-" {
					t.Errorf("%s: %+v", name, d)
				}
			case <-time.After(10 * time.Second):
				t.Errorf("%s: nobody was told", name)
			}
		}
	}
	if all := seed.links.All(); len(all) != 1 || all[0] != honest {
		t.Errorf("the honest peer is gone: %d links", len(all))
	}
	seed.up.SetLimit(0)
	until(t, "the honest peer is complete", func() bool { return lt.BytesMissing() == 0 })
	mt.AddPeers(peerAt(seed.addr))
	until(t, "the metadata arrives at the one attacked before", func() bool { return mt.Info() != nil })
}

// TestRandomFrames throws frames of every kind with numbers at their bounds at a
// seed, at a client that downloads from the attacker and at one without metadata.
// Their lives are the assertion; the seed of the generator is printed.
func TestRandomFrames(t *testing.T) {
	dir := t.TempDir()
	mi := payload(t, dir, 2<<20+777, 128<<10)
	ih := swarm.InfoHash(mi.HashInfoBytes())
	seeder := newHouse(t, dir, link.Config{}, Config{})
	seeder.add(t, mi)
	empty := newHouse(t, t.TempDir(), link.Config{}, Config{})
	empty.add(t, mi).DownloadAll()
	magnet := newHouse(t, t.TempDir(), link.Config{}, Config{})
	if _, fresh := magnet.client.AddTorrentInfoHash(metainfo.Hash(ih)); !fresh {
		t.Fatal("not added")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 4))
	for range 60 {
		for _, h := range []*house{seeder, empty, magnet} {
			frames := []byte(nil)
			for range 1 + rnd.IntN(12) {
				frames = append(frames, randomFrame(rnd)...)
			}
			c := throw(t, h.addr, ih, frames)
			if rnd.IntN(4) > 0 {
				c.Close()
			}
			h.serveAll()
		}
	}
	mt := magnet.client.Torrents()[0]
	mt.AddPeers(peerAt(seeder.addr))
	until(t, "the metadata arrives, with attackers connected", func() bool { return mt.Info() != nil })
	for _, h := range []*house{seeder, empty, magnet} {
		if len(h.client.Torrents()) != 1 {
			t.Error("a torrent is gone")
		}
	}
}

// throw sends frames and reads for a moment, whether it is hung up on or not.
func throw(t *testing.T, addr string, ih swarm.InfoHash, frames []byte) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Second))
	h := peerwire.Handshake{InfoHash: ih}
	copy(h.PeerID[:], c.LocalAddr().String())
	h.SetFast()
	h.SetExtended()
	c.Write(peerwire.AppendHandshake(nil, h))
	io.ReadFull(c, make([]byte, peerwire.HandshakeSize+5)) // until its extended ids are known
	c.SetDeadline(time.Now().Add(10 * time.Millisecond))
	c.Write(frames)
	io.Copy(io.Discard, c)
	return c
}

// randomFrame is a frame of the right length in most cases, for those pass the
// link and reach the library.
func randomFrame(rnd *rand.Rand) []byte {
	number := func() uint32 {
		all := []uint32{0, 0, 1, 2, 15, 16, 17, 16384, 16384, 16385, 32768, 131072, 1 << 24, 1<<31 - 1, 1 << 31, 1<<32 - 1}
		return all[rnd.IntN(len(all))]
	}
	small := func() uint32 { return uint32(rnd.IntN(17)) }
	block := peerwire.Block{Index: small(), Begin: small() * 16384, Length: 16384}
	if rnd.IntN(4) == 0 {
		block = peerwire.Block{Index: number(), Begin: number(), Length: number()}
	}
	bits := make([]byte, 3)
	bits[0], bits[1] = byte(rnd.Uint32()), byte(rnd.Uint32())
	ints := []string{"0", "1", "-1", "2", "16384", "4294967295", "9223372036854775807", "-9223372036854775808", "500"}
	i := func() string { return ints[rnd.IntN(len(ints))] }
	switch rnd.IntN(16) {
	case 0:
		return peerwire.AppendEmpty(nil, peerwire.ID(rnd.IntN(4)))
	case 1:
		return peerwire.AppendEmpty(nil, peerwire.HaveAll)
	case 2:
		return peerwire.AppendEmpty(nil, peerwire.HaveNone)
	case 3, 4:
		return peerwire.AppendIndex(nil, peerwire.Have, small())
	case 5:
		return peerwire.AppendBitfield(nil, bits)
	case 6, 7:
		return peerwire.AppendBlock(nil, []peerwire.ID{peerwire.Request, peerwire.Cancel, peerwire.Reject}[rnd.IntN(3)], block)
	case 8:
		n := block.Length % 20_000
		return append(peerwire.AppendPieceHead(nil, peerwire.Block{Index: block.Index, Begin: block.Begin, Length: n}), make([]byte, n)...)
	case 9:
		return peerwire.AppendIndex(nil, []peerwire.ID{peerwire.Suggest, peerwire.AllowedFast}[rnd.IntN(2)], small())
	case 10:
		return peerwire.AppendPort(nil, uint16(number()))
	case 11:
		return peerwire.AppendExtended(nil, 0, []byte("d1:ei"+i()+"e1:md11:ut_metadatai3e6:ut_pexi4e12:ut_holepunchi5ee13:metadata_sizei"+i()+"e1:pi"+i()+"e4:reqqi"+i()+"e1:v1:xe"))
	case 12:
		return peerwire.AppendExtended(nil, 1, []byte("d8:msg_typei"+i()+"e5:piecei"+i()+"e10:total_sizei"+i()+"ee"+strings.Repeat("x", int(number()%16385))))
	case 13:
		return peerwire.AppendExtended(nil, 2, []byte("d5:added6:abcdef7:added.f1:x6:added618:abcdefabcdefabcdefe"))
	case 14:
		return peerwire.AppendExtended(nil, uint8(3), append([]byte{byte(rnd.IntN(4)), 0}, "abcdpp\x00\x00\x00\x00"...))
	}
	body := make([]byte, 48)
	binary.BigEndian.PutUint32(body[36:], number())
	binary.BigEndian.PutUint32(body[40:], number())
	return append(append(binary.BigEndian.AppendUint32(nil, 49), byte(peerwire.HashRequest)+byte(rnd.IntN(3))), body...)
}
