package engine

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"swarmbid/engine/disk"
	"swarmbid/engine/metafile"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// start reads the session and opens the network.
func (e *Engine) start() error {
	e.here.look(time.Now(), e.network)
	e.loadTraffic(time.Now())
	e.regime = e.regimeAt(time.Now())
	e.set = e.asked.under(e.regime)
	e.trackers.SetFarewell(!e.set.NoFarewell)
	e.handles.SetSparse(e.set.Sparse && !e.set.Allocate)
	e.limitLinks()
	e.goOut(nil)
	close(e.wayOut)
	if e.set.FilterOn && e.set.FilterFile != "" { // before the first peer is reached
		e.takeFilter(readFilter(e.set.FilterFile))
	}
	e.upload.SetLimit(e.set.UpLimit)
	if err := e.openNet(); err != nil {
		e.cfg.Log.Error("open the network", "err", err)
		e.renewing, e.retryNet = true, time.Now().Add(retryNetAfter) // the torrents are shown meanwhile
	}
	if err := e.load(); err != nil {
		return err
	}
	now := time.Now()
	e.schedule(now)
	e.publish(now)
	return nil
}

func (e *Engine) openNet() error {
	n, err := openNetwork(e, &e.set)
	if err != nil {
		return err
	}
	e.net = n
	e.port.Store(int64(n.port))
	e.mapPort()
	return nil
}

// mapPort asks the router for our port, or gives it back.
func (e *Engine) mapPort() {
	e.mapper.SetMethods(e.set.UPnP, e.set.NATPMP)
	if !e.mapsPort() {
		e.mapper.SetPort(0)
		return
	}
	e.mapper.SetPort(e.net.port)
}

// mapsPort reports whether the router is to forward our port.
func (e *Engine) mapsPort() bool {
	return (e.set.UPnP || e.set.NATPMP) && e.net != nil && !e.set.localOnly()
}

// load brings back every torrent that has a record. One whose record is damaged
// comes back with what can be read of it, and is checked.
func (e *Engine) load() error {
	began := time.Now()
	recs, problems, err := e.store.LoadAll()
	if err != nil {
		return fmt.Errorf("engine: read the session: %w", err)
	}
	for _, p := range problems {
		e.cfg.Log.Warn("resume record", "problem", p)
	}
	for i := range recs {
		m := e.revive(&recs[i])
		e.torrents[m.ih()] = m
		e.order = append(e.order, m)
	}
	slices.SortStableFunc(e.order, func(a, b *managed) int {
		if a.rec.Queue != b.rec.Queue {
			return a.rec.Queue - b.rec.Queue
		}
		return a.rec.Added.Compare(b.rec.Added)
	})
	e.renumber()
	e.cfg.Log.Info("the session is read", "torrents", len(e.order), "took", time.Since(began).Round(time.Millisecond))
	e.resumeMoves()
	return nil
}

// revive makes a torrent of its record.
func (e *Engine) revive(l *resume.Loaded) *managed {
	m := newManaged(l.Torrent)
	if m.rec.NoPEX {
		e.links.SetPex(m.ih(), false)
	}
	m.base = counters{down: l.Downloaded, up: l.Uploaded, wasted: l.Wasted, hashFails: l.HashFails}
	if m.rec.SavePath == "" {
		m.rec.SavePath = e.cfg.DownloadDir
	}
	meta, err := readKept(l)
	if err != nil {
		e.cfg.Log.Warn("the metadata is asked from peers again", "torrent", m.ih(), "err", err)
	}
	if meta == nil {
		if m.rec.Magnet == "" {
			m.rec.Magnet = "magnet:?xt=urn:btih:" + m.ih().String()
		}
		return m
	}
	m.setMeta(meta, l.Have)
	m.locate()
	m.markUnknown(l)
	m.look()
	m.done = m.complete()
	return m
}

// readKept reads the metainfo that was kept; nil when there is none. One that is
// damaged or of another torrent is no loss: peers have it.
func readKept(l *resume.Loaded) (*metafile.Metafile, error) {
	if l.Metainfo == nil {
		return nil, nil //nolint:nilnil // a magnet link
	}
	meta, err := metafile.Parse(l.Metainfo)
	if err != nil {
		return nil, err
	}
	if ih := l.InfoHash; meta.V1 != ih && swarm.InfoHash(meta.V2[:20]) != ih {
		return nil, fmt.Errorf("%w: it is of %s", metafile.ErrInfoHash, meta.InfoHash)
	}
	return meta, nil
}

