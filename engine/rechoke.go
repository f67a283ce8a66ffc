package engine

import (
	"time"

	"swarmbid/bidding"
	"swarmbid/engine/link"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
	"swarmbid/engine/upload"
)

// recent is how far back a peer's payload counts for tit for tat (design: 20 s).
const recent = 20 * time.Second

// peerBook remembers what a rechoke needs of the past of each link.
type peerBook struct {
	of map[swarm.PeerKey]*pastOf
	// used is the part of the uplink that was used since the last rechoke, 0 to 1.
	// What nobody got is no sign that a peer cannot take it.
	used float64
	at   time.Time // of the last rechoke
}

type pastOf struct {
	in, out [3]int64 // payload at the last rechokes, newest last
	at      [3]time.Time
	slot    bidding.Slot
	since   time.Time // of slot, or of the wait while choked
	turn    time.Time // of the last optimistic turn, or of the first interest
	owed    int64
	demand  int64 // estimate of what it can take; 0 = unknown
	sent    int64 // payload out at the last look
	// unsettled is what it was given since the accounts were last made up.
	unsettled int64
	granted   int64
	due       float64       // bytes that it could have had since the last sample
	dueAt     time.Time     // until when due is counted
	grant     bidding.Grant // of the last round
	want      bool          // was interested at the last look
	seen      bool          // in this round
	down      rate          // for the window
	up        rate
	rates     struct{ down, up int64 }
	most      struct{ down, up int64 } // the highest rates of this connection
	theirs    rate                     // of the pieces it announces, in bytes
	gets      int64                    // that rate at the last look
}

func newPeerBook() peerBook { return peerBook{of: map[swarm.PeerKey]*pastOf{}} }

// past returns what is known of l, making it up for a newcomer.
func (b *peerBook) past(l *link.Link, now time.Time) *pastOf {
	p, ok := b.of[l.Key()]
	if !ok {
		p = &pastOf{since: now, dueAt: now}
		for i := range p.at {
			p.at[i] = now
		}
		b.of[l.Key()] = p
	}
	p.seen = true
	return p
}

// use measures how much of the uplink was used since the last rechoke.
func (b *peerBook) use(now time.Time, links []*link.Link, uplink int64) {
	sent := int64(0)
	for _, l := range links {
		if p, ok := b.of[l.Key()]; ok && !l.Free() {
			sent += l.Stats().PayloadOut - p.sent
		}
	}
	b.used = 1
	if could := float64(uplink) * now.Sub(b.at).Seconds(); could > 0 {
		b.used = min(1, float64(sent)/could)
	}
	b.at = now
}

// sweep forgets links that are gone.
func (b *peerBook) sweep() {
	for k, p := range b.of {
		if !p.seen {
			delete(b.of, k)
		}
		p.seen = false
	}
}

// kickRechoke asks for a rechoke soon. It may be called from any goroutine.
func (e *Engine) kickRechoke() {
	select {
	case e.rechoke <- struct{}{}:
	default:
	}
}

// maybeRechoke holds a round every ten seconds, and after a change at most every
// second.
func (e *Engine) maybeRechoke(now time.Time) {
	since := now.Sub(e.choked)
	if since >= rechokeEvery || e.rechokeDue && since >= rechokeLeast {
		e.rechokeDue = false
		e.choked = now
		e.rechokeNow(now)
	}
}

// rechokeNow gathers the peers, lets the allocator decide and has it carried out.
func (e *Engine) rechokeNow(now time.Time) {
	links := e.links.All()
	e.setReserves(now, links)
	e.peers.use(now, links, e.shareUplink())
	peers := make([]bidding.Peer, 0, len(links))
	var free []bidding.Peer
	for _, l := range links {
		m, ok := e.torrents[l.InfoHash()]
		if !ok || m.live == nil || m.rec.State == resume.Paused {
			continue
		}
		if b := e.peerOf(m, l, now); l.Free() {
			free = append(free, b)
		} else {
			peers = append(peers, b)
		}
	}
	e.peers.sweep()
	e.settle(peers)
	grants := append(e.allocate(now, e.policy(), peers), freeGrants(free)...)
	out := make([]upload.Grant, 0, len(grants))
	for _, g := range grants {
		p := e.peers.of[swarm.PeerKey(g.Key)]
		if p.slot != g.Slot {
			p.slot, p.since = g.Slot, now
			if g.Slot == bidding.Optimistic {
				p.turn = now
			}
		}
		p.granted, p.grant = g.Rate, g
		if g.Slot != bidding.Choked {
			out = append(out, upload.Grant{Key: swarm.PeerKey(g.Key), Rate: max(1, g.Rate), Slot: slotOf(g.Slot)})
		}
	}
	e.quoteAll(now, grants)
	e.upload.Apply(out)
	e.countCopies()
}

