package main

import (
	"strings"

	"swarmbid/app/settings"
	"swarmbid/ui"
	"swarmbid/ui/dialogs"
)

// prefsOf is what the window edits of the settings.
func prefsOf(s settings.Settings) ui.Prefs {
	p := ui.Prefs{
		Language: s.Language, Theme: s.Theme, GuideDone: s.FirstRunDone,
		DownloadDir: s.Directories.Download, WatchDir: s.Directories.Watch, WatchDelete: s.Directories.WatchDelete, WatchEvery: s.Directories.WatchEvery,
		CompletedDir: s.Directories.Completed, CompletedLabel: s.Directories.CompletedLabel, CompletedDefault: s.Directories.CompletedDefault,
		Suffix: s.Directories.Suffix, TorrentsDir: s.Directories.Torrents, TorrentsDoneDir: s.Directories.TorrentsDone,
		Port: int(s.Connection.Port), RandomPort: s.Connection.Random, UPnP: s.Connection.UPnP, NATPMP: s.Connection.NATPMP, IPv6: s.BitTorrent.IPv6,
		Listen: strings.Join(s.Connection.Listen, ", "), BanHours: s.Connection.BanFor,
		MaxPeers: s.Bandwidth.MaxPeers, MaxPeersPerTorrent: s.Bandwidth.MaxPeersPerTorrent, Slots: s.Bandwidth.Slots, SubnetSlots: s.Bandwidth.SubnetSlots,
		DownLimit: s.Bandwidth.DownLimit, UpLimit: s.Bandwidth.UpLimit,
		AltOn: s.Bandwidth.AltOn, AltDownLimit: s.Bandwidth.AltDownLimit, AltUpLimit: s.Bandwidth.AltUpLimit,
		IdleUpOn: s.Bandwidth.IdleUpOn, IdleUpLimit: s.Bandwidth.IdleUpLimit,
		DHT: s.BitTorrent.DHT, PEX: s.BitTorrent.PEX, LSD: s.BitTorrent.LSD, UTP: s.BitTorrent.UTP, TCP: s.BitTorrent.TCP, Encryption: s.BitTorrent.Encryption,
		Bootstrap: strings.Join(s.BitTorrent.Bootstrap, ", "), SaveEvery: s.BitTorrent.SaveEvery,
		Schedule: s.Schedule.On, ScheduleTable: s.Schedule.Table, ScheduleDown: s.Schedule.DownLimit, ScheduleUp: s.Schedule.UpLimit, ScheduleNoDHT: s.Schedule.NoDHT,
		FeedMinutes: s.Feeds.UpdateMinutes,
		RunOnFinish: s.Programs.OnFinish, RunOnState: s.Programs.OnState,
		NotifyAdded: s.Notify.Added, NotifyDone: s.Notify.Done, NotifyFailed: s.Notify.Failed, NotifyFeed: s.Notify.Feed,
		Market: s.Market.On, FreeShare: s.Market.FreeShare, Reserve: s.Market.Reserve, ReserveRarity: s.Market.ReserveRarity,
		BidMode: s.Market.BidMode, BidMaxPrice: s.Market.MaxPrice, BidMaxTorrent: s.Market.MaxTorrent, BidMaxDay: s.Market.MaxDay, BidSpending: s.Market.Spending,
	}
	lookOf(&p, &s.Interface)
	advancedOf(&p, &s.Advanced)
	waysOf(&p, &s)
	queueOf(&p, &s.Queue)
	trafficPrefs(&p, &s.Traffic)
	return p
}

func lookOf(p *ui.Prefs, i *settings.Interface) {
	p.ConfirmRemove, p.ConfirmTrackers, p.ConfirmExit = i.ConfirmRemove, i.ConfirmTrackers, i.ConfirmExit
	p.SpeedInTitle, p.LimitsInStatus, p.Stripes = i.SpeedInTitle, i.LimitsInStatus, i.Stripes
	p.AskOnAdd, p.AddStopped, p.RaiseOnAdd = i.AskOnAdd, i.AddStopped, i.RaiseOnAdd
	p.DoubleClick, p.DoubleClickSeeding = i.DoubleClick, i.DoubleClickSeeding
	p.CloseToTray, p.MinimiseToTray, p.KeepAwake = i.CloseToTray, i.MinimiseToTray, i.KeepAwake
}

func queueOf(p *ui.Prefs, q *settings.Queue) {
	p.MaxActive, p.MaxDownloads, p.SeedsFirst = q.MaxActive, q.MaxDownloads, q.SeedsFirst
	p.SkipSlow, p.SlowRate, p.SlowAfter = q.SkipSlow, q.SlowRate, q.SlowAfter
	p.GoalRatio, p.GoalTime = int(q.GoalRatio/10), int(q.GoalTime/60)
	p.GoalAction, p.GoalRate = q.GoalAction, q.GoalRate
}

