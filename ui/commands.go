package ui

import (
	"context"
	"maps"
	"slices"
	"strings"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
)

// onSelected runs a command of the engine on the selected torrents.
func (u *UI) onSelected(what string, f func(ctx context.Context, ihs ...swarm.InfoHash) error) {
	if ihs := u.hashes(); len(ihs) > 0 {
		u.do(what, func(ctx context.Context) error { return f(ctx, ihs...) }, nil)
	}
}

func (u *UI) startSelected()      { u.onSelected("do.start", u.p.Engine.Start) }
func (u *UI) stopSelected()       { u.onSelected("do.stop", u.p.Engine.Stop) }
func (u *UI) pauseSelected()      { u.onSelected("do.pause", u.p.Engine.Pause) }
func (u *UI) forceSelected()      { u.onSelected("do.start", u.p.Engine.ForceStart) }
func (u *UI) recheckSelected()    { u.onSelected("do.recheck", u.p.Engine.Recheck) }
func (u *UI) reannounceSelected() { u.onSelected("do.announce", u.p.Engine.Reannounce) }

func (u *UI) reannounceCurrent() {
	ih := u.current()
	u.do("do.announce", func(ctx context.Context) error { return u.p.Engine.Reannounce(ctx, ih) }, nil)
}

func (u *UI) queueSelected(m swarm.QueueMove) {
	u.onSelected("do.queue", func(ctx context.Context, ihs ...swarm.InfoHash) error { return u.p.Engine.MoveInQueue(ctx, m, ihs...) })
}

func (u *UI) setLabel(label string) {
	u.onSelected("do.label", func(ctx context.Context, ihs ...swarm.InfoHash) error { return u.p.Engine.SetLabel(ctx, label, ihs...) })
}

// toggleAlt turns the alternative limits on or off.
func (u *UI) toggleAlt() {
	p := u.p.Settings.Prefs()
	p.AltOn = !p.AltOn
	if err := u.p.Settings.SavePrefs(p); err != nil {
		u.fail("do.limit", err)
		return
	}
	u.prefs = p
	u.publish()
}

// activate does what a double click on a torrent is set to.
func (u *UI) activate() {
	t := u.frame.find(u.current())
	if t == nil {
		return
	}
	what := u.prefs.DoubleClick
	if t.Complete() {
		what = u.prefs.DoubleClickSeeding
	}
	switch what {
	case "properties":
		u.showProperties()
	case "openFolder":
		u.openFolder()
	case "startStop":
		if u.can().stop {
			u.stopSelected()
		} else {
			u.startSelected()
		}
	default:
		u.openTorrent()
	}
}

func (u *UI) setSessionLimits(down, up int64) {
	u.do("do.limit", func(ctx context.Context) error { return u.p.Engine.SetRateLimits(ctx, down, up) }, func() {
		u.prefs = u.p.Settings.Prefs()
		if u.prefs.AltOn {
			u.prefs.AltDownLimit, u.prefs.AltUpLimit = down, up
		} else {
			u.prefs.DownLimit, u.prefs.UpLimit = down, up
		}
		if err := u.p.Settings.SavePrefs(u.prefs); err != nil {
			u.fail("do.limit", err)
		}
	})
}

// setTorrentLimits changes one rate of every selected torrent and leaves what
// else is limited.
func (u *UI) setTorrentLimits(down, up *int64) {
	u.changeLimits(func(l *swarm.Limits) {
		if down != nil {
			l.Down = *down
		}
		if up != nil {
			l.Up = *up
		}
	})
}

// setShare changes what part of the session's limits the selected torrents have.
func (u *UI) setShare(share swarm.Priority) {
	u.changeLimits(func(l *swarm.Limits) { l.Share = share })
}

// changeLimits changes something in the limits of every selected torrent.
func (u *UI) changeLimits(change func(*swarm.Limits)) {
	u.onSelected("do.limit", func(ctx context.Context, ihs ...swarm.InfoHash) error {
		for _, ih := range ihs {
			l, err := u.p.Engine.Limits(ctx, ih)
			if err != nil {
				return err
			}
			change(&l)
			if err := u.p.Engine.SetLimits(ctx, l, ih); err != nil {
				return err
			}
		}
		return nil
	})
}

func (u *UI) setOrder(sequential, firstLast bool) {
	ih := u.current()
	u.do("do.order", func(ctx context.Context) error { return u.p.Engine.SetOrder(ctx, ih, sequential, firstLast) }, nil)
}

// copy puts text on the clipboard.
func (u *UI) copy(s string) {
	if s != "" {
		u.p.App.Clipboard().SetContent(s)
	}
}

