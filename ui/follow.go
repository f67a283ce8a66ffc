package ui

import (
	"context"
	"sync"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
)

// maxJobs is how many commands may wait. A user does not get there; a burst of
// files dropped on the window might.
const maxJobs = 256

// job is something that may wait and therefore leaves the main goroutine.
type job func(ctx context.Context)

// ask says what is to be shown. It is immutable once published.
type ask struct {
	loc      *view.Locale
	query    view.Query
	closed   []view.Kind // of the sidebar
	torrent  swarm.InfoHash
	tab      string // "" = the tabs are hidden
	span     view.Span
	peers    tableAsk
	trackers tableAsk
	files    tableAsk
	log      tableAsk
	market   tableAsk
	trading  bool // the user wants the market on
	limits   bool // the status bar shows them
	overhead bool // and these
	wallet   walletAsk
	feeds    feedAsk
	resolve  bool            // names of peers are wanted
	folded   map[string]bool // folders of the Files tab
}

// tableAsk is the order and the columns of one table.
type tableAsk struct {
	order view.Order
	show  []string
}

// frame is everything the window shows at one time, as finished text.
type frame struct {
	ask      *ask
	snap     *swarm.Snapshot
	list     *view.List[swarm.Torrent]
	side     *view.List[view.Entry]
	torrent  *swarm.Torrent // the one the tabs show; nil = none
	details  *swarm.Details
	general  []view.FactGroup
	peers    *view.List[swarm.Peer]
	trackers *view.List[swarm.Tracker]
	files    *view.List[view.FileNode]
	have     []view.Mark
	avail    []view.Mark
	log      *view.List[view.LogLine]
	curve    view.Curve
	status   statusText
	trade    swarm.Bandwidth // of the torrent the tabs show
	walletFrame
	notices []view.MoneyNotice
	items   *view.List[view.FeedRow] // of the feeds; nil while they are not shown
	marketFrame
}

// Follow shows every new snapshot and carries out what the user asks of the
// engine, until ctx ends. It returns nil then.
func (u *UI) Follow(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { work(ctx, u.jobs) })
	for range 3 { // pickers and fetches wait for people and networks
		wg.Go(func() { work(ctx, u.slow) })
	}
	changed, money, feeds := u.p.Engine.Changed(), u.walletChanged(), u.feedsChanged()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-money:
		case <-feeds:
		case <-u.wake:
		}
		if !u.pending.CompareAndSwap(false, true) {
			u.missed.Store(true) // the main goroutine is busy: it asks again when it is done
			continue
		}
		f := u.build(ctx, u.ask.Load())
		fyne.Do(func() {
			u.apply(f)
			u.keepLayout()
			u.pending.Store(false)
			if u.missed.Swap(false) {
				u.nudge()
			}
		})
	}
}

// work carries out jobs one after another.
func work(ctx context.Context, jobs <-chan job) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-jobs:
			j(ctx)
		}
	}
}

// nudge asks Follow for a new frame.
func (u *UI) nudge() {
	select {
	case u.wake <- struct{}{}:
	default: // it is awake
	}
}

// do queues a command. What it is called is a key of the words, for the message
// if it fails; done runs on the main goroutine after success and may be nil.
func (u *UI) do(what string, f func(ctx context.Context) error, done func()) {
	j := func(ctx context.Context) {
		err := f(ctx)
		if ctx.Err() != nil {
			return
		}
		fyne.Do(func() {
			if err != nil {
				u.fail(what, err)
			} else if done != nil {
				done()
			}
			u.nudge()
		})
	}
	u.enqueue(u.jobs, j)
}

// enqueue adds a job, or says that there are too many.
func (u *UI) enqueue(q chan job, j job) {
	select {
	case q <- j:
	default:
		u.say(u.loc.T("error.busy"))
	}
}

// build makes a frame. It runs beside the main goroutine and touches no widget.
func (u *UI) build(ctx context.Context, a *ask) *frame {
	s := u.p.Engine.Snapshot()
	f := &view.Format{Locale: a.loc, Now: s.At}
	fr := &frame{ask: a, snap: s}
	u.history.Note(s.At, view.Rates{Down: s.Totals.Down, Up: s.Totals.Up, Over: s.Totals.OverDown + s.Totals.OverUp})
	fr.list = view.Torrents(f, s, a.query)
	fr.side = view.Build(f, view.EntryColumns(), []string{"title", "count"}, u.withFeeds(f, u.withWallet(f, view.Sidebar(f, s, a.closed)), a))
	fr.status = u.statusText(f, s, a.limits, a.overhead)
	u.buildWallet(ctx, f, a, fr)
	u.buildFeeds(f, a, fr)
	for i := range s.Torrents {
		if s.Torrents[i].InfoHash == a.torrent {
			fr.torrent = &s.Torrents[i]
		}
	}
	if fr.torrent != nil {
		if b, err := u.p.Engine.Bandwidth(ctx, a.torrent); err == nil { // else it was removed meanwhile
			fr.trade = b
		}
	}
	u.buildTab(ctx, f, a, fr)
	return fr
}

// buildTab adds what the open tab shows.
func (u *UI) buildTab(ctx context.Context, f *view.Format, a *ask, fr *frame) {
	if a.tab == tabSpeed {
		fr.curve = u.history.Curve(a.loc, a.span, view.Limits{Down: fr.snap.Totals.DownLimit, Up: fr.snap.Totals.UpLimit})
		return
	}
	if a.tab == tabLog {
		fr.log = view.Log(f, u.p.Book.Lines(), a.log.show)
		return
	}
	parts := map[string]swarm.Part{tabGeneral: swarm.PartPieces, tabTrackers: swarm.PartTrackers, tabPeers: swarm.PartPeers, tabPieces: swarm.PartPieces, tabFiles: swarm.PartFiles, tabMarket: swarm.PartMarket}[a.tab]
	if fr.torrent == nil || parts == 0 {
		return
	}
	d, err := u.p.Engine.Details(ctx, a.torrent, parts)
	if err != nil { // it was removed meanwhile; the next snapshot says so
		d = &swarm.Details{}
	}
	fr.details = d
	switch a.tab {
	case tabGeneral:
		fr.general = view.General(f, fr.torrent, d.Pieces)
		fr.have, fr.avail = view.PieceMarks(d.Pieces), view.AvailMarks(d.Pieces)
	case tabPieces:
		fr.have = view.PieceMarks(d.Pieces)
	case tabTrackers:
		fr.trackers = view.Trackers(f, d.Trackers, a.trackers.order, a.trackers.show)
	case tabPeers:
		u.nameHosts(a, d.Peers)
		fr.peers = view.Peers(f, d.Peers, a.peers.order, a.peers.show)
	case tabMarket:
		fr.marketFrame = buildMarket(f, d.Market, a)
	case tabFiles:
		fr.files = view.Files(f, view.FileTree(d.Files, a.folded, a.files.order), a.files.show)
	}
}
