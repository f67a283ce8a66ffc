package lab

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"swarmbid/engine/swarm"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/mse"
)

// ErrFrame is returned when the other end sends what is no frame, or one longer
// than Raw reads.
var ErrFrame = errors.New("not a frame")

// maxFrame is the longest frame that Raw reads.
const maxFrame = 1 << 20

const protocol = "\x13BitTorrent protocol"

// Hello is how a Raw peer introduces itself.
type Hello struct {
	InfoHash swarm.InfoHash
	PeerID   swarm.PeerID // zero = random, beginning with «-LB0001-»
	Reserved [8]byte      // see Reserved
	Encrypt  bool         // MSE with RC4; else plain
	Local    netip.Addr   // source address of Dial; zero = any
}

// Raw is one end of a peer connection, under control frame by frame. It answers
// nothing by itself. Reading and writing may go on in two goroutines.
type Raw struct {
	Conn   net.Conn
	Theirs Hello // from the other end's handshake
	w      io.Writer
	r      *bufio.Reader
}

// Frame is a message that arrived. Body is valid until the next call.
type Frame struct {
	ID   byte
	Body []byte
}

// Index is the first number of the body: the piece, for most messages.
func (f Frame) Index() int64 {
	if len(f.Body) < 4 {
		return -1
	}
	return int64(binary.BigEndian.Uint32(f.Body))
}

// Dial connects over TCP and shakes hands.
func Dial(ctx context.Context, to netip.AddrPort, h Hello) (*Raw, error) {
	d := net.Dialer{}
	if h.Local.IsValid() {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(h.Local, 0))
	}
	c, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, err
	}
	r, err := Greet(ctx, c, h)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return r, nil
}

// fill makes a peer id where there is none.
func (h *Hello) fill() {
	if h.PeerID == (swarm.PeerID{}) {
		copy(h.PeerID[:], "-LB0001-"+rand.Text())
	}
}

// bytes is the handshake of BEP 3.
func (h *Hello) bytes() []byte {
	b := append([]byte(protocol), h.Reserved[:]...)
	return append(append(b, h.InfoHash[:]...), h.PeerID[:]...)
}

// Greet shakes hands on c as the one who dialled it. The connection stays the
// caller's if it fails.
func Greet(ctx context.Context, c net.Conn, h Hello) (*Raw, error) {
	h.fill()
	stop := interrupt(ctx, c.SetDeadline)
	defer stop()
	r := newRaw(c)
	if h.Encrypt {
		rw, _, err := mse.InitiateHandshakeContext(ctx, c, h.InfoHash[:], h.bytes(), mse.CryptoMethodRC4)
		if err != nil {
			return nil, fmt.Errorf("lab: encrypted handshake: %w", err)
		}
		r.w, r.r = rw, bufio.NewReaderSize(rw, maxFrame+4)
	} else if _, err := c.Write(h.bytes()); err != nil {
		return nil, fmt.Errorf("lab: handshake: %w", err)
	}
	return r, r.readHello()
}

// Accept shakes hands on c as the one who was dialled, with whatever encryption
// the other end wants.
func Accept(ctx context.Context, c net.Conn, h Hello) (*Raw, error) {
	h.fill()
	stop := interrupt(ctx, c.SetDeadline)
	defer stop()
	r := newRaw(c)
	first, err := r.r.Peek(len(protocol))
	if err != nil {
		return nil, fmt.Errorf("lab: handshake: %w", err)
	}
	if string(first) != protocol {
		both := struct {
			io.Reader
			io.Writer
		}{r.r, c}
		rw, _, err := mse.ReceiveHandshake(ctx, both, func(f func([]byte) bool) { f(h.InfoHash[:]) },
			func(mse.CryptoMethod) mse.CryptoMethod { return mse.CryptoMethodRC4 })
		if err != nil {
			return nil, fmt.Errorf("lab: encrypted handshake: %w", err)
		}
		r.w, r.r, r.Theirs.Encrypt = rw, bufio.NewReaderSize(rw, maxFrame+4), true
	}
	if err := r.readHello(); err != nil {
		return nil, err
	}
	return r, r.Send(h.bytes())
}

