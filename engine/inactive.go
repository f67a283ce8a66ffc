package engine

import (
	"slices"
	"time"

	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

// dropInactive closes connections without traffic where a torrent has as many as it
// may, so that others can take the places. With the market on it leaves alone whoever
// has a contract.
func (e *Engine) dropInactive(now time.Time) {
	if e.set.DropInactive <= 0 {
		return
	}
	of := map[swarm.InfoHash][]*link.Link{}
	for _, l := range e.links.All() {
		of[l.InfoHash()] = append(of[l.InfoHash()], l)
	}
	for ih, links := range of {
		m := e.torrents[ih]
		if m == nil || m.live == nil || len(links) < e.mostPeers(m) {
			continue
		}
		idle := make([]time.Time, len(links))
		for i, l := range links {
			if t := e.market.traders[l.Key()]; t == nil || t.over {
				idle[i] = lastTraffic(l)
			}
		}
		for _, i := range inactive(idle, now, e.set.DropInactive, len(links)-e.mostPeers(m)+1) {
			if c, ok := m.book[links[i].Addr()]; ok { // it is not dialled again at once
				c.next = now.Add(e.set.DropInactive)
			}
			_ = links[i].Close() // there is nothing to be lost
		}
	}
}

// lastTraffic is when a connection last carried a block, or began.
func lastTraffic(l *link.Link) time.Time {
	s, last := l.Stats(), l.Opened()
	for _, t := range []time.Time{s.LastIn, s.LastOut} {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// inactive chooses at most n of those whose last traffic is older than after, the
// longest idle first. The zero time is of one that stays.
func inactive(last []time.Time, now time.Time, after time.Duration, n int) (out []int) {
	for i, t := range last {
		if !t.IsZero() && now.Sub(t) >= after {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return last[a].Compare(last[b]) })
	return out[:min(n, len(out))]
}

// mostPeers is how many connections a torrent may have.
func (e *Engine) mostPeers(m *managed) int {
	if m.rec.Limits.Peers > 0 {
		return m.rec.Limits.Peers
	}
	return e.set.MaxPeersPerTorrent
}
