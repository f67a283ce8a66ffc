package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"swarmbid/bidding"
	"swarmbid/engine"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// The second act: one file that only the seed has, three clients of ours that bid
// for its uplink and pay, an ordinary client that does not, and the free share of
// the market's rules.
const (
	marketSize    = 24 << 20 // of the file
	marketLimit   = 4 << 20  // of the seed, bytes per second
	marketReserve = 1000     // that the seed asks at least, µBTT/MiB
	marketDeposit = 100 * btt.One
	marketOff     = 0.05 // by which a measured time may differ from the predicted one
)

// buyer is a downloader of the second act.
type buyer struct {
	bid    btt.Rate       // 0 = it is an ordinary client
	engine *engine.Engine // nil = likewise
	teller *teller        // likewise
	client lab.Client     // the ordinary one
	dir    string
	left   float64 // when the prices were settled
	done   time.Time
}

// market runs the second act and reports whether it went as predicted, and whether
// every µBTT is where it should be.
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
	fmt.Fprintf(w.out, "\nThree clients bid for the uplink of %d KiB/s, aria2 does not. 20 %% are kept for those that do not win.\n"+
		"Each bidder puts %s BTT into the escrow on the test chain first.\n\n", marketLimit>>10, marketDeposit.Format(btt.EN))
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
	if err := w.verdict(buyers, p, began); err != nil {
		return err
	}
	return w.reconcile(ctx, buyers)
}

// buyers starts the downloaders, who know the seed and nobody else.
func (w *world) buyers(ctx, running context.Context, dir string, p *lab.Payload) ([]*buyer, error) {
	plain, err := w.ordinary(ctx, filepath.Join(dir, "bid-0"), p)
	if err != nil {
		return nil, err
	}
	all := []*buyer{plain}
	ready := make(chan error, 3)
	for _, bid := range []btt.Rate{3000, 6000, 9000} {
		b := &buyer{bid: bid, dir: filepath.Join(dir, fmt.Sprint("bid-", bid))}
		if err := os.MkdirAll(b.dir, 0o755); err != nil {
			return nil, err
		}
		if b.teller, err = w.newTeller(running, b.dir, w.engines); err != nil {
			return nil, err
		}
		w.engines.Go(func() error {
			ready <- b.teller.deposit(ctx, marketDeposit)
			return nil
		})
		b.engine, err = w.sessionWith(running, filepath.Join(b.dir, "data"), filepath.Join(b.dir, "files"), func(c *engine.Config) {
			c.PEX = false // they are to meet at the seed, not each other
			c.Broker, c.Market.On = b.teller, true
			c.Market.AutoBid = bidding.AutoBid{Mode: bidding.Fast, MaxPrice: bid, PerTorrent: 100 * btt.One, PerDay: 100 * btt.One}
		})
		if err != nil {
			return nil, err
		}
		b.teller.Join(b.engine)
		all = append(all, b)
	}
	for range len(all) - 1 {
		if err := <-ready; err != nil {
			return nil, err
		}
	}
	return all, w.meet(ctx, all, p)
}

// ordinary starts a client of somebody else.
func (w *world) ordinary(ctx context.Context, dir string, p *lab.Payload) (*buyer, error) {
	i := slices.IndexFunc(lab.Programs(), func(p lab.Program) bool { return p.Name == "aria2" })
	b := &buyer{dir: dir}
	if err := os.MkdirAll(filepath.Join(dir, "scratch"), 0o755); err != nil {
		return nil, err
	}
	var err error
	if b.client, err = lab.Programs()[i].Start(ctx, lab.Options{Dir: filepath.Join(dir, "scratch"), Quiet: true}); err != nil {
		return nil, err
	}
	w.clients = append(w.clients, b.client)
	return b, b.client.Add(ctx, p.File, filepath.Join(dir, "files"))
}

// meet tells everybody where the seed is.
func (w *world) meet(ctx context.Context, all []*buyer, p *lab.Payload) error {
	addr := fmt.Sprintf("127.0.0.1:%d", w.seed.Snapshot().Totals.ListenPort)
	for _, b := range all {
		if b.engine == nil {
			if err := w.seed.AddPeer(ctx, p.InfoHash, b.client.Addr().String()); err != nil {
				return err
			}
			continue
		}
		if _, err := b.engine.Add(ctx, swarm.Add{Source: swarm.Source{File: p.File}}); err != nil {
			return err
		}
		if err := b.engine.AddPeer(ctx, p.InfoHash, addr); err != nil {
			return err
		}
	}
	return nil
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
			if b.is(&d.Peers[i]) {
				b.left -= float64(d.Peers[i].Uploaded)
			}
		}
	}
	return time.Now(), nil
}

