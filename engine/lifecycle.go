package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	g "github.com/anacrolix/generics"
	"github.com/anacrolix/torrent"
	infohash_v2 "github.com/anacrolix/torrent/types/infohash-v2"

	"swarmbid/engine/disk"
	"swarmbid/engine/link"
	"swarmbid/engine/metafile"
	"swarmbid/engine/queue"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// maxStarts bounds how many torrents are started in one turn of the loop, so that
// commands are answered while ten thousand torrents come up.
const maxStarts = 20

// schedule starts and stops torrents as the queue wants it.
func (e *Engine) schedule(now time.Time) {
	if e.net == nil || e.renewing {
		return
	}
	var items []queue.Item
	var who []*managed
	for _, m := range e.order {
		switch {
		case m.busy > 0 || m.moving:
		case m.checkOnly || !m.want():
			if m.live != nil && !m.checkOnly {
				e.deactivate(m, nil)
			}
		default:
			items = append(items, e.item(m, now))
			who = append(who, m)
		}
	}
	started := 0
	for i, run := range queue.Decide(e.set.Queue, items) {
		m := who[i]
		switch {
		case run && m.live == nil && started < maxStarts:
			started++
			e.activate(m, now)
		case !run && m.live != nil:
			e.deactivate(m, nil)
		}
	}
	if started == maxStarts {
		e.post1(func() { e.schedule(time.Now()) })
	}
	e.lookAtGoals(who, items)
}

// post1 runs f on the loop soon; it is called on the loop and drops f when the
// queue is full, as the next beat does the same.
func (e *Engine) post1(f func()) {
	select {
	case e.commands <- f:
	default:
	}
}

func (e *Engine) item(m *managed, now time.Time) queue.Item {
	it := queue.Item{
		Place: m.rec.Queue, Complete: m.complete(), Seedless: m.seedless(), Forced: m.rec.State == resume.Forced,
		Running: m.live != nil, Rate: m.rates.down + m.rates.up, Ratio: m.ratio(), Seeded: m.rec.Seeding,
		GoalRatio: m.rec.GoalRatio, GoalTime: m.rec.GoalTime, Endless: e.goalAction(m) == swarm.GoalLimit,
	}
	if m.live != nil {
		it.RunFor = now.Sub(m.running)
	}
	return it
}

// seedless reports whether trackers know of no seed but us.
func (m *managed) seedless() bool { return m.complete() && (m.swarmSeeds == 0 || m.swarmSeeds == 1) }

// ratio is uploaded over downloaded, in thousandths.
func (m *managed) ratio() int64 {
	t := swarm.Torrent{Uploaded: m.uploaded(), Downloaded: m.downloaded(), Completed: m.view.completed}
	return t.Ratio()
}

// trouble is where other goroutines leave the first fault of a torrent.
type trouble struct{ err atomic.Pointer[error] }

func (t *trouble) set(err error) { t.err.CompareAndSwap(nil, &err) }

func (t *trouble) get() error {
	if p := t.err.Load(); p != nil {
		return *p
	}
	return nil
}

// activate puts m into the library. A torrent whose data is gone goes to Errored
// instead, with everything it had.
func (e *Engine) activate(m *managed, now time.Time) {
	m.trouble = &trouble{}
	if m.meta != nil {
		if err := e.openData(m); err != nil {
			e.fail(m, err)
			return
		}
	}
	var opts torrent.AddTorrentOpts // its DisallowData… fields have no effect in v1.62; see configure
	if m.meta == nil {
		opts.InfoHash = [20]byte(m.ih())
		opts.DeferStorageOpen = true
	} else {
		m.fill(&opts)
	}
	e.setShape(m)
	e.offerMarket(m)
	m.live, _ = e.net.client.AddTorrentOpt(opts)
	m.running, m.swept, m.dhtNext = now, now, now
	m.last = counters{}
	e.configure(m)
	if !m.checkOnly {
		e.tellTrackers(m)
		e.addPeers(m, m.rec.Peers, torrent.PeerSourceDirect)
	}
}

