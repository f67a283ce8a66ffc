package engine

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/anacrolix/torrent"

	"swarmbid/engine/link"
	"swarmbid/engine/lsd"
	"swarmbid/engine/swarm"
	"swarmbid/engine/tracker"
)

// commandTimeout bounds how long the loop waits for the announcer, which never
// blocks on anything but its own work.
const commandTimeout = 5 * time.Second

// linkConfig joins the links to the session. Its functions are called on the
// links' goroutines, so they only read what is safe to read.
func (e *Engine) linkConfig() link.Config {
	return link.Config{
		Encryption: e.cfg.Encryption,
		InfoHashes: func(yield func(swarm.InfoHash) bool) {
			e.shapes.Range(func(k, _ any) bool { return yield(k.(swarm.InfoHash)) })
		},
		Shape: func(ih swarm.InfoHash) (link.Shape, bool) {
			v, ok := e.shapes.Load(ih)
			if !ok {
				return link.Shape{}, false
			}
			s := v.(link.Shape)
			return s, s.Known()
		},
		Local:    e.cfg.Local,
		OnPlaced: e.market.placed,
		OnChoked: e.market.chokedAt,
		Serve:    e.market.serve,
		Refuse:   func(a netip.Addr) bool { return e.bans.has(a, time.Now()) || e.filter.has(a) },
		OnChange: e.kickRechoke,
		OnDrop: func(d link.Drop) {
			e.tell(swarm.PeerDropped{InfoHash: d.InfoHash, Addr: d.Addr.String(), Client: d.Client, Reason: d.Reason})
			e.cfg.Log.Info("peer dropped", "torrent", d.InfoHash, "addr", d.Addr, "client", d.Client, "reason", d.Reason)
		},
	}
}

func (e *Engine) trackerConfig() tracker.Config {
	return tracker.Config{
		PeerID:    func() swarm.PeerID { return e.peerID },
		Port:      e.reachedAt,
		UserAgent: "Swarmbid/" + e.cfg.Version,
		Log:       e.cfg.Log.With("part", "tracker"),
		NoIPv6:    !e.cfg.IPv6,
		Dial:      e.dialTracker,
		Through:   e.throughProxy,
		OnPeers: func(ih swarm.InfoHash, peers []netip.AddrPort, _ string) {
			e.post(func() {
				if m, ok := e.torrents[ih]; ok {
					e.addAddrs(m, peers, torrent.PeerSourceTracker)
				}
			})
		},
	}
}

// listenPort is the port we listen on, 0 while there is none.
func (e *Engine) listenPort() uint16 { return uint16(e.port.Load()) } //nolint:gosec // stored from a uint16

// reachedAt is the port that peers on the internet must dial: the router's if it
// mapped another one than ours.
func (e *Engine) reachedAt() uint16 {
	if p := e.mapper.Status().External.Port(); p != 0 {
		return p
	}
	if p := e.listenPort(); p != 0 {
		return p
	}
	return portOfNobody
}

// portOfNobody is announced by a session that cannot be connected to: trackers
// refuse 0.
const portOfNobody = 1

func (e *Engine) localConfig() lsd.Config {
	return lsd.Config{
		Port:   e.listenPort,
		NoIPv6: !e.cfg.IPv6,
		Log:    e.cfg.Log.With("part", "lsd"),
		OnPeer: func(ih swarm.InfoHash, peer netip.AddrPort) {
			e.post(func() {
				if m, ok := e.torrents[ih]; ok {
					e.addAddrs(m, []netip.AddrPort{peer}, torrent.PeerSourceLPD)
				}
			})
		},
	}
}

// tellLocal makes local discovery fit the settings and what m is: a private
// torrent is never announced (BEP 27).
func (e *Engine) tellLocal(m *managed) {
	private := m.meta != nil && m.meta.Private
	if !e.set.LSD || m.rec.NoLSD || private || m.live == nil || m.checkOnly {
		e.local.Remove(m.ih())
		return
	}
	e.local.Add(m.ih())
	if !e.localOn && !e.set.localOnly() {
		e.localOn = true
		close(e.wantLocal)
	}
}

