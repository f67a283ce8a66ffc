package ui

import (
	"maps"
	"slices"

	"fyne.io/fyne/v2"

	"swarmbid/ui/widgets"
)

// AllBars returns the menus of the bar, as it opens them.
func (u *UI) AllBars() []*fyne.Menu { return u.menus() }

// TrayMenu returns the menu of the tray.
func (u *UI) TrayMenu() []*fyne.MenuItem { return u.trayMenu() }

// TabTable is what all tables of the tabs have in common.
type TabTable interface {
	Columns() []widgets.Column
	Focusable() fyne.Focusable
}

// TabTables returns the tables of the tabs by the tab.
func (u *UI) TabTables() map[string]TabTable {
	t := u.parts.tabs
	return map[string]TabTable{"peers": t.peers.table, "trackers": t.trackers.table, "files": t.files.table, "market": t.market.trades.table, "log": t.log.table}
}

// SelectFirst selects the first row of a tab's table that can be changed.
func (u *UI) SelectFirst(tab string) {
	t := u.parts.tabs
	switch tab {
	case "peers":
		first(t.peers.table)
	case "trackers":
		first(t.trackers.table)
	case "files":
		first(t.files.table)
	case "market":
		first(t.market.trades.table)
	case "log":
		first(t.log.table)
	}
}

func first[K comparable](t *widgets.Table[K]) {
	if n := t.Model().Len(); n > 0 {
		t.Select(t.Model().Key(n - 1))
	}
}

// SearchHint returns what the empty search box says.
func (u *UI) SearchHint() string { return u.parts.search.PlaceHolder }

// CommandNames returns the names Run knows but those that end the program, sorted.
func (u *UI) CommandNames() []string {
	names := slices.Sorted(maps.Keys(u.commands()))
	return slices.DeleteFunc(names, func(s string) bool { return s == "quit" })
}

// OpenBar opens a menu of the bar; -1 closes it.
func (u *UI) OpenBar(i int) { u.parts.menu.Open(i) }

// TabIcons returns the icons of the tabs, "" for none.
func (u *UI) TabIcons() (out []string) {
	for _, t := range u.tabTitles() {
		out = append(out, t.Icon)
	}
	return out
}
