package bidding

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// line is everybody that wants to be served, in the three orders that count.
type line struct {
	wait  []int32 // those that are not served first, then the longest wait
	merit []int32 // by torrent, and within a torrent who deserves a slot first
	turn  []int32 // the longest wait for an optimistic turn first
	place []int32 // place[i] is where i stands in wait, which decides all ties
}

func (r *round) lineUp() {
	wait := make([]int32, 0, len(r.peers))
	for i := range r.peers {
		if r.peers[i].Interested {
			wait = append(wait, int32(i))
		}
	}
	slices.SortFunc(wait, r.byWait)
	place := make([]int32, len(r.peers))
	for n, i := range wait {
		place[i] = int32(n)
	}
	r.line = line{wait: wait, merit: slices.Clone(wait), turn: slices.Clone(wait), place: place}
	slices.SortFunc(r.line.merit, r.byMerit)
	slices.SortFunc(r.line.turn, r.byTurn)
}

// seats is the state of handing out the slots of the free tier.
type seats struct {
	*round
	grants     []Grant // written to; who is Paid here is not of the free tier
	taken      []int32 // in the order of being seated
	regular    int
	optimistic int
	byTorrent  map[TorrentKey]int // regular slots
	bySubnet   map[netip.Prefix]int
	parts      map[TorrentKey]int64 // of a full seat, once torrents share by weight; else nil
}

// serveFree is the free tier: it seats some of those in line that have no grant
// yet, shares rate, in bytes per second, among them, and tells everybody else why
// not.
//
// Those whose optimistic turn lasts come first, since a turn is not interrupted;
// then the regular slots, by rank; then new optimistic turns. If those seated
// cannot take all of rate, more are seated, by rank.
func (r *round) serveFree(grants []Grant, rate int64) {
	s := seats{round: r, grants: grants, byTorrent: map[TorrentKey]int{}, bySubnet: map[netip.Prefix]int{}}
	list := s.ranked()
	s.seat(r.line.turn, Optimistic, Turn, s.turnLasts)
	s.seat(list, Regular, Owed, s.holds)
	s.seat(list, Regular, Owed, func(int32) bool { return true })
	s.seat(r.line.turn, Optimistic, Turn, func(int32) bool { return true })
	s.fillUp(list, rate)
	s.share(rate)
	s.explain(list)
}

// ranked returns those in line for the free tier, the first to get a regular slot
// first: the first of every torrent, the second of every torrent, and so on, so
// that no torrent starves another. Among those of one place the wait decides.
func (s *seats) ranked() []int32 {
	place := make([]int32, len(s.peers))
	var last *Peer
	var next int32    // place of the next peer of last's torrent
	var count []int32 // count[n] is how many are in place n
	for _, i := range s.line.merit {
		if s.grants[i].Slot != Choked {
			continue
		}
		if q := &s.peers[i]; last == nil || last.Torrent != q.Torrent {
			next, last = 0, q
		}
		if int(next) == len(count) {
			count = append(count, 0)
		}
		place[i] = next
		count[next]++
		next++
	}
	total := int32(0)
	for n, c := range count { // from now on: where the place begins
		count[n], total = total, total+c
	}
	list := make([]int32, total)
	for _, i := range s.line.wait {
		if s.grants[i].Slot == Choked {
			list[count[place[i]]] = i
			count[place[i]]++
		}
	}
	return list
}

// byMerit compares the peers of one torrent by what they sent us while we are
// loading it (tit for tat), by what we owe them when we have it all. A peer's
// speed of taking never counts.
func (r *round) byMerit(i, j int32) int {
	a, b := &r.peers[i], &r.peers[j]
	if c := bytes.Compare(a.Torrent[:], b.Torrent[:]); c != 0 {
		return c
	}
	if a.Seeding != b.Seeding {
		return first(a.Seeding, b.Seeding)
	}
	merit := cmp.Compare(b.Received, a.Received)
	if a.Seeding {
		merit = cmp.Compare(b.Owed, a.Owed)
	}
	if merit != 0 {
		return merit
	}
	return cmp.Compare(r.line.place[i], r.line.place[j])
}

