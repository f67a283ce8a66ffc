package bidding

import (
	"cmp"
	"slices"
	"sort"

	"swarmbid/wallet/btt"
)

// auction is the paid tier of one round: the bidders that may win, the highest
// bid first, and what each gets. The bidders of one bid are called a class.
type auction struct {
	*round
	order []int32
	want  []int64 // what order[k] can take, in bytes per second
	got   []int64 // what it gets
	sum   []int64 // sum[k] is the want of order[:k]; one longer than order
	loss  []int64 // loss[k] is what order[:k] could take in the free tier, likewise

	// rest is the class that capacity runs out in, order[rest:end]; the classes
	// before it are served in full, those from end on not at all.
	rest, end int
}

// maxSpared bounds how often an auction is held anew without those that it spared.
const maxSpared = 16

// sell holds the auction, writes the grants of the winners and returns the rate
// that they were given in all, in bytes per second.
func (r *round) sell() int64 {
	a := auction{round: r}
	a.enter()
	if r.Uplink <= 0 {
		for _, i := range a.order {
			a.win(i, evenWeight, r.peers[i].Reserve, Won)
		}
		return 0
	}
	for n := 0; ; n++ {
		a.fill(a.forSale())
		if n == maxSpared || !a.spare() {
			break
		}
	}
	sold, prices := int64(0), a.displaced()
	for k, i := range a.order[:a.end] {
		switch a.got[k] {
		case 0:
		case a.want[k]:
			a.win(i, a.got[k], prices.of(k), Won)
		default:
			a.win(i, a.got[k], prices.of(k), WonPart)
		}
		sold += a.got[k]
	}
	return sold
}

// enter lists the bidders whose bids count and tells the others why not.
func (a *auction) enter() {
	for i := range a.peers {
		q, g := &a.peers[i], &a.grants[i]
		switch {
		case q.Bid <= 0 || !q.Interested:
		case q.NoBids:
			g.Bid = Refused
		case q.Bid < q.Reserve:
			g.Bid = BelowReserve
		case !q.Standing:
			g.Bid = NotGood
		default:
			g.Bid = Outbid
			a.order = append(a.order, int32(i))
		}
	}
	slices.SortFunc(a.order, func(i, j int32) int {
		p, q := &a.peers[i], &a.peers[j]
		return cmp.Or(cmp.Compare(q.Bid, p.Bid), cmp.Compare(p.Key, q.Key))
	})
	a.weigh()
}

// weigh computes what the bidders want.
func (a *auction) weigh() {
	n := len(a.order)
	a.want, a.got = make([]int64, n), make([]int64, n)
	a.sum, a.loss = make([]int64, n+1), make([]int64, n+1)
	for k, i := range a.order {
		q := &a.peers[i]
		all := q.demand(a.Uplink)
		a.want[k] = all
		if q.Cap > 0 {
			a.want[k] = min(all, q.Cap)
		}
		a.sum[k+1], a.loss[k+1] = a.sum[k]+a.want[k], a.loss[k]+all
	}
}

// spare takes those out of the auction that get less of what is left for the
// last class than the free tier would give them if that class had lost, and
// reports whether there are any. Else a bid could make its bidder worse off.
func (a *auction) spare() bool {
	if a.rest == a.end || a.Slots+a.Optimistic <= 0 {
		return false
	}
	trial := slices.Clone(a.grants)
	for _, i := range a.order[:a.rest] {
		trial[i].Slot = Paid
	}
	n := len(a.order)
	a.serveFree(trial, min(a.share(), a.others()+a.loss[n]-a.loss[a.rest]))

	kept := slices.Clone(a.order[:a.rest])
	for k := a.rest; k < n; k++ {
		if i := a.order[k]; k < a.end && trial[i].Rate > a.got[k] {
			a.grants[i].Bid = Spared
		} else {
			kept = append(kept, i)
		}
	}
	if len(kept) == n {
		return false
	}
	a.order = kept
	a.weigh()
	return true
}

// bid returns the bid of order[k].
func (a *auction) bid(k int) btt.Rate { return a.peers[a.order[k]].Bid }

// classEnd returns the end of the class of order[k].
func (a *auction) classEnd(k int) int {
	return k + sort.Search(len(a.order)-k, func(n int) bool { return a.bid(k+n) < a.bid(k) })
}

// classStart returns the start of the class of order[k].
func (a *auction) classStart(k int) int {
	return sort.Search(k, func(n int) bool { return a.bid(n) <= a.bid(k) })
}

// winners returns the end of the last class that gets anything of capacity.
func (a *auction) winners(capacity int64) int {
	if capacity <= 0 || len(a.order) == 0 {
		return 0
	}
	k := sort.Search(len(a.order), func(n int) bool { return a.sum[n+1] >= capacity })
	if k == len(a.order) {
		return k
	}
	return a.classEnd(k)
}

// forSale returns how much of the uplink is sold: all of it but the free share,
// or, if that is less, what those that win nothing can take. Whoever loses joins
// the free tier; of the figures that fit their losers this is the lowest.
func (a *auction) forSale() int64 {
	if a.Slots+a.Optimistic <= 0 {
		return a.Uplink
	}
	share, others := a.share(), a.others()
	for sale, losers := int64(-1), a.loss[len(a.order)]; ; {
		next := a.Uplink - min(share, others+losers)
		if next <= sale {
			return sale
		}
		sale = next
		losers = a.loss[len(a.order)] - a.loss[a.winners(sale)]
	}
}

// share returns the free share, in bytes per second.
func (a *auction) share() int64 {
	return a.Uplink/100*int64(a.FreeShare) + a.Uplink%100*int64(a.FreeShare)/100
}

// others returns what those can take whose bids do not count.
func (a *auction) others() int64 {
	sum := int64(0)
	for _, i := range a.line.merit {
		if a.grants[i].Bid != Outbid {
			sum += a.peers[i].demand(a.Uplink)
		}
	}
	return sum
}

// fill gives capacity to the highest bids first, each up to its want. The class
// that it runs out in shares by want.
func (a *auction) fill(capacity int64) {
	a.end = a.winners(capacity)
	a.rest = a.end
	if a.end == 0 {
		return
	}
	if a.sum[a.end] > capacity {
		a.rest = a.classStart(a.end - 1)
	}
	copy(a.got, a.want[:a.rest])
	left := capacity - a.sum[a.rest]
	whole := a.sum[a.end] - a.sum[a.rest]
	over := left
	for k := a.rest; k < a.end; k++ {
		a.got[k] = product(left, a.want[k]).over(whole)
		over -= a.got[k]
	}
	for k := a.rest; k < a.end && over > 0; k++ { // less than a byte for each
		if a.got[k] < a.want[k] {
			a.got[k]++
			over--
		}
	}
}

// win writes the grant of a winner. A quote in force stands while it is young or
// near enough, but never above the bid.
func (a *auction) win(i int32, rate int64, price btt.Rate, o Outcome) {
	g, q := &a.grants[i], &a.peers[i]
	g.Slot, g.Reason, g.Rate, g.Bid, g.Price = Paid, Bought, rate, o, price
	young := a.now.Sub(q.Quote.At) < a.QuoteFor
	little := q.Quote.Price >= q.Reserve && near(int64(q.Quote.Price), int64(price)) && near(q.Quote.Rate, rate)
	if !q.Quote.At.IsZero() && q.Quote.Price <= q.Bid && (young || little) {
		g.Price = q.Quote.Price
	} else {
		g.Requote = true
	}
}

// near reports whether v is within a tenth of old.
func near(old, v int64) bool { return max(v-old, old-v) <= old/10 }
