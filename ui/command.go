package ui

import (
	"context"
	"maps"

	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// commands are the window's doings by name, for Run.
func (u *UI) commands() map[string]func() {
	tab := func(id string) func() { return func() { u.parts.tabs.bar.Choose(id) } }
	m := map[string]func(){
		"create": u.askCreate, "guide": u.showGuide, "add": u.addFiles, "add-to": u.addFilesTo, "manual": u.showManual, "add-url": u.addURL, "preferences": u.showPrefs, "properties": u.showProperties, "statistics": u.showStatistics,
		"flags": u.showFlags, "about": u.showAbout, "licences": u.showLicences, "rename": u.askRename, "move": u.askMove, "new-label": u.askLabel, "add-peer": u.askPeer, "add-tracker": u.askTracker,
		"rename-file": u.askRenameFile, "relocate": u.askRelocate, "remove-copy": func() { u.removeAnd(false) }, "edit-feed": u.editFeed, "drop-feed": u.dropFeed, "allow-private": u.togglePrivate,
		"remove": func() { u.removeSelected(false) }, "remove-data": func() { u.removeSelected(true) },
		"limit-down": func() {
			u.askLimit("limit.down", u.frame.snap.Totals.DownLimit, func(n int64) { u.setSessionLimits(n, u.frame.snap.Totals.UpLimit) })
		},
		"limit-up": func() {
			u.askLimit("limit.up", u.frame.snap.Totals.UpLimit, func(n int64) { u.setSessionLimits(u.frame.snap.Totals.DownLimit, n) })
		},
		"reserve": func() { u.askBandwidth(false) }, "caps": func() { u.askBandwidth(true) }, "market-preferences": u.showMarketPrefs,
		"add-feed": u.addFeed, "feeds": u.showFeeds, "feed-filters": u.showFilters,
		"alternative": u.toggleAlt, "remove-tracker": u.removeTrackers, "quit": u.quit,
		"start": u.startSelected, "stop": u.stopSelected, "pause": u.pauseSelected, "recheck": u.recheckSelected,
		"shutdown-when-done": func() { u.setWhenDone(view.WhenDone{Deed: view.Shutdown}) },
		"menu-file":          func() { u.parts.menu.Open(0) }, "menu-options": func() { u.parts.menu.Open(1) },
	}
	for _, id := range []string{tabGeneral, tabTrackers, tabPeers, tabPieces, tabFiles, tabMarket, tabSpeed, tabLog} {
		m["tab-"+id] = tab(id)
	}
	for _, p := range dialogs.Pages() {
		m["page-"+p.Title] = func() { u.editPrefs(p.Title) }
	}
	maps.Copy(m, u.walletCommands())
	return m
}

// Run carries out a command by its name, as its menu item does, and reports
// whether there is one: "add-url", "preferences", "tab-peers" and so on.
func (u *UI) Run(command string) bool {
	f := u.commands()[command]
	if f != nil {
		f()
	}
	return f != nil
}

// Filter shows what belongs to an entry of the sidebar, as a click on it does.
func (u *UI) Filter(f view.Filter) { u.parts.side.Select(f) }

// Select selects torrents in the list.
func (u *UI) Select(ihs ...swarm.InfoHash) { u.parts.list.table.Select(ihs...) }

// SelectRow selects a row of the table of a tab, from 0, if there is such a row.
func (u *UI) SelectRow(tab string, row int) {
	t := u.parts.tabs
	switch tab {
	case tabTrackers:
		selectRow(t.trackers.table, row)
	case tabPeers:
		selectRow(t.peers.table, row)
	case tabFiles:
		selectRow(t.files.table, row)
	case tabMarket:
		selectRow(t.market.trades.table, row)
	case tabLog:
		selectRow(t.log.table, row)
	}
}

func selectRow[K comparable](t *widgets.Table[K], row int) {
	if row >= 0 && row < t.Model().Len() {
		t.Select(t.Model().Key(row))
	}
}

// Settle carries out everything that is queued and shows the present state. It
// stands in for Follow where there is no main loop: pictures and tests. It must
// not run beside Follow.
func (u *UI) Settle(ctx context.Context) {
	for {
		select {
		case j := <-u.jobs:
			j(ctx)
		case j := <-u.slow:
			j(ctx)
		default:
			u.apply(u.build(ctx, u.ask.Load()))
			return
		}
	}
}
