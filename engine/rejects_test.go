package engine_test

import (
	"context"
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// TestRejectedRequestIsAskedAgain plays a seed that rejects one request without a
// choke, the last one that is open, as Transmission does with its 512th. The
// library alone would never ask this peer again.
func TestRejectedRequestIsAskedAgain(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	p, err := lab.OneFile(t.TempDir(), 1<<20).Make()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(p.Dir, p.Name))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	mine := begin(t, startOurs, lab.Options{Encryption: lab.Off})
	dir := t.TempDir()
	if err := mine.Add(ctx, p.File, dir); err != nil {
		t.Fatal(err)
	}
	if err := mine.AddPeer(ctx, p.InfoHash, l.Addr().(*net.TCPAddr).AddrPort()); err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := lab.Accept(ctx, c, lab.Hello{InfoHash: p.InfoHash, Reserved: lab.Reserved(true, true, false)})
	if err != nil {
		t.Fatal(err)
	}
	defer seed.Close()
	if err := seed.Send(lab.Msg(lab.MsgHaveAll), lab.ExtHandshake(0), lab.Msg(lab.MsgUnchoke)); err != nil {
		t.Fatal(err)
	}
	rejected := 0
	for blocks := int64(0); blocks < p.Size/lab.Block; {
		f, err := seed.Expect(ctx, lab.MsgRequest)
		if err != nil {
			t.Fatalf("after %d blocks and %d rejects: %v", blocks, rejected, err)
		}
		if rejected < 2 { // the first one is alone, so is the one that follows
			rejected++
			err = seed.Send(lab.Msg(lab.MsgReject, f.Body))
		} else {
			blocks++
			at := int64(binary.BigEndian.Uint32(f.Body))*p.PieceLen + int64(binary.BigEndian.Uint32(f.Body[4:]))
			err = seed.Send(lab.Msg(lab.MsgPiece, f.Body[:8], data[at:at+int64(binary.BigEndian.Uint32(f.Body[8:]))]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := lab.Complete(ctx, mine, p.InfoHash); err != nil {
		t.Fatal(err)
	}
	if err := p.Compare(dir, true); err != nil {
		t.Error(err)
	}
}
