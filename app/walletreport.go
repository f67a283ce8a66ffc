package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
)

// trader is what is measured: *engine.Engine is one.
type trader interface {
	Snapshot() *swarm.Snapshot
	Details(ctx context.Context, ih swarm.InfoHash, parts swarm.Part) (*swarm.Details, error)
}

// meter measures what paying buys: how much comes while something is bought, how much
// of it is paid for, and how much would have come for nothing. It is one goroutine's.
type meter struct {
	engine trader
	last   map[swarm.InfoHash]reading
}

// reading is what the counters of a torrent said.
type reading struct {
	at       time.Time
	down     int64                   // payload, all runs
	verified map[swarm.PeerKey]int64 // to be paid for, of each connection
	buying   bool
}

// meterEvery is how often it is measured, and maxGap from which pause on the time
// between is not counted: the computer slept.
const (
	meterEvery = 5 * time.Second
	maxGap     = time.Minute
)

func newMeter(e trader) *meter { return &meter{engine: e, last: map[swarm.InfoHash]reading{}} }

// run measures until ctx ends.
func (m *meter) run(ctx context.Context, d *desk) {
	tick := time.NewTicker(meterEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := m.measure(ctx, d.book, now); err != nil && ctx.Err() == nil {
				d.log.Warn("what paying buys cannot be written down", "err", err)
			}
		}
	}
}

// measure writes down what is new of the torrents for which something is bought, or
// was a moment ago.
func (m *meter) measure(ctx context.Context, book *ledger.Ledger, now time.Time) error {
	s := m.engine.Snapshot()
	seen := map[swarm.InfoHash]bool{}
	for i := range s.Torrents {
		t := &s.Torrents[i]
		before, known := m.last[t.InfoHash]
		if t.Spending == 0 && !before.buying {
			continue
		}
		d, err := m.engine.Details(ctx, t.InfoHash, swarm.PartMarket)
		if err != nil || d.Market == nil {
			continue // it was removed a moment ago
		}
		seen[t.InfoHash] = true
		r := readingOf(t, d.Market, now)
		m.last[t.InfoHash] = r
		if !known || !before.buying {
			continue
		}
		if err := book.AddSpeed(ctx, between(t, d.Market, before, r)); err != nil {
			return err
		}
	}
	for ih := range m.last {
		if !seen[ih] {
			delete(m.last, ih)
		}
	}
	return nil
}

func readingOf(t *swarm.Torrent, k *swarm.Market, now time.Time) reading {
	r := reading{at: now, down: t.Downloaded, verified: map[swarm.PeerKey]int64{}, buying: t.Spending > 0}
	for _, b := range k.Bids {
		r.verified[b.Key] = b.Verified
	}
	return r
}

// between is what came from one reading to the next.
func between(t *swarm.Torrent, k *swarm.Market, a, b reading) ledger.Speed {
	gap := b.at.Sub(a.at)
	if gap < 0 || gap > maxGap {
		gap = 0
	}
	e := k.Estimate
	s := ledger.Speed{
		Torrent: hex.EncodeToString(t.InfoHash[:]), Began: a.at, Ended: b.at, Buying: gap, Bytes: max(0, b.down-a.down),
		Free:          e.FreeRate * gap.Milliseconds() / 1000,
		EstimatedFree: e.FreeRate, EstimatedPaid: e.PaidRate, EstimatedBytes: t.Remaining(), EstimatedCost: btt.Amount(max(0, e.Cost)),
	}
	for key, v := range b.verified {
		s.Paid += max(0, v-a.verified[key]) // a connection that is new begins at nothing
	}
	return s
}

// Report implements ui.Wallet.
func (p *purse) Report(ctx context.Context, ih swarm.InfoHash) (out view.SpeedReport, err error) {
	if _, err := p.wallet(); err != nil {
		return out, err
	}
	d, free, err := p.use(ctx)
	if err != nil {
		return out, err
	}
	defer free()
	return reportOf(ctx, d.book, ih)
}

func reportOf(ctx context.Context, book *ledger.Ledger, ih swarm.InfoHash) (out view.SpeedReport, err error) {
	key := hex.EncodeToString(ih[:])
	f, peers, err := book.FlowOf(ctx, key, ledger.Period{})
	if err != nil {
		return out, err
	}
	s, ok, err := book.Speed(ctx, key)
	if err != nil {
		return out, fmt.Errorf("report: %w", err)
	}
	return view.SpeedReport{
		Measured: ok, Spent: f.Spent, Earned: f.Earned, Peers: peers, Began: s.Began, Ended: s.Ended, Buying: s.Buying, Bytes: s.Bytes, Paid: s.Paid, Free: s.Free,
		Estimate: swarm.Estimate{FreeRate: s.EstimatedFree, PaidRate: s.EstimatedPaid, Cost: int64(s.EstimatedCost)}, EstimateBytes: s.EstimatedBytes,
	}, nil
}
