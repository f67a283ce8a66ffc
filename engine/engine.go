package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	dialrate "golang.org/x/time/rate"

	"swarmbid/bidding"
	"swarmbid/engine/disk"
	"swarmbid/engine/link"
	"swarmbid/engine/lsd"
	"swarmbid/engine/portmap"
	"swarmbid/engine/resume"
	"swarmbid/engine/route"
	"swarmbid/engine/swarm"
	"swarmbid/engine/tracker"
	"swarmbid/engine/upload"
)

// Periods of the loop.
const (
	pulseEvery    = 250 * time.Millisecond // metadata, checks and completions are looked for
	snapshotEvery = time.Second
	rechokeEvery  = 10 * time.Second // BEP 3
	rechokeLeast  = time.Second      // between two rechokes that follow changes
	syncEvery     = 500 * time.Millisecond
)

// Bounds of the engine's queues.
const (
	maxCommands = 64  // waiting for the loop
	maxEvents   = 256 // facts nobody has read yet; older ones are dropped
	maxWorkers  = 4   // moves, deletions and closings at once
	maxHandles  = 256 // idle open files
)

// Engine is one BitTorrent session. Make it with New and run it with Run; all
// other methods may be called from any goroutine while it runs.
type Engine struct {
	cfg      Config // DataDir, DownloadDir, Version and Log; Settings are in set
	peerID   swarm.PeerID
	store    *resume.Store
	handles  *disk.Handles
	links    *link.Links
	dials    *dialrate.Limiter // of the connections that the library begins
	upload   *upload.Upload
	trackers *tracker.Announcer
	mapper   *portmap.Mapper
	local    *lsd.Discovery
	// wantLocal is closed when local discovery is first wanted.
	wantLocal chan struct{}

	commands chan func()
	done     chan struct{} // closed when the loop has ended
	snapshot atomic.Pointer[swarm.Snapshot]
	changed  chan struct{} // capacity 1: a pending signal stands for any number of changes
	events   chan swarm.Event
	work     chan func() // long work of workers; each posts its result to the loop
	rechoke  chan struct{}
	market   *market
	// allocate decides who is served; tests put another rule in its place.
	allocate func(time.Time, bidding.Policy, []bidding.Peer) []bidding.Grant

	// What the machine has; tests put something else in their place.
	hasAddress  func(netip.Addr) bool
	addressesOf func(iface string) []netip.Addr

	// What links ask from goroutines of their own.
	shapes sync.Map // swarm.InfoHash → link.Shape
	bans   bans
	filter filter
	port   atomic.Int64 // listened on; 0 = none yet
	route  atomic.Pointer[route.Route]
	// wayOut is closed when route is that of the settings; before, nothing goes out.
	wayOut chan struct{}

	// State of the loop.
	asked      Settings // what the user wants
	regime     regime
	set        Settings // what is in force of it
	net        *network
	torrents   map[swarm.InfoHash]*managed
	order      []*managed // by place in the queue, then by time added
	peers      peerBook
	totals     totals
	here       thisNet
	network    func() netip.Prefix // finds it out
	traffic    traffic
	choked     time.Time // of the last rechoke
	rechokeDue bool      // something changed since
	backlog    []func()  // work that waits for a free worker
	renewing   bool      // the network is closed or being closed, to be opened anew
	retryNet   time.Time // when to try again
	localOn    bool      // wantLocal is closed
	reach      reach
	filterFile filterFile
	asking     tracker.Policy // as the announcer has it
	watching   bool           // a worker reads the watch folder
}

// New opens the data folder and reads what is there. Nothing is exchanged before
// Run.
func New(cfg Config) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	store, err := resume.Open(filepath.Join(cfg.DataDir, "session"))
	if err != nil {
		return nil, fmt.Errorf("engine: open the session: %w", err)
	}
	e := &Engine{
		cfg: cfg, asked: cfg.Settings, set: cfg.Settings, store: store, handles: disk.NewHandles(maxHandles),
		commands: make(chan func(), maxCommands), done: make(chan struct{}),
		changed: make(chan struct{}, 1), events: make(chan swarm.Event, maxEvents),
		work: make(chan func(), maxCommands), rechoke: make(chan struct{}, 1), wayOut: make(chan struct{}), wantLocal: make(chan struct{}),
		torrents: map[swarm.InfoHash]*managed{},
		dials:    dialrate.NewLimiter(dialrate.Limit(cfg.ConnectSpeed), cfg.ConnectSpeed),
		peers:    newPeerBook(), market: newMarket(cfg.Broker), allocate: bidding.Allocate,
		hasAddress: hasAddress, addressesOf: addressesOf,
	}
	if e.network = cfg.Network; e.network == nil {
		e.network = ThisNetwork
	}
	copy(e.peerID[:], peerIDPrefix(cfg.Version))
	if _, err := rand.Read(e.peerID[8:]); err != nil {
		return nil, fmt.Errorf("engine: choose a peer id: %w", err)
	}
	e.route.Store(route.New(route.Config{Bound: true})) // nothing goes out before start
	e.links = link.New(e.linkConfig())
	e.market.links = e.links
	e.upload = upload.New(upload.Config{}, e.links)
	if e.trackers, err = tracker.New(e.trackerConfig()); err != nil {
		return nil, fmt.Errorf("engine: set up announces: %w", err)
	}
	e.mapper = portmap.New(portmap.Config{Log: cfg.Log.With("part", "portmap")})
	if e.local, err = lsd.New(e.localConfig()); err != nil {
		return nil, fmt.Errorf("engine: set up local discovery: %w", err)
	}
	e.snapshot.Store(&swarm.Snapshot{})
	return e, nil
}

