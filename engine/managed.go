package engine

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/anacrolix/torrent"

	"swarmbid/engine/disk"
	"swarmbid/engine/metafile"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
	"swarmbid/engine/tracker"
)

// managed is what the loop knows of one torrent. Only the loop touches it.
type managed struct {
	rec  resume.Torrent     // what survives a restart
	meta *metafile.Metafile // nil while only a magnet link is known

	have, unknown disk.Bits // while data is nil; afterwards data knows better
	data          *disk.Torrent
	live          *torrent.Torrent // in the library; nil while not running
	journal       *resume.Journal

	running   time.Time // since when it is live; zero if it is not
	checkOnly bool      // live only to be checked
	busy      int       // workers at it: it is not started before they are done
	idle      []func()  // what waits for them
	moved     float64   // 0..1 while its data is moved
	moving    bool
	removed   bool

	trusted  bool                            // have is the caller's word and not in the journal yet
	trouble  *trouble                        // of this incarnation
	told     *atomic.Pointer[tracker.Totals] // what trackers are told; read by the announcer's workers
	counting bool                            // a worker counts the copies
	syncing  bool                            // a worker syncs data
	ahead    map[int]torrent.PiecePriority   // window of a sequential download
	begun    map[int]bool                    // pieces asked for first, as they have begun

	book     map[netip.AddrPort]*candidate // addresses to be tried again
	dhtNext  time.Time                     // of the next announce
	dhtStops []func()                      // end the one under way
	dhtTries int                           // announces in a row without a peer
	peersNow int                           // connections at the last count

	swarmSeeds, swarmPeers int    // by the trackers; -1 = unknown
	tracker                string // host that answered last
	trackerStatus          swarm.TrackerStatus
	trackerMessage         string

	fault  swarm.Fault
	reason string
	done   bool // was complete at the last look: TorrentDone is sent on the change

	reached bool   // its seeding goal, at the last look
	parts   []bool // files that lie under a name with rec.Suffix, while data is nil; nil = none

	base  counters // of earlier incarnations in the library
	last  counters // as last read from the library
	paid  int64    // payload sent past the library since it was added to it
	down  rate
	up    rate
	rates struct{ down, up int64 }
	view  progress // as of the last change of the pieces
	avail float64
	swept time.Time // when statistics were last added to rec
	dirty bool      // rec must be saved
}

// counters are the library's figures of a torrent.
type counters struct {
	down, up, wasted int64
	hashFails        int
}

// newManaged returns a torrent with the given record.
func newManaged(rec resume.Torrent) *managed {
	m := &managed{rec: rec, told: new(atomic.Pointer[tracker.Totals]), trouble: &trouble{}, swarmSeeds: -1, swarmPeers: -1}
	m.told.Store(&tracker.Totals{Left: -1})
	return m
}

func (m *managed) ih() swarm.InfoHash { return m.rec.InfoHash }

// name is what the window shows.
func (m *managed) name() string {
	switch {
	case m.rec.Name != "":
		return m.rec.Name
	case m.meta != nil:
		return m.meta.Name
	}
	return m.ih().String()
}

// files returns where the files lie on the disk.
func (m *managed) files() []disk.File {
	out := make([]disk.File, len(m.meta.Files))
	for i := range m.meta.Files {
		f := &m.meta.Files[i]
		out[i] = disk.File{Path: m.diskPath(i), Offset: f.Offset, Size: f.Size, Pad: f.Pad, Part: m.isPart(i)}
		if out[i].Part {
			out[i].Path += m.rec.Suffix
		}
	}
	return out
}

// diskPath is the path of file i on the disk when it is complete.
func (m *managed) diskPath(i int) string {
	return filepath.Join(m.rec.SavePath, filepath.FromSlash(m.path(i)))
}

// path is the path of file i below the save path, with slashes.
func (m *managed) path(i int) string {
	if p, ok := m.rec.Renamed[i]; ok {
		return p
	}
	return m.meta.Files[i].Path
}

// pieces returns the marks wherever they are kept now.
func (m *managed) pieces() (have, unknown disk.Bits) {
	if m.data != nil {
		have, unknown, _ = m.data.Marks()
		return have, unknown
	}
	return m.have, m.unknown
}

// complete reports whether every wanted piece is verified.
func (m *managed) complete() bool { return m.meta != nil && m.view.complete }

// want says whether the user wants it to run.
func (m *managed) want() bool { return m.rec.State != resume.Stopped && m.fault == swarm.NoFault }

func (m *managed) state() swarm.State {
	switch {
	case m.moving:
		return swarm.Moving
	case m.fault != swarm.NoFault:
		return swarm.Errored
	case m.live != nil && m.meta != nil && m.view.unknown > 0:
		return swarm.Checking
	case m.rec.State == resume.Stopped && m.complete():
		return swarm.Finished
	case m.rec.State == resume.Stopped:
		return swarm.Stopped
	case m.live == nil && m.complete() && m.reached:
		return swarm.Finished
	case m.live == nil && m.complete():
		return swarm.QueuedSeed
	case m.live == nil:
		return swarm.Queued
	case m.rec.State == resume.Paused:
		return swarm.Paused
	case m.meta == nil:
		return swarm.Metadata
	case m.complete():
		return swarm.Seeding
	}
	return swarm.Downloading
}

// find returns the torrent or ErrUnknown.
func (e *Engine) find(ih swarm.InfoHash) (*managed, error) {
	m, ok := e.torrents[ih]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, ih)
	}
	return m, nil
}

// each runs f on the loop for every named torrent and saves what changed. All
// torrents are tried; the first error is returned.
func (e *Engine) each(ctx context.Context, ihs []swarm.InfoHash, f func(m *managed) error) error {
	return e.do(ctx, func() error {
		var first error
		note := func(err error) {
			if first == nil {
				first = err
			}
		}
		for _, ih := range ihs {
			m, err := e.find(ih)
			if err == nil {
				err = f(m)
			}
			note(err)
			if err == nil {
				note(e.save(m))
			}
		}
		e.schedule(time.Now())
		e.publish(time.Now())
		return first
	})
}
