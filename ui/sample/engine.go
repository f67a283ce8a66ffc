package sample

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"swarmbid/engine/swarm"
)

// Errors of the engine.
var (
	ErrUnknown = errors.New("sample: no such torrent")
	ErrKnown   = errors.New("sample: torrent is there already")
)

// Engine is a session in memory. It may be used from any goroutine.
type Engine struct {
	mu       sync.Mutex
	now      time.Time
	torrents []swarm.Torrent // in queue order
	more     map[swarm.InfoHash]*rest
	down, up int64 // limits
	changed  chan struct{}
	seq      uint64
	rnd      uint64
	calls    []string
	market   bool // it is on
	days     []swarm.Day
}

// rest is what a torrent has beside its row.
type rest struct {
	files    []swarm.File
	peers    []swarm.Peer
	trackers []swarm.Tracker
	pieces   swarm.Pieces
	limits   swarm.Limits
	trade    swarm.Bandwidth
	options  swarm.Options
}

// Snapshot returns the present state.
func (e *Engine) Snapshot() *swarm.Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := &swarm.Snapshot{At: e.now, Torrents: slices.Clone(e.torrents)}
	t := swarm.Totals{DownLimit: e.down, UpLimit: e.up, DHT: true, DHTNodes: 412, ListenPort: 6881, Reachable: true, FreeSpace: 212 << 30}
	for i := range s.Torrents {
		x := &s.Torrents[i]
		t.Down, t.Up, t.Peers = t.Down+x.Down, t.Up+x.Up, t.Peers+x.Peers+x.Seeds
		t.Downloaded, t.Uploaded = t.Downloaded+x.Downloaded/3, t.Uploaded+x.Uploaded/3
	}
	t.OverDown, t.OverUp, t.LocalDown = t.Down/35, t.Up/35+t.Down/70, 0
	t.Overhead = [2]int64{t.Downloaded / 35, t.Uploaded/35 + t.Downloaded/70}
	t.Network = "192.168.178.0/24"
	s.Totals = t
	return s
}

// Changed receives after every change.
func (e *Engine) Changed() <-chan struct{} { return e.changed }

// Calls returns the commands that were carried out, oldest first.
func (e *Engine) Calls() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.calls)
}

func (e *Engine) signal() {
	select {
	case e.changed <- struct{}{}:
	default:
	}
}

// change runs f on each torrent, all or nothing, and notes the call.
func (e *Engine) change(call string, ihs []swarm.InfoHash, f func(t *swarm.Torrent, r *rest) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ih := range ihs {
		if e.more[ih] == nil {
			return fmt.Errorf("%s %v: %w", call, ih, ErrUnknown)
		}
	}
	for _, ih := range ihs {
		i := e.index(ih)
		if err := f(&e.torrents[i], e.more[ih]); err != nil {
			return err
		}
	}
	e.calls = append(e.calls, fmt.Sprintf("%s %d", call, len(ihs)))
	e.signal()
	return nil
}

func (e *Engine) index(ih swarm.InfoHash) int {
	return slices.IndexFunc(e.torrents, func(t swarm.Torrent) bool { return t.InfoHash == ih })
}

// Details returns the asked parts of one torrent.
func (e *Engine) Details(_ context.Context, ih swarm.InfoHash, parts swarm.Part) (*swarm.Details, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.more[ih]
	if r == nil {
		return nil, fmt.Errorf("details of %v: %w", ih, ErrUnknown)
	}
	d := &swarm.Details{InfoHash: ih, At: e.now}
	if parts&swarm.PartFiles != 0 {
		d.Files = slices.Clone(r.files)
	}
	if parts&swarm.PartPeers != 0 {
		d.Peers = slices.Clone(r.peers)
	}
	if parts&swarm.PartTrackers != 0 {
		d.Trackers = slices.Clone(r.trackers)
	}
	if parts&swarm.PartPieces != 0 {
		p := r.pieces
		d.Pieces = &p
	}
	if parts&swarm.PartMarket != 0 {
		d.Market = e.marketOf(ih, r)
	}
	return d, nil
}

// Start makes torrents active.
func (e *Engine) Start(_ context.Context, ihs ...swarm.InfoHash) error {
	return e.change("start", ihs, func(t *swarm.Torrent, _ *rest) error {
		t.Forced, t.Error, t.Fault = false, "", swarm.NoFault
		t.State = running(t)
		return nil
	})
}

func running(t *swarm.Torrent) swarm.State {
	switch {
	case t.Size == 0:
		return swarm.Metadata
	case t.Complete():
		return swarm.Seeding
	}
	return swarm.Downloading
}