// fill gives the library the metadata and our storage.
func (m *managed) fill(opts *torrent.AddTorrentOpts) {
	mi := m.meta.MetaInfo()
	opts.InfoHash = [20]byte(m.meta.V1)
	if m.meta.V2 != [32]byte{} {
		opts.InfoHashV2 = g.Some(infohash_v2.T(m.meta.V2))
	}
	opts.InfoBytes, opts.PieceLayers = mi.InfoBytes, mi.PieceLayers
	opts.Storage = m.data
}

// openData opens the files of m and the journal of its pieces.
func (e *Engine) openData(m *managed) error {
	m.locate()
	files := m.files()
	root := m.rec.SavePath
	gone, err := disk.Missing(files, m.have, m.meta.PieceLength, root, m.stash())
	if err != nil {
		return err
	}
	if gone != "" && !m.checkOnly {
		return fmt.Errorf("%w: %s", errMissing, gone)
	}
	if m.journal, err = e.store.Journal(m.ih(), m.meta.Pieces); err != nil {
		return fmt.Errorf("engine: open the piece journal: %w", err)
	}
	if m.trusted {
		if err := m.journal.Trust(m.have.Bytes()); err != nil {
			return fmt.Errorf("engine: record the pieces: %w", err)
		}
		m.trusted = false
	}
	if err := m.journal.Doubt(m.unknown.List()); err != nil {
		return fmt.Errorf("engine: record the pieces to be checked: %w", err)
	}
	length := m.meta.PieceLength * int64(m.meta.Pieces)
	if n := len(files); n > 0 {
		length = files[n-1].Offset + files[n-1].Size
	}
	var onPiece func(int, bool)
	if ih := m.ih(); e.pays() {
		onPiece = func(i int, ok bool) { e.market.pieceDone(ih, i, ok) }
	}
	m.data, err = disk.Open(disk.Params{
		OnPiece: onPiece,
		Root:    root, Files: e.skipped(m, files), Suffix: m.rec.Suffix, Length: length, PieceLength: m.meta.PieceLength,
		Stash: m.stash(), Allocate: e.set.Allocate, Free: func() int64 { return freeSpace(root) },
		Have: m.have, Unknown: m.unknown, Handles: e.handles, Journal: m.journal, OnFault: m.trouble.set,
	})
	return err
}

// configure applies everything of m's settings to the library's torrent.
func (e *Engine) configure(m *managed) {
	limit := e.mostPeers(m)
	if m.checkOnly {
		limit = 0
	}
	m.live.SetMaxEstablishedConns(limit)
	m.live.SetOnWriteChunkError(m.trouble.set)
	e.tellSkipped(m)
	e.giveWebSeeds(m)
	e.tellLocal(m)
	e.offerMarket(m)
	e.setPaused(m, m.rec.State == resume.Paused || m.checkOnly)
	e.links.SetTorrentDownLimit(m.ih(), m.rec.Limits.Down)
	e.links.SetTorrentWeight(m.ih(), weightOf(m.rec.Limits.Share))
	e.upload.SetTorrentLimit(m.ih(), e.upLimit(m))
	m.prioritize()
}

// setShape tells the links what the torrent's pieces are, so that frames can be
// checked against them.
func (e *Engine) setShape(m *managed) {
	if m.meta == nil {
		e.shapes.Delete(m.ih())
		return
	}
	meta := m.meta
	e.shapes.Store(m.ih(), shapeOf(meta))
}

