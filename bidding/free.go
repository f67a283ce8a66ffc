package bidding

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
)

// seats is the state of handing out the slots of the free tier.
type seats struct {
	*round
	taken      []int32 // in the order of being seated
	regular    int
	optimistic int
	byTorrent  map[TorrentKey]int // regular slots
	bySubnet   map[netip.Prefix]int
}

// serveFree is the free tier: it seats some of the peers of list and shares rate,
// in bytes per second, among them. Everybody of list is left with a grant that
// says why.
//
// Those whose optimistic turn lasts come first, since a turn is not interrupted;
// then the regular slots, by rank; then new optimistic turns, for those whose
// last is longest ago. If those seated cannot take all of rate, more are seated, by rank.
func (r *round) serveFree(list []int32, rate int64) {
	if len(list) == 0 {
		return
	}
	s := seats{round: r, byTorrent: map[TorrentKey]int{}, bySubnet: map[netip.Prefix]int{}}
	s.rank(list)
	turns := slices.Clone(list)
	slices.SortFunc(turns, s.byTurn)

	s.seat(turns, Optimistic, Turn, func(i int32) bool { return s.turnLasts(i) })
	s.seat(list, Regular, Owed, func(i int32) bool { return s.holds(i) })
	s.seat(list, Regular, Owed, func(int32) bool { return true })
	s.seat(turns, Optimistic, Turn, func(int32) bool { return true })
	s.fillUp(list, rate)
	s.share(rate)
	s.explain(list)
}

// rank orders list by who deserves a regular slot first. Each torrent has an
// order of its own; then come the first of every torrent, the second of every
// torrent, and so on, so that no torrent starves another.
func (s *seats) rank(list []int32) {
	slices.SortFunc(list, func(i, j int32) int {
		a, b := &s.peers[i], &s.peers[j]
		return cmp.Or(bytes.Compare(a.Torrent[:], b.Torrent[:]), first(a.Seeding, b.Seeding), s.byMerit(i, j))
	})
	place := make([]int32, len(s.peers))
	for n, i := range list {
		if n > 0 && s.peers[list[n-1]].Torrent == s.peers[i].Torrent {
			place[i] = place[list[n-1]] + 1
		}
	}
	slices.SortFunc(list, func(i, j int32) int {
		return cmp.Or(cmp.Compare(place[i], place[j]), s.byWait(i, j))
	})
}

// byMerit compares two peers of one torrent: by what they sent us while we are
// loading it (tit for tat), by what we owe them when we have it all. A peer's
// speed of taking never counts.
func (s *seats) byMerit(i, j int32) int {
	a, b := &s.peers[i], &s.peers[j]
	if a.Seeding {
		return cmp.Or(cmp.Compare(b.Owed, a.Owed), s.byWait(i, j))
	}
	return cmp.Or(cmp.Compare(b.Received, a.Received), s.byWait(i, j))
}

// byWait puts those that wait before those that are served, and among those that
// wait the longest wait first.
func (s *seats) byWait(i, j int32) int {
	a, b := &s.peers[i], &s.peers[j]
	return cmp.Or(first(a.Slot == Choked, b.Slot == Choked), a.Since.Compare(b.Since), cmp.Compare(a.Key, b.Key))
}

// byTurn puts the earliest last turn first, and whoever has the turn now last.
func (s *seats) byTurn(i, j int32) int {
	a, b := &s.peers[i], &s.peers[j]
	return cmp.Or(first(a.Slot != Optimistic, b.Slot != Optimistic), a.Turn.Compare(b.Turn), cmp.Compare(a.Key, b.Key))
}

// first compares so that the one for which the fact is true comes first.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// turnLasts reports whether i is in the middle of an optimistic turn.
func (s *seats) turnLasts(i int32) bool {
	q := &s.peers[i]
	return q.Slot == Optimistic && s.now.Sub(q.Since) < s.OptimisticFor
}

// holds reports whether i got its regular slot too short a time ago to lose it.
func (s *seats) holds(i int32) bool {
	q := &s.peers[i]
	return q.Slot == Regular && s.now.Sub(q.Since) < s.HoldFor
}

// seat gives slots of one kind to the peers of list that ok lets pass, in the
// order of list, while there are any and the bounds allow it.
func (s *seats) seat(list []int32, kind Slot, why Reason, ok func(int32) bool) {
	for _, i := range list {
		q := &s.peers[i]
		switch {
		case s.grants[i].Slot != Choked || !ok(i):
			continue
		case kind == Optimistic && s.optimistic >= s.Optimistic, kind == Regular && s.regular >= s.Slots:
			return
		case kind == Regular && s.byTorrent[q.Torrent] >= s.torrentSlots(q):
			continue
		case s.crowded(i):
			s.grants[i].Reason = SubnetFull
			continue
		}
		if why == Owed && !q.Seeding {
			s.take(i, kind, Reciprocates)
		} else {
			s.take(i, kind, why)
		}
	}
}

// crowded reports whether the subnet of i has its free slots.
func (s *seats) crowded(i int32) bool {
	if s.SubnetSlots <= 0 {
		return false
	}
	net := s.peers[i].subnet()
	return net.IsValid() && s.bySubnet[net] >= s.SubnetSlots
}

// take seats i.
func (s *seats) take(i int32, kind Slot, why Reason) {
	g, q := &s.grants[i], &s.peers[i]
	g.Slot, g.Reason = kind, why
	s.taken = append(s.taken, i)
	if kind == Optimistic {
		s.optimistic++
	} else {
		s.regular++
		s.byTorrent[q.Torrent]++
	}
	if s.SubnetSlots > 0 {
		s.bySubnet[q.subnet()]++
	}
}

// fillUp seats peers beyond the number of slots while those that are seated
// cannot take rate; the bound on subnets gives way last. A policy without slots
// serves nobody, whatever there is to give.
func (s *seats) fillUp(list []int32, rate int64) {
	if s.Uplink <= 0 || s.Slots+s.Optimistic <= 0 {
		return
	}
	for _, i := range s.taken {
		rate -= s.peers[i].demand(s.Uplink)
	}
	for _, mind := range []bool{true, false} {
		for _, i := range list {
			if rate <= 0 {
				return
			}
			if s.grants[i].Slot == Choked && (!mind || !s.crowded(i)) {
				s.take(i, Regular, Spare)
				rate -= s.peers[i].demand(s.Uplink)
			}
		}
	}
}

// share divides rate evenly among those seated; what one cannot take goes to the
// others. Where nothing is scarce all have the same weight.
func (s *seats) share(rate int64) {
	if s.Uplink <= 0 {
		for _, i := range s.taken {
			s.grants[i].Rate = evenWeight
		}
		return
	}
	slices.SortFunc(s.taken, func(i, j int32) int {
		a, b := &s.peers[i], &s.peers[j]
		return cmp.Or(cmp.Compare(a.demand(s.Uplink), b.demand(s.Uplink)), cmp.Compare(a.Key, b.Key))
	})
	for n, i := range s.taken {
		part := min(rate/int64(len(s.taken)-n), s.peers[i].demand(s.Uplink))
		s.grants[i].Rate = part
		rate -= part
	}
}

// explain tells those that are not served why. A seat without a rate is none.
func (s *seats) explain(list []int32) {
	for _, i := range list {
		switch g := &s.grants[i]; {
		case g.Slot != Choked && g.Rate == 0:
			g.Slot, g.Reason = Choked, SoldOut
		case g.Slot != Choked || g.Reason == SubnetFull:
		case s.Slots+s.Optimistic <= 0:
			g.Reason = Closed
		default:
			g.Reason = Outranked
		}
	}
}