// ForceStart makes torrents active whatever the queue says.
func (e *Engine) ForceStart(_ context.Context, ihs ...swarm.InfoHash) error {
	return e.change("force", ihs, func(t *swarm.Torrent, _ *rest) error {
		t.Forced, t.State = true, running(t)
		return nil
	})
}

// Stop makes torrents inactive.
func (e *Engine) Stop(_ context.Context, ihs ...swarm.InfoHash) error {
	return e.change("stop", ihs, func(t *swarm.Torrent, _ *rest) error {
		t.State, t.Forced, t.Down, t.Up = swarm.Stopped, false, 0, 0
		if t.Complete() {
			t.State = swarm.Finished
		}
		return nil
	})
}

// Pause keeps torrents connected without exchanging data.
func (e *Engine) Pause(_ context.Context, ihs ...swarm.InfoHash) error {
	return e.change("pause", ihs, func(t *swarm.Torrent, _ *rest) error {
		t.State, t.Down, t.Up = swarm.Paused, 0, 0
		return nil
	})
}

// Recheck begins to hash the data.
func (e *Engine) Recheck(_ context.Context, ihs ...swarm.InfoHash) error {
	return e.change("recheck", ihs, func(t *swarm.Torrent, _ *rest) error {
		t.State, t.Checked, t.Down, t.Up = swarm.Checking, 0, 0, 0
		return nil
	})
}

// Reannounce asks the trackers.
func (e *Engine) Reannounce(_ context.Context, ihs ...swarm.InfoHash) error {
	return e.change("announce", ihs, func(_ *swarm.Torrent, r *rest) error {
		for i := range r.trackers {
			if r.trackers[i].Tier >= 0 {
				r.trackers[i].Status = swarm.TrackerUpdating
			}
		}
		return nil
	})
}

// Remove forgets torrents.
func (e *Engine) Remove(_ context.Context, withData bool, ihs ...swarm.InfoHash) error {
	call := "remove"
	if withData {
		call = "remove with data"
	}
	if err := e.change(call, ihs, func(*swarm.Torrent, *rest) error { return nil }); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ih := range ihs {
		delete(e.more, ih)
	}
	e.torrents = slices.DeleteFunc(e.torrents, func(t swarm.Torrent) bool { return slices.Contains(ihs, t.InfoHash) })
	e.number()
	return nil
}

// number renews the places in the queue.
func (e *Engine) number() {
	n := 0
	for i := range e.torrents {
		if t := &e.torrents[i]; t.Complete() {
			t.Queue = 0
		} else {
			n++
			t.Queue = n
		}
	}
}

// Move changes the folder.
func (e *Engine) Move(_ context.Context, ih swarm.InfoHash, dir string) error {
	return e.change("move", []swarm.InfoHash{ih}, func(t *swarm.Torrent, _ *rest) error {
		t.SavePath = dir
		return nil
	})
}

// Rename changes the name.
func (e *Engine) Rename(_ context.Context, ih swarm.InfoHash, name string) error {
	return e.change("rename", []swarm.InfoHash{ih}, func(t *swarm.Torrent, _ *rest) error {
		t.Name = name
		return nil
	})
}

// SetPriority sets the priority of files.
func (e *Engine) SetPriority(_ context.Context, ih swarm.InfoHash, p swarm.Priority, files ...int) error {
	return e.change("priority", []swarm.InfoHash{ih}, func(t *swarm.Torrent, r *rest) error {
		t.Wanted, t.Completed = 0, 0
		for i := range r.files {
			f := &r.files[i]
			if slices.Contains(files, f.Index) {
				f.Priority = p
			}
			if f.Priority != swarm.Skip {
				t.Wanted, t.Completed = t.Wanted+f.Size, t.Completed+f.Completed
			}
		}
		return nil
	})
}

// SetOrder says in which order pieces come.
func (e *Engine) SetOrder(_ context.Context, ih swarm.InfoHash, sequential, firstLast bool) error {
	return e.change("order", []swarm.InfoHash{ih}, func(t *swarm.Torrent, _ *rest) error {
		t.Seq, t.EndsFst = sequential, firstLast
		return nil
	})
}

// SetLabel sets the label.
func (e *Engine) SetLabel(_ context.Context, label string, ihs ...swarm.InfoHash) error {
	return e.change("label", ihs, func(t *swarm.Torrent, _ *rest) error {
		t.Label = label
		return nil
	})
}

// SetLimits sets the limits of torrents.
func (e *Engine) SetLimits(_ context.Context, l swarm.Limits, ihs ...swarm.InfoHash) error {
	return e.change("limits", ihs, func(t *swarm.Torrent, r *rest) error {
		r.limits, t.DownLimit, t.UpLimit, t.Share = l, l.Down, l.Up, l.Share
		return nil
	})
}