func (u *UI) copyHash() {
	var lines []string
	for _, ih := range u.hashes() {
		lines = append(lines, ih.String())
	}
	u.copy(strings.Join(lines, "\n"))
}

func (u *UI) copyMagnet() {
	ihs := u.hashes()
	var lines []string
	u.do("do.magnet", func(ctx context.Context) error {
		for _, ih := range ihs {
			m, err := u.p.Engine.Magnet(ctx, ih)
			if err != nil {
				return err
			}
			lines = append(lines, m)
		}
		return nil
	}, func() { u.copy(strings.Join(lines, "\n")) })
}

func (u *UI) copyLog() {
	var lines []string
	for _, l := range u.parts.tabs.log.chosen() {
		lines = append(lines, u.loc.Time(l.At)+"  "+l.Text)
	}
	u.copy(strings.Join(lines, "\n"))
}

func (u *UI) copyPeers() {
	var lines []string
	for _, p := range u.parts.tabs.peers.chosen() {
		lines = append(lines, p.Addr.String())
	}
	u.copy(strings.Join(lines, "\n"))
}

func (u *UI) copyNames() {
	var lines []string
	for _, n := range u.parts.tabs.files.chosen() {
		lines = append(lines, n.Path)
	}
	u.copy(strings.Join(lines, "\n"))
}

func (u *UI) copyTrackers() {
	var lines []string
	for _, t := range u.parts.tabs.trackers.chosen() {
		lines = append(lines, t.URL)
	}
	u.copy(strings.Join(lines, "\n"))
}

func (u *UI) banPeers() {
	ih := u.current()
	peers := u.parts.tabs.peers.chosen()
	u.do("do.ban", func(ctx context.Context) error {
		for _, p := range peers {
			if err := u.p.Engine.BanPeer(ctx, ih, p.Key); err != nil {
				return err
			}
		}
		return nil
	}, nil)
}

// removeTrackers asks, unless told not to, and takes the selected trackers out of
// their tiers.
func (u *UI) removeTrackers() {
	gone := map[string]bool{}
	for _, t := range u.parts.tabs.trackers.chosen() {
		gone[t.URL] = t.Tier >= 0
	}
	if len(gone) == 0 {
		return
	}
	if !u.prefs.ConfirmTrackers {
		u.dropTrackers(gone)
		return
	}
	a := view.Advice{What: u.loc.N("tracker.removeAsk", len(gone)), Do: strings.Join(slices.Sorted(maps.Keys(gone)), "\n")}
	u.host().Confirm(u.loc.T("tracker.removeTitle"), a, u.loc.T("remove.ok"), func() { u.dropTrackers(gone) })
}

func (u *UI) dropTrackers(gone map[string]bool) {
	u.editTrackers(func(tiers [][]string) [][]string {
		var out [][]string
		for _, tier := range tiers {
			var keep []string
			for _, url := range tier {
				if !gone[url] {
					keep = append(keep, url)
				}
			}
			if len(keep) > 0 {
				out = append(out, keep)
			}
		}
		return out
	})
}

// editTrackers replaces the trackers of the current torrent by what edit makes
// of them.
func (u *UI) editTrackers(edit func([][]string) [][]string) {
	ih := u.current()
	u.do("do.trackers", func(ctx context.Context) error {
		d, err := u.p.Engine.Details(ctx, ih, swarm.PartTrackers)
		if err != nil {
			return err
		}
		return u.p.Engine.SetTrackers(ctx, ih, edit(view.Tiers(d.Trackers)))
	}, nil)
}

func (u *UI) setPriority(p swarm.Priority) {
	ih := u.current()
	var files []int
	for _, n := range u.parts.tabs.files.chosen() {
		files = append(files, n.Files...)
	}
	u.do("do.priority", func(ctx context.Context) error { return u.p.Engine.SetPriority(ctx, ih, p, files...) }, nil)
}

// tickFile wants or skips a file or folder.
func (u *UI) tickFile(row int) {
	n := u.parts.tabs.files.item(row)
	if n == nil {
		return
	}
	p, ih, files := swarm.Skip, u.current(), n.Files
	if n.Ticked != view.TickOn {
		p = swarm.Normal
	}
	u.do("do.priority", func(ctx context.Context) error { return u.p.Engine.SetPriority(ctx, ih, p, files...) }, nil)
}

// find returns a torrent of the frame, nil if it is gone.
func (f *frame) find(ih swarm.InfoHash) *swarm.Torrent {
	for i := range f.snap.Torrents {
		if f.snap.Torrents[i].InfoHash == ih {
			return &f.snap.Torrents[i]
		}
	}
	return nil
}
