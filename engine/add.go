package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"swarmbid/engine/disk"
	"swarmbid/engine/metafile"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// offer is a source that was read: a metafile or a magnet link.
type offer struct {
	meta   *metafile.Metafile
	magnet *metafile.Magnet
	url    string
}

func (o *offer) infoHash() swarm.InfoHash {
	if o.meta != nil {
		return o.meta.InfoHash
	}
	return o.magnet.InfoHash
}

// read gets and checks what src names. It may take as long as the network does.
func (e *Engine) read(ctx context.Context, src swarm.Source) (*offer, error) {
	o := &offer{}
	b := src.Metainfo
	var err error
	switch {
	case src.Magnet != "":
		o.magnet, err = metafile.ParseMagnet(src.Magnet)
		return o, err
	case src.URL != "":
		o.url = src.URL
		b, err = e.fetch(ctx, src.URL)
	case src.File != "":
		b, err = readMetafile(src.File)
	}
	if err != nil {
		return nil, err
	}
	o.meta, err = metafile.Parse(b)
	return o, err
}

// readMetafile reads a .torrent file, refusing one too large to be one.
func readMetafile(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("engine: open the torrent: %w", err)
	}
	if st.Size() > metafile.MaxBytes {
		return nil, fmt.Errorf("engine: %s has %d bytes: %w", path, st.Size(), metafile.ErrTooLarge)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("engine: read the torrent: %w", err)
	}
	return b, nil
}

// Preview reads a source for the add dialog. Nothing is added.
func (e *Engine) Preview(ctx context.Context, src swarm.Source) (*swarm.Preview, error) {
	o, err := e.read(ctx, src)
	if err != nil {
		return nil, err
	}
	p := &swarm.Preview{InfoHash: o.infoHash(), SourceURL: o.url}
	if o.meta != nil {
		p.Name, p.Size, p.Files = o.meta.Name, o.meta.Size, o.meta.SwarmFiles()
		p.Private, p.Comment, p.Trackers, p.Metainfo = o.meta.Private, o.meta.Comment, o.meta.Trackers, o.meta.Raw
	} else {
		p.Name, p.Selected = o.magnet.Name, o.magnet.Selected
		p.Trackers = tiersOf(o.magnet.Trackers)
	}
	err = e.do(ctx, func() error {
		_, p.Known = e.torrents[p.InfoHash]
		return nil
	})
	return p, err
}

// tiersOf puts every tracker of a magnet link into a tier of its own.
func tiersOf(urls []string) [][]string {
	tiers := make([][]string, len(urls))
	for i, u := range urls {
		tiers[i] = []string{u}
	}
	return tiers
}

// Add adds a torrent and returns when it will be there after a crash. For one
// that is there already it merges the trackers and returns its infohash with an
// error that wraps ErrKnown.
func (e *Engine) Add(ctx context.Context, a swarm.Add) (swarm.InfoHash, error) {
	o, err := e.read(ctx, a.Source)
	if err != nil {
		return swarm.InfoHash{}, err
	}
	err = e.do(ctx, func() error { return e.add(&a, o) })
	return o.infoHash(), err
}

func (e *Engine) add(a *swarm.Add, o *offer) error {
	if m, ok := e.torrents[o.infoHash()]; ok {
		return e.merge(m, o)
	}
	m := newManaged(resume.Torrent{
		InfoHash: o.infoHash(), Name: a.Name, SavePath: a.SavePath, Label: a.Label, SourceURL: o.url,
		Added: time.Now(), State: resume.Started, Priorities: slices.Clone(a.Priorities),
		Sequential: a.Sequential, FirstLast: a.FirstLast, Suffix: e.set.Suffix,
	})
	if m.rec.SavePath == "" {
		m.rec.SavePath = e.cfg.DownloadDir
	}
	if !filepath.IsAbs(m.rec.SavePath) {
		return fmt.Errorf("%w: save path %q is not absolute", ErrConfig, m.rec.SavePath)
	}
	switch {
	case a.Stopped:
		m.rec.State = resume.Stopped
	case a.Force:
		m.rec.State = resume.Forced
	}
	if o.meta != nil {
		m.rec.Trackers, m.rec.WebSeeds = o.meta.Trackers, o.meta.WebSeeds
		if err := e.store.SaveMetainfo(m.ih(), o.meta.Raw); err != nil {
			return fmt.Errorf("engine: keep the torrent: %w", err)
		}
		m.setMeta(o.meta, nil)
		m.locate()
		m.adopt(a.SkipCheck)
	} else {
		m.fromMagnet(o.magnet)
	}
	if err := os.MkdirAll(m.rec.SavePath, 0o755); err != nil {
		return fmt.Errorf("engine: create the save path: %w", err)
	}
	e.insert(m, a.Top)
	if err := e.save(m); err != nil {
		e.forget(m)
		return errors.Join(err, e.store.Delete(m.ih()))
	}
	e.putAside(m)
	e.tell(swarm.TorrentAdded{InfoHash: m.ih(), Name: m.name()})
	e.schedule(time.Now())
	e.publish(time.Now())
	return nil
}

