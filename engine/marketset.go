package engine

import (
	"context"
	"fmt"

	"swarmbid/bidding"
	"swarmbid/engine/swarm"
)

// MarketSettings are the session's settings of the market. They take effect at
// once, but for On: the extension is offered when connections are made, so turning
// the market on or off closes them.
type MarketSettings struct {
	On        bool            // zero: nothing is offered and nothing runs
	FreeShare int             // percent of the uplink kept for those that do not pay, 10 to 100
	Reserve   bidding.Reserve // of torrents that have none of their own
	AutoBid   bidding.AutoBid // of torrents that have none of their own; zero = never
}

// DefaultMarketSettings returns what a new user gets: off.
func DefaultMarketSettings() MarketSettings { return MarketSettings{FreeShare: 20} }

// Validate reports the first value that is out of range; it wraps ErrConfig.
func (s *MarketSettings) Validate() error {
	a := s.AutoBid
	switch {
	case s.FreeShare < 10 || s.FreeShare > 100:
		return fmt.Errorf("%w: %d %% of the uplink for those that do not pay, want 10 to 100", ErrConfig, s.FreeShare)
	case s.Reserve.Price < 0:
		return fmt.Errorf("%w: the reserve price is negative", ErrConfig)
	case a.Mode > bidding.Paper:
		return fmt.Errorf("%w: bid mode %d", ErrConfig, a.Mode)
	case a.MaxPrice < 0 || a.PerTorrent < 0 || a.PerDay < 0 || a.Spending < 0 || a.Spending > 10:
		return fmt.Errorf("%w: a limit on bids is out of range", ErrConfig)
	}
	return nil
}

// SetMarket changes the session's settings of the market.
func (e *Engine) SetMarket(ctx context.Context, s MarketSettings) error {
	return e.do(ctx, func() error {
		all := e.asked
		all.Market = s
		return e.apply(&all)
	})
}

// SetBandwidth changes how torrents trade.
func (e *Engine) SetBandwidth(ctx context.Context, b swarm.Bandwidth, ihs ...swarm.InfoHash) error {
	if b.Reserve < 0 || b.MaxPrice < 0 || b.MaxTotal < 0 || b.Mode > swarm.BidPaper {
		return fmt.Errorf("%w: a price or a mode of the market is out of range", ErrConfig)
	}
	return e.each(ctx, ihs, func(m *managed) error {
		m.rec.Market = b
		e.offerMarket(m)
		for _, t := range e.market.traders {
			if t.ear.ih != m.ih() {
				continue
			}
			if !m.mayTrade() {
				e.endTrade(t)
			}
			t.changed = true
		}
		e.kickRechoke()
		return nil
	})
}

// Bandwidth returns how a torrent trades.
func (e *Engine) Bandwidth(ctx context.Context, ih swarm.InfoHash) (b swarm.Bandwidth, err error) {
	err = e.do(ctx, func() error {
		m, err := e.find(ih)
		if err == nil {
			b = m.rec.Market
		}
		return err
	})
	return b, err
}
