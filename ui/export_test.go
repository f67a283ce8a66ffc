package ui

import (
	"context"
	"net/netip"
	"testing"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// What the tests of this package see beyond its users.

// AllMenus returns every menu of the window as it is now.
func (u *UI) AllMenus() map[string][]*fyne.MenuItem {
	t := u.parts.tabs
	m := map[string][]*fyne.MenuItem{
		"torrent": u.torrentMenu().Items, "peers": u.peerItems(), "trackers": u.trackerItems(), "files": u.fileItems(),
		"market": u.marketItems(), "columns": u.parts.list.columnItems(), "peer columns": t.peers.columnItems(), "limit": u.limitItems("limit.up", 3<<20, func(int64) {}),
	}
	for _, x := range u.menus() {
		m[x.Label] = x.Items
	}
	return m
}

// List returns the table of torrents.
func (u *UI) List() *widgets.Table[swarm.InfoHash] { return u.parts.list.table }

// Side returns the sidebar.
func (u *UI) Side() *widgets.Table[view.Filter] { return u.parts.side }

// Files, Peers and Trackers return the tables of the tabs.
func (u *UI) Files() *widgets.Table[string] { return u.parts.tabs.files.table }

// Peers returns the table of peers.
func (u *UI) Peers() *widgets.Table[swarm.PeerKey] { return u.parts.tabs.peers.table }

// Trades returns the table of the Market tab.
func (u *UI) Trades() *widgets.Table[view.MarketKey] { return u.parts.tabs.market.trades.table }

// Charts returns the charts of the Market tab.
func (u *UI) Charts() (selling, buying *widgets.Auction) {
	return u.parts.tabs.market.selling, u.parts.tabs.market.buying
}

// MarketNotice returns what the Market tab says instead of its charts; "" = nothing.
func (u *UI) MarketNotice() string {
	if p := u.parts.tabs.market; p.notice.Visible() {
		return p.what.Text
	}
	return ""
}

// Trackers returns the table of trackers.
func (u *UI) Trackers() *widgets.Table[string] { return u.parts.tabs.trackers.table }

// Search types into the search box.
func (u *UI) Search(s string) { u.parts.search.SetText(s) }

// SearchBox returns the search box.
func (u *UI) SearchBox() fyne.Focusable { return u.parts.search }

// AltTool returns the switch of the alternative limits.
func (u *UI) AltTool() *widgets.Tool { return u.parts.tools.alt }

// Status returns the texts of the status bar.
func (u *UI) Status() []string {
	b := u.parts.status
	return []string{b.count.Text(), b.dht.Text(), b.port.Text(), b.down.Text(), b.up.Text()}
}

// MessageIcon is the icon before what the status bar says of the last command; ""
// for none.
func (u *UI) MessageIcon() string { return u.message.icon }

// Tools returns which buttons of the toolbar do something.
func (u *UI) Tools() map[string]bool {
	t := u.parts.tools
	return map[string]bool{"start": t.start.Enabled(), "pause": t.pause.Enabled(), "stop": t.stop.Enabled(), "remove": t.remove.Enabled(), "queue": t.raise.Enabled()}
}

// Drop drops files onto the window.
func (u *UI) Drop(uris ...fyne.URI) { u.dropped(fyne.Position{}, uris) }

// Paste presses Ctrl+V.
func (u *UI) Paste() { u.paste() }

// Shortcut presses a key of the window and reports whether it is one.
func (u *UI) Shortcut(s fyne.Shortcut) bool { return u.shortcut(s) }

// TickFile ticks a row of the Files tab.
func (u *UI) TickFile(row int) { u.tickFile(row) }

// SourceOf reads a source.
func SourceOf(s string) (swarm.Source, bool) { return sourceOf(s) }

// DetailBox returns the tabs.
func (u *UI) DetailBox() fyne.CanvasObject { return u.parts.tabs.box }

// Tab returns the tab that is shown.
func (u *UI) Tab() string { return u.parts.tabs.bar.Chosen() }

// Words returns the locale of the window.
func (u *UI) Words() *view.Locale { return u.loc }

// EditPrefs changes the preferences as their dialog does.
func (u *UI) EditPrefs(f func(*Prefs)) {
	p := u.p.Settings.Prefs()
	f(&p)
	u.prefs = p
}

// ReadPrefs takes the preferences as they are kept, as a new window does.
func (u *UI) ReadPrefs() { u.prefs = u.p.Settings.Prefs() }

// FeedRows returns the items of the feed page; nil while it is hidden.
func (u *UI) FeedRows() *view.List[view.FeedRow] { return u.frame.items }

// FeedTable returns the table of the feed page.
func (u *UI) FeedTable() *widgets.Table[view.FeedKey] { return u.parts.feeds.items.table }

// FeedUnder is what the feed page hides.
func (u *UI) FeedUnder() fyne.CanvasObject { return u.parts.feeds.under }

// FeedWords is what an empty feed page says.
func (u *UI) FeedWords() string { return u.parts.feeds.empty.Text }

// FeedMenu is the context menu of the feed page.
func (u *UI) FeedMenu() []*fyne.MenuItem { return u.feedItems() }

// ResolveAll names n peers as the Peers tab does, frame after frame.
func ResolveAll(t testing.TB, lookup func(context.Context, netip.Addr) (string, error), n int) map[netip.Addr]string {
	t.Helper()
	u := &UI{p: Params{Lookup: lookup}, wake: make(chan struct{}, 1), slow: make(chan job, 1)}
	peers := make([]swarm.Peer, n)
	for i := range peers {
		peers[i].Addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 1)
	}
	for range 10 {
		u.nameHosts(&ask{resolve: true}, peers)
		u.nameHosts(&ask{resolve: true}, peers) // while the job is under way
		select {
		case j := <-u.slow:
			j(t.Context())
		default:
		}
	}
	out := map[netip.Addr]string{}
	for i := range peers {
		out[peers[i].Addr.Addr()] = peers[i].Host
	}
	return out
}

// StatusOf writes the status bar of a snapshot, with the limits.
func (u *UI) StatusOf(s *swarm.Snapshot, overhead bool) []string {
	st := u.statusText(&view.Format{Locale: u.loc, Now: s.At}, s, true, overhead)
	return []string{st.alt, st.dht, st.port, st.down, st.up}
}
