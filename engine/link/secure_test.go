package link

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anacrolix/torrent/mse"

	"swarmbid/engine/peerwire"
)

// tcp dials the loopback.
type tcp struct{ dials *atomic.Int64 }

func (tcp) DialerNetwork() string { return "tcp4" }

func (d tcp) Dial(ctx context.Context, addr string) (net.Conn, error) {
	if d.dials != nil {
		d.dials.Add(1)
	}
	return new(net.Dialer).DialContext(ctx, "tcp4", addr)
}

// meet lets a dial b and both libraries exchange handshakes and a frame each way.
func meet(t *testing.T, a, b *rig) (out, in *Link, err error) {
	t.Helper()
	nc, err := a.Dialer(tcp{}).Dial(t.Context(), b.listen.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	t.Cleanup(func() { nc.Close() })
	answered := make(chan error, 1)
	var peer net.Conn
	go func() { // the library of b, again when a dials anew
		for {
			c, err := b.wrap.Accept()
			if err != nil {
				answered <- err
				return
			}
			if err = swap(c, "-BB0001-"); err == nil {
				peer = c
				answered <- nil
				return
			}
			c.Close()
		}
	}()
	if err := swap(nc, "-AA0001-"); err != nil {
		b.listen.Close()
		b.Close()
		<-answered
		return nil, nil, err
	}
	if err := <-answered; err != nil {
		return nil, nil, err
	}
	wa, wb := &wire{tb: t, conn: nc}, &wire{tb: t, conn: peer}
	wa.send(empty(peerwire.Interested), pieceless)
	wb.expect(empty(peerwire.Interested), pieceless)
	wb.send(pieceless)
	wa.expect(pieceless)
	return nc.(*Link), peer.(*Link), nil
}

var pieceless = peerwire.AppendIndex(nil, peerwire.Have, 3)

// swap does a plaintext handshake as the library does, without failing the test.
func swap(c net.Conn, id string) error {
	c.SetDeadline(time.Now().Add(patience))
	if _, err := c.Write(peerwire.AppendHandshake(nil, handshakeOf(true, id))); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, peerwire.HandshakeSize))
	return err
}

func TestEncryptionMatrix(t *testing.T) {
	const fails = Encryption(99)
	for _, c := range []struct {
		out, in Policy
		want    Encryption
	}{
		{Prefer, Prefer, HeaderOnly},
		{Prefer, Require, RC4},
		{Prefer, Off, Plain},
		{Require, Prefer, RC4},
		{Require, Require, RC4},
		{Require, Off, fails},
		{Off, Prefer, Plain},
		{Off, Require, fails},
		{Off, Off, Plain},
	} {
		t.Run([]string{"prefer", "require", "off"}[c.out]+" to "+[]string{"prefer", "require", "off"}[c.in], func(t *testing.T) {
			a, b := newRig(t, Config{Encryption: c.out}), newRig(t, Config{Encryption: c.in})
			out, in, err := meet(t, a, b)
			if c.want == fails {
				if err == nil {
					t.Fatalf("they agree on %v", out.Encryption())
				}
				return
			}
			if err != nil || out.Encryption() != c.want || in.Encryption() != c.want {
				t.Fatalf("%v, %v and %v, want %v", err, out, in, c.want)
			}
			if out.Incoming() || !in.Incoming() || out.Network() != "tcp4" {
				t.Error("direction or network mixed up")
			}
		})
	}
}

func TestThePolicyCanChange(t *testing.T) {
	a, b := newRig(t, Config{Encryption: Off}), newRig(t, Config{Encryption: Off})
	a.SetEncryption(Require)
	b.SetEncryption(Prefer)
	if out, _, err := meet(t, a, b); err != nil || out.Encryption() != RC4 {
		t.Error(err)
	}
}

// TestAPlaintextPeerIsDialledAgain: a peer that knows no MSE hangs up on it.
func TestAPlaintextPeerIsDialledAgain(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			first := make([]byte, 20)
			if io.ReadFull(c, first); string(first) != peerwire.Protocol {
				c.Close()
				continue
			}
			io.ReadFull(c, make([]byte, 48))
			c.Write(handshakeBytes(true))
			io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	var dials atomic.Int64
	r := newRig(t, Config{})
	nc, err := r.Dialer(tcp{&dials}).Dial(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := swap(nc, "-AA0001-"); err != nil || dials.Load() != 2 || nc.(*Link).Encryption() != Plain {
		t.Errorf("%v after %d dials, %v", err, dials.Load(), nc.(*Link).Encryption())
	}
	nc.Close()

	r.SetEncryption(Require)
	if nc, err = r.Dialer(tcp{&dials}).Dial(t.Context(), l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if err := swap(nc, "-AA0001-"); err == nil || dials.Load() != 3 {
		t.Errorf("require: %v after %d dials", err, dials.Load())
	}
	nc.Close()
}

func TestAHandshakeHasATimeLimit(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0") // accepts by the kernel and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := newRig(t, Config{HandshakeTimeout: 50 * time.Millisecond, Encryption: Require})
	nc, err := r.Dialer(tcp{}).Dial(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := swap(nc, "-AA0001-"); err == nil || time.Since(start) > patience/2 {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	nc.Close()
	c, err := net.Dial("tcp4", r.listen.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if nc, err = r.wrap.Accept(); err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Read(make([]byte, 20)); !isTimeout(err) {
		t.Errorf("silent dialler: %v", err)
	}
	nc.Close()
}

func TestAnUnknownKeyIsRefused(t *testing.T) {
	r := newRig(t, Config{})
	c, err := net.Dial("tcp4", r.listen.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go mse.InitiateHandshake(c, bytes.Repeat([]byte{7}, 20), nil, mse.AllSupportedCrypto)
	nc, err := r.wrap.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(patience))
	if _, err := nc.Read(make([]byte, 20)); !errors.Is(err, mse.ErrNoSecretKeyMatch) {
		t.Error(err)
	}
}

func TestCloseDuringTheHandshake(t *testing.T) {
	silent, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	r := newRig(t, Config{Encryption: Prefer})
	for range 20 {
		nc, err := r.Dialer(tcp{}).Dial(t.Context(), silent.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- swap(nc, "-AA0001-") }()
		nc.Close()
		if err := <-done; err == nil {
			t.Error("a closed link shakes hands")
		}
	}
}