// shapeOf describes the pieces of a torrent to the links.
func shapeOf(meta *metafile.Metafile) link.Shape {
	in, err := meta.MetaInfo().UnmarshalInfo()
	if err != nil {
		return link.Shape{} // metafile has read it before
	}
	lengths := make([]uint32, meta.Pieces)
	for i := range lengths {
		lengths[i] = uint32(in.Piece(i).Length()) //nolint:gosec // at most metafile.MaxPieceLength
	}
	return link.Shape{
		Pieces: meta.Pieces, PieceSize: uint32(meta.PieceLength), //nolint:gosec // at most metafile.MaxPieceLength
		Padded: in.HasV2(), MetadataSize: len(meta.Info),
		PieceLength: func(i uint32) uint32 { return lengths[i] },
	}
}

// deactivate takes m out of the library. The data is synced by a worker; m is
// busy until then. after, which may be nil, runs on the loop when nothing is at m
// any more.
func (e *Engine) deactivate(m *managed, after func()) {
	if after != nil {
		m.idle = append(m.idle, after)
	}
	if m.live == nil {
		m.runIdle()
		return
	}
	now := time.Now()
	e.sweep(m, now)
	e.untellTrackers(m)
	m.trackerStatus, m.trackerMessage = swarm.TrackerIdle, ""
	e.countBought(m)
	e.closeMarket(m)
	e.local.Remove(m.ih())
	m.stopDHT()
	live, data, journal := m.live, m.data, m.journal
	if data != nil {
		m.have, m.unknown, _ = data.Marks()
		m.setParts(data.Files())
	}
	m.base = m.base.plus(m.last)
	m.journal = nil
	m.paid = 0
	m.live, m.data, m.last, m.running, m.rates = nil, nil, counters{}, time.Time{}, struct{ down, up int64 }{}
	m.down, m.up = rate{}, rate{}
	m.checkOnly = false
	m.look()
	m.busy++
	e.toWorker(func() {
		live.Drop()
		var err error
		if data != nil {
			err = data.Close()
			err = errors.Join(err, closeJournal(journal, data.Files()))
		}
		e.post(func() {
			m.busy--
			if data != nil {
				m.setParts(data.Files())
			}
			if err != nil && m.fault == swarm.NoFault {
				e.fail(m, err)
			}
			if !m.removed {
				_ = e.save(m) // logged there; the next save tries again
			}
			m.runIdle()
			e.schedule(time.Now())
		})
	})
}

// runIdle runs what waits for m to be left alone.
func (m *managed) runIdle() {
	for m.busy == 0 && len(m.idle) > 0 {
		f := m.idle[0]
		m.idle = m.idle[1:]
		f()
	}
}

// toWorker hands f to a worker without ever blocking the loop.
func (e *Engine) toWorker(f func()) {
	e.backlog = append(e.backlog, f)
	e.feedWorkers()
}

func (e *Engine) feedWorkers() {
	for len(e.backlog) > 0 {
		select {
		case e.work <- e.backlog[0]:
			e.backlog = e.backlog[1:]
		default:
			return
		}
	}
}

// fail puts m into Errored: it keeps all it has and starts again when told.
func (e *Engine) fail(m *managed, err error) {
	m.fault, m.reason = faultOf(err), err.Error()
	e.cfg.Log.Warn("torrent stopped by a fault", "torrent", m.ih(), "fault", m.fault, "err", err)
	e.tell(swarm.TorrentFailed{InfoHash: m.ih(), Name: m.name(), Fault: m.fault, Reason: m.reason})
	if m.live == nil {
		if m.data != nil {
			_ = m.data.Close() // nothing was written through it
			m.data = nil
		}
		if m.journal != nil {
			_ = m.journal.Close() // likewise
			m.journal = nil
		}
		return
	}
	e.deactivate(m, nil)
}

// pulse looks at what the library and the disk did since the last one.
func (e *Engine) pulse(now time.Time) {
	e.feedWorkers()
	if e.renewing && e.net == nil && now.After(e.retryNet) {
		e.reopen()
	}
	for _, m := range e.order {
		if m.live == nil {
			continue
		}
		if err := m.trouble.get(); err != nil {
			e.fail(m, err)
			continue
		}
		if m.meta == nil {
			e.pollMetadata(m)
			continue
		}
		m.finishBegun(e.set.BegunFirst)
		if m.data.Version() != m.view.version {
			e.piecesChanged(m, now)
		}
	}
}

