package sim

import (
	"cmp"
	"slices"

	"swarmbid/bidding"
)

// wants reports whether o has something that n lacks.
func (n *node) wants(o *node) bool { return n.done.IsZero() && o.have > 0 }

// decide sets what n gives in this round.
func (n *node) decide(s *Swarm) {
	for _, l := range n.links {
		l.rate = 0
	}
	switch {
	case n.have == 0 || n.strategy == FreeRider || n.strategy == LargeView:
	case n.strategy == Tyrant:
		n.tyrant()
	default:
		n.rule(s)
	}
}

// rule decides by the rule of the swarm.
func (n *node) rule(s *Swarm) {
	p := s.Policy
	p.Uplink, p.Market = n.up/int64(len(n.nodes)), p.Market && n.strategy != Abstainer
	peers := make([]bidding.Peer, len(n.links))
	paying := int64(0)
	for i, l := range n.links {
		peers[i] = n.peer(s, l, i)
		if q := &peers[i]; q.Interested && q.Bid >= q.Reserve && q.Bid > 0 {
			want := p.Uplink
			if q.Demand > 0 {
				want = min(want, q.Demand)
			}
			paying += want
		}
	}
	free := int64(0)
	for i, g := range s.Rule(s.now, p, peers) {
		l := n.links[i]
		if g.Slot != l.slot {
			l.slot, l.since = g.Slot, s.now
			if g.Slot == bidding.Optimistic {
				l.turn = s.now
			}
		}
		l.rate, l.price, l.why = g.Rate, g.Price, g.Reason
		if g.Requote {
			l.quote = bidding.Quote{Price: g.Price, Rate: g.Rate, At: s.now}
		}
		if g.Slot != bidding.Paid {
			l.quote = bidding.Quote{}
			free += g.Rate
		}
	}
	if paying >= p.Uplink && freeWaits(peers) {
		n.freeGiven += free * 10
		n.freeOwed += p.Uplink * int64(p.FreeShare) / 100 * 10
	}
}

// freeWaits reports whether somebody is interested that bids nothing.
func freeWaits(peers []bidding.Peer) bool {
	return slices.ContainsFunc(peers, func(q bidding.Peer) bool { return q.Interested && q.Bid == 0 })
}

// peer is what n knows of the other end of l.
func (n *node) peer(s *Swarm, l *link, i int) bidding.Peer {
	o := l.other
	q := bidding.Peer{
		Key: bidding.PeerKey(i + 1), Addr: o.addr, Interested: o.wants(n), Seeding: !n.done.IsZero(),
		Received: l.received[0] + l.received[1], Owed: l.owed, Slot: l.slot, Since: l.since, Turn: l.turn,
		Demand: l.demand, Standing: true, Quote: l.quote, Reserve: s.Cost,
	}
	if n.strategy == Liar {
		q.Reserve = 5 * s.Cost
	}
	switch o.strategy {
	case Payer:
		q.Bid = o.value
	case Shader:
		q.Bid = o.value / 2
	case Honest, FreeRider, LargeView, Tyrant, Crowd, Liar, Abstainer:
	}
	return q
}

// tyrant gives its uplink to those that return most for what they ask: less each
// time that is enough, more when it is not (BitTyrant).
func (n *node) tyrant() {
	order := slices.Clone(n.links)
	for _, l := range order {
		switch {
		case l.received[0] > 0:
			if l.kept++; l.kept > 3 {
				l.ante -= l.ante / 10
			}
		case l.slot != bidding.Choked:
			l.kept = 0
			l.ante = min(l.ante+l.ante/5, n.up)
		}
		l.ante = max(l.ante, 1<<10)
	}
	worth := func(l *link) float64 { return float64(l.received[0]+l.received[1]+1) / float64(l.ante) }
	slices.SortFunc(order, func(a, b *link) int { return cmp.Or(cmp.Compare(worth(b), worth(a)), cmp.Compare(a.at, b.at)) })
	left := n.up
	for _, l := range order {
		l.slot = bidding.Choked
		if l.other.wants(n) && l.ante <= left {
			l.slot, l.rate = bidding.Regular, l.ante
			left -= l.ante
		}
	}
}

