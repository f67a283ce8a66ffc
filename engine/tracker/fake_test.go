package tracker

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"swarmbid/engine/swarm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hit is one announce or scrape as a tracker saw it.
type hit struct {
	at             time.Time
	over           string // udp4, udp6
	scrape         bool
	ih             swarm.InfoHash
	peerID         swarm.PeerID
	event          string
	up, down, left int64
	key            uint32
	want           int
	port           uint16
	uri            string // BEP 41
	ip             netip.Addr
}

// reply is what a fake tracker does with a hit.
type reply struct {
	silent         bool
	fail           string
	interval       int // seconds; 0 = 1800
	seeds, leeches int
	peers          string // compact
}

// fake is a tracker that remembers what it hears. Its packets are those of BEP 15.
type fake struct {
	mu       sync.Mutex
	hits     []hit
	answer   func(h hit) reply // nil = an empty swarm
	delay    time.Duration     // before each answer to an announce
	connect  int               // connection ids given
	ids      map[uint64]bool
	now, top int // announces being answered: now and at most
}

func (f *fake) all() []hit {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]hit(nil), f.hits...)
}

// events is the sequence of events heard, «-» for none.
func (f *fake) events() []string {
	var out []string
	for _, h := range f.all() {
		switch {
		case h.scrape:
			out = append(out, "scrape")
		case h.event == "":
			out = append(out, "-")
		default:
			out = append(out, h.event)
		}
	}
	return out
}

// packet answers one datagram; nil = silence.
func (f *fake) packet(b []byte, over string) []byte {
	if len(b) < 16 {
		return nil
	}
	id, act, tid := binary.BigEndian.Uint64(b), action(binary.BigEndian.Uint32(b[8:])), b[12:16]
	head := func(a action) []byte { return append(binary.BigEndian.AppendUint32(nil, uint32(a)), tid...) }
	f.mu.Lock()
	defer f.mu.Unlock()
	if act == actionConnect {
		if id != protocolID || f.answer != nil && f.answer(hit{event: "connect"}).silent {
			return nil
		}
		f.connect++
		if f.ids == nil {
			f.ids = make(map[uint64]bool)
		}
		f.ids[uint64(f.connect)] = true
		return binary.BigEndian.AppendUint64(head(actionConnect), uint64(f.connect))
	}
	if !f.ids[id] {
		return append(head(actionError), "connection id unknown"...)
	}
	h := hit{at: time.Now(), over: over, scrape: act == actionScrape, ih: swarm.InfoHash(b[16:36])}
	if !h.scrape {
		if len(b) < 98 {
			return append(head(actionError), "bad announce"...)
		}
		h.peerID = swarm.PeerID(b[36:56])
		h.down, h.left = int64(binary.BigEndian.Uint64(b[56:])), int64(binary.BigEndian.Uint64(b[64:]))
		h.up, h.event = int64(binary.BigEndian.Uint64(b[72:])), event(binary.BigEndian.Uint32(b[80:])).String()
		h.ip = netip.AddrFrom4([4]byte(b[84:88]))
		h.key, h.want = binary.BigEndian.Uint32(b[88:]), int(int32(binary.BigEndian.Uint32(b[92:])))
		h.port = binary.BigEndian.Uint16(b[96:])
		for o := b[98:]; len(o) > 2 && o[0] == optionURL; o = o[2+int(o[1]):] {
			h.uri += string(o[2 : 2+int(o[1])])
		}
	}
	f.hits = append(f.hits, h)
	var r reply
	if f.answer != nil {
		r = f.answer(h)
	}
	u32 := func(b []byte, n int) []byte { return binary.BigEndian.AppendUint32(b, uint32(n)) }
	switch {
	case r.silent:
		return nil
	case r.fail != "":
		return append(head(actionError), r.fail...)
	case h.scrape:
		return u32(u32(u32(head(act), r.seeds), 77), r.leeches)
	}
	if r.interval == 0 {
		r.interval = 1800
	}
	return append(u32(u32(u32(head(act), r.interval), r.leeches), r.seeds), r.peers...)
}

// serve answers what arrives on conn until it is closed.
func (f *fake) serve(conn net.Conn, over string) {
	buf := make([]byte, 2048)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		f.enter(1)
		if f.delay > 0 && n > 16 {
			<-time.After(f.delay)
		}
		out := f.packet(buf[:n], over)
		f.enter(-1)
		if out != nil {
			if _, err := conn.Write(out); err != nil {
				return
			}
		}
	}
}

func (f *fake) enter(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now += n
	f.top = max(f.top, f.now)
}

// world is a network of fake trackers for use in a synctest bubble.
type world struct {
	names    map[string][]netip.Addr
	trackers map[string]*fake // by address and port
	mu       sync.Mutex
	dials    map[string]int
}

// add makes a tracker reachable under a name, with one address per family asked for.
func (w *world) add(name string, f *fake, addr ...string) *fake {
	if w.names == nil {
		w.names, w.trackers, w.dials = map[string][]netip.Addr{}, map[string]*fake{}, map[string]int{}
	}
	for _, a := range addr {
		ip := netip.MustParseAddr(a)
		w.names[name] = append(w.names[name], ip)
		if f != nil {
			w.trackers[netip.AddrPortFrom(ip, 80).String()] = f
		}
	}
	return f
}

func (w *world) lookup(_ context.Context, _, host string) ([]netip.Addr, error) {
	if a := w.names[host]; a != nil {
		return a, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (w *world) dial(_ context.Context, network, addr string) (net.Conn, error) {
	w.mu.Lock()
	w.dials[addr]++
	w.mu.Unlock()
	f := w.trackers[addr]
	if f == nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("no route to %s", addr)}
	}
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		f.serve(theirs, network)
	}()
	return ours, nil
}

// dialled is how often an address was dialled.
func (w *world) dialled(addr string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dials[addr]
}

// peersGot collects what OnPeers is called with.
type peersGot struct {
	mu  sync.Mutex
	got []string
}

func (p *peersGot) on(_ swarm.InfoHash, peers []netip.AddrPort, source string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range peers {
		p.got = append(p.got, a.String()+" "+source)
	}
}

func (p *peersGot) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.got...)
}

func testConfig() Config {
	return Config{
		PeerID:    func() swarm.PeerID { return swarm.PeerID([]byte("-SB0001-abcdefghijkl")) },
		Port:      func() uint16 { return 6881 },
		UserAgent: "Swarmbid/0.1",
		Log:       slog.New(slog.DiscardHandler),
	}
}

// lab is what a test in a bubble works with.
type lab struct {
	t *testing.T // the bubble's
	a *Announcer
}

// bubble runs f in a synctest bubble with a running Announcer, which it stops after.
func bubble(t *testing.T, w *world, cfg Config, f func(l lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg.Dial, cfg.Lookup = w.dial, w.lookup
		a, stop := start(t, cfg)
		f(lab{t, a})
		stop()
	})
}

// start runs an Announcer; stop ends it and waits.
func start(t *testing.T, cfg Config) (a *Announcer, stop func()) {
	t.Helper()
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	return a, func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// leeching is the totals of a torrent that misses 1000 bytes.
func leeching() Totals { return Totals{Uploaded: 10, Downloaded: 20, Left: 1000} }

func hash(i int) swarm.InfoHash { return swarm.InfoHash{byte(i >> 8), byte(i), 0xff} }

// after lets virtual time pass until everything is at rest again.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