// addPeers gives the library addresses in text form; what does not parse or is
// banned is left out.
func (e *Engine) addPeers(m *managed, addrs []string, src torrent.PeerSource) {
	var out []netip.AddrPort
	for _, s := range addrs {
		if a, err := netip.ParseAddrPort(s); err == nil {
			out = append(out, a)
		}
	}
	e.addAddrs(m, out, src)
}

func (e *Engine) addAddrs(m *managed, addrs []netip.AddrPort, src torrent.PeerSource) {
	if m.live == nil || m.checkOnly {
		return
	}
	now := time.Now()
	var infos []torrent.PeerInfo
	for _, a := range addrs {
		if a.Port() == 0 || e.bans.has(a.Addr(), now) || e.filter.has(a.Addr()) {
			continue
		}
		a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
		m.note(a, src, now)
		infos = append(infos, torrent.PeerInfo{Addr: net.TCPAddrFromAddrPort(a), Source: src})
	}
	m.live.AddPeers(infos)
}

// tellTrackers gives the announcer m's trackers and makes it announce.
func (e *Engine) tellTrackers(m *managed) {
	if m.live == nil || m.checkOnly {
		return
	}
	m.updateTotals()
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	told := m.told
	err := e.trackers.Add(ctx, m.ih(), m.rec.Trackers, func() tracker.Totals { return *told.Load() })
	e.logError("announce", m, err)
}

// untellTrackers says farewell to m's trackers.
func (e *Engine) untellTrackers(m *managed) {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	if err := e.trackers.Remove(ctx, m.ih()); err != nil {
		e.cfg.Log.Debug("farewell to trackers", "torrent", m.ih(), "err", err) // it may never have been told
	}
}

// completedTrackers tells m's trackers that the last missing byte was verified.
func (e *Engine) completedTrackers(m *managed) {
	m.updateTotals()
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	e.logError("announce completion", m, e.trackers.Completed(ctx, m.ih()))
}

// readFigures takes over what trackers say of the swarms.
func (e *Engine) readFigures() {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	figures, err := e.trackers.Changed(ctx)
	if err != nil {
		e.cfg.Log.Warn("read the trackers' figures", "err", err)
	}
	for _, f := range figures {
		if m, ok := e.torrents[f.InfoHash]; ok {
			m.swarmSeeds, m.swarmPeers, m.tracker = f.Seeds, f.Peers, f.Host
			m.trackerStatus, m.trackerMessage = f.Status, f.Message
		}
	}
}

func (e *Engine) logError(what string, m *managed, err error) {
	if err != nil {
		e.cfg.Log.Warn(what, "torrent", m.ih(), "err", err)
	}
}

// updateTotals renews what trackers are told, which workers read at any time.
func (m *managed) updateTotals() {
	t := tracker.Totals{Uploaded: m.last.up, Downloaded: m.last.down, Left: -1} // since «started», as BEP 3 counts
	if m.meta != nil {
		t.Left = max(0, m.meta.Size-m.view.total)
	}
	m.told.Store(&t)
}

// bans are addresses that may not connect for a while. It is safe for concurrent
// use; the zero value bans nobody.
type bans struct {
	mu    sync.Mutex
	until map[netip.Addr]time.Time
}

// maxBans bounds the list; the ban that ends first makes room.
const maxBans = 10_000

func (b *bans) add(a netip.Addr, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until == nil {
		b.until = map[netip.Addr]time.Time{}
	}
	if len(b.until) >= maxBans {
		var first netip.Addr
		for x, t := range b.until {
			if !first.IsValid() || t.Before(b.until[first]) {
				first = x
			}
		}
		delete(b.until, first)
	}
	b.until[a.Unmap()] = until
}

func (b *bans) has(a netip.Addr, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, ok := b.until[a.Unmap()]
	if ok && now.After(t) {
		delete(b.until, a.Unmap())
		return false
	}
	return ok
}

func (b *bans) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until = nil
}
