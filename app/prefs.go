package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"time"

	"swarmbid/app/hook"
	"swarmbid/app/settings"
	"swarmbid/bidding"
	"swarmbid/engine"
	"swarmbid/engine/link"
	"swarmbid/engine/queue"
	"swarmbid/engine/route"
	"swarmbid/engine/schedule"
	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/wallet/btt"
)

// applyTimeout bounds how long the window waits for the engine to take settings.
const applyTimeout = 5 * time.Second

// engineConfig is the engine's part of the settings.
func engineConfig(s settings.Settings, p settings.Paths, log *slog.Logger) engine.Config {
	c := engine.DefaultConfig()
	c.DataDir, c.DownloadDir, c.Version, c.Log = p.Root, s.Directories.Download, version, log
	c.Settings = engineSettings(s)
	return c
}

func engineSettings(s settings.Settings) engine.Settings {
	e := engine.DefaultSettings()
	for _, l := range s.Connection.Listen {
		if a, err := netip.ParseAddr(l); err == nil {
			e.Listen = append(e.Listen, a)
		}
	}
	e.Port, e.UPnP, e.NATPMP = s.Connection.Port, s.Connection.UPnP, s.Connection.NATPMP
	if s.Connection.Random {
		e.Port = 0
	}
	e.BanFor, e.SaveEvery = time.Duration(s.Connection.BanFor)*time.Hour, time.Duration(s.BitTorrent.SaveEvery)*time.Second
	if len(s.BitTorrent.Bootstrap) > 0 {
		e.Bootstrap = s.BitTorrent.Bootstrap
	}
	e.TCP, e.UTP, e.IPv6 = s.BitTorrent.TCP, s.BitTorrent.UTP, s.BitTorrent.IPv6
	e.DHT, e.PEX, e.LSD = s.BitTorrent.DHT, s.BitTorrent.PEX, s.BitTorrent.LSD
	e.Encryption = map[string]link.Policy{"prefer": link.Prefer, "require": link.Require, "off": link.Off}[s.BitTorrent.Encryption]
	e.DownLimit, e.UpLimit = s.Bandwidth.DownLimit, s.Bandwidth.UpLimit
	e.AltOn, e.AltDown, e.AltUp = s.Bandwidth.AltOn, s.Bandwidth.AltDownLimit, s.Bandwidth.AltUpLimit
	e.IdleUpOn, e.IdleUp, e.SubnetSlots = s.Bandwidth.IdleUpOn, s.Bandwidth.IdleUpLimit, s.Bandwidth.SubnetSlots
	e.Slots, e.MaxPeers, e.MaxPeersPerTorrent = s.Bandwidth.Slots, s.Bandwidth.MaxPeers, s.Bandwidth.MaxPeersPerTorrent
	e.Queue = queue.Policy{
		MaxActive: s.Queue.MaxActive, MaxDownloads: s.Queue.MaxDownloads, SkipSlow: s.Queue.SkipSlow,
		SlowRate: s.Queue.SlowRate, SlowAfter: time.Duration(s.Queue.SlowAfter) * time.Second, SeedsFirst: s.Queue.SeedsFirst,
		GoalRatio: s.Queue.GoalRatio, GoalTime: time.Duration(s.Queue.GoalTime) * time.Second,
	}
	e.GoalAction = map[string]swarm.GoalAction{"stop": swarm.GoalStop, "limit": swarm.GoalLimit, "remove": swarm.GoalRemove}[s.Queue.GoalAction]
	e.GoalRate = s.Queue.GoalRate
	e.WatchDir, e.WatchDelete = s.Directories.Watch, s.Directories.WatchDelete
	e.Completed, e.CompletedLabel, e.CompletedDefault = s.Directories.Completed, s.Directories.CompletedLabel, s.Directories.CompletedDefault
	e.CopyDir, e.CopyDoneDir = s.Directories.Torrents, s.Directories.TorrentsDone
	if s.Directories.Suffix {
		e.Suffix = settings.IncompleteSuffix
	}
	e.Schedule = scheduleOf(s.Schedule)
	trafficOf(&e, &s.Traffic)
	e.WatchEvery = time.Duration(s.Directories.WatchEvery) * time.Second
	e.Market = marketSettings(s.Market)
	engineAdvanced(&e, &s.Advanced)
	e.Outgoing = outgoingOf(&s)
	return e
}

