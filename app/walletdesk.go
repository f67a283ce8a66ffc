package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/wallet/ledger"
	"swarmbid/wallet/payout"
	"swarmbid/wallet/till"
	"swarmbid/wallet/tron"
)

// desk is one network in use: its books, its chain, and the goroutines that mind
// them.
type desk struct {
	tell   func() // something new is to be shown
	log    *slog.Logger
	book   *ledger.Ledger
	chain  *tron.Chain
	now    func() time.Time
	every  time.Duration                // between looks of the till; 0 = its default
	notice time.Duration                // of a transfer to a peer; 0 = its default
	tills  chan *till.Till              // capacity 1: the till, for run
	meter  *meter                       // nil = nothing is measured
	pay    func(context.Context, *desk) // has peers paid over this desk; nil = nobody is
	quit   chan struct{}                // closed to end run
	done   chan struct{}                // closed when run has closed everything

	mu      sync.Mutex
	till    *till.Till      // nil until there is a wallet
	debts   *payout.Payouts // likewise
	stopped error           // what ended the work on the chain; nil = it goes on
}

// newDesk opens books and chain. It asks nobody; run does.
func newDesk(ctx context.Context, p *purse, net tron.Network, books string) (*desk, error) {
	book, err := ledger.Open(ctx, books)
	if err != nil {
		return nil, err
	}
	cfg := tron.Config{Network: net, Ledger: book}
	if p.tune != nil {
		p.tune(&cfg)
	}
	chain, err := tron.Open(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, book.Close())
	}
	d := &desk{
		tell: p.tell, log: p.log, book: book, chain: chain, now: cfg.Now, every: cfg.Every,
		tills: make(chan *till.Till, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	d.pay, d.notice = p.pay, p.notice
	if p.engine != nil {
		d.meter = newMeter(p.engine)
	}
	return d, nil
}

// lookEvery is how often run looks whether the chain has something new to show.
const lookEvery = time.Second

// run minds the chain until ctx ends or quit is closed, and closes everything.
// The end of the chain's own work ends nothing else: torrents go on.
func (d *desk) run(ctx context.Context) error {
	defer close(d.done)
	ctx, cancel := context.WithCancel(ctx)
	var g errgroup.Group
	g.Go(func() error {
		if err := d.chain.Run(ctx); ctx.Err() == nil {
			d.stop(err)
		}
		return nil
	})
	g.Go(func() error {
		d.listen(ctx)
		return nil
	})
	g.Go(func() error {
		d.tend(ctx)
		return nil
	})
	if d.pay != nil {
		g.Go(func() error {
			d.pay(ctx, d)
			return nil
		})
	}
	if d.meter != nil {
		g.Go(func() error {
			d.meter.run(ctx, d)
			return nil
		})
	}
	select {
	case <-ctx.Done():
	case <-d.quit:
	}
	cancel()
	err := g.Wait()
	d.chain.Close()
	return errors.Join(err, d.book.Close())
}

// listen logs the chain's facts, without addresses, and says when there is
// something new to show.
func (d *desk) listen(ctx context.Context) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	last, before, owed := d.chain.Snapshot(), (*till.Snapshot)(nil), (*payout.Snapshot)(nil)
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-d.chain.Events():
			level, line := chainWords(e)
			d.log.Log(ctx, level, line)
			d.tell()
		case <-look.C:
			if s := d.chain.Snapshot(); s != last {
				last = s
				d.tell()
			}
			if t := d.tillNow(); t != nil && t.Snapshot() != before {
				before = t.Snapshot()
				d.tell()
			}
			if b := d.debtsNow(); b != nil && b.Snapshot() != owed {
				owed = b.Snapshot()
				d.tell()
			}
		}
	}
}

// chainWords is how a fact of the chain reads in the log.
func chainWords(e tron.Event) (slog.Level, string) {
	switch e := e.(type) {
	case tron.Received:
		return slog.LevelInfo, fmt.Sprintf("Received %s", coinText(e.Asset, int64(e.Amount)))
	case tron.Left:
		return slog.LevelWarn, fmt.Sprintf("%s left the wallet, not sent by this program", coinText(e.Asset, int64(e.Amount)))
	case tron.Progress:
		level, why := slog.LevelInfo, ""
		if err := e.Tx.Err(); err != nil {
			level, why = slog.LevelWarn, ": "+err.Error()
		}
		return level, fmt.Sprintf("Transaction of %s is %s%s", coinText(e.Tx.Intent.Asset, int64(e.Tx.Intent.Amount)), e.Tx.State, why)
	}
	return slog.LevelInfo, fmt.Sprintf("%T", e)
}

// coinText writes millionths of an asset for the log.
func coinText(a tron.Asset, v int64) string {
	if a == "" {
		return "a contract call"
	}
	return fmt.Sprintf("%d.%06d %s", v/1e6, v%1e6, a)
}

// over reports what ended the work on the chain.
func (d *desk) over() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stopped
}

// writeCSV writes all transfers to a new file.
func writeCSV(ctx context.Context, book *ledger.Ledger, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("save the history: %w", err)
	}
	err = errors.Join(book.WriteCSV(ctx, f, ledger.Period{}), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
