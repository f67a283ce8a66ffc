package tracker

import (
	"context"
	"time"

	"swarmbid/engine/swarm"
)

// Figures is what the trackers say of a torrent's swarm.
type Figures struct {
	InfoHash     swarm.InfoHash
	Seeds, Peers int    // best figure of any tracker; -1 = unknown
	Host         string // of the tracker that answered last; "" = none
	// Status and Message are those of that tracker, else of the first one.
	Status  swarm.TrackerStatus
	Message string
}

// Status lists the trackers of a torrent in the order they are asked.
func (a *Announcer) Status(ctx context.Context, ih swarm.InfoHash) ([]swarm.Tracker, error) {
	var rows []swarm.Tracker
	err := a.with(ctx, ih, func(_ *state, t *torrent) { rows = t.rows() })
	return rows, err
}

// Changed returns the figures of the torrents for which they may have changed since
// the last call. It is meant for one reader.
func (a *Announcer) Changed(ctx context.Context) ([]Figures, error) {
	var out []Figures
	err := a.command(ctx, func(s *state) {
		for ih := range s.changed {
			if t := s.torrents[ih]; t != nil {
				out = append(out, t.figures())
			}
		}
		clear(s.changed)
	})
	return out, err
}

func (t *torrent) figures() Figures {
	f := Figures{InfoHash: t.ih, Seeds: -1, Peers: -1}
	for _, tr := range t.all() {
		f.Seeds, f.Peers = max(f.Seeds, tr.seeds), max(f.Peers, tr.leeches)
	}
	if t.current != nil {
		f.Host = t.current.to.host
		f.Status, f.Message = t.status(t.current)
	} else if all := t.all(); len(all) > 0 {
		f.Status, f.Message = t.status(all[0])
	}
	return f
}

func (t *torrent) rows() []swarm.Tracker {
	var rows []swarm.Tracker
	for tier, trackers := range t.tiers {
		for _, tr := range trackers {
			r := swarm.Tracker{
				URL: tr.raw, Tier: tier, Seeds: tr.seeds, Peers: tr.leeches,
				Downloads: tr.downloads, LastAnnounce: tr.asked, PeersGot: tr.got,
			}
			r.Status, r.Message = t.status(tr)
			r.NextAnnounce = t.nextAnnounce(tr, r.Status)
			rows = append(rows, r)
		}
	}
	return rows
}

// status says what a tracker's row says.
func (t *torrent) status(tr *tracker) (swarm.TrackerStatus, string) {
	switch {
	case tr.bad != nil:
		return swarm.TrackerDisabled, message(tr.bad)
	case tr.off:
		return swarm.TrackerDisabled, message(errNoUDP)
	case t.busy == tr && t.stage == flying:
		return swarm.TrackerUpdating, ""
	case tr.err != nil:
		return swarm.TrackerFailed, message(tr.err)
	case t.current == tr:
		return swarm.TrackerWorking, tr.warning
	case t.current != nil:
		return swarm.TrackerNotNeeded, ""
	}
	return swarm.TrackerIdle, ""
}

// nextAnnounce is when the tracker will be asked as things stand; zero = not foreseen.
func (t *torrent) nextAnnounce(tr *tracker, st swarm.TrackerStatus) time.Time {
	if t.due.IsZero() || !tr.enabled() {
		return time.Time{}
	}
	switch st {
	case swarm.TrackerWorking, swarm.TrackerIdle:
		return t.due
	case swarm.TrackerFailed:
		if tr.after.After(t.due) {
			return tr.after
		}
		return t.due
	default:
		return time.Time{}
	}
}

// message bounds an error's words.
func message(err error) string { return printable([]byte(err.Error())) }