func (m *managed) fromMagnet(g *metafile.Magnet) {
	m.rec.Magnet = g.String()
	m.rec.Trackers, m.rec.WebSeeds, m.rec.Peers = tiersOf(g.Trackers), g.WebSeeds, g.Peers
	if m.rec.Name == "" {
		m.rec.Name = g.Name
	}
	m.rec.Selected = g.Selected
}

// merge adds the trackers of o to a known torrent, and the metadata if it was
// missing.
func (e *Engine) merge(m *managed, o *offer) error {
	known := map[string]bool{}
	for _, tier := range m.rec.Trackers {
		for _, u := range tier {
			known[u] = true
		}
	}
	var tiers [][]string
	if o.meta != nil {
		tiers = o.meta.Trackers
	} else {
		tiers = tiersOf(o.magnet.Trackers)
	}
	for _, tier := range tiers {
		tier = slices.DeleteFunc(slices.Clone(tier), func(u string) bool { return known[u] })
		if len(tier) > 0 {
			m.rec.Trackers = append(m.rec.Trackers, tier)
		}
	}
	if m.meta == nil && o.meta != nil {
		if err := e.gotMetainfo(m, o.meta); err != nil {
			return err
		}
	}
	e.tellTrackers(m)
	if err := e.save(m); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s", ErrKnown, m.name())
}

// setMeta gives the torrent its metadata. have are the verified pieces, nil for
// none.
func (m *managed) setMeta(meta *metafile.Metafile, have []byte) {
	m.meta = meta
	m.have = disk.BitsFromBytes(have, meta.Pieces)
	m.unknown = disk.NewBits(meta.Pieces)
	if len(m.rec.Priorities) == 0 && m.rec.Selected != nil {
		m.rec.Priorities = make([]swarm.Priority, len(meta.Files))
		for i := range m.rec.Priorities {
			if !slices.Contains(m.rec.Selected, i) {
				m.rec.Priorities[i] = swarm.Skip
			}
		}
	}
	m.look()
}

// adopt decides what to do about data that is on the disk already: pieces of
// files that are there are checked, or taken on trust.
func (m *managed) adopt(trust bool) {
	for _, f := range m.files() {
		if f.Pad || f.Size == 0 {
			continue
		}
		st, err := os.Stat(f.Path)
		if err != nil || !st.Mode().IsRegular() {
			continue
		}
		for p := f.Offset / m.meta.PieceLength; p*m.meta.PieceLength < f.Offset+min(f.Size, st.Size()); p++ {
			m.unknown.Set(int(p))
		}
	}
	if trust && m.unknown.Count() == m.meta.Pieces {
		m.have, m.unknown, m.trusted = m.unknown, disk.NewBits(m.meta.Pieces), true
	}
	m.look()
}

// insert puts m into the session: at the end of the queue or at its top.
func (e *Engine) insert(m *managed, top bool) {
	e.torrents[m.ih()] = m
	if top {
		e.order = slices.Insert(e.order, 0, m)
	} else {
		e.order = append(e.order, m)
	}
	e.renumber()
}

// renumber gives every torrent its place in the queue.
func (e *Engine) renumber() {
	for i, m := range e.order {
		if m.rec.Queue != i+1 {
			m.rec.Queue = i + 1
			m.dirty = true
		}
	}
}

// forget takes m out of the session; its files and records stay.
func (e *Engine) forget(m *managed) {
	m.removed = true
	delete(e.torrents, m.ih())
	e.order = slices.DeleteFunc(e.order, func(x *managed) bool { return x == m })
	e.shapes.Delete(m.ih())
	e.links.SetPex(m.ih(), true) // forgets what was set
	e.renumber()
}