// passes is how often what one could not take is offered to others in a round.
const passes = 3

// move lets the payload of a round flow. Every provider offers its rate by the
// weights of its grants; who is offered more than its downlink takes or than it
// lacks, takes the same part of every offer. What is left is offered again to
// those that took all, as deficit round robin does.
func (s *Swarm) move() {
	for _, n := range s.nodes {
		n.room = float64(min(n.down, (s.Size-n.have+9)/10))
		n.left = 0
		for _, l := range n.links {
			n.left += float64(l.rate)
			l.flow, l.full = 0, false
		}
	}
	for range passes {
		s.offer()
		s.accept()
	}
	for _, n := range s.nodes {
		for _, l := range n.links {
			n.take(l, int64(l.back.flow*10))
		}
	}
	for _, n := range s.nodes {
		if n.done.IsZero() && n == n.nodes[0] {
			n.settle(s)
		}
		if !n.done.IsZero() {
			accrue(n)
		}
	}
}

// offer sets what is offered over each connection, and the sum to each user.
func (s *Swarm) offer() {
	for _, n := range s.nodes {
		n.inbound = 0
	}
	for _, n := range s.nodes {
		weights := int64(0)
		for _, l := range n.links {
			if l.offered = 0; !l.full {
				weights += l.rate
			}
		}
		if weights == 0 || n.left < 1 {
			continue
		}
		for _, l := range n.links {
			if !l.full {
				l.offered = n.left * float64(l.rate) / float64(weights)
				l.other.inbound += l.offered
			}
		}
	}
}

// accept takes of the offers what there is room for.
func (s *Swarm) accept() {
	for _, n := range s.nodes {
		part := 1.0
		if n.inbound > n.room {
			part = n.room / n.inbound
		}
		for _, l := range n.links {
			from := l.back
			got := from.offered * part
			from.flow += got
			from.owner.left -= got
			from.full = part < 1
		}
	}
	for _, n := range s.nodes {
		if n == n.nodes[0] {
			n.room = max(0, n.room-n.inbound)
		}
	}
}

// take receives n bytes over l.
func (n *node) take(l *link, bytes int64) {
	l.received[1], l.received[0] = l.received[0], bytes
	from := l.back
	from.demand = bidding.Demand(from.demand, from.rate, bytes/10)
	giver := from.owner
	giver.uploaded += bytes
	if from.slot != bidding.Paid && (!giver.done.IsZero() || from.slot == bidding.Optimistic || from.why == bidding.Spare) {
		n.unearned += bytes
	}
	if from.slot == bidding.Paid {
		cost, err := from.price.Cost(bytes)
		if err == nil {
			n.paid += cost
			giver.earned += cost
		}
		n.bought += bytes
		giver.sold += bytes
	}
}

// settle books what all names of u were sent.
func (u *user) settle(s *Swarm) {
	got := int64(0)
	for _, m := range u.nodes {
		for _, l := range m.links {
			got += l.received[0]
		}
	}
	if u.idle++; got > 0 {
		u.idle = 0
	}
	u.starved = max(u.starved, u.idle)
	if u.have += got; u.have >= s.Size-s.Size/1000 { // what is lost by rounding
		u.have, u.done = s.Size, s.now.Add(round)
	}
}

// accrue keeps what a provider that has it all owes its free peers.
func accrue(n *node) {
	var books []bidding.Account
	for i, l := range n.links {
		if l.other.wants(n) && l.slot != bidding.Paid {
			books = append(books, bidding.Account{Key: bidding.PeerKey(i + 1), Owed: l.owed, Sent: l.back.received[0]})
		}
	}
	if len(books) == 0 {
		return
	}
	bidding.Accrue(books)
	for _, b := range books {
		n.links[b.Key-1].owed = b.Owed
	}
}
