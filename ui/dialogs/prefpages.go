package dialogs

// Pages describes the preferences.
func Pages() []Page {
	return []Page{
		generalPage(), interfacePage(), desktopPage(), directoriesPage(), connectionPage(), proxyPage(), bandwidthPage(), limitsPage(), bittorrentPage(),
		capPage(), queueingPage(), schedulePage(), programsPage(), notifyPage(), marketPage(), advancedPage(),
	}
}

func generalPage() Page {
	return Page{"prefs.general", []Setting{
		{Label: "prefs.language", Text: func(p *Prefs) *string { return &p.Language }, Choices: []Choice{{"", "prefs.system"}, {"en", "prefs.english"}, {"de", "prefs.german"}}},
		{Label: "prefs.theme", Text: func(p *Prefs) *string { return &p.Theme }, Choices: []Choice{{"", "prefs.system"}, {"light", "prefs.light"}, {"dark", "prefs.dark"}}},
		{Label: "prefs.files"},
		{Label: "prefs.suffix", Bool: func(p *Prefs) *bool { return &p.Suffix }, Note: "prefs.suffixNote"},
		{Label: "prefs.allocate", Bool: func(p *Prefs) *bool { return &p.Allocate }, Note: "prefs.allocateNote"},
	}}
}

func interfacePage() Page {
	clicks := []Choice{{"properties", "prefs.clickProperties"}, {"startStop", "prefs.clickStartStop"}, {"open", "prefs.clickOpen"}, {"openFolder", "prefs.clickFolder"}}
	return Page{"prefs.interface", []Setting{
		{Label: "prefs.asking"},
		{Label: "prefs.confirmRemove", Bool: func(p *Prefs) *bool { return &p.ConfirmRemove }},
		{Label: "prefs.confirmTrackers", Bool: func(p *Prefs) *bool { return &p.ConfirmTrackers }},
		{Label: "prefs.confirmExit", Bool: func(p *Prefs) *bool { return &p.ConfirmExit }},
		{Label: "prefs.window"},
		{Label: "prefs.speedInTitle", Bool: func(p *Prefs) *bool { return &p.SpeedInTitle }},
		{Label: "prefs.limitsInStatus", Bool: func(p *Prefs) *bool { return &p.LimitsInStatus }},
		{Label: "prefs.overheadInStatus", Bool: func(p *Prefs) *bool { return &p.OverheadInStatus }},
		{Label: "prefs.stripes", Bool: func(p *Prefs) *bool { return &p.Stripes }},
		{Label: "prefs.adding"},
		{Label: "prefs.askOnAdd", Bool: func(p *Prefs) *bool { return &p.AskOnAdd }},
		{Label: "prefs.addStopped", Bool: func(p *Prefs) *bool { return &p.AddStopped }},
		{Label: "prefs.raiseOnAdd", Bool: func(p *Prefs) *bool { return &p.RaiseOnAdd }},
		{Label: "prefs.doubleClick"},
		{Label: "prefs.clickDownloading", Text: func(p *Prefs) *string { return &p.DoubleClick }, Choices: clicks},
		{Label: "prefs.clickSeeding", Text: func(p *Prefs) *string { return &p.DoubleClickSeeding }, Choices: clicks},
	}}
}

func directoriesPage() Page {
	return Page{"prefs.directories", []Setting{
		{Label: "prefs.downloadDir", Text: func(p *Prefs) *string { return &p.DownloadDir }, Folder: true},
		{Label: "prefs.whenDone"},
		{Label: "prefs.completedDir", Text: func(p *Prefs) *string { return &p.CompletedDir }, Folder: true},
		{Label: "prefs.completedLabel", Bool: func(p *Prefs) *bool { return &p.CompletedLabel }},
		{Label: "prefs.completedDefault", Bool: func(p *Prefs) *bool { return &p.CompletedDefault }},
		{Label: "prefs.copies"},
		{Label: "prefs.torrentsDir", Text: func(p *Prefs) *string { return &p.TorrentsDir }, Folder: true},
		{Label: "prefs.torrentsDoneDir", Text: func(p *Prefs) *string { return &p.TorrentsDoneDir }, Folder: true},
		{Label: "prefs.watching"},
		{Label: "prefs.watchDir", Text: func(p *Prefs) *string { return &p.WatchDir }, Folder: true, Note: "prefs.watchNote"},
		{Label: "prefs.watchDelete", Bool: func(p *Prefs) *bool { return &p.WatchDelete }},
	}}
}