// is reports whether a peer of the seed is this buyer.
func (b *buyer) is(p *swarm.Peer) bool {
	if b.engine == nil {
		return strings.HasPrefix(strings.ToLower(p.Client), "aria2")
	}
	return p.PeerID == b.engine.PeerID()
}

// progress is how far a buyer is, and how fast it loads.
func (b *buyer) progress(ctx context.Context, p *lab.Payload) (done, rate int64, err error) {
	if b.engine == nil {
		g, err := b.client.Progress(ctx, p.InfoHash)
		return g.Done, 0, err
	}
	d, err := b.engine.Details(ctx, p.InfoHash, swarm.PartFiles)
	if err != nil || len(d.Files) != 1 {
		return 0, 0, err
	}
	return d.Files[0].Completed, rowOf(b.engine).Down, nil
}

func (w *world) untilDone(ctx context.Context, buyers []*buyer, p *lab.Payload) error {
	var printed time.Time
	err := lab.Until(ctx, func() (bool, error) {
		open := 0
		line := ""
		for _, b := range buyers {
			done, rate, err := b.progress(ctx, p)
			if err != nil {
				return false, err
			}
			if b.done.IsZero() {
				if done == p.Size {
					b.done = time.Now()
				} else {
					open++
				}
			}
			if b.bid > 0 {
				line += fmt.Sprintf("  bid %4d: %5d KiB/s %3.0f %%", b.bid, rate>>10, 100*float64(done)/float64(p.Size))
			} else {
				line += fmt.Sprintf("  aria2: %3.0f %%", 100*float64(done)/float64(p.Size))
			}
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

// verdict prints what was predicted from the rule alone beside what was measured: how
// long each took, and how much faster paying made it than the ordinary client.
func (w *world) verdict(buyers []*buyer, p *lab.Payload, began time.Time) error {
	left := make([]float64, len(buyers))
	for i, b := range buyers {
		left[i] = b.left
	}
	predicted := predict(left, marketLimit)
	took := func(b *buyer) float64 { return b.done.Sub(began).Seconds() }
	fmt.Fprintf(w.out, "\n%-22s %12s %12s %14s %14s %8s\n", "", "predicted", "measured", "faster, pred.", "faster, meas.", "off")
	worst := 0.0
	for i, b := range buyers {
		fast, was := predicted[0]/predicted[i], took(buyers[0])/took(b)
		off := was/fast - 1
		worst = max(worst, math.Abs(off))
		fmt.Fprintf(w.out, "%-22s %10.1f s %10.1f s %12.2f × %12.2f × %6.1f %%\n", b.name(), predicted[i], took(b), fast, was, 100*off)
	}
	fmt.Fprintln(w.out)
	if !slices.IsSortedFunc(buyers, func(a, b *buyer) int { return b.done.Compare(a.done) }) {
		return fmt.Errorf("a lower bid finished before a higher one")
	}
	if worst > marketOff {
		fmt.Fprintf(w.out, "The measured speed-up is up to %.1f %% off the prediction; %.0f %% are expected on a machine with nothing else to do.\n\n", 100*worst, 100*marketOff)
	}
	for _, b := range buyers {
		if err := p.Compare(filepath.Join(b.dir, "files"), true); err != nil {
			return fmt.Errorf("%s: %w", b.name(), err)
		}
	}
	w.off = worst
	return nil
}

func (b *buyer) name() string {
	if b.bid > 0 {
		return fmt.Sprintf("bids %d µBTT/MiB", b.bid)
	}
	return "aria2, does not bid"
}

// predict tells after how many seconds each is done, who bids more the later it
// stands in left and whose first does not bid: the highest gets all but the free
// share, which the others share evenly; the last one left gets all.
func predict(left []float64, limit float64) []float64 {
	const step, free = 0.01, 0.2
	left = slices.Clone(left)
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