// readHello reads the other end's handshake.
func (r *Raw) readHello() error {
	var b [68]byte
	if _, err := io.ReadFull(r.r, b[:]); err != nil {
		return fmt.Errorf("lab: handshake of the other end: %w", err)
	}
	if string(b[:20]) != protocol {
		return fmt.Errorf("%w: handshake %q", ErrFrame, b[:])
	}
	copy(r.Theirs.Reserved[:], b[20:])
	copy(r.Theirs.InfoHash[:], b[28:])
	copy(r.Theirs.PeerID[:], b[48:])
	return nil
}

// newRaw is a connection without a handshake.
func newRaw(c net.Conn) *Raw {
	return &Raw{Conn: c, w: c, r: bufio.NewReaderSize(c, maxFrame+4)}
}

// interrupt makes the connection's calls fail when ctx ends. What it returns takes
// that back.
func interrupt(ctx context.Context, set func(time.Time) error) func() {
	stop := context.AfterFunc(ctx, func() { _ = set(time.Unix(1, 0)) })
	return func() {
		if !stop() {
			_ = set(time.Time{}) // it ran: the next call is not to suffer
		}
	}
}

// Send writes frames, or any bytes.
func (r *Raw) Send(frames ...[]byte) error {
	for _, f := range frames {
		if _, err := r.w.Write(f); err != nil {
			return err
		}
	}
	return nil
}

// Next returns the next frame, leaving out keep-alives. When ctx ends first it
// returns ctx's error and loses nothing: the frame comes with a later call.
func (r *Raw) Next(ctx context.Context) (Frame, error) {
	stop := interrupt(ctx, r.Conn.SetReadDeadline)
	defer stop()
	for {
		head, err := r.r.Peek(4)
		if err != nil {
			return Frame{}, late(ctx, err)
		}
		n := int(binary.BigEndian.Uint32(head))
		if n > maxFrame {
			return Frame{}, fmt.Errorf("%w: %d bytes long", ErrFrame, n)
		}
		b, err := r.r.Peek(4 + n)
		if err != nil {
			return Frame{}, late(ctx, err)
		}
		if _, err := r.r.Discard(4 + n); err != nil {
			return Frame{}, err
		}
		if n > 0 {
			return Frame{ID: b[4], Body: b[5:]}, nil
		}
	}
}

// late turns an expired deadline into ctx's error.
func late(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		return ctx.Err()
	}
	return err
}

// Expect returns the next frame with the id and passes over all others.
func (r *Raw) Expect(ctx context.Context, id byte) (Frame, error) {
	var others []byte
	for {
		f, err := r.Next(ctx)
		if err != nil {
			return f, fmt.Errorf("lab: waiting for message %d after %v: %w", id, others, err)
		}
		if f.ID == id {
			return f, nil
		}
		if len(others) < 50 {
			others = append(others, f.ID)
		}
	}
}

// Extensions waits for the other end's extended handshake and returns the ids it
// gave to its extensions.
func (r *Raw) Extensions(ctx context.Context) (map[string]byte, error) {
	for {
		f, err := r.Expect(ctx, MsgExtended)
		if err != nil {
			return nil, err
		}
		if len(f.Body) == 0 || f.Body[0] != 0 {
			continue
		}
		var d struct {
			M map[string]int64 `bencode:"m"`
		}
		if err := bencode.Unmarshal(f.Body[1:], &d); err != nil {
			return nil, fmt.Errorf("%w: extended handshake %q: %w", ErrFrame, f.Body, err)
		}
		ids := map[string]byte{}
		for name, id := range d.M {
			ids[name] = byte(id)
		}
		return ids, nil
	}
}

// Closed reads on until the other end has closed the connection. It returns ctx's
// error when that does not happen in time.
func (r *Raw) Closed(ctx context.Context) error {
	for {
		if _, err := r.Next(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return nil
		}
	}
}

// Close closes the connection at once, with unsent data lost.
func (r *Raw) Close() error {
	if t, ok := r.Conn.(*net.TCPConn); ok {
		if err := t.SetLinger(0); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
	}
	return r.Conn.Close()
}
