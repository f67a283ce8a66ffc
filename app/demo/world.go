package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/engine"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

// world is the swarm of the demo.
type world struct {
	out     io.Writer
	payload *lab.Payload
	tracker *lab.Tracker
	seed    *engine.Engine
	leeches []leech
	stop    context.CancelFunc
	engines *errgroup.Group
	// sessions are all engines, the seed first.
	sessions []*engine.Engine
	running  context.Context     //nolint:containedctx // of the engines, which outlive what is under way
	scene    chan swarm.InfoHash // what the window is to show in the second act
	clients  []lab.Client
	bank     *bank
	teller   *teller   // of the seed
	tellers  []*teller // all
	off      float64   // the greatest deviation from what was predicted
}

// leech is one downloader, ours or a foreign one.
type leech struct {
	name     string
	dir      string
	is       func(*swarm.Peer) bool // whether a peer of the seed is this leecher
	empties  bool
	progress func(context.Context) (done int64, complete bool, err error)
	finished time.Time
}

func newWorld(ctx context.Context, dir string, o options) (w *world, err error) {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	w = &world{out: os.Stdout, stop: stop, engines: &errgroup.Group{}, running: running, scene: make(chan swarm.InfoHash, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.tracker, err = lab.StartTracker(lab.TrackerConfig{}); err != nil {
		return nil, err
	}
	src := filepath.Join(dir, "seed")
	if err = os.MkdirAll(src, 0o755); err != nil {
		return nil, err
	}
	r := lab.OneFile(src, o.size<<20, w.tracker.HTTP())
	r.Name = "holiday-film.mkv"
	if w.payload, err = r.Make(); err != nil {
		return nil, err
	}
	if err = w.openSeed(running, dir, src, o); err != nil {
		return nil, err
	}
	if err = w.addTo(ctx, w.seed); err != nil {
		return nil, err
	}
	if err = lab.Until(ctx, func() (bool, error) { return rowOf(w.seed).State == swarm.Seeding, nil }); err != nil {
		return nil, fmt.Errorf("wait for the seed: %w", err)
	}
	for _, name := range []string{"Swarmbid A", "Swarmbid B"} {
		if err = w.addOurs(ctx, running, name, filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	for _, p := range lab.Programs() {
		if p.Name != "aria2" && p.Name != "transmission" {
			continue
		}
		if err = w.addForeign(ctx, p, filepath.Join(dir, p.Name)); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// openSeed starts the chain, and the seed with its books.
func (w *world) openSeed(running context.Context, dir, src string, o options) (err error) {
	if w.bank, err = openBank(running, w.engines); err != nil {
		return err
	}
	if w.teller, err = w.newTeller(running, src, w.engines); err != nil {
		return err
	}
	w.seed, err = w.sessionWith(running, filepath.Join(dir, "seed-data"), src, func(c *engine.Config) {
		c.UpLimit, c.Broker, c.Market.On = o.limit<<10, w.teller, true
		c.Market.Reserve.Price = marketReserve
	})
	if err == nil {
		w.teller.Join(w.seed)
	}
	return err
}

// session starts one of our engines on loopback.
func (w *world) session(ctx context.Context, data, files string, up int64) (*engine.Engine, error) {
	return w.sessionWith(ctx, data, files, func(c *engine.Config) { c.UpLimit = up })
}

// sessionWith starts one with something changed.
func (w *world) sessionWith(ctx context.Context, data, files string, change func(*engine.Config)) (*engine.Engine, error) {
	c := engine.DefaultConfig()
	c.DataDir, c.DownloadDir, c.Version = data, files, "0.1.0"
	c.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	c.Listen = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	c.DHT, c.LSD, c.UPnP, c.NATPMP, c.IPv6 = false, false, false, false, false
	change(&c)
	e, err := engine.New(c)
	if err != nil {
		return nil, err
	}
	w.engines.Go(func() error { return e.Run(ctx) })
	w.sessions = append(w.sessions, e)
	return e, nil
}

func (w *world) addTo(ctx context.Context, e *engine.Engine) error {
	_, err := e.Add(ctx, swarm.Add{Source: swarm.Source{File: w.payload.File}})
	return err
}

func (w *world) addOurs(ctx, running context.Context, name, dir string) error {
	files := filepath.Join(dir, "files")
	if err := os.MkdirAll(files, 0o755); err != nil {
		return err
	}
	e, err := w.session(running, filepath.Join(dir, "data"), files, 0)
	if err != nil {
		return err
	}
	if err := w.addTo(ctx, e); err != nil {
		return err
	}
	w.leeches = append(w.leeches, leech{
		name: name, dir: files, empties: true,
		is: func(p *swarm.Peer) bool { return p.PeerID == e.PeerID() },
		progress: func(context.Context) (int64, bool, error) {
			t := rowOf(e)
			return t.Completed, t.Complete(), nil
		},
	})
	return nil
}

func (w *world) addForeign(ctx context.Context, p lab.Program, dir string) error {
	files, scratch := filepath.Join(dir, "files"), filepath.Join(dir, "scratch")
	if err := errors.Join(os.MkdirAll(files, 0o755), os.MkdirAll(scratch, 0o755)); err != nil {
		return err
	}
	c, err := p.Start(ctx, lab.Options{Dir: scratch})
	if err != nil {
		return err
	}
	w.clients = append(w.clients, c)
	if err := c.Add(ctx, w.payload.File, files); err != nil {
		return err
	}
	for _, e := range w.sessions { // Transmission dials no loopback address, so the others have to
		if p.Dials {
			break
		}
		if err := e.AddPeer(ctx, w.payload.InfoHash, c.Addr().String()); err != nil {
			return err
		}
	}
	w.leeches = append(w.leeches, leech{
		name: c.Name(), dir: files, empties: p.Empties,
		is: func(q *swarm.Peer) bool { return strings.HasPrefix(strings.ToLower(q.Client), p.Name) },
		progress: func(ctx context.Context) (int64, bool, error) {
			g, err := c.Progress(ctx, w.payload.InfoHash)
			if errors.Is(err, lab.ErrUnknownTorrent) {
				return 0, false, nil
			}
			return g.Done, g.Complete, err
		},
	})
	return nil
}

// rowOf is the one torrent of an engine.
func rowOf(e *engine.Engine) swarm.Torrent {
	if s := e.Snapshot(); len(s.Torrents) > 0 {
		return s.Torrents[0]
	}
	return swarm.Torrent{}
}

// compare compares every copy with the original, byte for byte.
func (w *world) compare() error {
	var errs []error
	for i := range w.leeches {
		l := &w.leeches[i]
		err := w.payload.Compare(l.dir, l.empties)
		verdict := "identical"
		if err != nil {
			verdict = err.Error()
			errs = append(errs, fmt.Errorf("%s: %w", l.name, err))
		}
		fmt.Fprintf(w.out, "%-14s %s\n", l.name, verdict)
	}
	return errors.Join(errs...)
}

// close ends every program and every engine.
func (w *world) close() error {
	w.stop()
	err := w.engines.Wait()
	for _, c := range w.clients {
		err = errors.Join(err, c.Close())
	}
	for _, t := range w.tellers {
		err = errors.Join(err, t.close())
	}
	if w.tracker != nil {
		err = errors.Join(err, w.tracker.Close())
	}
	return err
}