func bandwidthPage() Page {
	return Page{"prefs.bandwidth", []Setting{
		{Label: "prefs.upLimit", Rate: func(p *Prefs) *int64 { return &p.UpLimit }, Unit: "unit.kibs"},
		{Label: "prefs.downLimit", Rate: func(p *Prefs) *int64 { return &p.DownLimit }, Unit: "unit.kibs", Note: "limit.hint"},
		{Label: "prefs.idleUpOn", Bool: func(p *Prefs) *bool { return &p.IdleUpOn }},
		{Label: "prefs.idleUpLimit", Rate: func(p *Prefs) *int64 { return &p.IdleUpLimit }, Unit: "unit.kibs"},
		{Label: "prefs.alternative"},
		{Label: "prefs.altOn", Bool: func(p *Prefs) *bool { return &p.AltOn }},
		{Label: "prefs.altUpLimit", Rate: func(p *Prefs) *int64 { return &p.AltUpLimit }, Unit: "unit.kibs"},
		{Label: "prefs.altDownLimit", Rate: func(p *Prefs) *int64 { return &p.AltDownLimit }, Unit: "unit.kibs", Note: "prefs.altNote"},
		{Label: "market.pref.sharing"},
		{Label: "market.pref.free", Int: func(p *Prefs) *int { return &p.FreeShare }, Min: 10, Max: 100, Unit: "market.pref.percent", Note: "market.pref.freeNote"},
	}}
}

// limitsPage says for whom and where limits hold.
func limitsPage() Page {
	return Page{"prefs.limits", []Setting{
		{Label: "prefs.whatCounts"},
		{Label: "prefs.limitLocal", Bool: func(p *Prefs) *bool { return &p.LimitLocal }},
		{Label: "prefs.limitUTP", Bool: func(p *Prefs) *bool { return &p.LimitUTP }},
		{Label: "prefs.limitOverhead", Bool: func(p *Prefs) *bool { return &p.LimitOverhead }, Note: "prefs.overheadNote"},
		{Label: "prefs.netLimits"},
		{Label: "prefs.networks", Nets: func(p *Prefs) *string { return &p.Networks }, Note: "prefs.networksNote"},
	}}
}

// capPage is the page of the transfer cap.
func capPage() Page {
	return Page{"prefs.cap", []Setting{
		{Label: "prefs.capOn", Bool: func(p *Prefs) *bool { return &p.CapOn }},
		{Label: "prefs.capCount", Text: func(p *Prefs) *string { return &p.CapCount }, Choices: []Choice{{"both", "prefs.capBoth"}, {"down", "prefs.capDown"}, {"up", "prefs.capUp"}}},
		{Label: "prefs.capAmount", Int: func(p *Prefs) *int { return &p.CapAmount }, Min: 1, Max: 1_000_000},
		{Label: "prefs.capUnit", Text: func(p *Prefs) *string { return &p.CapUnit }, Choices: []Choice{{"MB", "unit.mib"}, {"GB", "unit.gib"}}},
		{Label: "prefs.capDays", Int: func(p *Prefs) *int { return &p.CapDays }, Min: 1, Max: 31, Unit: "prefs.capDaysUnit", Note: "prefs.capNote"},
		{Label: "prefs.capHistory", Needs: needUsage},
		{Label: "prefs.capUsage", Usage: true, Needs: needUsage},
	}}
}

func queueingPage() Page {
	return Page{"prefs.queueing", []Setting{
		{Label: "prefs.maxActive", Int: func(p *Prefs) *int { return &p.MaxActive }, Min: 1, Max: 100000},
		{Label: "prefs.maxDownloads", Int: func(p *Prefs) *int { return &p.MaxDownloads }, Min: 1, Max: 100000},
		{Label: "prefs.skipSlow", Bool: func(p *Prefs) *bool { return &p.SkipSlow }},
		{Label: "prefs.seedsFirst", Bool: func(p *Prefs) *bool { return &p.SeedsFirst }},
		{Label: "prefs.goal"},
		{Label: "prefs.goalRatio", Int: func(p *Prefs) *int { return &p.GoalRatio }, Max: 1_000_000, Unit: "unit.percent"},
		{Label: "prefs.goalTime", Int: func(p *Prefs) *int { return &p.GoalTime }, Max: 50_000_000, Unit: "unit.minutes", Note: "prefs.goalNote"},
		{
			Label: "prefs.goalAction", Text: func(p *Prefs) *string { return &p.GoalAction },
			Choices: []Choice{{"stop", "prefs.goalStop"}, {"limit", "prefs.goalLimit"}, {"remove", "prefs.goalRemove"}},
		},
		{Label: "prefs.goalUpLimit", Rate: func(p *Prefs) *int64 { return &p.GoalRate }, Unit: "unit.kibs", Note: "prefs.goalUpNote"},
	}}
}

func schedulePage() Page {
	return Page{"prefs.schedule", []Setting{
		{Label: "prefs.scheduleOn", Bool: func(p *Prefs) *bool { return &p.Schedule }},
		{Label: "prefs.scheduleTable", Week: func(p *Prefs) *string { return &p.ScheduleTable }},
		{Label: "prefs.scheduleUp", Rate: func(p *Prefs) *int64 { return &p.ScheduleUp }, Unit: "unit.kibs"},
		{Label: "prefs.scheduleDown", Rate: func(p *Prefs) *int64 { return &p.ScheduleDown }, Unit: "unit.kibs"},
		{Label: "prefs.scheduleNoDHT", Bool: func(p *Prefs) *bool { return &p.ScheduleNoDHT }},
	}}
}

