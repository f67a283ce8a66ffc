package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"swarmbid/bidding"
	"swarmbid/engine"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// The second act: one file that only the seed has, three clients of ours that bid
// for its uplink, one that does not, and the free share of the market's rules.
const (
	marketSize  = 24 << 20 // of the file
	marketLimit = 4 << 20  // of the seed, bytes per second
)

// buyer is a downloader of the second act.
type buyer struct {
	bid      btt.Rate // 0 = it does not bid
	engine   *engine.Engine
	promises *promises
	dir      string
	left     float64 // when the prices were settled
	done     time.Time
}

// market runs the second act and reports whether it went as predicted.
func (w *world) market(ctx, running context.Context, dir string) error {
	src := filepath.Join(dir, "scarce")
	if err := os.MkdirAll(src, 0o755); err != nil {
		return err
	}
	r := lab.OneFile(src, marketSize)
	r.Name, r.Seed = "scarce-recording.flac", 9
	p, err := r.Make()
	if err != nil {
		return err
	}
	if err := w.seed.SetRateLimits(ctx, 0, marketLimit); err != nil {
		return err
	}
	if _, err := w.seed.Add(ctx, swarm.Add{Source: swarm.Source{File: p.File}, SavePath: src}); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "\nThree clients bid for the uplink of %d KiB/s, one does not. 20 %% are kept for those that do not win.\nPromises only: no money moves here.\n\n", marketLimit>>10)
	buyers, err := w.buyers(ctx, running, dir, p)
	if err != nil {
		return err
	}
	began, err := w.settled(ctx, buyers, p)
	if err != nil {
		return err
	}
	w.scene <- p.InfoHash
	if err := w.untilDone(ctx, buyers, p); err != nil {
		return err
	}
	return w.verdict(buyers, p, began)
}

// buyers starts the downloaders, who know the seed and nobody else.
func (w *world) buyers(ctx, running context.Context, dir string, p *lab.Payload) ([]*buyer, error) {
	var all []*buyer
	for _, bid := range []btt.Rate{0, 3000, 6000, 9000} {
		b := &buyer{bid: bid, promises: newPromises(), dir: filepath.Join(dir, fmt.Sprint("bid-", bid))}
		var err error
		b.engine, err = w.sessionWith(running, filepath.Join(b.dir, "data"), filepath.Join(b.dir, "files"), func(c *engine.Config) {
			c.PEX = false // they are to meet at the seed, not each other
			c.Payments, c.Market.On = b.promises, true
			c.Market.AutoBid = bidding.AutoBid{Mode: bidding.Fast, MaxPrice: bid, PerTorrent: 100 * btt.One, PerDay: 100 * btt.One}
		})
		if err != nil {
			return nil, err
		}
		if _, err := b.engine.Add(ctx, swarm.Add{Source: swarm.Source{File: p.File}}); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", w.seed.Snapshot().Totals.ListenPort)
	for _, b := range all {
		if err := b.engine.AddPeer(ctx, p.InfoHash, addr); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// settled waits until every bid is in and the highest has won, and notes what each
// still has to get.
func (w *world) settled(ctx context.Context, buyers []*buyer, p *lab.Payload) (time.Time, error) {
	err := lab.Until(ctx, func() (bool, error) {
		d, err := w.seed.Details(ctx, p.InfoHash, swarm.PartMarket)
		if err != nil || d.Market == nil {
			return false, err
		}
		bids, won := 0, false
		for _, b := range d.Market.Bidders {
			if b.Bid > 0 {
				bids++
			}
			won = won || b.Bid == int64(buyers[len(buyers)-1].bid) && b.Slot == swarm.Paid
		}
		return won && bids == len(buyers)-1 && len(d.Market.Bidders) == len(buyers), nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("wait for the bids: %w", err)
	}
	d, err := w.seed.Details(ctx, p.InfoHash, swarm.PartPeers)
	if err != nil {
		return time.Time{}, err
	}
	for _, b := range buyers {
		b.left = float64(p.Size)
		for i := range d.Peers {
			if d.Peers[i].PeerID == b.engine.PeerID() {
				b.left -= float64(d.Peers[i].Uploaded)
			}
		}
	}
	return time.Now(), nil
}

func (w *world) untilDone(ctx context.Context, buyers []*buyer, p *lab.Payload) error {
	var printed time.Time
	err := lab.Until(ctx, func() (bool, error) {
		open := 0
		line := ""
		for _, b := range buyers {
			t := rowOf(b.engine)
			if b.done.IsZero() {
				if d, err := b.engine.Details(ctx, p.InfoHash, swarm.PartFiles); err == nil && len(d.Files) == 1 && d.Files[0].Completed == p.Size {
					b.done = time.Now()
				} else {
					open++
				}
			}
			line += fmt.Sprintf("  bid %4d: %5d KiB/s %3.0f %%", b.bid, t.Down>>10, 100*float64(t.Completed)/float64(p.Size))
		}
		if time.Since(printed) >= time.Second {
			printed = time.Now()
			fmt.Fprintln(w.out, line)
		}
		return open == 0, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the buyers: %w", err)
	}
	return nil
}

// verdict prints what was predicted from the rule alone beside what was measured.
func (w *world) verdict(buyers []*buyer, p *lab.Payload, began time.Time) error {
	left := make([]float64, len(buyers))
	for i, b := range buyers {
		left[i] = b.left
	}
	predicted := predict(left, marketLimit)
	fmt.Fprintf(w.out, "\n%-22s %12s %12s %12s %14s\n", "", "predicted", "measured", "paid MiB", "promised BTT")
	for i, b := range buyers {
		name := "does not bid"
		if b.bid > 0 {
			name = fmt.Sprintf("bids %d µBTT/MiB", b.bid)
		}
		bytes, cost := b.promises.bought()
		fmt.Fprintf(w.out, "%-22s %10.1f s %10.1f s %12.1f %14s\n", name, predicted[i], b.done.Sub(began).Seconds(), float64(bytes)/(1<<20), cost.Format(btt.EN))
	}
	fmt.Fprintln(w.out)
	order := slices.IsSortedFunc(buyers, func(a, b *buyer) int { return b.done.Compare(a.done) })
	if !order {
		return fmt.Errorf("a lower bid finished before a higher one")
	}
	for _, b := range buyers {
		if err := p.Compare(filepath.Join(b.dir, "files"), true); err != nil {
			return fmt.Errorf("bid %d: %w", b.bid, err)
		}
	}
	return nil
}

// predict tells after how many seconds each is done, who bids more the later it
// stands in left and whose first does not bid: the highest gets all but the free
// share, which the others share evenly; the last one left gets all.
func predict(left []float64, limit float64) []float64 {
	const step, free = 0.01, 0.2
	done := make([]float64, len(left))
	for now := step; ; now += step {
		var open []int
		for i := range left {
			if left[i] > 0 {
				open = append(open, i)
			}
		}
		if len(open) == 0 {
			return done
		}
		for k, i := range open {
			rate := limit
			switch {
			case len(open) == 1:
			case k == len(open)-1 && i > 0:
				rate = limit * (1 - free)
			default:
				rate = limit * free / float64(len(open)-1)
			}
			if left[i] -= rate * step; left[i] <= 0 {
				done[i] = now
			}
		}
	}
}