// byWait puts those that wait before those that are served, and among those that
// wait the longest wait first.
func (r *round) byWait(i, j int32) int {
	a, b := &r.peers[i], &r.peers[j]
	if c := first(a.Slot == Choked, b.Slot == Choked); c != 0 {
		return c
	}
	if c := a.Since.Compare(b.Since); c != 0 {
		return c
	}
	return cmp.Compare(a.Key, b.Key)
}

// byTurn orders by the time from which a peer has waited for its optimistic turn.
func (r *round) byTurn(i, j int32) int {
	if c := r.waitsFrom(i).Compare(r.waitsFrom(j)); c != 0 {
		return c
	}
	return cmp.Compare(r.line.place[i], r.line.place[j])
}

// waitsFrom returns since when i has waited for an optimistic turn. While we load
// a torrent, any slot ends the wait. While we seed it, only a turn does: otherwise
// the turns would go to those that have had more than their part, since they are
// choked longest.
func (r *round) waitsFrom(i int32) time.Time {
	switch q := &r.peers[i]; {
	case q.Slot == Optimistic:
		return r.now
	case q.Seeding:
		return q.Turn
	case q.Slot != Choked:
		return r.now
	default:
		return q.Since
	}
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

// share divides rate among those seated by their weights; what one cannot take
// goes to the others. Where nothing is scarce all have the same weight.
//
// While all torrents have one weight every seat counts, whatever torrent it is of.
// Where they differ, the torrents share by their weights, and the seats of each share
// its part: otherwise a torrent of many peers would leave little to one that the user
// has put above it.
func (s *seats) share(rate int64) {
	if s.Uplink <= 0 {
		for _, i := range s.taken {
			s.grants[i].Rate = evenWeight
		}
		return
	}
	s.weighTorrents()
	sum := int64(0)
	for _, i := range s.taken {
		sum += s.weight(i)
	}
	slices.SortFunc(s.taken, func(i, j int32) int { // who is satisfied first comes first
		a, b := s.peers[i].demand(s.Uplink)*s.weight(j), s.peers[j].demand(s.Uplink)*s.weight(i)
		return cmp.Or(cmp.Compare(a, b), cmp.Compare(s.peers[i].Key, s.peers[j].Key))
	})
	for _, i := range s.taken {
		part := min(rate*s.weight(i)/sum, s.peers[i].demand(s.Uplink))
		s.grants[i].Rate = part
		rate -= part
		sum -= s.weight(i)
	}
}

// The weights of slots.
const (
	fullWeight = 2
	// turnWeight is that of an optimistic turn while we load the torrent. A turn is
	// given to whoever waits, so a client with more connections has more of them;
	// half a slot is enough to find partners and leaves more to those that give.
	turnWeight = 1
)

// partScale is how finely the part of a torrent is divided among its seats. With it
// the product of a rate and a weight stays within an int64, since a rate is at most
// maxUplink.
const partScale = 1 << 16

// weighTorrents finds out what a seat of each torrent weighs if torrents differ.
func (s *seats) weighTorrents() {
	s.parts = nil
	least, most := int64(MaxWeight), int64(0)
	for _, i := range s.taken {
		w := s.peers[i].torrentWeight()
		least, most = min(least, w), max(most, w)
	}
	if least >= most {
		return
	}
	all := map[TorrentKey]int64{}
	for _, i := range s.taken {
		all[s.peers[i].Torrent] += s.seatWeight(i)
	}
	s.parts = make(map[TorrentKey]int64, len(all))
	for _, i := range s.taken {
		q := &s.peers[i]
		s.parts[q.Torrent] = max(1, q.torrentWeight()*partScale/all[q.Torrent])
	}
}

// weight returns the weight of a seat among all.
func (s *seats) weight(i int32) int64 {
	w := s.seatWeight(i)
	if s.parts != nil {
		w *= s.parts[s.peers[i].Torrent]
	}
	return w
}

// seatWeight returns the weight of a seat among those of its torrent.
func (s *seats) seatWeight(i int32) int64 {
	if s.grants[i].Slot == Optimistic && !s.peers[i].Seeding {
		return turnWeight
	}
	return fullWeight
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
