package link

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// Link is one peer connection. The library uses it as a net.Conn; the other
// methods may be called from any goroutine and do not block.
type Link struct {
	links    *Links
	key      swarm.PeerKey
	incoming bool
	network  string
	addr     netip.AddrPort
	remote   net.Addr
	opened   time.Time
	local    bool // of the local network
	utp      bool
	redial   func(context.Context) (net.Conn, error) // of an outgoing link: the same address again

	rawMu sync.Mutex // guards raw and abort against the second dial of Prefer
	raw   net.Conn
	abort context.CancelFunc // ends the second dial; nil = none under way

	// Written once, before secured is closed.
	secured    chan struct{}
	secureOnce sync.Once
	listenOnce sync.Once // of secureIncoming
	secureErr  error
	r          io.Reader
	w          io.Writer
	encryption Encryption

	// Written once, before up is closed.
	up       chan struct{}
	infoHash swarm.InfoHash
	peerID   swarm.PeerID
	torrent  *torrent // guarded by Links.mu until joined
	joined   bool     // guarded by Links.mu

	done      chan struct{}
	closeOnce sync.Once
	dropOnce  sync.Once

	in      inbound       // of the reading goroutine
	resume  chan struct{} // ends a wait for the download limit
	writeUp chan struct{} // wakes runWriter

	wmu sync.Mutex
	out outbound // guarded by wmu

	mu sync.Mutex
	state
}

// state is guarded by Link.mu.
type state struct {
	deadlines
	checker peerwire.Checker
	guard   guard
	counts  Stats
	client  string

	injected []byte // whole frames the library reads next
	owed     []byte // whole frames the peer is sent next

	handshakes int // of two
	fast       bool
	interested bool
	granted    bool // upload serves it
	engineOpen bool // the library would serve it
	direct     bool // it is served without the library
	unchoked   bool // what the peer was told
	draining   bool // to be choked as soon as nothing is released
	drain      alarm
	chokedAt   time.Time
	rest       alarm // until it may be unchoked again
	rejected   bool  // the peer rejected a request, and the library has not asked since
	remind     alarm
	closed     bool

	stream

	queue     queue
	released  []release // handed on, not answered
	relBytes  int       // of released, and of answers on their way to the network
	returned  int64     // bytes released and never sent, since upload last asked
	toServe   []release // of released: those we answer ourselves, not begun
	serving   bool      // a server runs
	announced bool      // it sent its bitfield, have all or have none
	haves     int       // have frames since the last bitfield, have all or have none
	hasPieces int
	hasAll    bool
}

// release is a request that was handed on and is not answered yet.
type release struct {
	peerwire.Block        // what the library was asked for
	want           uint32 // bytes the peer asked for; more than Length = padding
	cancelled      bool   // the library was told to forget it
	direct         bool   // we answer it ourselves, the library never sees it
}

// Stats are the figures of one link. Payload is the data of piece messages, and
// overhead all other bytes of the peer wire protocol after decryption.
type Stats struct {
	PayloadIn, PayloadOut   int64 // bytes
	DirectOut               int64 // bytes of PayloadOut that the library knows nothing of
	OverheadIn, OverheadOut int64 // bytes, of the handshakes too
	HeadersIn, HeadersOut   int64 // bytes, by estimate: those of IP and TCP, or IP, UDP and uTP
	LastIn, LastOut         time.Time
	Asking                  int       // requests of ours that are not answered
	AskedAt                 time.Time // since when we have waited for the next answer; zero unless Asking

	Interested     bool // it wants something we have
	Interesting    bool // we told it that we want something
	Unchoked       bool // what it was told
	ChokingUs      bool // what it told us
	EngineUnchoked bool // the library would serve it
	QueuedRequests int
	ReleasedBytes  int // handed to the library or to be read, not yet sent

	Chokes, Unchokes, Rejects int64 // sent by us
	Ignored                   int64 // requests dropped without a word (no fast extension)
	Has                       int   // pieces it has; all of them if HasAll
	HasAll                    bool
}

// Key identifies the connection.
func (l *Link) Key() swarm.PeerKey { return l.key }

// InfoHash is the torrent the connection is for.
func (l *Link) InfoHash() swarm.InfoHash { return l.infoHash }

// PeerID is the id of the peer's handshake.
func (l *Link) PeerID() swarm.PeerID { return l.peerID }

// Addr is the peer's address; never an IPv4-mapped one.
func (l *Link) Addr() netip.AddrPort { return l.addr }

// Network is "tcp4", "tcp6", "udp4" or "udp6"; udp means uTP.
func (l *Link) Network() string { return l.network }

// Incoming reports whether the peer dialled.
func (l *Link) Incoming() bool { return l.incoming }

// Encryption says how much of the stream is obfuscated.
func (l *Link) Encryption() Encryption { return l.encryption }

// Opened is when the connection was made.
func (l *Link) Opened() time.Time { return l.opened }

// Client is the name in the peer's extended handshake, printable ASCII; "" =
// not told.
func (l *Link) Client() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.client
}

// Fast reports whether both ends speak the fast extension (BEP 6).
func (l *Link) Fast() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fast
}

// Stats returns the figures of now.
func (l *Link) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.counts
	s.Interested, s.Unchoked, s.EngineUnchoked = l.interested, l.unchoked, l.engineOpen
	s.QueuedRequests = l.queue.len()
	s.ReleasedBytes = l.relBytes
	s.HeadersIn = headers(l.network, s.PayloadIn+s.OverheadIn, s.PayloadOut+s.OverheadOut)
	s.HeadersOut = headers(l.network, s.PayloadOut+s.OverheadOut, s.PayloadIn+s.OverheadIn)
	s.HasAll = l.hasAll
	s.Has = l.hasPieces
	if n := l.checker.Shape.Pieces; n > 0 {
		s.Has = min(s.Has, n)
		if l.hasAll {
			s.Has = n
		}
	}
	return s
}

// LocalAddr is part of net.Conn.
func (l *Link) LocalAddr() net.Addr { return l.rawConn().LocalAddr() }

// RemoteAddr is part of net.Conn; it is a *net.TCPAddr or, for uTP, a
// *net.UDPAddr.
func (l *Link) RemoteAddr() net.Addr { return l.remote }

// Close is part of net.Conn.
func (l *Link) Close() error {
	err := net.ErrClosed
	l.closeOnce.Do(func() {
		l.mu.Lock()
		l.closed = true
		l.drain.stop()
		l.rest.stop()
		l.remind.stop()
		l.mu.Unlock()
		close(l.done)
		l.secure(nil, nil, Plain, net.ErrClosed)
		l.rawMu.Lock()
		raw, abort := l.raw, l.abort
		l.rawMu.Unlock()
		if abort != nil {
			abort()
		}
		err = raw.Close()
		l.links.remove(l)
		l.links.cfg.OnChange()
	})
	return err
}

// drop closes the link for a fault and says so, once.
func (l *Link) drop(err error, reason string) {
	l.dropOnce.Do(func() {
		d := Drop{Key: l.key, Addr: l.addr, Reason: reason, Err: err}
		select {
		case <-l.up:
			d.InfoHash, d.PeerID, d.Client = l.infoHash, l.peerID, l.Client()
		default:
		}
		_ = l.Close()
		l.links.cfg.OnDrop(d)
	})
}

func (l *Link) rawConn() net.Conn {
	l.rawMu.Lock()
	defer l.rawMu.Unlock()
	return l.raw
}

func (l *Link) isDone() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// isTimeout reports whether err is a passed deadline and nothing worse.
func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}
