package upload

import (
	"encoding/binary"
	"errors"
	"io"
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
