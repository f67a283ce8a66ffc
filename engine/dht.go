package engine

import (
	"context"
	"errors"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
)

const (
	// dhtEvery is how often a torrent is announced to the DHT: nodes forget a peer
	// after half an hour or so.
	dhtEvery = 15 * time.Minute
	// dhtSoon is the first pause while a torrent has no peer at all; each further
	// one is twice as long.
	dhtSoon = 5 * time.Second
	// dhtStarts bounds the announces begun in one turn of the loop.
	dhtStarts = 5
)

// announceDHT announces torrents to the DHT and takes the peers it finds (BEP 5).
// The library's own announcer is off: it begins before the first node is known and
// then sleeps for a quarter of an hour. Private torrents are left out (BEP 27), and
// so are magnet links only if they are known to be private, which they never are.
func (e *Engine) announceDHT(now time.Time) {
	if e.net == nil || e.totals.nodes == 0 {
		return
	}
	started := 0
	for _, m := range e.order {
		if m.live == nil || m.checkOnly || now.Before(m.dhtNext) || m.rec.NoDHT || m.meta != nil && m.meta.Private {
			continue
		}
		if started++; started > dhtStarts {
			return
		}
		m.dhtNext = now.Add(m.dhtPause())
		e.announceOne(m)
	}
}

func (e *Engine) announceOne(m *managed) {
	m.stopDHT()
	for _, d := range e.net.dht {
		_, stop, err := m.live.AnnounceToDht(torrent.AnacrolixDhtServerWrapper{Server: d})
		if err != nil {
			e.cfg.Log.Debug("announce to the DHT", "torrent", m.ih(), "err", err)
			continue
		}
		m.dhtStops = append(m.dhtStops, stop)
	}
}

// dhtPause is how long to wait for the next announce.
func (m *managed) dhtPause() time.Duration {
	if m.peersNow > 0 || m.complete() {
		m.dhtTries = 0
		return dhtEvery
	}
	m.dhtTries++
	return min(dhtEvery, dhtSoon<<min(m.dhtTries-1, 10))
}

// stopDHT ends what is under way for m.
func (m *managed) stopDHT() {
	for _, stop := range m.dhtStops {
		stop()
	}
	m.dhtStops = nil
}

// noStorage is the library's default storage: every torrent brings its own, so
// nobody ever opens it. Without it the library would keep a database in the
// working directory.
type noStorage struct{}

var errNoStorage = errors.New("engine: torrent without storage")

// OpenTorrent refuses.
func (noStorage) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{}, errNoStorage
}
