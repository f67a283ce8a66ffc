package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// statusText is the status bar in words.
type statusText struct {
	alt, dht, port, down, up string
	portTone, altTone        view.Tone
}

// statusBar is the line at the foot of the window.
type statusBar struct {
	u                               *UI
	box                             *fyne.Container
	count, alt, dht, port, down, up *widgets.Field
	width                           float32 // of the fields at the last layout
}

func (u *UI) newStatusBar() *statusBar {
	b := &statusBar{u: u, count: widgets.NewField(nil), dht: widgets.NewField(nil), port: widgets.NewField(nil)}
	limit := func(title string, set func(n int64)) func(fyne.Position) {
		return func(at fyne.Position) {
			t := u.frame.snap.Totals
			now := t.DownLimit
			if title == "limit.up" {
				now = t.UpLimit
			}
			widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", u.limitItems(title, now, set)...), u.win.Canvas(), at)
		}
	}
	b.down = widgets.NewField(limit("limit.down", func(n int64) { u.setSessionLimits(n, u.frame.snap.Totals.UpLimit) }))
	b.up = widgets.NewField(limit("limit.up", func(n int64) { u.setSessionLimits(u.frame.snap.Totals.DownLimit, n) }))
	b.alt = widgets.NewField(func(fyne.Position) { u.altClicked() })
	b.box = container.New(layout.NewCustomPaddedHBoxLayout(0), b.count, layout.NewSpacer(), b.alt, b.dht, b.port, b.down, b.up)
	return b
}

// statusText writes the status bar, with the limits if they are wanted. It is called
// beside the main goroutine.
func (u *UI) statusText(f *view.Format, s *swarm.Snapshot, limits, overhead bool) statusText {
	t := &s.Totals
	st := statusText{dht: f.T("status.dhtOff"), portTone: view.Working}
	if t.DHT {
		st.dht = f.N("status.dht", t.DHTNodes)
	}
	switch {
	case t.Net != swarm.NetOpen:
		st.port, st.portTone = netText(f, t.Net)
	case t.ListenPort == 0:
		st.port, st.portTone = f.T("status.noPort"), view.Broken
	case t.Reachable:
		st.port, st.portTone = f.T("status.port", t.ListenPort), view.Giving
	default:
		st.port = f.T("status.portUnknown", t.ListenPort)
	}
	rate := func(key string, now, limit, local, over, total int64) string {
		words := f.T(key, f.Rate(now))
		if limit > 0 && limits {
			words += " [" + f.Rate(limit) + "]"
		}
		if overhead && local > 0 {
			words += "  " + f.T("status.local", f.Rate(local))
		}
		if overhead {
			words += "  " + f.T("status.overhead", f.Rate(over))
		}
		return words + "  " + f.T("status.total", f.Bytes(total))
	}
	st.down = rate("status.down", t.Down, t.DownLimit, t.LocalDown, t.OverDown, t.Downloaded)
	st.alt, st.altTone = altText(f, t)
	st.up = rate("status.up", t.Up, t.UpLimit, t.LocalUp, t.OverUp, t.Uploaded)
	return st
}

// netText says what is particular of how others are reached.
func netText(f *view.Format, n swarm.NetState) (string, view.Tone) {
	switch n {
	case swarm.NetProxyOnly:
		return f.T("status.proxyOnly"), view.Working
	case swarm.NetProxyFails:
		return f.T("status.proxyFails"), view.Broken
	case swarm.NetProxyRefuses:
		return f.T("status.proxyRefuses"), view.Broken
	case swarm.NetGone:
		return f.T("status.netGone"), view.Broken
	case swarm.NetOpen:
	}
	return "", view.Plain
}

// altClicked switches the alternative limits, or shows what has stopped everything.
func (u *UI) altClicked() {
	switch t := u.frame.snap.Totals; {
	case t.Capped:
		u.editPrefs("prefs.cap")
	case t.NetLimited:
		u.editPrefs("prefs.limits")
	default:
		u.toggleAlt()
	}
}

// altText says what keeps the rates below the usual limits: the transfer cap, the
// hour, the alternative limits, or those of a network.
func altText(f *view.Format, t *swarm.Totals) (string, view.Tone) {
	if t.Capped {
		return f.T("status.capped", f.Time(t.CapResumes)), view.Broken
	}
	switch t.Mode {
	case swarm.ModeOff:
		return f.T("status.hourOff"), view.Broken
	case swarm.ModeSeed:
		return f.T("status.hourSeed"), view.Working
	case swarm.ModeLimited:
		return f.T("status.hourLimited"), view.Working
	case swarm.ModeFull, swarm.ModeCapped:
	}
	switch {
	case t.Alt:
		return f.T("status.alt"), view.Working
	case t.NetLimited:
		return f.T("status.network", t.Network), view.Working
	}
	return "", view.Dim
}

// apply shows the status of a frame. The first field is about the list, or says
// what went wrong last.
func (b *statusBar) apply(f *frame) {
	l, st := f.ask.loc, f.status
	count := l.N("status.torrents", len(f.snap.Torrents))
	if n := f.list.Len(); n != len(f.snap.Torrents) {
		count = l.T("status.shown", l.Int(int64(n)), count)
	}
	if n := b.u.parts.list.table.SelectedCount(); n > 1 {
		count += ", " + l.T("status.selected", l.Int(int64(n)))
	}
	if m := b.u.message; m != (message{}) {
		b.count.Set(m.icon, m.tone, m.text)
	} else {
		b.count.Set("", view.Plain, count)
	}
	b.alt.Set("slow", st.altTone, st.alt)
	b.dht.Set("", view.Plain, st.dht)
	b.port.Set("port", st.portTone, st.port)
	b.down.Set("down", view.Arriving, st.down)
	b.up.Set("up", view.Giving, st.up)
	width := float32(0)
	for _, o := range b.box.Objects {
		width = width*7 + o.MinSize().Width // any change of any width
	}
	if width != b.width {
		b.width = width
		b.box.Layout.Layout(b.box.Objects, b.box.Size())
	}
}