func (e *Engine) piecesChanged(m *managed, now time.Time) {
	e.countBought(m)
	checking := m.view.unknown > 0
	m.look()
	if m.view.unknown > 0 {
		return
	}
	m.suffixOver()
	if m.checkOnly {
		e.deactivate(m, nil)
		return
	}
	if checking {
		e.tellTrackers(m)
	}
	m.readahead()
	if !m.complete() || m.done {
		m.done = m.complete()
		return
	}
	m.done = true
	e.kickRechoke()
	if checking && m.downloaded() == 0 {
		return // it was there all along
	}
	m.rec.Done = now
	e.measure(m, now)
	e.completedTrackers(m)
	e.tell(swarm.TorrentDone{InfoHash: m.ih(), Name: m.name(), Took: m.rec.Active + now.Sub(m.swept)})
	_ = e.save(m) // logged there; the next save tries again
	e.completed(m)
}

// pollMetadata takes the info dictionary over as soon as peers have given it.
func (e *Engine) pollMetadata(m *managed) {
	select {
	case <-m.live.GotInfo():
	default:
		return
	}
	magnet, err := metafile.ParseMagnet(m.rec.Magnet)
	if err != nil {
		e.fail(m, err)
		return
	}
	mi := m.live.Metainfo()
	meta, err := metafile.FromInfo(mi.InfoBytes, magnet, metafile.HostRules())
	if err != nil {
		m.fault, m.reason = swarm.BadMetadata, err.Error()
		e.tell(swarm.TorrentFailed{InfoHash: m.ih(), Name: m.name(), Fault: m.fault, Reason: m.reason})
		e.deactivate(m, nil)
		return
	}
	if err := e.gotMetainfo(m, meta); err != nil {
		e.fail(m, err)
	}
}

// gotMetainfo completes a magnet link. The metadata is kept before it is used.
func (e *Engine) gotMetainfo(m *managed, meta *metafile.Metafile) error {
	if err := e.store.SaveMetainfo(m.ih(), meta.Raw); err != nil {
		return fmt.Errorf("engine: keep the metadata: %w", err)
	}
	if strings.EqualFold(m.rec.Name, m.ih().String()) || m.rec.Name == magnetName(m.rec.Magnet) {
		m.rec.Name = "" // the link's name was only a guess
	}
	m.setMeta(meta, nil)
	m.locate()
	m.adopt(false)
	if err := e.save(m); err != nil {
		return err
	}
	e.putAside(m)
	if m.live == nil {
		return nil
	}
	if err := e.openData(m); err != nil {
		return err
	}
	e.setShape(m)
	if m.live.Info() == nil { // it came as a file, not from peers
		if err := m.live.SetInfoBytes(meta.Info); err != nil {
			return fmt.Errorf("engine: use the metadata: %w", err)
		}
	}
	if err := m.live.OpenStorage(context.Background(), m.data); err != nil {
		return fmt.Errorf("engine: open the files: %w", err)
	}
	e.configure(m)
	e.tellTrackers(m)
	e.meetAnew(m)
	return nil
}

func magnetName(link string) string {
	if g, err := metafile.ParseMagnet(link); err == nil {
		return g.Name
	}
	return ""
}

// syncData makes verified pieces durable, one worker a torrent.
func (e *Engine) syncData() {
	for _, m := range e.order {
		if m.data == nil || m.syncing || !m.data.Pending() {
			continue
		}
		m.syncing = true
		data := m.data
		e.toWorker(func() {
			_ = data.Sync() // a fault is told through OnFault
			e.post(func() {
				m.syncing = false
				m.suffixOver()
			})
		})
	}
}
