package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
)

// item makes a menu item; key is its words.
func (u *UI) item(key string, run func()) *fyne.MenuItem { return fyne.NewMenuItem(u.loc.T(key), run) }

// keyed adds a shortcut, which is only shown: addShortcuts makes it work.
func keyed(it *fyne.MenuItem, s fyne.Shortcut) *fyne.MenuItem {
	it.Shortcut = s
	return it
}

func enabled(it *fyne.MenuItem, on bool) *fyne.MenuItem {
	it.Disabled = !on
	return it
}

func ticked(it *fyne.MenuItem, on bool) *fyne.MenuItem {
	it.Checked = on
	return it
}

func submenu(title string, items ...*fyne.MenuItem) *fyne.MenuItem {
	it := fyne.NewMenuItem(title, nil)
	it.ChildMenu = fyne.NewMenu("", items...)
	return it
}

func ctrl(k fyne.KeyName) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierShortcutDefault}
}

// shortcuts are the keys that work anywhere in the window.
func (u *UI) shortcuts() map[string]struct {
	key fyne.Shortcut
	run func()
} {
	type entry = struct {
		key fyne.Shortcut
		run func()
	}
	alt := func(k fyne.KeyName) fyne.Shortcut {
		return &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierAlt}
	}
	return map[string]entry{
		"add":    {ctrl(fyne.KeyO), u.addFiles},
		"addURL": {ctrl(fyne.KeyU), u.addURL},
		"create": {ctrl(fyne.KeyN), u.askCreate},
		"prefs":  {ctrl(fyne.KeyComma), u.showPrefs},
		"quit":   {ctrl(fyne.KeyQ), u.quit},
		"alt":    {ctrl(fyne.KeyL), u.toggleAlt},
		"search": {ctrl(fyne.KeyF), func() { u.win.Canvas().Focus(u.parts.search) }},
		"props":  {alt(fyne.KeyReturn), u.showProperties},
		"file":   {alt(fyne.KeyF), func() { u.parts.menu.Open(0) }},
		"paste":  {&fyne.ShortcutPaste{}, u.paste},
	}
}

// addShortcuts makes the keys work while nothing that knows shortcuts has the
// focus; what has it passes them on through shortcut.
func (u *UI) addShortcuts() {
	for _, s := range u.shortcuts() {
		u.win.Canvas().AddShortcut(s.key, func(fyne.Shortcut) { s.run() })
	}
}

// shortcut runs a key of the window for a focused widget and reports whether it
// is one. Pasting is left to entries.
func (u *UI) shortcut(s fyne.Shortcut) bool {
	for _, k := range u.shortcuts() {
		if _, paste := k.key.(*fyne.ShortcutPaste); !paste && k.key.ShortcutName() == s.ShortcutName() {
			k.run()
			return true
		}
	}
	return false
}

// menus are the main menus.
func (u *UI) menus() []*fyne.Menu {
	l, k := u.loc, u.shortcuts()
	s := &u.state
	sep := fyne.NewMenuItemSeparator()
	show := func(key string, hidden *bool) *fyne.MenuItem {
		return ticked(u.item(key, func() {
			u.capture()
			*hidden = !*hidden
			u.arrange()
			u.publish()
		}), !*hidden)
	}
	return []*fyne.Menu{
		fyne.NewMenu(l.T("menu.file"),
			keyed(u.item("menu.add", u.addFiles), k["add"].key), u.item("menu.addTo", u.addFilesTo), keyed(u.item("menu.addURL", u.addURL), k["addURL"].key), u.feedItem("menu.addFeed", u.addFeed), sep,
			keyed(u.item("menu.create", u.askCreate), k["create"].key), sep,
			keyed(u.item("menu.quit", u.quit), k["quit"].key)),
		fyne.NewMenu(l.T("menu.options"), append([]*fyne.MenuItem{
			keyed(u.item("menu.prefs", u.showPrefs), k["prefs"].key), u.feedItem("menu.filters", u.showFilters), keyed(ticked(u.item("menu.alternative", u.toggleAlt), u.prefs.AltOn), k["alt"].key), u.whenDoneMenu(), u.item("menu.guide", u.showGuide), sep,
			show("menu.showToolbar", &s.HideToolbar), show("menu.showDetail", &s.HideDetail), show("menu.showStatus", &s.HideStatus), show("menu.showSide", &s.HideSide), u.tabIconsItem(),
		}, u.walletItems()...)...),
		fyne.NewMenu(l.T("menu.help"),
			u.item("menu.manual", u.showManual), sep, u.item("menu.statistics", u.showStatistics), u.item("menu.flags", u.showFlags), sep, u.item("menu.about", u.showAbout)),
	}
}