// settle accounts for what free peers were given since the last full round: it
// decides who is owed most where we seed.
func (e *Engine) settle(peers []bidding.Peer) {
	accounts := map[bidding.TorrentKey][]bidding.Account{}
	owed := map[bidding.PeerKey]int64{}
	for i := range peers {
		b := &peers[i]
		p := e.peers.of[swarm.PeerKey(b.Key)]
		switch {
		case !b.Seeding || !b.Interested:
		case p.slot == bidding.Paid:
			owed[b.Key] = p.owed // what it was given is paid for
		default:
			accounts[b.Torrent] = append(accounts[b.Torrent], bidding.Account{Key: b.Key, Owed: p.owed, Sent: p.unsettled})
		}
		p.unsettled = 0
	}
	for _, a := range accounts {
		bidding.Accrue(a)
		for _, x := range a {
			owed[x.Key] = x.Owed
			e.peers.of[swarm.PeerKey(x.Key)].owed = x.Owed
		}
	}
	for i := range peers {
		peers[i].Owed = owed[peers[i].Key]
	}
}

// policy is the allocator's policy by the settings.
func (e *Engine) policy() bidding.Policy {
	p := bidding.DefaultPolicy()
	p.Uplink = e.shareUplink()
	p.Market, p.FreeShare = e.trading(), e.set.Market.FreeShare
	p.Slots = e.set.MaxPeers
	p.TorrentSlots = e.set.Slots
	p.SubnetSlots = e.set.SubnetSlots
	if e.set.localOnly() {
		p.SubnetSlots = 0 // every peer is in the same subnet
	}
	return p
}

// peerOf is what the allocator is told of a link.
func (e *Engine) peerOf(m *managed, l *link.Link, now time.Time) bidding.Peer {
	s := l.Stats()
	p := e.peers.past(l, now)
	if s.Interested && !p.want {
		if p.slot == bidding.Choked {
			p.since = now
		}
		if p.turn.IsZero() {
			p.turn = now
		}
	}
	p.want = s.Interested
	p.due += e.peers.used * float64(p.granted) * now.Sub(p.dueAt).Seconds()
	p.dueAt = now
	p.unsettled += s.PayloadOut - p.sent
	p.sent = s.PayloadOut
	b := bidding.Peer{
		Key: bidding.PeerKey(l.Key()), Torrent: bidding.TorrentKey(m.ih()), Addr: l.Addr().Addr(),
		Interested: s.Interested, Seeding: m.complete(), Slots: m.rec.Limits.Slots, Weight: weightOf(m.rec.Limits.Share),
		Slot: p.slot, Since: p.since, Turn: p.turn, Demand: p.demand, Owed: p.owed,
	}
	b.Received = s.PayloadIn - p.in[0]
	if span := now.Sub(p.at[0]); span > recent {
		b.Received = int64(float64(b.Received) * float64(recent) / float64(span))
	}
	if span := now.Sub(p.at[2]); span >= rechokeEvery-rechokeLeast {
		if s.Unchoked && s.QueuedRequests > 0 && p.granted > 0 && now.Sub(p.since) >= span && e.shareUplink() > 0 {
			drained := float64(s.PayloadOut-p.out[2]) / span.Seconds()
			p.demand = bidding.Demand(p.demand, int64(p.due/span.Seconds()), int64(drained))
			b.Demand = p.demand
		}
		copy(p.in[:], p.in[1:])
		copy(p.out[:], p.out[1:])
		copy(p.at[:], p.at[1:])
		p.in[2], p.out[2], p.at[2] = s.PayloadIn, s.PayloadOut, now
		p.due = 0
	}
	e.bidOf(m, &b)
	return b
}

func slotOf(s bidding.Slot) swarm.Slot {
	switch s {
	case bidding.Regular:
		return swarm.Regular
	case bidding.Optimistic:
		return swarm.Optimistic
	case bidding.Paid:
		return swarm.Paid
	case bidding.Choked:
	}
	return swarm.NoSlot
}