// carry puts what the window edited into the settings.
func carry(p *ui.Prefs, s *settings.Settings) {
	s.Language, s.Theme, s.FirstRunDone = p.Language, p.Theme, p.GuideDone
	i := &s.Interface
	i.ConfirmRemove, i.ConfirmTrackers, i.ConfirmExit = p.ConfirmRemove, p.ConfirmTrackers, p.ConfirmExit
	i.SpeedInTitle, i.LimitsInStatus, i.Stripes = p.SpeedInTitle, p.LimitsInStatus, p.Stripes
	i.AskOnAdd, i.AddStopped, i.RaiseOnAdd = p.AskOnAdd, p.AddStopped, p.RaiseOnAdd
	i.DoubleClick, i.DoubleClickSeeding = p.DoubleClick, p.DoubleClickSeeding
	i.CloseToTray, i.MinimiseToTray, i.KeepAwake = p.CloseToTray, p.MinimiseToTray, p.KeepAwake
	d := &s.Directories
	d.Download, d.Watch, d.WatchDelete, d.WatchEvery = p.DownloadDir, p.WatchDir, p.WatchDelete, p.WatchEvery
	d.Completed, d.CompletedLabel, d.CompletedDefault = p.CompletedDir, p.CompletedLabel, p.CompletedDefault
	d.Suffix, d.Torrents, d.TorrentsDone = p.Suffix, p.TorrentsDir, p.TorrentsDoneDir
	c := &s.Connection
	c.Port, c.Random, c.Listen, c.BanFor = uint16(p.Port), p.RandomPort, dialogs.SplitList(p.Listen), p.BanHours //nolint:gosec // SavePrefs has checked it
	c.UPnP, c.NATPMP = p.UPnP, p.NATPMP
	b := &s.Bandwidth
	b.MaxPeers, b.MaxPeersPerTorrent, b.Slots, b.SubnetSlots = p.MaxPeers, p.MaxPeersPerTorrent, p.Slots, p.SubnetSlots
	b.DownLimit, b.UpLimit = p.DownLimit, p.UpLimit
	b.AltOn, b.AltDownLimit, b.AltUpLimit = p.AltOn, p.AltDownLimit, p.AltUpLimit
	b.IdleUpOn, b.IdleUpLimit = p.IdleUpOn, p.IdleUpLimit
	t := &s.BitTorrent
	t.DHT, t.PEX, t.LSD, t.UTP, t.TCP, t.IPv6, t.Encryption = p.DHT, p.PEX, p.LSD, p.UTP, p.TCP, p.IPv6, p.Encryption
	t.Bootstrap, t.SaveEvery = dialogs.SplitList(p.Bootstrap), p.SaveEvery
	carryWays(p, s)
	carryQueue(p, &s.Queue)
	carryAdvanced(p, &s.Advanced)
	carryTraffic(p, &s.Traffic)
	s.Schedule = settings.Schedule{On: p.Schedule, Table: p.ScheduleTable, DownLimit: p.ScheduleDown, UpLimit: p.ScheduleUp, NoDHT: p.ScheduleNoDHT}
	s.Feeds = settings.Feeds{UpdateMinutes: p.FeedMinutes}
	s.Programs = settings.Programs{OnFinish: p.RunOnFinish, OnState: p.RunOnState}
	s.Notify = settings.Notify{Added: p.NotifyAdded, Done: p.NotifyDone, Failed: p.NotifyFailed, Feed: p.NotifyFeed}
	s.Market = marketOf(*p)
}

// carryQueue leaves a goal that is finer than the window shows as it is.
func carryQueue(p *ui.Prefs, q *settings.Queue) {
	q.MaxActive, q.MaxDownloads, q.SeedsFirst = p.MaxActive, p.MaxDownloads, p.SeedsFirst
	q.SkipSlow, q.SlowRate, q.SlowAfter = p.SkipSlow, p.SlowRate, p.SlowAfter
	if q.GoalRatio/10 != int64(p.GoalRatio) {
		q.GoalRatio = int64(p.GoalRatio) * 10
	}
	if q.GoalTime/60 != int64(p.GoalTime) {
		q.GoalTime = int64(p.GoalTime) * 60
	}
	q.GoalAction, q.GoalRate = p.GoalAction, p.GoalRate
}

func waysOf(p *ui.Prefs, s *settings.Settings) {
	c, x := &s.Connection, &s.Connection.Proxy
	p.FilterOn, p.FilterFile = c.FilterOn, c.FilterFile
	p.Network, p.Outgoing = c.Network, strings.Join(c.Outgoing, ", ")
	p.ProxyKind, p.ProxyHost, p.ProxyPort = x.Kind, x.Host, int(x.Port)
	p.ProxyUser, p.ProxyPassword = x.User, string(x.Password)
	p.ProxyNames, p.ProxyPeers, p.ProxyOnly = x.Names, x.Peers, x.Only
	p.UDPTrackers, p.Scrape, p.ToldIP = s.BitTorrent.UDPTrackers, s.BitTorrent.Scrape, s.BitTorrent.ToldIP
}

func carryWays(p *ui.Prefs, s *settings.Settings) {
	c := &s.Connection
	c.FilterOn, c.FilterFile = p.FilterOn, p.FilterFile
	c.Network, c.Outgoing = p.Network, dialogs.SplitList(p.Outgoing)
	c.Proxy = settings.Proxy{
		Kind: p.ProxyKind, Host: p.ProxyHost, Port: uint16(p.ProxyPort), User: p.ProxyUser, Password: settings.Secret(p.ProxyPassword), //nolint:gosec // SavePrefs has checked it
		Names: p.ProxyNames, Peers: p.ProxyPeers, Only: p.ProxyOnly,
	}
	s.BitTorrent.UDPTrackers, s.BitTorrent.Scrape, s.BitTorrent.ToldIP = p.UDPTrackers, p.Scrape, p.ToldIP
}
