package ui

import (
	"context"
	"net"
	"net/url"
	"runtime"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"swarmbid/assets"
	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
)

// host is what dialogs need of this window.
func (u *UI) host() *dialogs.Host {
	return &dialogs.Host{Canvas: u.win.Canvas(), Locale: u.loc, PickFolder: u.pickFolder, PickFile: u.pickFile, PickSave: u.pickSave, Free: u.free, Desktop: u.deskOf(), PortTest: u.testPort, Networks: u.networks, Network: u.thisNetwork, Usage: u.usage}
}

// busy reports whether a dialog is open: keys of the window must not open a
// second one over it.
func (u *UI) busy() bool { return u.win.Canvas().Overlays().Top() != nil }

// fail shows that a command did not work. what is the key of its name.
func (u *UI) fail(what string, err error) {
	u.p.Log.Warn("command failed", "command", what, "err", err)
	u.host().Message(u.loc.T(what), u.explain(err))
}

// explain puts an error into words; one without words of its own is shown as it
// is.
func (u *UI) explain(err error) view.Advice {
	if u.p.ErrName != nil {
		if a, ok := u.loc.Explain(u.p.ErrName(err)); ok {
			return a
		}
	}
	return view.Advice{What: err.Error()}
}

// message is a line in the status bar. The zero value is none.
type message struct {
	icon string
	tone view.Tone
	text string
}

// say shows in the status bar what went wrong, until the next command.
func (u *UI) say(s string) { u.tell(message{"error", view.Working, s}) }

// done shows that something has succeeded, likewise.
func (u *UI) done(s string) { u.tell(message{"done", view.Giving, s}) }

// note shows what is being done, likewise.
func (u *UI) note(s string) { u.tell(message{"info", view.Dim, s}) }

func (u *UI) tell(m message) {
	u.message = m
	u.parts.status.apply(u.frame)
}

// removeSelected asks, unless told not to, and removes the selected torrents.
func (u *UI) removeSelected(withData bool) {
	ihs := u.hashes()
	if len(ihs) == 0 || u.busy() {
		return
	}
	remove := func(data bool) {
		u.do("do.remove", func(ctx context.Context) error { return u.p.Engine.Remove(ctx, data, ihs...) }, nil)
	}
	if !u.prefs.ConfirmRemove && !withData { // files are never deleted unasked
		remove(false)
		return
	}
	var names []string
	for _, t := range u.selected() {
		names = append(names, t.Name)
	}
	u.host().Remove(names, withData, remove)
}

func (u *UI) askLimit(title string, now int64, set func(int64)) {
	u.host().Rate(u.loc.T(title), now, set)
}

func (u *UI) askLabel() {
	u.host().Text(u.loc.T("label.title"), u.loc.T("label.label"), "", u.notEmpty, func(s string) { u.setLabel(strings.TrimSpace(s)) })
}

func (u *UI) notEmpty(s string) string {
	if strings.TrimSpace(s) == "" {
		return u.loc.T("dlg.empty")
	}
	return ""
}

// askMove moves the data of every selected torrent to another folder.
func (u *UI) askMove() {
	ihs, t := u.hashes(), u.frame.find(u.current())
	if t == nil {
		return
	}
	u.host().Folder(u.loc.T("move.title"), u.loc.T("move.label"), t.SavePath, func(dir string) {
		u.do("do.move", func(ctx context.Context) error {
			for _, ih := range ihs {
				if err := u.p.Engine.Move(ctx, ih, dir); err != nil {
					return err
				}
			}
			return nil
		}, nil)
	})
}

func (u *UI) askRename() {
	t := u.frame.find(u.current())
	if t == nil {
		return
	}
	ih := t.InfoHash
	u.host().Text(u.loc.T("rename.title"), u.loc.T("rename.label"), t.Name, u.goodName, func(s string) {
		u.do("do.rename", func(ctx context.Context) error { return u.p.Engine.Rename(ctx, ih, strings.TrimSpace(s)) }, nil)
	})
}

func (u *UI) askPeer() {
	ih := u.current()
	check := func(s string) string {
		if _, port, err := net.SplitHostPort(strings.TrimSpace(s)); err != nil || port == "" {
			return u.loc.T("peer.bad")
		}
		return ""
	}
	u.host().Text(u.loc.T("peer.title"), u.loc.T("peer.label"), "", check, func(s string) {
		u.do("do.peer", func(ctx context.Context) error { return u.p.Engine.AddPeer(ctx, ih, strings.TrimSpace(s)) }, nil)
	})
}

// askTracker adds one tracker in a tier of its own.
func (u *UI) askTracker() {
	check := func(s string) string {
		if x, err := url.Parse(strings.TrimSpace(s)); err != nil || x.Host == "" || !slices.Contains([]string{"http", "https", "udp"}, x.Scheme) {
			return u.loc.T("tracker.bad")
		}
		return ""
	}
	u.host().Text(u.loc.T("tracker.title"), u.loc.T("tracker.label"), "", check, func(s string) {
		u.editTrackers(func(tiers [][]string) [][]string { return append(tiers, []string{strings.TrimSpace(s)}) })
	})
}