// torrentMenu is the context menu of the list.
func (u *UI) torrentMenu() *fyne.Menu {
	c, sel := u.can(), u.selected()
	one := len(sel) == 1
	sep := fyne.NewMenuItemSeparator
	forced := len(sel) > 0
	for _, t := range sel {
		forced = forced && t.Forced
	}
	items := []*fyne.MenuItem{
		enabled(u.item("menu.open", u.openTorrent), one && u.p.Open != nil),
		enabled(u.item("menu.openFolder", u.openFolder), one && u.p.Open != nil),
		sep(),
		keyed(u.item("menu.copyMagnet", u.copyMagnet), &fyne.ShortcutCopy{}),
		u.item("menu.copyHash", u.copyHash),
		sep(),
		ticked(enabled(u.item("menu.forceStart", u.forceSelected), c.force), forced),
		enabled(u.item("menu.start", u.startSelected), c.start),
		enabled(u.item("menu.pause", u.pauseSelected), c.pause),
		enabled(u.item("menu.stop", u.stopSelected), c.stop),
		sep(),
		u.queueMenu(c.queue), u.bandwidthMenu(sel), u.labelMenu(sel),
		sep(),
		keyed(u.item("menu.remove", func() { u.removeSelected(false) }), &desktop.CustomShortcut{KeyName: fyne.KeyDelete}),
		submenu(u.loc.T("menu.removeAnd"),
			u.item("menu.removeTorrent", func() { u.removeAnd(false) }),
			keyed(u.item("menu.removeData", func() { u.removeSelected(true) }), &desktop.CustomShortcut{KeyName: fyne.KeyDelete, Modifier: fyne.KeyModifierShift}),
			u.item("menu.removeBoth", func() { u.removeAnd(true) })),
		sep(),
		enabled(u.item("menu.recheck", u.recheckSelected), c.recheck),
		enabled(u.item("menu.update", u.reannounceSelected), c.update),
		u.advancedMenu(sel),
		sep(),
		keyed(enabled(u.item("menu.properties", u.showProperties), one), u.shortcuts()["props"].key),
	}
	return fyne.NewMenu("", items...)
}

func (u *UI) queueMenu(on bool) *fyne.MenuItem {
	move := func(key string, m swarm.QueueMove) *fyne.MenuItem { return u.item(key, func() { u.queueSelected(m) }) }
	return enabled(submenu(u.loc.T("menu.queue"), move("menu.queueTop", swarm.QueueTop), move("menu.queueUp", swarm.QueueUp),
		move("menu.queueDown", swarm.QueueDown), move("menu.queueBottom", swarm.QueueBottom)), on)
}

func (u *UI) bandwidthMenu(sel []*swarm.Torrent) *fyne.MenuItem {
	var down, up int64
	if len(sel) > 0 {
		down, up = sel[0].DownLimit, sel[0].UpLimit
	}
	return submenu(u.loc.T("menu.bandwidth"), slices.Concat(u.shareItems(sel), []*fyne.MenuItem{
		fyne.NewMenuItemSeparator(),
		submenu(u.loc.T("limit.down"), u.limitItems("limit.down", down, func(n int64) { u.setTorrentLimits(&n, nil) })...),
		submenu(u.loc.T("limit.up"), u.limitItems("limit.up", up, func(n int64) { u.setTorrentLimits(nil, &n) })...),
	}, u.tradeItems(sel))...)
}

// shareItems choose what part of the session's limits the selected torrents have; a
// tick is at what all of them have.
func (u *UI) shareItems(sel []*swarm.Torrent) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, share := range view.Shares() {
		all := len(sel) > 0
		for _, t := range sel {
			all = all && t.Share == share
		}
		items = append(items, ticked(fyne.NewMenuItem(u.loc.Share(share), func() { u.setShare(share) }), all))
	}
	return items
}

// limitItems offers usual rates around the present one.
func (u *UI) limitItems(title string, now int64, set func(n int64)) []*fyne.MenuItem {
	const kib, mib = 1 << 10, 1 << 20
	items := []*fyne.MenuItem{ticked(u.item("limit.none", func() { set(0) }), now == 0), fyne.NewMenuItemSeparator()}
	listed := now == 0
	for _, n := range []int64{50 * kib, 100 * kib, 250 * kib, 500 * kib, mib, 2 * mib, 5 * mib, 10 * mib, 50 * mib} {
		if !listed && n > now {
			items, listed = append(items, ticked(fyne.NewMenuItem(u.loc.Rate(now), func() { set(now) }), true)), true
		}
		listed = listed || n == now
		items = append(items, ticked(fyne.NewMenuItem(u.loc.Rate(n), func() { set(n) }), n == now))
	}
	return append(items, fyne.NewMenuItemSeparator(), u.item("limit.other", func() { u.askLimit(title, now, set) }))
}

