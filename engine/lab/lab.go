package lab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"swarmbid/engine/swarm"
)

// ErrMissing is returned by a start function when the program is not installed.
// The message names the Debian package.
var ErrMissing = errors.New("program not installed")

// ErrUnknownTorrent is returned for an infohash that the program does not have, or
// not yet: a magnet link that is still without metadata in aria2, for example.
var ErrUnknownTorrent = errors.New("torrent not known to the program")

// Client is one BitTorrent program under control. Methods may be called from any
// goroutine. An error wraps errors.ErrUnsupported where the program has no such
// command.
type Client interface {
	// Name is the program's: «aria2», «transmission» and so on.
	Name() string
	// Addr is where it accepts peers, over IPv4. With Options.IPv6 it has the same
	// port at [::1].
	Addr() netip.AddrPort
	// PID is the process to measure with UsageOf.
	PID() int
	// Add adds the .torrent file and starts it at once; what is in saveDir already
	// is checked first, so complete data makes it a seed.
	Add(ctx context.Context, file, saveDir string) error
	// AddMagnet adds a magnet link and starts it at once.
	AddMagnet(ctx context.Context, link, saveDir string) error
	// AddPeer tells the program of a peer, to which it then connects.
	AddPeer(ctx context.Context, ih swarm.InfoHash, peer netip.AddrPort) error
	// Progress is the program's own account of a torrent.
	Progress(ctx context.Context, ih swarm.InfoHash) (Progress, error)
	// Peers are the program's connections of a torrent.
	Peers(ctx context.Context, ih swarm.InfoHash) ([]Peer, error)
	// SetLimits sets the program's limits in bytes per second; 0 = none.
	SetLimits(ctx context.Context, down, up int64) error
	// Log is what the program wrote so far, on its output and into its log file.
	Log() string
	// Close ends the program and everything it started, and waits for that.
	Close() error
}

// Encryption is the MSE policy of a program, for both directions.
type Encryption uint8

// The policies. The zero value is Prefer.
const (
	Prefer  Encryption = iota // encrypted if the other end can, else plain
	Off                       // plain; aria2 and Transmission still accept encrypted peers
	Require                   // RC4 or nothing
)

// String names the policy for test names.
func (e Encryption) String() string {
	return [...]string{"prefer", "plain", "encrypted"}[e]
}

// Transport is what carries the program's connections.
type Transport uint8

// The transports. The zero value is TCP.
const (
	TCP  Transport = iota
	UTP            // Transmission cannot do without TCP: there it means TCP too
	Both           // whichever works first
)

// String names the transport for test names.
func (t Transport) String() string {
	return [...]string{"tcp", "utp", "both"}[t]
}

// Options are the settings of a program. Dir is required; the rest of the zero
// value is TCP over IPv4, encryption preferred, no limits, no discovery.
type Options struct {
	Dir        string // scratch directory of this client alone; must exist
	Encryption Encryption
	Transport  Transport
	Down, Up   int64 // bytes per second; 0 = no limit
	IPv6       bool  // listen at and dial [::1] too
	PEX        bool
	Quiet      bool // log little, for benchmarks; aria2 then tells nothing of encryption
}

// Program is a kind of client that can be started.
type Program struct {
	Name    string
	UTP     bool // it has uTP
	Dials   bool // it dials loopback addresses given by AddPeer
	Views   bool // the peers it reports carry Encrypted, ChokesUs and Choked
	Empties bool // it makes the empty files of a torrent
	Start   func(context.Context, Options) (Client, error)
}

// Programs lists the programs of other people that tests work with.
func Programs() []Program {
	return []Program{
		{"libtorrent", true, true, true, true, StartLibtorrent},
		{"aria2", false, true, true, true, StartAria2},
		{"transmission", true, false, true, false, StartTransmission},
		{"qbittorrent", true, true, true, true, StartQBittorrent},
		{"anacrolix", true, true, false, true, StartAnacrolix},
	}
}

// Progress is how far a program is with a torrent.
type Progress struct {
	Size       int64  // 0 = not known yet
	Done       int64  // verified bytes
	Complete   bool   // everything is verified and it seeds
	Downloaded int64  // payload received in this run
	Uploaded   int64  // payload sent in this run
	State      string // in the program's words
	Error      string // in the program's words; "" = none
}

// Peer is one connection as the program sees it.
type Peer struct {
	Addr      netip.AddrPort // of the other end
	Client    string         // what it takes the other end for; "" = not said
	Down, Up  int64          // bytes per second
	ChokesUs  bool           // the other end chokes the program
	Choked    bool           // the program chokes the other end
	Encrypted bool           // RC4; not told where Program.Views is false, as are the chokes
	UTP       bool
	Flags     string // in the program's letters, for messages
}

// Seed adds a torrent whose data lies in saveDir and waits until the program has
// checked it.
func Seed(ctx context.Context, c Client, p *Payload, saveDir string) error {
	if err := c.Add(ctx, p.File, saveDir); err != nil {
		return err
	}
	return Complete(ctx, c, p.InfoHash)
}

// Complete waits until the program has the whole torrent. The error says how far
// it got.
func Complete(ctx context.Context, c Client, ih swarm.InfoHash) error {
	var last Progress
	err := Until(ctx, func() (bool, error) {
		p, err := c.Progress(ctx, ih)
		if errors.Is(err, ErrUnknownTorrent) {
			return false, nil
		}
		last = p
		return p.Complete, err
	})
	if err != nil {
		return fmt.Errorf("%s: waiting for %v: %w; at %+v\n%s", c.Name(), ih, err, last, Tail(c.Log(), 15))
	}
	return nil
}

// Until polls cond 20 times a second until it holds or fails, or ctx ends.
func Until(ctx context.Context, cond func() (bool, error)) error {
	t := time.NewTicker(50 * time.Millisecond)
	defer t.Stop()
	for {
		if ok, err := cond(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

// Tail returns the last n lines of s.
func Tail(s string, n int) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