// Run works until ctx is cancelled, then stops every torrent in order and saves.
// It is called once.
func (e *Engine) Run(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	helpers, stopHelpers := context.WithCancel(context.WithoutCancel(ctx))
	defer stopHelpers()
	var hg errgroup.Group // outlive the loop, which needs them to stop cleanly
	hg.Go(func() error { return e.upload.Run(helpers) })
	hg.Go(func() error { return e.trackers.Run(helpers) })
	hg.Go(func() error { return e.market.speak(helpers) })
	hg.Go(func() error { return e.mapper.Run(helpers) })
	hg.Go(func() error {
		select {
		case <-e.wantLocal:
			return e.local.Run(helpers)
		case <-helpers.Done():
			return nil
		}
	})
	for range maxWorkers {
		hg.Go(func() error { return e.workLoop(helpers) })
	}
	g.Go(func() error { return e.loop(gctx) })
	err := g.Wait()
	stopHelpers()
	e.links.Close()
	err = errors.Join(err, hg.Wait(), e.handles.Close(), e.store.Close())
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil
	}
	return err
}

// loop owns the state.
func (e *Engine) loop(ctx context.Context) error {
	defer close(e.done)
	if err := e.start(); err != nil {
		return err
	}
	pulse := time.NewTicker(pulseEvery)
	defer pulse.Stop()
	t := beats{}
	for {
		select {
		case <-ctx.Done():
			return e.shutdown()
		case f := <-e.commands:
			f()
		case h := <-e.market.inbox:
			e.hear(h)
		case <-e.rechoke:
			e.rechokeDue = true
			e.maybeRechoke(time.Now())
		case now := <-pulse.C:
			e.beat(now, &t)
		}
	}
}

// beats are when the parts of the loop last had their turn.
type beats struct{ snapshot, shown, save, sync, watch, redial, network time.Time }

func (e *Engine) beat(now time.Time, t *beats) {
	e.pulse(now)
	e.lookAtMarket()
	if now.Sub(t.sync) >= syncEvery {
		t.sync = now
		e.syncData()
	}
	if now.Sub(t.snapshot) >= snapshotEvery-pulseEvery/2 {
		t.snapshot = now
		e.lookAtClock(now)
		e.schedule(now)
		e.readFigures()
		e.take(now)
		e.buy(now)
		e.partFromSeeds(now)
		e.measureUplink(now)
		e.announceDHT(now)
	}
	if now.Sub(t.shown) >= e.set.ShowEvery-pulseEvery/2 {
		if t.shown = now; e.set.ShowEvery < snapshotEvery {
			e.take(now)
		}
		e.told()
	}
	e.maybeRechoke(now)
	if now.Sub(t.redial) >= redialEvery {
		t.redial = now
		e.redial(now)
		e.dropInactive(now)
	}
	if now.Sub(t.network) >= networkEvery {
		t.network = now
		e.lookAtNetwork(now)
		e.lookAtFilter()
	}
	if now.Sub(t.save) >= e.set.SaveEvery {
		t.save = now
		e.saveRunning(now)
	}
	if e.set.WatchDir != "" && now.Sub(t.watch) >= e.set.WatchEvery {
		t.watch = now
		e.lookAtWatchDir(now)
	}
}

// do runs f on the loop and waits for it.
func (e *Engine) do(ctx context.Context, f func() error) error {
	result := make(chan error, 1)
	select {
	case e.commands <- func() { result <- f() }:
	case <-e.done:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-result:
		return err
	case <-e.done:
		select {
		case err := <-result:
			return err
		default:
			return ErrStopped
		}
	}
}

// post runs f on the loop without waiting; used by workers.
func (e *Engine) post(f func()) {
	select {
	case e.commands <- f:
	case <-e.done:
	}
}

// workLoop does long work beside the loop.
func (e *Engine) workLoop(ctx context.Context) error {
	for {
		select {
		case f := <-e.work:
			f()
		case <-ctx.Done():
			for { // what was promised is still done
				select {
				case f := <-e.work:
					f()
				default:
					return nil
				}
			}
		}
	}
}

// PeerID is the id this session gives to peers; it lives as long as the session.
func (e *Engine) PeerID() swarm.PeerID { return e.peerID }

// Snapshot returns the latest published state. The caller must not change it.
func (e *Engine) Snapshot() *swarm.Snapshot { return e.snapshot.Load() }

// Changed is signalled after a new snapshot. It has one receiver.
func (e *Engine) Changed() <-chan struct{} { return e.changed }

// Events gives the facts the user may be told. It has one receiver; when that is
// slow the oldest facts are dropped, the snapshot still shows what is.
func (e *Engine) Events() <-chan swarm.Event { return e.events }

// tell sends a fact, making room by dropping the oldest. It may be called from
// any goroutine.
func (e *Engine) tell(ev swarm.Event) {
	for {
		select {
		case e.events <- ev:
			return
		default:
		}
		select {
		case <-e.events:
		default:
		}
	}
}

// Settings returns what the user wants; the hour may allow less.
func (e *Engine) Settings(ctx context.Context) (s Settings, err error) {
	err = e.do(ctx, func() error { s = e.asked; return nil })
	return s, err
}