// Limits returns the limits of a torrent.
func (e *Engine) Limits(_ context.Context, ih swarm.InfoHash) (l swarm.Limits, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.more[ih]; r != nil {
		return r.limits, nil
	}
	return l, fmt.Errorf("limits of %v: %w", ih, ErrUnknown)
}

// MoveInQueue moves torrents one place or to an end, keeping their order.
func (e *Engine) MoveInQueue(_ context.Context, m swarm.QueueMove, ihs ...swarm.InfoHash) error {
	if err := e.change("queue", ihs, func(*swarm.Torrent, *rest) error { return nil }); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	in := func(i int) bool { return slices.Contains(ihs, e.torrents[i].InfoHash) }
	n := len(e.torrents)
	switch m {
	case swarm.QueueUp:
		for i := 1; i < n; i++ {
			if in(i) && !in(i-1) {
				e.torrents[i], e.torrents[i-1] = e.torrents[i-1], e.torrents[i]
			}
		}
	case swarm.QueueDown:
		for i := n - 2; i >= 0; i-- {
			if in(i) && !in(i+1) {
				e.torrents[i], e.torrents[i+1] = e.torrents[i+1], e.torrents[i]
			}
		}
	case swarm.QueueTop, swarm.QueueBottom:
		var chosen, others []swarm.Torrent
		for i := range e.torrents {
			if in(i) {
				chosen = append(chosen, e.torrents[i])
			} else {
				others = append(others, e.torrents[i])
			}
		}
		e.torrents = append(chosen, others...)
		if m == swarm.QueueBottom {
			e.torrents = append(others, chosen...)
		}
	}
	e.number()
	return nil
}

// SetTrackers replaces the trackers.
func (e *Engine) SetTrackers(_ context.Context, ih swarm.InfoHash, tiers [][]string) error {
	return e.change("trackers", []swarm.InfoHash{ih}, func(_ *swarm.Torrent, r *rest) error {
		r.trackers = slices.DeleteFunc(slices.Clone(r.trackers), func(t swarm.Tracker) bool { return t.Tier >= 0 })
		for i, tier := range tiers {
			for _, u := range tier {
				r.trackers = append(r.trackers, swarm.Tracker{URL: u, Tier: i, Seeds: -1, Peers: -1, Downloads: -1})
			}
		}
		return nil
	})
}

// AddPeer adds a peer that has nothing yet.
func (e *Engine) AddPeer(_ context.Context, ih swarm.InfoHash, addr string) error {
	return e.change("peer", []swarm.InfoHash{ih}, func(t *swarm.Torrent, r *rest) error {
		a, err := netip.ParseAddrPort(addr)
		if err != nil {
			return fmt.Errorf("peer %q: %w", addr, err)
		}
		e.seq++
		r.peers = append(r.peers, swarm.Peer{Key: swarm.PeerKey(e.seq), Addr: a, Flags: swarm.FromUser | swarm.ChokingUs | swarm.Choked, Since: e.now})
		t.Peers++
		return nil
	})
}

// BanPeer drops a peer.
func (e *Engine) BanPeer(_ context.Context, ih swarm.InfoHash, key swarm.PeerKey) error {
	return e.change("ban", []swarm.InfoHash{ih}, func(_ *swarm.Torrent, r *rest) error {
		r.peers = slices.DeleteFunc(slices.Clone(r.peers), func(p swarm.Peer) bool { return p.Key == key })
		return nil
	})
}

// SetRateLimits limits the session.
func (e *Engine) SetRateLimits(_ context.Context, down, up int64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.down, e.up = down, up
	e.calls = append(e.calls, fmt.Sprintf("rates %d %d", down, up))
	e.signal()
	return nil
}

// Magnet returns a magnet link.
func (e *Engine) Magnet(_ context.Context, ih swarm.InfoHash) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.more[ih] == nil {
		return "", fmt.Errorf("magnet link of %v: %w", ih, ErrUnknown)
	}
	return "magnet:?xt=urn:btih:" + ih.String(), nil
}

// Usage returns the traffic of the last days.
func (e *Engine) Usage(context.Context) ([]swarm.Day, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.days), nil
}

// ResetUsage forgets the traffic of the last days.
func (e *Engine) ResetUsage(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.days, e.calls = nil, append(e.calls, "reset usage")
	return nil
}

// usage is the traffic of a week before Start.
func usage() (days []swarm.Day) {
	for i := range int64(7) {
		days = append(days, swarm.Day{
			Date: Start().AddDate(0, 0, int(i)-6).Format(time.DateOnly), Down: (i*37%11 + 1) << 30, Up: (i*23%7 + 1) << 29,
		})
	}
	return days
}
