package link

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	utp "github.com/anacrolix/go-utp"

	"swarmbid/engine/peerwire"
)

func TestRefusedAddresses(t *testing.T) {
	r := newRig(t, Config{Refuse: func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") }})
	if _, err := r.Dialer(tcp{}).Dial(t.Context(), "127.0.0.1:9"); !errors.Is(err, ErrRefused) {
		t.Errorf("dial: %v", err)
	}
	if _, err := r.Dialer(tcp{}).Dial(t.Context(), "[::ffff:127.0.0.1]:9"); !errors.Is(err, ErrRefused) {
		t.Errorf("dial a mapped address: %v", err)
	}
	c, err := net.Dial("tcp4", r.listen.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	accepted := make(chan error, 1)
	go func() { _, err := r.wrap.Accept(); accepted <- err }()
	c.SetReadDeadline(time.Now().Add(patience))
	if _, err := c.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("a refused peer is not disconnected: %v", err)
	}
	r.listen.Close()
	select {
	case err := <-accepted:
		t.Errorf("Accept returned %v; the library would spin", err)
	case <-time.After(20 * time.Millisecond):
	}
	r.Close()
	if err := <-accepted; err == nil {
		t.Error("Accept returned a connection")
	}
}

func TestPendingConnectionsAreBounded(t *testing.T) {
	r := newRig(t, Config{MaxPending: 2})
	dial := func() net.Conn {
		c, err := net.Dial("tcp4", r.listen.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	dial()
	dial()
	var links []net.Conn
	for range 2 {
		nc, err := r.wrap.Accept()
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, nc)
	}
	third := dial()
	accepted := make(chan net.Conn, 1)
	go func() { nc, _ := r.wrap.Accept(); accepted <- nc }()
	third.SetReadDeadline(time.Now().Add(patience))
	if _, err := third.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the third is not disconnected: %v", err)
	}
	links[0].Close()
	dial()
	if nc := <-accepted; nc == nil {
		t.Error("no room after one left")
	}
}

// TestMost: with as many connections as are allowed, nobody is let in or dialled; when
// one leaves or more are allowed, the next is.
func TestMost(t *testing.T) {
	r := newRig(t, Config{})
	r.SetMost(1)
	dial := func() net.Conn {
		c, err := net.Dial("tcp4", r.listen.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	accepted := make(chan net.Conn, 1)
	accept := func() { nc, _ := r.wrap.Accept(); accepted <- nc }
	go accept()
	dial()
	first := <-accepted
	second := dial()
	go accept()
	second.SetReadDeadline(time.Now().Add(patience))
	if _, err := second.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the second is not disconnected: %v", err)
	}
	other, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := r.Dialer(tcp{}).Dial(t.Context(), other.Addr().String()); !errors.Is(err, ErrFull) {
		t.Errorf("dialled: %v", err)
	}
	first.Close()
	dial()
	if nc := <-accepted; nc == nil {
		t.Fatal("no room after one left")
	}
	r.SetMost(2)
	nc, err := r.Dialer(tcp{}).Dial(t.Context(), other.Addr().String())
	if err != nil {
		t.Fatalf("no room for a second: %v", err)
	}
	nc.Close()
}

// faulty fails a few times, as accept does when files run out.
type faulty struct {
	net.Listener
	left int
}

func (f *faulty) Accept() (net.Conn, error) {
	if f.left--; f.left >= 0 {
		return nil, errors.New("too many open files")
	}
	return f.Listener.Accept()
}

func TestAcceptOutlivesErrors(t *testing.T) {
	r := newRig(t, Config{})
	r.wrap = r.Listener(&faulty{r.listen, 3})
	peer, engine, _ := r.pair(true)
	peer.send(empty(peerwire.Interested))
	engine.expect(empty(peerwire.Interested))
}

// utpDialer makes a Dialer of a uTP socket.
type utpDialer struct{ utp.Socket }

func (utpDialer) DialerNetwork() string { return "udp4" }

func (d utpDialer) Dial(ctx context.Context, addr string) (net.Conn, error) {
	return d.DialContext(ctx, "udp4", addr)
}

func TestUTP(t *testing.T) {
	for _, policy := range []Policy{Off, Prefer, Require} {
		t.Run([]string{"prefer", "require", "off"}[policy], func(t *testing.T) {
			sockets := make([]utp.Socket, 2)
			for i := range sockets {
				s, err := utp.NewSocket("udp4", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				sockets[i] = s
			}
			r := newRig(t, Config{Encryption: policy})
			in := r.Listener(sockets[0])
			var nc net.Conn
			done := make(chan error, 1)
			go func() { // the socket answers a dial only when somebody accepts
				var err error
				if nc, err = in.Accept(); err == nil {
					err = swap(nc, "-BB0001-")
				}
				done <- err
			}()
			out, err := r.Dialer(utpDialer{sockets[1]}).Dial(t.Context(), sockets[0].Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			if err := errors.Join(swap(out, "-AA0001-"), <-done); err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			l := nc.(*Link)
			if _, ok := l.RemoteAddr().(*net.UDPAddr); !ok || l.Network() != "udp4" {
				t.Errorf("%T %s", l.RemoteAddr(), l.Network())
			}
			// The gate works over uTP too: a blocked reader is woken.
			peer, engine := &wire{tb: t, conn: out}, &wire{tb: t, conn: nc}
			engine.pump()
			peer.pump()
			out.(*Link).SetUnchoked(true)
			unchoke(peer, engine, l)
			for i := range uint32(20) {
				peer.send(blk(peerwire.Request, i%8, 0))
				release1(t, l)
				engine.expect(blk(peerwire.Request, i%8, 0))
				engine.send(pieceOf(i%8, 0, 16384))
				peer.expect(pieceOf(i%8, 0, 16384))
			}
		})
	}
}

func TestNetworkNames(t *testing.T) {
	for _, c := range []struct {
		remote  net.Addr
		dialled string
		want    string
		addr    string
	}{
		{&net.TCPAddr{IP: net.ParseIP("1.2.3.4"), Port: 5}, "", "tcp4", "1.2.3.4:5"},
		{&net.TCPAddr{IP: net.ParseIP("::ffff:1.2.3.4"), Port: 5}, "tcp", "tcp4", "1.2.3.4:5"},
		{&net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 5}, "tcp6", "tcp6", "[2001:db8::1]:5"},
		{&net.UDPAddr{IP: net.ParseIP("2001:db8::1"), Port: 5}, "", "udp6", "[2001:db8::1]:5"},
		{text{"utp/udp", "1.2.3.4:5"}, "", "udp4", "1.2.3.4:5"},
	} {
		ap, err := addrPort(c.remote)
		if err != nil || ap.String() != c.addr || networkOf(c.remote, ap, c.dialled) != c.want {
			t.Errorf("%v: %v %v %s", c.remote, err, ap, networkOf(c.remote, ap, c.dialled))
		}
	}
	if _, err := addrPort(text{"x", "nowhere"}); err == nil {
		t.Error("no address, but no error")
	}
}

// text is a net.Addr of another package.
type text struct{ network, addr string }

func (a text) Network() string { return a.network }
func (a text) String() string  { return a.addr }