func programsPage() Page {
	return Page{"prefs.programs", []Setting{
		{Label: "prefs.runOnFinish"},
		{Label: "prefs.runFinish", Text: func(p *Prefs) *string { return &p.RunOnFinish }, Wide: true},
		{Label: "prefs.runOnState"},
		{Label: "prefs.runState", Text: func(p *Prefs) *string { return &p.RunOnState }, Wide: true, Note: "prefs.runNote"},
	}}
}

func notifyPage() Page {
	return Page{"prefs.notify", []Setting{
		{Label: "prefs.notifyWhen"},
		{Label: "prefs.notifyAdded", Bool: func(p *Prefs) *bool { return &p.NotifyAdded }},
		{Label: "prefs.notifyDone", Bool: func(p *Prefs) *bool { return &p.NotifyDone }},
		{Label: "prefs.notifyFailed", Bool: func(p *Prefs) *bool { return &p.NotifyFailed }},
		{Label: "prefs.notifyFeed", Bool: func(p *Prefs) *bool { return &p.NotifyFeed }, Note: "prefs.notifyNote"},
	}}
}

// advancedPage lists what few people change, by name. A Label there is no key of
// words; Note is.
func advancedPage() Page {
	return Page{"prefs.advanced", []Setting{{Label: "prefs.advancedGrid", Keys: []Setting{
		{Label: "bt.ban_duration", Int: func(p *Prefs) *int { return &p.BanHours }, Min: 1, Max: 24 * 365, Note: "adv.banDuration"},
		{Label: "bt.bootstrap_nodes", Text: func(p *Prefs) *string { return &p.Bootstrap }, Check: isHostPort, Note: "adv.bootstrap"},
		{Label: "bt.graceful_shutdown", Bool: func(p *Prefs) *bool { return &p.Farewell }, Note: "adv.farewell"},
		{Label: "bt.prioritize_partial_pieces", Bool: func(p *Prefs) *bool { return &p.BegunFirst }, Note: "adv.begunFirst"},
		{Label: "bt.save_resume_rate", Int: func(p *Prefs) *int { return &p.SaveEvery }, Min: 1, Max: 3600, Note: "adv.saveEvery"},
		{Label: "bt.subnet_slots", Int: func(p *Prefs) *int { return &p.SubnetSlots }, Max: 1000, Note: "adv.subnetSlots"},
		{Label: "bt.allow_same_ip", Bool: func(p *Prefs) *bool { return &p.SameAddress }, Note: "adv.sameAddress"},
		{Label: "bt.connect_speed", Int: func(p *Prefs) *int { return &p.ConnectSpeed }, Min: 1, Max: 1000, Note: "adv.connectSpeed"},
		{Label: "bt.use_tcp", Bool: func(p *Prefs) *bool { return &p.TCP }, Note: "adv.tcp"},
		{Label: "dir.autoload_interval", Int: func(p *Prefs) *int { return &p.WatchEvery }, Min: 1, Max: 3600, Note: "adv.watchEvery"},
		{Label: "diskio.sparse_files", Bool: func(p *Prefs) *bool { return &p.Sparse }, Note: "adv.sparse", Needs: needSparse},
		{Label: "diskio.use_partfile", Bool: func(p *Prefs) *bool { return &p.PartFile }, Note: "adv.partFile"},
		{Label: "gui.update_rate", Int: func(p *Prefs) *int { return &p.ShowEvery }, Min: 500, Max: 60000, Note: "adv.showEvery"},
		{Label: "net.bind_ip", Text: func(p *Prefs) *string { return &p.Listen }, Check: isAddr, Note: "adv.listen"},
		{Label: "net.max_halfopen", Int: func(p *Prefs) *int { return &p.HalfOpen }, Min: 1, Max: 10000, Note: "adv.halfOpen"},
		{Label: "net.outgoing_ip", Text: func(p *Prefs) *string { return &p.Outgoing }, Check: isAddr, Note: "adv.outgoing"},
		{Label: "rss.update_interval", Int: func(p *Prefs) *int { return &p.FeedMinutes }, Min: 1, Max: 7 * 24 * 60, Note: "adv.feedEvery"},
		{Label: "peer.disconnect_inactive", Bool: func(p *Prefs) *bool { return &p.DropInactive }, Note: "adv.dropInactive"},
		{Label: "peer.disconnect_inactive_interval", Int: func(p *Prefs) *int { return &p.DropAfter }, Min: 30, Max: 86400, Note: "adv.dropAfter"},
		{Label: "queue.prio_no_seeds", Bool: func(p *Prefs) *bool { return &p.SeedlessFirst }, Note: "adv.seedlessFirst"},
		{Label: "queue.slow_after", Int: func(p *Prefs) *int { return &p.SlowAfter }, Max: 1_000_000, Note: "adv.slowAfter"},
		{Label: "queue.slow_threshold", Rate: func(p *Prefs) *int64 { return &p.SlowRate }, Note: "adv.slowRate"},
	}}}}
}
