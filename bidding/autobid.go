package bidding

import (
	"time"

	"swarmbid/wallet/btt"
)

// Mode is how a requester bids. The zero value bids nothing.
type Mode uint8

// The modes. All but Off keep to the caps.
const (
	Off      Mode = iota
	Eco           // a quarter of the highest price
	Balanced      // half of it
	Fast          // all of it
	Paper         // by the formula of the BTT white paper, for comparison
)

// String returns the mode in English lower case, for logs and tests.
func (m Mode) String() string { return word(m, "off", "eco", "balanced", "fast", "paper") }

// maxSpending bounds AutoBid.Spending. The white paper's 100 % bids the whole
// balance for every download.
const maxSpending = 10

// AutoBid is what the user sets for bidding. The zero value spends nothing, since
// every cap is 0.
type AutoBid struct {
	Mode       Mode
	MaxPrice   btt.Rate   // never bid more
	PerTorrent btt.Amount // never spend more on one torrent
	PerDay     btt.Amount // never spend more in a day
	Spending   int        // Paper: percent of the balance bid for what remains; at most 10
}

// Download is what auto-bid knows of one torrent and one provider of it.
type Download struct {
	Remaining int64      // bytes still to load
	Spent     btt.Amount // on this torrent so far, promises included
	SpentDay  btt.Amount // on everything today, likewise
	Balance   btt.Amount // what can be promised
	Wanted    int64      // bytes per second that the download can use of this provider; 0 = any
	Free      int64      // bytes per second that it serves for nothing now
	Reserve   btt.Rate   // the least that it takes; 0 = nothing is known
}

// Offer is a bid. The zero value is none.
type Offer struct {
	Price  btt.Rate
	Demand int64      // bytes per second; 0 = any
	Most   btt.Amount // on this connection
}

// Offer returns what to bid. Since stating the true value is best under the rule
// of this package, it does not shade: it bids the price of the mode, less where
// the budget would not last for what remains at that price. It bids nothing to a
// provider that serves for nothing all that the download can use, or whose
// reserve is above the bid.
func (a AutoBid) Offer(d Download) Offer {
	budget := min(d.Balance, a.PerTorrent-d.Spent, a.PerDay-d.SpentDay)
	if a.Mode == Off || d.Remaining <= 0 || budget <= 0 || d.Wanted > 0 && d.Free >= d.Wanted {
		return Offer{}
	}
	price := min(a.MaxPrice, affordable(budget, d.Remaining))
	switch a.Mode {
	case Eco:
		price = min(price, a.MaxPrice/4)
	case Balanced:
		price = min(price, a.MaxPrice/2)
	case Paper:
		part := product(int64(d.Balance), int64(min(max(a.Spending, 0), maxSpending))).over(100)
		price = min(price, affordable(btt.Amount(part), d.Remaining))
	case Off, Fast:
	}
	if price <= 0 || price < d.Reserve {
		return Offer{}
	}
	return Offer{Price: price, Demand: d.Wanted, Most: budget}
}

// affordable returns the highest price at which bytes cost no more than budget.
func affordable(budget btt.Amount, bytes int64) btt.Rate {
	return btt.Rate(product(int64(budget), 1<<20).over(bytes))
}

// rebidAfter is the shortest time between two bids to one provider.
const rebidAfter = time.Minute

// Rebid reports whether next has to be sent, when last was at the time at. An end
// of bidding and a lower total are told at once; anything else when it moves by
// more than a tenth, once a minute. What the user changes is told at once too: the
// caller passes a zero last.
func Rebid(now, at time.Time, last, next Offer) bool {
	switch {
	case next == last:
		return false
	case next.Price == 0 || last.Price == 0:
		return next.Price != last.Price
	case now.Sub(at) < rebidAfter:
		return false
	}
	return !near(int64(last.Price), int64(next.Price)) || !near(last.Demand, next.Demand) || next.Most < last.Most/2
}