// outgoingOf is how the session reaches others.
func outgoingOf(s *settings.Settings) engine.Outgoing {
	c, b := &s.Connection, &s.BitTorrent
	kind, _ := route.ParseKind(c.Proxy.Kind) // package settings refuses others
	o := engine.Outgoing{
		Proxy:      route.Proxy{Kind: kind, Host: c.Proxy.Host, Port: c.Proxy.Port, User: c.Proxy.User, Password: string(c.Proxy.Password), Names: c.Proxy.Names},
		ProxyPeers: c.Proxy.Peers, ProxyOnly: c.Proxy.Only, Over: c.Network, FilterOn: c.FilterOn, FilterFile: c.FilterFile,
		NoUDPTrackers: !b.UDPTrackers, NoScrape: !b.Scrape, ToldIP: b.ToldIP,
	}
	for _, x := range c.Outgoing {
		if a, err := netip.ParseAddr(x); err == nil {
			o.From = append(o.From, a)
		}
	}
	return o
}

// scheduleOf is the schedule of the engine. A table that cannot be read allows
// everything; package settings refuses one before.
func scheduleOf(s settings.Schedule) schedule.Policy {
	table, err := schedule.Parse(s.Table)
	return schedule.Policy{On: s.On && err == nil, Table: table, Down: s.DownLimit, Up: s.UpLimit, NoDHT: s.NoDHT}
}

// marketSettings turns prices of a GiB into those of the engine. A negative one
// becomes -1, for Validate to refuse.
func marketSettings(m settings.Market) engine.MarketSettings {
	rate := func(a btt.Amount) btt.Rate {
		r, err := btt.RatePerGiB(a)
		if err != nil {
			return -1
		}
		return r
	}
	mode := map[string]bidding.Mode{"eco": bidding.Eco, "balanced": bidding.Balanced, "fast": bidding.Fast, "paper": bidding.Paper}[m.BidMode]
	return engine.MarketSettings{
		On: m.On, FreeShare: m.FreeShare, Reserve: bidding.Reserve{ByRarity: m.ReserveRarity, Price: rate(m.Reserve)},
		AutoBid: bidding.AutoBid{Mode: mode, MaxPrice: rate(m.MaxPrice), PerTorrent: m.MaxTorrent, PerDay: m.MaxDay, Spending: m.Spending},
	}
}

// marketOf is the market's part of preferences.
func marketOf(p ui.Prefs) settings.Market {
	return settings.Market{
		On: p.Market, FreeShare: p.FreeShare, Reserve: p.Reserve, ReserveRarity: p.ReserveRarity,
		BidMode: p.BidMode, MaxPrice: p.BidMaxPrice, MaxTorrent: p.BidMaxTorrent, MaxDay: p.BidMaxDay, Spending: p.BidSpending,
	}
}

// windowSettings are the settings as the window knows them.
type windowSettings struct {
	store    *settings.Store
	engine   *engine.Engine
	payments *payments // nil = nobody is paid
	log      *slog.Logger

	startup startup
}

var _ ui.Settings = (*windowSettings)(nil)

// State implements ui.Settings. A layout that cannot be read is that of a new user.
func (w *windowSettings) State() (s ui.State) {
	raw := w.store.Get().Interface.Layout
	if len(raw) == 0 {
		return s
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		w.log.Warn("the window's layout cannot be read", "err", err)
		return ui.State{}
	}
	return s
}

// SaveState implements ui.Settings.
func (w *windowSettings) SaveState(st ui.State) error {
	raw, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("keep the layout: %w", err)
	}
	return w.store.Update(func(s *settings.Settings) error {
		s.Interface.Layout = raw
		return nil
	})
}

// Prefs implements ui.Settings.
func (w *windowSettings) Prefs() ui.Prefs { return w.startup.read(prefsOf(w.store.Get()), w.log) }

// DefaultPrefs implements ui.Settings.
func (w *windowSettings) DefaultPrefs() ui.Prefs { return prefsOf(settings.Default(downloads())) }

// SavePrefs implements ui.Settings: checked, kept, then applied.
func (w *windowSettings) SavePrefs(p ui.Prefs) error {
	if p.Port < 0 || p.Port > 65535 {
		return fmt.Errorf("%w: port %d, want 0 to 65535", engine.ErrConfig, p.Port)
	}
	if p.ProxyPort < 0 || p.ProxyPort > 65535 {
		return fmt.Errorf("%w: port %d of the proxy, want 0 to 65535", engine.ErrConfig, p.ProxyPort)
	}
	for _, line := range []string{p.RunOnFinish, p.RunOnState} {
		if _, err := hook.Parse(line, runtime.GOOS); line != "" && err != nil {
			return err
		}
	}
	if err := w.startup.write(p); err != nil {
		return err
	}
	err := w.store.Update(func(s *settings.Settings) error {
		carry(&p, s)
		e := engineSettings(*s)
		return e.Validate()
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), applyTimeout)
	defer cancel()
	s := w.store.Get()
	if err := w.engine.SetDownloadDir(ctx, s.Directories.Download); err != nil {
		return err
	}
	return w.engine.SetSettings(ctx, w.payments.apply(engineSettings(s)))
}
