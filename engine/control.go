package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/anacrolix/torrent"

	"swarmbid/engine/disk"
	"swarmbid/engine/metafile"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// Start lets torrents run when the queue has room, also after a fault.
func (e *Engine) Start(ctx context.Context, ihs ...swarm.InfoHash) error {
	return e.wish(ctx, resume.Started, ihs)
}

// ForceStart runs torrents whatever the queue says.
func (e *Engine) ForceStart(ctx context.Context, ihs ...swarm.InfoHash) error {
	return e.wish(ctx, resume.Forced, ihs)
}

// Pause keeps torrents connected without exchanging data.
func (e *Engine) Pause(ctx context.Context, ihs ...swarm.InfoHash) error {
	return e.wish(ctx, resume.Paused, ihs)
}

// Stop ends all traffic of torrents.
func (e *Engine) Stop(ctx context.Context, ihs ...swarm.InfoHash) error {
	return e.wish(ctx, resume.Stopped, ihs)
}

func (e *Engine) wish(ctx context.Context, w resume.State, ihs []swarm.InfoHash) error {
	return e.each(ctx, ihs, func(m *managed) error {
		if w != resume.Stopped {
			m.fault, m.reason = swarm.NoFault, ""
		}
		was := m.rec.State
		m.rec.State = w
		if m.live == nil || was == w {
			return nil
		}
		if paused := w == resume.Paused; paused != (was == resume.Paused) && w != resume.Stopped {
			e.setPaused(m, paused)
		}
		return nil
	})
}

func (e *Engine) setPaused(m *managed, paused bool) {
	e.links.SetPaused(m.ih(), paused)
	if paused {
		m.live.DisallowDataUpload()
		m.live.DisallowDataDownload()
		return
	}
	m.live.AllowDataUpload()
	m.live.AllowDataDownload()
}

// Recheck hashes all data again. A stopped torrent is checked and stays stopped.
func (e *Engine) Recheck(ctx context.Context, ihs ...swarm.InfoHash) error {
	return e.each(ctx, ihs, func(m *managed) error {
		switch {
		case m.meta == nil:
			return fmt.Errorf("%w: %s", ErrNoMetadata, m.name())
		case m.moving:
			return fmt.Errorf("%w: %s", ErrBusy, m.name())
		}
		m.fault, m.reason = swarm.NoFault, ""
		e.deactivate(m, func() { e.checkAgain(m) })
		return nil
	})
}

// checkAgain has every piece of a torrent hashed that is not in the library.
func (e *Engine) checkAgain(m *managed) {
	m.unknown = disk.FullBits(m.meta.Pieces)
	m.done = false
	m.look()
	if m.rec.State == resume.Stopped {
		m.checkOnly = true
		e.activate(m, time.Now())
	}
}

