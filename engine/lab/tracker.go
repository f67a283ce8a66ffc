package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"swarmbid/engine/swarm"

	"github.com/anacrolix/torrent/bencode"
)

// TrackerConfig is how a Tracker behaves. The zero value answers every announce
// with the other peers of the torrent.
type TrackerConfig struct {
	// Interval is what announcers are told to wait; 0 = 2 seconds.
	Interval time.Duration
	// Answer may change the answer to an announce before it is sent. It is called
	// from several goroutines.
	Answer func(Announce, *Answer)
}

// Answer is what an announcer gets.
type Answer struct {
	Failure     string // nothing else is sent then
	Warning     string // HTTP only
	Interval    time.Duration
	MinInterval time.Duration // 0 = not said; HTTP only
	Seeds       int
	Leechers    int
	Peers       []netip.AddrPort
	Status      int    // HTTP status; 0 = 200
	Body        []byte // sent instead of all this; HTTP only
	Drop        bool   // no answer: HTTP closes the connection, UDP stays silent
}

// Announce is what a client told a tracker.
type Announce struct {
	At                         time.Time
	UDP                        bool
	InfoHash                   swarm.InfoHash
	PeerID                     swarm.PeerID
	From                       netip.Addr // source of the request; Is6 for IPv6
	Port                       uint16     // where it accepts peers
	Uploaded, Downloaded, Left int64
	Event                      string // "", started, stopped, completed
	NumWant                    int    // -1 = not said
	Key                        string // HTTP: as sent; UDP: decimal
	Agent                      string // HTTP: User-Agent
	Query                      url.Values
}

// Tracker is an HTTP (BEP 3, 7, 23, 48) and UDP (BEP 15) tracker on one port of
// 127.0.0.1 and [::1]. It keeps the last 10,000 announces.
type Tracker struct {
	cfg  TrackerConfig
	port uint16
	http *http.Server
	udp  []net.PacketConn
	wg   sync.WaitGroup
	once sync.Once
	end  error // of the first Close

	mu        sync.Mutex
	announces []Announce
	scrapes   int
	swarms    map[swarm.InfoHash]map[netip.AddrPort]member
}

// member is a peer of a swarm.
type member struct {
	id   swarm.PeerID
	seed bool
}

// StartTracker binds a free port.
func StartTracker(cfg TrackerConfig) (*Tracker, error) {
	if cfg.Interval == 0 {
		cfg.Interval = 2 * time.Second
	}
	var err error
	for range 10 { // another process may take the port between the binds
		t := &Tracker{cfg: cfg, swarms: map[swarm.InfoHash]map[netip.AddrPort]member{}}
		if err = t.bind(); err == nil {
			return t, nil
		}
		err = errors.Join(err, t.Close())
	}
	return nil, fmt.Errorf("lab: tracker: %w", err)
}

// bind listens on all four sockets and serves them.
func (t *Tracker) bind() error {
	port, err := freePort()
	if err != nil {
		return err
	}
	t.port = port
	mux := http.NewServeMux()
	mux.HandleFunc("/announce", t.announceHTTP)
	mux.HandleFunc("/scrape", t.scrapeHTTP)
	t.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	addrs := []netip.AddrPort{loopback(port)}
	if hasIPv6() {
		addrs = append(addrs, loopback6(port))
	}
	for _, a := range addrs {
		l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(a))
		if err != nil {
			return err
		}
		t.wg.Go(func() { _ = t.http.Serve(l) })
		u, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(a))
		if err != nil {
			return err
		}
		t.udp = append(t.udp, u)
		t.wg.Go(func() { t.serveUDP(u) })
	}
	return nil
}

// Close stops the tracker and waits until its sockets are closed.
func (t *Tracker) Close() error {
	t.once.Do(func() {
		var errs []error
		if t.http != nil {
			errs = append(errs, t.http.Close())
		}
		for _, u := range t.udp {
			errs = append(errs, u.Close())
		}
		t.wg.Wait()
		t.end = errors.Join(errs...)
	})
	return t.end
}

// HTTP is the announce URL over IPv4.
func (t *Tracker) HTTP() string { return "http://" + loopback(t.port).String() + "/announce" }

// HTTP6 is the announce URL over IPv6.
func (t *Tracker) HTTP6() string { return "http://" + loopback6(t.port).String() + "/announce" }

// UDP is the announce URL of BEP 15 over IPv4.
func (t *Tracker) UDP() string { return "udp://" + loopback(t.port).String() + "/announce" }

// UDP6 is the announce URL of BEP 15 over IPv6.
func (t *Tracker) UDP6() string { return "udp://" + loopback6(t.port).String() + "/announce" }

// AddPeer makes the tracker name an incomplete peer that has not announced.
func (t *Tracker) AddPeer(ih swarm.InfoHash, a netip.AddrPort) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.enter(ih, a, member{})
}

// Announces returns what was announced for ih so far, oldest first. The zero
// InfoHash asks for all torrents.
func (t *Tracker) Announces(ih swarm.InfoHash) []Announce {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Announce
	for _, a := range t.announces {
		if ih.IsZero() || a.InfoHash == ih {
			out = append(out, a)
		}
	}
	return out
}

// Scrapes is the number of scrape requests so far.
func (t *Tracker) Scrapes() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.scrapes
}

