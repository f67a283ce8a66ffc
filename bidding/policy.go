package bidding

import (
	"errors"
	"fmt"
	"time"
)

// ErrPolicy is returned by [Policy.Validate] for a policy that means nothing.
var ErrPolicy = errors.New("bidding: policy out of range")

// Policy is what the user may set. The zero value serves nobody.
type Policy struct {
	// Uplink is the capacity to share, in bytes per second of payload: the upload
	// limit, or 95 % of what was measured where there is none. 0 = unlimited:
	// nothing is scarce, so the rates of the grants are weights only.
	Uplink int64

	Slots         int           // regular slots of the free tier, all torrents together
	TorrentSlots  int           // regular slots of one torrent; 0 = as many as Slots
	Optimistic    int           // optimistic slots, on top of Slots
	OptimisticFor time.Duration // how long a turn lasts; BEP 3: 30 s
	HoldFor       time.Duration // a regular slot is kept that long once given; BEP 3: 10 s

	// SubnetSlots is the most free slots in a /24 of IPv4 or a /64 of IPv6, since
	// addresses of one block cost nothing; 0 = no bound. It gives way before the
	// uplink idles.
	SubnetSlots int

	Market    bool          // bids count
	FreeShare int           // percent of Uplink kept for the free tier while it can use it
	QuoteFor  time.Duration // a quote stands that long, and on while the price is within a tenth
}

// DefaultPolicy returns the policy of a fresh installation, without a limit and
// with the market off.
func DefaultPolicy() Policy {
	return Policy{
		Slots: 8, TorrentSlots: 4, Optimistic: 1, OptimisticFor: 30 * time.Second, HoldFor: 10 * time.Second,
		SubnetSlots: 2, FreeShare: 20, QuoteFor: 10 * time.Second,
	}
}

// Validate returns an ErrPolicy that names the first field out of range.
func (p Policy) Validate() error {
	for _, f := range []struct {
		name     string
		v        int64
		from, to int64
	}{
		{"Uplink", p.Uplink, 0, maxUplink},
		{"Slots", int64(p.Slots), 0, 10_000},
		{"TorrentSlots", int64(p.TorrentSlots), 0, 10_000},
		{"Optimistic", int64(p.Optimistic), 0, 100},
		{"OptimisticFor", int64(p.OptimisticFor), 0, int64(time.Hour)},
		{"HoldFor", int64(p.HoldFor), 0, int64(time.Hour)},
		{"SubnetSlots", int64(p.SubnetSlots), 0, 10_000},
		{"FreeShare", int64(p.FreeShare), 10, 100},
		{"QuoteFor", int64(p.QuoteFor), 0, int64(time.Hour)},
	} {
		if f.v < f.from || f.v > f.to {
			return fmt.Errorf("%w: %s is %d, not in %d to %d", ErrPolicy, f.name, f.v, f.from, f.to)
		}
	}
	return nil
}

// maxUplink is the largest Uplink, a terabyte per second, so that the sum of all
// demands of a round fits in an int64.
const maxUplink = 1 << 40

// evenWeight is the rate of every grant where the uplink is unlimited.
const evenWeight = 1 << 20

// torrentSlots returns the number of regular slots of q's torrent.
func (p Policy) torrentSlots(q *Peer) int {
	switch {
	case q.Slots > 0:
		return q.Slots
	case p.TorrentSlots > 0:
		return p.TorrentSlots
	}
	return p.Slots
}