func (u *UI) labelMenu(sel []*swarm.Torrent) *fyne.MenuItem {
	items := []*fyne.MenuItem{u.item("menu.newLabel", u.askLabel), enabled(u.item("menu.noLabel", func() { u.setLabel("") }), hasLabel(sel))}
	if labels := view.Labels(u.frame.snap); len(labels) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
		for _, l := range labels {
			all := len(sel) > 0
			for _, t := range sel {
				all = all && t.Label == l
			}
			items = append(items, ticked(fyne.NewMenuItem(l, func() { u.setLabel(l) }), all))
		}
	}
	return submenu(u.loc.T("menu.label"), items...)
}

func hasLabel(sel []*swarm.Torrent) bool {
	for _, t := range sel {
		if t.Label != "" {
			return true
		}
	}
	return false
}

func (u *UI) advancedMenu(sel []*swarm.Torrent) *fyne.MenuItem {
	one := len(sel) == 1
	seq, ends := one && sel[0].Seq, one && sel[0].EndsFst
	return submenu(u.loc.T("menu.advanced"),
		u.item("menu.move", u.askMove), enabled(u.item("menu.relocate", u.askRelocate), one), enabled(u.item("menu.rename", u.askRename), one), fyne.NewMenuItemSeparator(),
		u.item("menu.clearPeers", u.clearPeers), u.item("menu.liftBans", u.liftBans), fyne.NewMenuItemSeparator(),
		enabled(ticked(u.item("menu.sequential", func() { u.setOrder(!seq, ends) }), seq), one),
		enabled(ticked(u.item("menu.endsFirst", func() { u.setOrder(seq, !ends) }), ends), one))
}

// peerItems is the context menu of the Peers tab.
func (u *UI) peerItems() []*fyne.MenuItem {
	n := len(u.parts.tabs.peers.chosen())
	return []*fyne.MenuItem{
		u.item("menu.addPeer", u.askPeer), enabled(ticked(u.item("menu.resolve", u.toggleResolve), u.state.Resolve), u.p.Lookup != nil), fyne.NewMenuItemSeparator(),
		enabled(u.item("menu.copyPeers", u.copyPeers), n > 0), enabled(u.item("menu.banPeers", u.banPeers), n > 0),
		fyne.NewMenuItemSeparator(), enabled(u.item("menu.reloadFilter", u.reloadFilter), u.frame.snap.Totals.FilterRanges > 0 || u.frame.snap.Totals.FilterFault),
	}
}

// trackerItems is the context menu of the Trackers tab.
func (u *UI) trackerItems() []*fyne.MenuItem {
	n := 0
	for _, t := range u.parts.tabs.trackers.chosen() {
		if t.Tier >= 0 {
			n++
		}
	}
	return []*fyne.MenuItem{
		u.item("menu.addTracker", u.askTracker), u.item("menu.editTrackers", u.showProperties), enabled(u.item("menu.removeTracker", u.removeTrackers), n > 0),
		fyne.NewMenuItemSeparator(), enabled(u.item("menu.copyTracker", u.copyTrackers), n > 0), u.item("menu.update", u.reannounceCurrent),
	}
}

// fileItems is the context menu of the Files tab.
func (u *UI) fileItems() []*fyne.MenuItem {
	sel := u.parts.tabs.files.chosen()
	on := len(sel) > 0
	prio := func(key string, p swarm.Priority) *fyne.MenuItem {
		all := on
		for _, n := range sel {
			all = all && !n.Mixed && n.Priority == p
		}
		return ticked(enabled(u.item(key, func() { u.setPriority(p) }), on), all)
	}
	return []*fyne.MenuItem{
		enabled(u.item("menu.open", u.openFile), len(sel) == 1 && u.p.Open != nil), u.item("menu.openFolder", u.showFile), fyne.NewMenuItemSeparator(),
		prio("prio.high", swarm.High), prio("prio.normal", swarm.Normal), prio("prio.low", swarm.Low), prio("menu.skip", swarm.Skip),
		fyne.NewMenuItemSeparator(), enabled(u.item("menu.renameFile", u.askRenameFile), len(sel) == 1), enabled(u.item("menu.copyNames", u.copyNames), on),
	}
}