// Remove takes torrents out of the session, and with data deletes their files.
// Files that do not belong to the torrent are never touched.
func (e *Engine) Remove(ctx context.Context, withData bool, ihs ...swarm.InfoHash) error {
	wait := make(chan error, len(ihs))
	n := 0
	err := e.do(ctx, func() error {
		for _, ih := range ihs {
			m, err := e.find(ih)
			if err != nil {
				return err
			}
			if m.moving {
				return fmt.Errorf("%w: %s", ErrBusy, m.name())
			}
			n++
			e.forget(m)
			e.deactivate(m, func() { e.toWorker(func() { wait <- e.discard(m, withData) }) })
		}
		e.schedule(time.Now())
		e.publish(time.Now())
		return nil
	})
	for range n {
		select {
		case derr := <-wait:
			if err == nil {
				err = derr
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-e.done:
			return ErrStopped
		}
	}
	return err
}

// discard deletes what is kept of m; it runs on a worker.
func (e *Engine) discard(m *managed, withData bool) error {
	if err := e.store.Delete(m.ih()); err != nil {
		return fmt.Errorf("engine: delete the record of %s: %w", m.name(), err)
	}
	if m.meta == nil {
		return nil
	}
	if err := os.Remove(m.stash()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("engine: delete the part file: %w", err)
	}
	if !withData {
		return nil
	}
	return deleteFiles(m.rec.SavePath, m.files())
}

// SetPriority says how much files are wanted; without files, all of them.
func (e *Engine) SetPriority(ctx context.Context, ih swarm.InfoHash, p swarm.Priority, files ...int) error {
	return e.each(ctx, []swarm.InfoHash{ih}, func(m *managed) error {
		if m.meta == nil {
			return fmt.Errorf("%w: %s", ErrNoMetadata, m.name())
		}
		prio := make([]swarm.Priority, len(m.meta.Files))
		copy(prio, m.rec.Priorities)
		for i := range prio {
			if len(files) == 0 || slices.Contains(files, i) {
				prio[i] = p
			}
		}
		for _, i := range files {
			if i < 0 || i >= len(prio) {
				return fmt.Errorf("%w: %s has no file %d", ErrConfig, m.name(), i)
			}
		}
		m.rec.Priorities = prio
		m.look()
		m.done = m.complete()
		if m.live != nil {
			m.prioritize()
		}
		e.tellSkipped(m)
		return nil
	})
}

// SetOrder says in which order pieces are asked for.
func (e *Engine) SetOrder(ctx context.Context, ih swarm.InfoHash, sequential, firstLast bool) error {
	return e.each(ctx, []swarm.InfoHash{ih}, func(m *managed) error {
		m.rec.Sequential, m.rec.FirstLast = sequential, firstLast
		if m.live != nil {
			m.prioritize()
		}
		return nil
	})
}

// SetLabel labels torrents; "" takes the label away.
func (e *Engine) SetLabel(ctx context.Context, label string, ihs ...swarm.InfoHash) error {
	return e.each(ctx, ihs, func(m *managed) error {
		m.rec.Label = strings.TrimSpace(label)
		return nil
	})
}

// SetLimits gives torrents limits of their own.
func (e *Engine) SetLimits(ctx context.Context, l swarm.Limits, ihs ...swarm.InfoHash) error {
	if l.Down < 0 || l.Up < 0 || l.Slots < 0 || l.Peers < 0 {
		return fmt.Errorf("%w: a limit is negative", ErrConfig)
	}
	if l.Share < swarm.Low || l.Share > swarm.High {
		return fmt.Errorf("%w: %d is no share of the limits", ErrConfig, l.Share)
	}
	return e.each(ctx, ihs, func(m *managed) error {
		shared := m.rec.Limits.Share == l.Share
		m.rec.Limits = l
		if m.live != nil {
			e.configure(m)
		}
		if !shared {
			e.kickRechoke()
		}
		return nil
	})
}

// Limits returns the torrent's own limits.
func (e *Engine) Limits(ctx context.Context, ih swarm.InfoHash) (l swarm.Limits, err error) {
	err = e.do(ctx, func() error {
		m, err := e.find(ih)
		if err == nil {
			l = m.rec.Limits
		}
		return err
	})
	return l, err
}

// SetRateLimits sets the session's limits in bytes per second; 0 = unlimited. While
// the alternative limits are on it sets those.
func (e *Engine) SetRateLimits(ctx context.Context, down, up int64) error {
	return e.do(ctx, func() error {
		s := e.asked
		if s.AltOn {
			s.AltDown, s.AltUp = down, up
		} else {
			s.DownLimit, s.UpLimit = down, up
		}
		return e.apply(&s)
	})
}

// MoveInQueue moves torrents in the queue, keeping their order.
func (e *Engine) MoveInQueue(ctx context.Context, mv swarm.QueueMove, ihs ...swarm.InfoHash) error {
	return e.do(ctx, func() error {
		chosen := map[*managed]bool{}
		for _, ih := range ihs {
			m, err := e.find(ih)
			if err != nil {
				return err
			}
			chosen[m] = true
		}
		e.order = reorder(e.order, chosen, mv)
		e.renumber()
		e.schedule(time.Now())
		e.publish(time.Now())
		return e.saveDirty()
	})
}

// reorder returns list with the chosen ones moved.
func reorder[T comparable](list []T, chosen map[T]bool, mv swarm.QueueMove) []T {
	out := slices.Clone(list)
	switch mv {
	case swarm.QueueTop, swarm.QueueBottom:
		slices.SortStableFunc(out, func(a, b T) int {
			if chosen[a] == chosen[b] {
				return 0
			}
			if chosen[a] == (mv == swarm.QueueTop) {
				return -1
			}
			return 1
		})
	case swarm.QueueUp:
		for i := 1; i < len(out); i++ {
			if chosen[out[i]] && !chosen[out[i-1]] {
				out[i-1], out[i] = out[i], out[i-1]
			}
		}
	case swarm.QueueDown:
		for i := len(out) - 2; i >= 0; i-- {
			if chosen[out[i]] && !chosen[out[i+1]] {
				out[i], out[i+1] = out[i+1], out[i]
			}
		}
	}
	return out
}

// SetTrackers replaces the torrent's trackers, tier by tier (BEP 12).
func (e *Engine) SetTrackers(ctx context.Context, ih swarm.InfoHash, tiers [][]string) error {
	return e.each(ctx, []swarm.InfoHash{ih}, func(m *managed) error {
		m.rec.Trackers = tiers
		e.tellTrackers(m)
		return nil
	})
}

// Reannounce asks the trackers for peers now. It returns an error that wraps
// tracker.ErrTooSoon when a tracker's own interval forbids it.
func (e *Engine) Reannounce(ctx context.Context, ihs ...swarm.InfoHash) error {
	var first error
	for _, ih := range ihs {
		if _, err := e.trackers.Update(ctx, ih); err != nil && first == nil {
			first = fmt.Errorf("engine: update trackers: %w", err)
		}
	}
	return first
}

// AddPeer connects to a peer by its address, host:port with a literal host.
func (e *Engine) AddPeer(ctx context.Context, ih swarm.InfoHash, addr string) error {
	a, err := netip.ParseAddrPort(addr)
	if err != nil || a.Port() == 0 {
		return fmt.Errorf("%w: %q, want an address like 192.0.2.1:6881 or [2001:db8::1]:6881", ErrPeerAddress, addr)
	}
	return e.do(ctx, func() error {
		m, err := e.find(ih)
		if err != nil {
			return err
		}
		if m.live == nil {
			m.rec.Peers = append(m.rec.Peers, a.String())
			return e.save(m)
		}
		e.addAddrs(m, []netip.AddrPort{a}, torrent.PeerSourceDirect)
		return nil
	})
}

// BanPeer drops a peer and refuses its address for Settings.BanFor.
func (e *Engine) BanPeer(ctx context.Context, _ swarm.InfoHash, key swarm.PeerKey) error {
	set, err := e.Settings(ctx)
	if err != nil {
		return err
	}
	for _, l := range e.links.All() {
		if l.Key() == key {
			e.bans.add(l.Addr().Addr(), time.Now().Add(set.BanFor))
			e.links.Drop(key, "banned by the user")
		}
	}
	return ctx.Err()
}

// LiftBans lets every address connect again.
func (e *Engine) LiftBans(ctx context.Context) error {
	return e.do(ctx, func() error {
		e.bans.clear()
		return e.renewNetwork() // the library keeps bans of its own as long as it lives
	})
}

// Magnet returns a link that leads others to the torrent; a private one (BEP 27)
// has no trackers' secrets in it.
func (e *Engine) Magnet(ctx context.Context, ih swarm.InfoHash) (link string, err error) {
	err = e.do(ctx, func() error {
		m, err := e.find(ih)
		if err != nil {
			return err
		}
		g := metafile.Magnet{InfoHash: m.ih(), V1: m.ih(), Name: m.name(), Size: m.size(), WebSeeds: m.rec.WebSeeds}
		if m.meta != nil {
			g.V1, g.V2 = m.meta.V1, m.meta.V2
		} else if old, err := metafile.ParseMagnet(m.rec.Magnet); err == nil {
			g.V1, g.V2 = old.V1, old.V2
		}
		if m.meta == nil || !m.meta.Private {
			for _, tier := range m.rec.Trackers {
				g.Trackers = append(g.Trackers, tier...)
			}
		}
		link = g.String()
		return nil
	})
	return link, err
}

// Path returns where a file of the torrent lies, or its folder for file -1.
func (e *Engine) Path(ctx context.Context, ih swarm.InfoHash, file int) (p string, err error) {
	err = e.do(ctx, func() error {
		m, err := e.find(ih)
		if err != nil {
			return err
		}
		p = m.rec.SavePath
		if m.meta != nil && file >= 0 && file < len(m.meta.Files) {
			p = m.files()[file].Path
		}
		return nil
	})
	return p, err
}

// SetSettings changes the settings that may change while the session runs.
func (e *Engine) SetSettings(ctx context.Context, s Settings) error {
	if err := s.Validate(); err != nil {
		return err
	}
	return e.do(ctx, func() error { return e.apply(&s) })
}

// SetDownloadDir changes where torrents go that name no folder of their own.
func (e *Engine) SetDownloadDir(ctx context.Context, dir string) error {
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("%w: download folder %q is not an absolute path", ErrConfig, dir)
	}
	return e.do(ctx, func() error { e.cfg.DownloadDir = dir; return nil })
}

func (e *Engine) apply(s *Settings) error {
	if err := s.Validate(); err != nil {
		return err
	}
	e.asked = *s
	return e.enforce(time.Now())
}