// WaitAnnounce waits for an announce that ok accepts.
func (t *Tracker) WaitAnnounce(ctx context.Context, ok func(Announce) bool) (found Announce, err error) {
	err = Until(ctx, func() (bool, error) {
		all := t.Announces(swarm.InfoHash{})
		i := slices.IndexFunc(all, ok)
		if i >= 0 {
			found = all[i]
		}
		return i >= 0, nil
	})
	return found, err
}

func (t *Tracker) enter(ih swarm.InfoHash, a netip.AddrPort, m member) {
	if t.swarms[ih] == nil {
		t.swarms[ih] = map[netip.AddrPort]member{}
	}
	t.swarms[ih][a] = m
}

// announce books a and works out the answer.
func (t *Tracker) announce(a Announce) Answer {
	t.mu.Lock()
	t.announces = append(t.announces, a)
	if n := len(t.announces) - 10_000; n > 0 {
		t.announces = slices.Delete(t.announces, 0, n)
	}
	self := netip.AddrPortFrom(a.From, a.Port)
	if a.Event == "stopped" {
		delete(t.swarms[a.InfoHash], self)
	} else {
		t.enter(a.InfoHash, self, member{id: a.PeerID, seed: a.Left == 0})
	}
	out := Answer{Interval: t.cfg.Interval}
	out.Seeds, out.Leechers = t.count(a.InfoHash)
	for addr, m := range t.swarms[a.InfoHash] {
		// A peer is told neither of itself nor of other seeds when it is one.
		if m.id != a.PeerID && (!m.seed || a.Left > 0) && a.Event != "stopped" {
			out.Peers = append(out.Peers, addr)
		}
	}
	t.mu.Unlock()
	slices.SortFunc(out.Peers, netip.AddrPort.Compare)
	if a.NumWant >= 0 && len(out.Peers) > a.NumWant {
		out.Peers = out.Peers[:a.NumWant]
	}
	if t.cfg.Answer != nil {
		t.cfg.Answer(a, &out)
	}
	return out
}

// count returns the seeds and leechers of a swarm.
func (t *Tracker) count(ih swarm.InfoHash) (seeds, leechers int) {
	for _, m := range t.swarms[ih] {
		if m.seed {
			seeds++
		} else {
			leechers++
		}
	}
	return seeds, leechers
}

func (t *Tracker) announceHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	a := Announce{At: time.Now(), Event: q.Get("event"), NumWant: -1, Key: q.Get("key"), Agent: r.UserAgent(), Query: q}
	copy(a.InfoHash[:], q.Get("info_hash"))
	copy(a.PeerID[:], q.Get("peer_id"))
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		a.From = from.Addr().Unmap()
	}
	for name, to := range map[string]*int64{"uploaded": &a.Uploaded, "downloaded": &a.Downloaded, "left": &a.Left} {
		*to = num(q.Get(name))
	}
	a.Port = uint16(num(q.Get("port")))
	if n, err := strconv.Atoi(q.Get("numwant")); err == nil {
		a.NumWant = n
	}
	out := t.announce(a)
	switch {
	case out.Drop:
		panic(http.ErrAbortHandler) //nolint:forbidigo // the way net/http closes a connection without an answer
	case out.Body != nil:
		_, _ = w.Write(out.Body)
		return
	case out.Status != 0:
		w.WriteHeader(out.Status)
	}
	writeBencoded(w, out.dict())
}

// dict is the answer in the compact form of BEP 23 and BEP 7.
func (a Answer) dict() map[string]any {
	if a.Failure != "" {
		return map[string]any{"failure reason": a.Failure}
	}
	d := map[string]any{"interval": int(a.Interval.Seconds()), "complete": a.Seeds, "incomplete": a.Leechers}
	var v4, v6 []byte
	for _, p := range a.Peers {
		if p.Addr().Is4() {
			v4 = compact(v4, p)
		} else {
			v6 = compact(v6, p)
		}
	}
	d["peers"] = string(v4)
	if v6 != nil {
		d["peers6"] = string(v6)
	}
	if a.Warning != "" {
		d["warning message"] = a.Warning
	}
	if a.MinInterval > 0 {
		d["min interval"] = int(a.MinInterval.Seconds())
	}
	return d
}

// compact appends address and port in network order.
func compact(b []byte, a netip.AddrPort) []byte {
	return binary.BigEndian.AppendUint16(append(b, a.Addr().AsSlice()...), a.Port())
}

func (t *Tracker) scrapeHTTP(w http.ResponseWriter, r *http.Request) {
	files := map[string]any{}
	t.mu.Lock()
	t.scrapes++
	for _, s := range r.URL.Query()["info_hash"] {
		var ih swarm.InfoHash
		copy(ih[:], s)
		seeds, leechers := t.count(ih)
		files[s] = map[string]any{"complete": seeds, "incomplete": leechers, "downloaded": seeds}
	}
	t.mu.Unlock()
	writeBencoded(w, map[string]any{"files": files})
}

func writeBencoded(w http.ResponseWriter, v any) {
	b, err := bencode.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b)
}

// String tells the announces of all torrents, one a line, for failed tests.
func (t *Tracker) String() string {
	var b strings.Builder
	for _, a := range t.Announces(swarm.InfoHash{}) {
		fmt.Fprintf(&b, "%s %v %.8q from %v port %d up %d down %d left %d %s\n", a.At.Format("15:04:05.000"),
			a.InfoHash, a.PeerID[:8], a.From, a.Port, a.Uploaded, a.Downloaded, a.Left, a.Event)
	}
	return b.String()
}