// markUnknown has the pieces checked that the record says nothing certain of.
func (m *managed) markUnknown(l *resume.Loaded) {
	files := m.files()
	at := make([]resume.FileAt, len(files))
	for i := range files {
		first, n := m.meta.Files[i].Span(m.meta.PieceLength)
		at[i] = resume.FileAt{Path: m.movedPath(i, files[i].Path), First: first, Pieces: n}
		if files[i].Pad {
			at[i].Path = ""
		}
	}
	for _, p := range l.Doubtful(m.meta.Pieces, at) {
		m.unknown.Set(p)
	}
}

// fileMarks are how the files look at an orderly end.
func fileMarks(files []disk.File) []resume.FileMark {
	marks := make([]resume.FileMark, len(files))
	for i, f := range files {
		if !f.Pad {
			marks[i] = resume.MarkFile(f.Path)
		}
	}
	return marks
}

// closeJournal notes how the files look and gives the journal back. It runs on a
// worker, after the last write to the files.
func closeJournal(j *resume.Journal, files []disk.File) error {
	return errors.Join(j.Mark(fileMarks(files)), j.Close())
}

// save keeps the torrent's record. It returns when the record survives a crash.
func (e *Engine) save(m *managed) error {
	m.fillRecord()
	if err := e.store.Save(&m.rec); err != nil {
		m.dirty = true
		e.cfg.Log.Error("save the torrent's record", "torrent", m.ih(), "err", err)
		return fmt.Errorf("engine: save %s: %w", m.name(), err)
	}
	m.dirty = false
	return nil
}

// fillRecord brings the record up to date with what is counted elsewhere.
func (m *managed) fillRecord() {
	all := m.base.plus(m.last)
	m.rec.Downloaded, m.rec.Uploaded, m.rec.Wasted, m.rec.HashFails = all.down, all.up, all.wasted, all.hashFails
}

// saveDirty saves every torrent that changed.
func (e *Engine) saveDirty() error {
	var first error
	for _, m := range e.order {
		if m.dirty {
			if err := e.save(m); err != nil && first == nil {
				first = err
			}
		}
	}
	return first
}

// saveRunning saves the statistics of torrents that moved data, and the DHT.
func (e *Engine) saveRunning(time.Time) {
	_ = e.saveDirty() // logged there; the next turn tries again
	e.saveTraffic()
	e.saveSession()
}

func (e *Engine) saveSession() {
	if e.net == nil || len(e.net.dht) == 0 {
		return
	}
	nodes := e.net.nodes(maxNodes)
	if len(nodes) == 0 {
		return
	}
	s := e.store.Session()
	s.Nodes = nodes
	if err := e.store.SaveSession(s); err != nil {
		e.cfg.Log.Warn("save the DHT nodes", "err", err)
	}
}

// shutdown stops everything in order: farewells to trackers begin, connections
// end, data is synced, records are saved.
func (e *Engine) shutdown() error {
	now := time.Now()
	e.closeTrade()
	var live []*managed
	for _, m := range e.order {
		if m.live == nil {
			continue
		}
		e.sweep(m, now)
		e.measure(m, now)
		live = append(live, m)
	}
	e.saveSession()
	e.countTraffic(now)
	e.saveTraffic()
	var wg sync.WaitGroup
	errs := make([]error, len(live))
	slots := make(chan struct{}, maxWorkers)
	for i, m := range live {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			m.live.Drop()
			if m.data != nil {
				errs[i] = errors.Join(m.data.Close(), closeJournal(m.journal, m.data.Files()))
			}
		})
	}
	wg.Wait()
	for _, m := range live {
		if m.data != nil {
			m.have, m.unknown, _ = m.data.Marks()
		}
		m.dirty = true
	}
	if e.net != nil {
		e.net.close()
	}
	return errors.Join(errors.Join(errs...), e.saveDirty())
}

// renewNetwork closes every connection and opens the network anew, as some
// settings of the library can only be given to a new client. Torrents come back
// by themselves once it is open.
func (e *Engine) renewNetwork() error {
	if e.net == nil || e.renewing {
		return nil // it is being opened with the settings of now
	}
	e.renewing = true
	pending := 1 // this function, so that none reopens before all are on their way
	done := func() {
		pending--
		if pending == 0 {
			e.reopen()
		}
	}
	for _, m := range e.order {
		if m.live != nil {
			pending++
			e.deactivate(m, done)
		}
	}
	done()
	return nil
}

// reopen opens the network after the last torrent has left the old one. When it
// cannot be opened the loop tries again.
func (e *Engine) reopen() {
	if e.net != nil {
		e.net.close()
		e.net = nil
	}
	e.port.Store(0)
	if err := e.openNet(); err != nil {
		e.cfg.Log.Error("open the network", "err", err)
		e.retryNet = time.Now().Add(retryNetAfter)
		return
	}
	e.renewing = false
	e.schedule(time.Now())
}

// retryNetAfter is the pause after the network could not be opened, for example
// because another program has the port.
const retryNetAfter = 5 * time.Second