// showProperties edits trackers and limits of the current torrent.
func (u *UI) showProperties() {
	t := u.frame.find(u.current())
	if t == nil || u.busy() {
		return
	}
	ih, p := t.InfoHash, dialogs.PropertiesParams{Name: t.Name, Private: t.Private}
	u.do("do.properties", func(ctx context.Context) (err error) {
		if p.Limits, err = u.p.Engine.Limits(ctx, ih); err != nil {
			return err
		}
		if p.Options, err = u.p.Engine.Options(ctx, ih); err != nil {
			return err
		}
		d, err := u.p.Engine.Details(ctx, ih, swarm.PartTrackers)
		if err == nil {
			p.Trackers = view.Tiers(d.Trackers)
		}
		return err
	}, func() {
		if u.busy() {
			return
		}
		p.Done = func(x dialogs.Properties) {
			u.do("do.properties", func(ctx context.Context) error { return u.setProperties(ctx, ih, x) }, nil)
		}
		u.host().Properties(p)
	})
}

// setProperties carries out what the user changed of a torrent.
func (u *UI) setProperties(ctx context.Context, ih swarm.InfoHash, x dialogs.Properties) error {
	if x.Trackers != nil {
		if err := u.p.Engine.SetTrackers(ctx, ih, x.Trackers); err != nil {
			return err
		}
	}
	if x.Limits != nil {
		if err := u.p.Engine.SetLimits(ctx, *x.Limits, ih); err != nil {
			return err
		}
	}
	if x.Options != nil {
		return u.p.Engine.SetOptions(ctx, ih, *x.Options)
	}
	return nil
}

// showPrefs edits the preferences.
func (u *UI) showPrefs() { u.editPrefs("") }

// showMarketPrefs edits those of the market.
func (u *UI) showMarketPrefs() { u.editPrefs("market.pref.title") }

// editPrefs edits the preferences, beginning with the page of a title; "" is the
// first.
func (u *UI) editPrefs(page string) {
	if u.busy() {
		return
	}
	f := u.host().Preferences(dialogs.PrefsParams{
		Now: u.p.Settings.Prefs(), Default: u.p.Settings.DefaultPrefs(), First: page, Save: u.savePrefs, Explain: func(err error) string { return u.explain(err).What },
	})
	f.Forget()
	f.OnClosed = u.focusList // the widget that had the focus may have been made anew
}

// savePrefs keeps preferences and shows the window as they want it.
func (u *UI) savePrefs(p Prefs) error {
	if err := u.p.Settings.SavePrefs(p); err != nil {
		return err
	}
	old := u.prefs
	u.prefs = p
	if old.Language != p.Language || old.Theme != p.Theme || old.Stripes != p.Stripes {
		u.capture()
		u.dress()
	}
	if old.Market != p.Market {
		u.moneyColumns(p.Market)
	}
	u.publish()
	return nil
}

// showStatistics shows what was transferred.
func (u *UI) showStatistics() {
	u.host().Facts(u.loc.T("stats.title"), 720, view.Statistics(&view.Format{Locale: u.loc, Now: u.frame.snap.At}, u.frame.snap))
}

// showFlags explains the letters of the Peers tab.
func (u *UI) showFlags() {
	u.host().Legend(u.loc.T("flags.title"), view.FlagsLegend(u.loc))
}

func (u *UI) showAbout() {
	icon := fyne.NewStaticResource("icon.png", assets.AppIcon())
	u.host().About(u.loc.T("about.title", u.p.Name), icon, []string{
		u.p.Name, u.loc.T("about.version", u.p.Version), u.loc.T("about.what"), u.loc.T("about.licence"), runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH,
	}, u.loc.T("about.licences"), u.showLicences)
}

// showLicences lists the modules the program is made of.
func (u *UI) showLicences() {
	var rows [][]string
	for _, l := range assets.Licences() {
		rows = append(rows, []string{l.Module, l.Version, l.Licence})
	}
	u.host().Table(u.loc.T("licences.title"), u.loc.T("licences.intro", u.p.Name), rows)
}

// networks are the networks of this computer as the preferences offer them: by name
// with the addresses they have.
func (u *UI) networks() (out []dialogs.Choice) {
	if u.p.Networks == nil {
		return nil
	}
	for _, n := range u.p.Networks() {
		words := n.Name
		for i, a := range n.Addrs {
			words += map[bool]string{true: " (", false: ", "}[i == 0] + a.String()
		}
		if len(n.Addrs) > 0 {
			words += ")"
		}
		out = append(out, dialogs.Choice{Value: n.Name, Label: words})
	}
	return out
}
