package link

import (
	"errors"
	"iter"
	"net/netip"
	"time"

	"swarmbid/engine/peerwire"
	"swarmbid/engine/swarm"
)

// Shape is what is known of a torrent's pieces.
type Shape = peerwire.Shape

// Policy says when connections are obfuscated (MSE). The zero value is Prefer.
type Policy uint8

// The policies.
const (
	// Prefer tries MSE on outgoing connections and dials again in plaintext if
	// that fails; it takes both on incoming ones. The stream after the handshake
	// is RC4 only if the peer insists.
	Prefer Policy = iota
	// Require refuses whatever is not RC4 from end to end.
	Require
	// Off speaks and takes plaintext only.
	Off
)

// Encryption says how much of a connection is obfuscated.
type Encryption uint8

// The degrees of obfuscation. The zero value is Plain.
const (
	Plain      Encryption = iota // nothing
	HeaderOnly                   // the handshake
	RC4                          // the whole stream
)

// String returns the degree in English lower case, for logs and tests.
func (e Encryption) String() string {
	names := [...]string{"plain", "header only", "rc4"}
	if int(e) < len(names) {
		return names[e]
	}
	return "unknown"
}

// Config is fixed when the Links are made. Every field may be left zero.
type Config struct {
	// Encryption is the policy at the start; SetEncryption changes it.
	Encryption Policy
	// InfoHashes yields the torrents that an obfuscated incoming connection may
	// be for; without it all of those fail.
	InfoHashes iter.Seq[swarm.InfoHash]
	// Shape returns what is known of a torrent; ok is false while its metadata is
	// unknown. Once ok, the answer is kept for the life of a connection.
	Shape func(swarm.InfoHash) (s Shape, ok bool)
	// Refuse reports whether connections from and to an address are refused.
	Refuse func(netip.Addr) bool
	// Local reports whether an address is of the local network; nil = IsLocal.
	Local func(netip.Addr) bool
	// OnDrop is told of each connection that we close for a fault of the peer.
	OnDrop func(Drop)
	// OnChange is told that a link came or went, or that a peer's interest
	// changed: the upload slots may have to be given anew.
	OnChange func()
	// OnPlaced is told how many bytes of blocks have been put into what a peer is
	// sent, each time before they leave, and OnChoked after how many it was choked.
	// They are called for peers that were spoken to with Say, with Link.mu held.
	OnPlaced, OnChoked func(key swarm.PeerKey, pos int64)
	// Serve reads blocks for the links of SetDirect, on the links' goroutines.
	Serve ServeFunc
	// HandshakeTimeout bounds MSE and the wait for the first bytes; 0 = 10 s.
	HandshakeTimeout time.Duration
	// MaxPending bounds the incoming connections that have not finished the
	// handshake; more are closed at once. 0 = 200.
	MaxPending int
}

// Drop says which connection was closed and why.
type Drop struct {
	Key      swarm.PeerKey
	InfoHash swarm.InfoHash // zero before the handshake
	Addr     netip.AddrPort
	PeerID   swarm.PeerID // zero before the handshake
	Client   string       // by the extended handshake; "" = unknown
	Reason   string       // for people
	Err      error        // a *peerwire.FrameError, or an error of this package
}

// The faults that are found here and not by peerwire.
var (
	// ErrFull: there are as many connections as SetMost allows.
	ErrFull = errors.New("link: no room for another connection")
	// ErrRefused: the address is refused by Config.Refuse.
	ErrRefused = errors.New("link: address is refused")
	// ErrFlood: more control messages than any client has a use for.
	ErrFlood = errors.New("link: flood of messages")
	// ErrBacklog: the peer asks but does not read the answers.
	ErrBacklog = errors.New("link: peer does not read our answers")
	// ErrPlaintext: the connection is not encrypted, and the policy is Require;
	// or the library did not begin with a plaintext handshake.
	ErrPlaintext = errors.New("link: unexpected form of handshake")
	// ErrDropped: somebody called Drop.
	ErrDropped = errors.New("link: dropped")
)

const (
	defaultHandshakeTimeout = 10 * time.Second
	defaultMaxPending       = 200

	// maxQueue is the number of requests kept for one peer; the library announces
	// the same number as reqq.
	maxQueue = 1024
	// maxReleased bounds the released requests of one peer, so that tiny blocks
	// cannot make the list long.
	maxReleased = 64
	// maxOwed bounds the control bytes we hold for a peer that does not read.
	maxOwed = 256 << 10
	// drainTime is how long released requests may still be answered before a
	// choke is sent.
	drainTime = time.Second
	// restTime is the least time between a choke and the next unchoke of a peer
	// with the fast extension: clients built on the library stop asking for good
	// when an unchoke comes right after the rejects.
	restTime = 500 * time.Millisecond
	// remindTime is how long our own library may take to ask again after rejects.
	remindTime = 300 * time.Millisecond

	// controlRate and controlBurst bound the messages other than blocks, queued
	// requests and haves: per second, and at once. A choke of a peer with a full
	// queue may bring in 1,024 at once.
	controlRate  = 500
	controlBurst = 5000
	// pexPause is the least time between two ut_pex messages the library takes;
	// it hangs up below 45 s, we throw the message away instead.
	pexPause = 50 * time.Second
)

func (c Config) withDefaults() Config {
	if c.HandshakeTimeout <= 0 {
		c.HandshakeTimeout = defaultHandshakeTimeout
	}
	if c.MaxPending <= 0 {
		c.MaxPending = defaultMaxPending
	}
	if c.InfoHashes == nil {
		c.InfoHashes = func(func(swarm.InfoHash) bool) {}
	}
	if c.Shape == nil {
		c.Shape = func(swarm.InfoHash) (Shape, bool) { return Shape{}, false }
	}
	if c.Refuse == nil {
		c.Refuse = func(netip.Addr) bool { return false }
	}
	if c.Local == nil {
		c.Local = IsLocal
	}
	if c.OnDrop == nil {
		c.OnDrop = func(Drop) {}
	}
	if c.OnPlaced == nil {
		c.OnPlaced = func(swarm.PeerKey, int64) {}
	}
	if c.OnChoked == nil {
		c.OnChoked = func(swarm.PeerKey, int64) {}
	}
	if c.OnChange == nil {
		c.OnChange = func() {}
	}
	return c
}
