package engine

import (
	"fmt"
	"time"

	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// maxNodes is how many DHT nodes are kept for the next start.
const maxNodes = 200

// totals are the session's counters of this run.
type totals struct {
	down, up int64
	incoming bool
	free     int64
	freeAt   time.Time
	nodes    int
	nodesAt  time.Time
}

// publish makes a new snapshot from what is known now and tells of it.
func (e *Engine) publish(now time.Time) {
	e.take(now)
	e.told()
}

// told says that there is a new snapshot.
func (e *Engine) told() {
	select {
	case e.changed <- struct{}{}:
	default:
	}
}

// take makes a new snapshot.
func (e *Engine) take(now time.Time) {
	count, trade := e.countPeers(now), e.turnovers()
	s := &swarm.Snapshot{At: now, Torrents: make([]swarm.Torrent, len(e.order))}
	for _, m := range e.order {
		if m.live != nil {
			e.measure(m, now)
		}
	}
	for i, m := range shown(e.order) {
		c := count[m.ih()]
		m.peersNow = c.seeds + c.peers
		s.Torrents[i] = m.row(c)
		if t, ok := trade[m.ih()]; ok {
			s.Torrents[i].Earning, s.Torrents[i].Spending = t.earning, t.spending
		}
		s.Totals.Down += m.rates.down
		s.Totals.Up += m.rates.up
	}
	e.fillTotals(&s.Totals, now)
	e.snapshot.Store(s)
}

// shown is the order of the list: downloads as they stand in the queue, which is
// how order has them, and everything complete after them.
func shown(order []*managed) []*managed {
	out := make([]*managed, 0, len(order))
	for _, complete := range []bool{false, true} {
		for _, m := range order {
			if m.complete() == complete {
				out = append(out, m)
			}
		}
	}
	return out
}

func (e *Engine) fillTotals(t *swarm.Totals, now time.Time) {
	t.DownLimit, t.UpLimit = e.set.DownLimit, e.set.UpLimit
	t.Downloaded, t.Uploaded = e.totals.down, e.totals.up
	t.Mode, t.Alt = e.regime.mode, e.asked.AltOn
	e.fillTraffic(t)
	t.Net = e.netState()
	e.fillFilter(t)
	t.DHT, t.ListenPort = e.set.DHT, int(e.port.Load())
	if e.net != nil && now.Sub(e.totals.nodesAt) >= nodesEvery(e.totals.nodes) {
		e.totals.nodes, e.totals.nodesAt = e.net.goodNodes(), now
	}
	if now.Sub(e.totals.freeAt) >= 10*time.Second {
		e.totals.free, e.totals.freeAt = freeSpace(e.cfg.DownloadDir), now
	}
	t.DHTNodes, t.FreeSpace, t.Reachable = e.totals.nodes, e.totals.free, e.totals.incoming
	t.Peers = len(e.links.All())
}

// nodesEvery is how often the DHT's nodes are counted: at once while there are
// none, since announces wait for the first.
func nodesEvery(n int) time.Duration {
	if n == 0 {
		return 0
	}
	return 5 * time.Second
}

// FreeSpace is how many bytes a user may still write to the drive of dir.
func FreeSpace(dir string) (int64, error) {
	if n := freeSpace(dir); n > 0 {
		return n, nil
	}
	return 0, fmt.Errorf("engine: free space of %s is unknown", dir)
}

// connected counts the peers of one torrent.
type connected struct{ seeds, peers int }

func (e *Engine) countPeers(now time.Time) map[swarm.InfoHash]connected {
	out := map[swarm.InfoHash]connected{}
	for _, l := range e.links.All() {
		m, ok := e.torrents[l.InfoHash()]
		if !ok {
			continue
		}
		s := l.Stats()
		if l.Incoming() {
			e.totals.incoming = true
		}
		p := e.peers.past(l, now)
		p.rates.down, p.rates.up = p.down.sample(now, s.PayloadIn), p.up.sample(now, s.PayloadOut)
		p.most.down, p.most.up = max(p.most.down, p.rates.down), max(p.most.up, p.rates.up)
		if m.meta != nil && s.Has > 0 { // before, nothing was announced
			p.gets = p.theirs.sample(now, int64(s.Has)*m.meta.PieceLength)
		}
		c := out[l.InfoHash()]
		if s.HasAll || m.meta != nil && s.Has >= m.meta.Pieces {
			c.seeds++
		} else {
			c.peers++
		}
		out[l.InfoHash()] = c
	}
	return out
}

// measure reads the library's counters of a running torrent.
func (e *Engine) measure(m *managed, now time.Time) {
	st := m.live.Stats()
	n := counters{
		down: st.BytesReadUsefulData.Int64(), up: st.BytesWrittenData.Int64() + m.paid,
		wasted:    st.ChunksReadWasted.Int64() * swarm.BlockSize,
		hashFails: int(st.PiecesDirtiedBad.Int64()),
	}
	if n.down != m.last.down || n.up != m.last.up {
		m.rec.LastActive = now
		m.dirty = true
	}
	e.totals.down += n.down - m.last.down
	e.totals.up += n.up - m.last.up
	m.last = n
	m.rates.down, m.rates.up = m.down.sample(now, n.down), m.up.sample(now, n.up)
	m.updateTotals()
	e.sweep(m, now)
}

// sweep adds the time since the last sweep to the torrent's account.
func (e *Engine) sweep(m *managed, now time.Time) {
	span := now.Sub(m.swept)
	m.swept = now
	if span <= 0 || m.rec.State == resume.Paused || m.checkOnly {
		return
	}
	m.rec.Active += span
	if m.complete() {
		m.rec.Seeding += span
	}
}

func (m *managed) downloaded() int64 { return m.base.down + m.last.down }
func (m *managed) uploaded() int64   { return m.base.up + m.last.up }

func (c counters) plus(d counters) counters {
	return counters{c.down + d.down, c.up + d.up, c.wasted + d.wasted, c.hashFails + d.hashFails}
}

// row is what the snapshot says of m.
func (m *managed) row(c connected) swarm.Torrent {
	all := m.base.plus(m.last)
	t := swarm.Torrent{
		InfoHash: m.ih(), Name: m.name(), State: m.state(), Forced: m.rec.State == resume.Forced,
		Error: m.reason, Fault: m.fault, Size: m.size(), Wanted: m.view.wanted, Completed: m.view.completed,
		Downloaded: all.down, Uploaded: all.up, Wasted: all.wasted, HashFails: all.hashFails,
		Down: m.rates.down, Up: m.rates.up, DownLimit: m.rec.Limits.Down, UpLimit: m.rec.Limits.Up, Share: m.rec.Limits.Share,
		Seeds: c.seeds, Peers: c.peers, SwarmSeeds: m.swarmSeeds, SwarmPeers: m.swarmPeers, Availability: m.avail,
		Label: m.rec.Label, SavePath: m.rec.SavePath, Tracker: m.tracker, TrackerStatus: m.trackerStatus, TrackerMessage: m.trackerMessage, SourceURL: m.rec.SourceURL,
		Added: m.rec.Added, Done: m.rec.Done, LastActive: m.rec.LastActive,
		Active: m.rec.Active, Seeded: m.rec.Seeding, Seq: m.rec.Sequential, EndsFst: m.rec.FirstLast,
	}
	if !m.complete() {
		t.Queue = m.rec.Queue
	}
	if m.meta != nil {
		t.Private, t.Comment, t.CreatedBy, t.Created = m.meta.Private, m.meta.Comment, m.meta.CreatedBy, m.meta.Created
		if m.meta.Pieces > 0 {
			t.Checked = 1 - float64(m.view.unknown)/float64(m.meta.Pieces)
		}
	}
	if m.moving {
		t.Checked = m.moved
	}
	return t
}
