package main

import (
	"errors"
	"log/slog"
	"net/netip"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"swarmbid/app/settings"
	"swarmbid/bidding"
	"swarmbid/engine"
	"swarmbid/engine/quota"
	"swarmbid/engine/route"
	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/wallet/btt"
)

// TestMarketSettings: prices of a GiB become those of a MiB, the market of a new
// user is off and spends nothing, and what is out of range is refused.
func TestMarketSettings(t *testing.T) {
	def := settings.Default("/d")
	e := engineSettings(def)
	if err := e.Validate(); err != nil || e.Market.On || e.Market.AutoBid != (bidding.AutoBid{Spending: 10}) || e.Market.FreeShare != 20 {
		t.Errorf("a new user gets %+v, %v", e.Market, err)
	}
	got := marketSettings(settings.Market{
		On: true, FreeShare: 35, Reserve: 500_000, ReserveRarity: true, BidMode: "balanced", MaxPrice: 1_200_000, MaxTorrent: 7, MaxDay: 8, Spending: 3,
	})
	want := engine.MarketSettings{
		On: true, FreeShare: 35, Reserve: bidding.Reserve{ByRarity: true, Price: 488},
		AutoBid: bidding.AutoBid{Mode: bidding.Balanced, MaxPrice: 1171, PerTorrent: 7, PerDay: 8, Spending: 3},
	}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for mode, m := range map[string]bidding.Mode{"off": bidding.Off, "eco": bidding.Eco, "fast": bidding.Fast, "paper": bidding.Paper} {
		if s := marketSettings(settings.Market{BidMode: mode}); s.AutoBid.Mode != m {
			t.Errorf("%s is %v", mode, s.AutoBid.Mode)
		}
	}
	bad := marketSettings(settings.Market{FreeShare: 20, MaxPrice: -1})
	if err := bad.Validate(); !errors.Is(err, engine.ErrConfig) {
		t.Errorf("a negative price: %v", err)
	}
}

// TestMarketPrefsGoThereAndBack: what the window saves is what it reads, and what
// is out of range changes nothing.
func TestMarketPrefsGoThereAndBack(t *testing.T) {
	st, _, err := settings.Open(filepath.Join(t.TempDir(), "settings.json"), settings.Default(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	w := &windowSettings{store: st, log: slog.New(slog.DiscardHandler)}
	p := w.Prefs()
	if p.Market || p.FreeShare != 20 || p.BidMode != "off" || p.BidMaxPrice != 0 {
		t.Errorf("a new user sees %+v", p)
	}
	p.FreeShare = 9
	if err := w.SavePrefs(p); err == nil || w.Prefs().FreeShare != 20 {
		t.Errorf("a free share of 9 %%: %v", err)
	}
	want := settings.Market{On: true, FreeShare: 50, Reserve: 1, BidMode: "eco", MaxPrice: 2, MaxTorrent: 3, MaxDay: 4, Spending: 5}
	if err := st.Update(func(s *settings.Settings) error { s.Market = want; return nil }); err != nil {
		t.Fatal(err)
	}
	p = w.Prefs()
	if !p.Market || p.FreeShare != 50 || p.Reserve != 1 || p.ReserveRarity || p.BidMode != "eco" || [3]btt.Amount{p.BidMaxPrice, p.BidMaxTorrent, p.BidMaxDay} != [3]btt.Amount{2, 3, 4} || p.BidSpending != 5 {
		t.Errorf("%+v", p)
	}
	if got := marketOf(p); got != want {
		t.Errorf("%+v comes back as %+v", want, got)
	}
}

// TestFoldersGoThereAndBack: the folders and the suffix reach the engine as the
// window saved them.
func TestFoldersGoThereAndBack(t *testing.T) {
	dir := t.TempDir()
	st, _, err := settings.Open(filepath.Join(t.TempDir(), "settings.json"), settings.Default(dir))
	if err != nil {
		t.Fatal(err)
	}
	w := &windowSettings{store: st, log: slog.New(slog.DiscardHandler)}
	if e := engineSettings(st.Get()); e.Suffix != "" || e.Completed != "" || e.CopyDir != "" || e.GoalAction != swarm.GoalStop {
		t.Errorf("a new user gets %+v", e)
	}
	set := settings.Directories{
		Download: dir, Completed: dir + "/done", CompletedLabel: true, CompletedDefault: true, Suffix: true, Torrents: dir + "/t", TorrentsDone: dir + "/d", WatchEvery: 2,
	}
	if err := st.Update(func(s *settings.Settings) error {
		s.Directories, s.Queue.GoalAction, s.Queue.GoalRate = set, "limit", 5<<10
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	p := w.Prefs()
	if p.CompletedDir != set.Completed || !p.CompletedLabel || !p.CompletedDefault || !p.Suffix || p.TorrentsDir != set.Torrents || p.TorrentsDoneDir != set.TorrentsDone {
		t.Errorf("the window sees %+v", p)
	}
	e := engineSettings(st.Get())
	if e.Suffix != ".!sb" || e.Completed != set.Completed || !e.CompletedLabel || !e.CompletedDefault || e.CopyDir != set.Torrents || e.CopyDoneDir != set.TorrentsDone {
		t.Errorf("the engine gets %+v", e)
	}
	if e.GoalAction != swarm.GoalLimit || e.GoalRate != 5<<10 {
		t.Errorf("at the goal %v %d", e.GoalAction, e.GoalRate)
	}
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
}

// vary gives every field of preferences another value that the settings allow.
func vary(t *testing.T, p *ui.Prefs) {
	t.Helper()
	text := map[string]string{
		"Language": "de", "Theme": "dark", "DownloadDir": "/x", "WatchDir": "/y", "DoubleClick": "startStop", "DoubleClickSeeding": "open",
		"Encryption": "require", "GoalAction": "limit", "BidMode": "eco", "Listen": "127.0.0.1, ::1", "Bootstrap": "a.example:1, b.example:2",
		"FilterFile": "/ipfilter.dat", "Network": "tun0", "Outgoing": "10.8.0.2, fd00::2", "ProxyKind": "socks5", "ProxyHost": "proxy.example", "ProxyUser": "anna", "ProxyPassword": " s3cret ", "ToldIP": "home.example",
		"Networks": "10.0.0.0/8 1024 2048, 192.168.1.0/24 0 512", "CapCount": "down", "CapUnit": "MB",
		"CompletedDir": "/c", "TorrentsDir": "/t", "TorrentsDoneDir": "/td",
		"ScheduleTable": strings.Repeat("0123", 42), "RunOnFinish": "echo %N", "RunOnState": "echo %S",
	}
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch f.Kind() {
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.String:
			if text[name] == "" {
				t.Fatalf("no other value for %s", name)
			}
			f.SetString(text[name])
		default:
			f.SetInt(f.Int() + 1)
		}
	}
	p.BidSpending, p.TCP = 5, true
}

// TestPrefsGoThereAndBack: every field the window edits reaches the settings and
// comes back, and the settings take it.
func TestPrefsGoThereAndBack(t *testing.T) {
	s := settings.Default(t.TempDir())
	want := prefsOf(s)
	vary(t, &want)
	carry(&want, &s)
	want.Autostart = false // the system's, not of the settings
	if got := prefsOf(s); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	fine := settings.Default(t.TempDir())
	fine.Queue.GoalRatio, fine.Queue.GoalTime = 1234, 61
	p := prefsOf(fine)
	if carry(&p, &fine); fine.Queue.GoalRatio != 1234 || fine.Queue.GoalTime != 61 {
		t.Errorf("a finer goal became %d, %d", fine.Queue.GoalRatio, fine.Queue.GoalTime)
	}
}

// TestEngineSettings: what the pages say reaches the engine, and it takes it.
func TestEngineSettings(t *testing.T) {
	s := settings.Default(t.TempDir())
	e := engineSettings(s)
	want := engine.DefaultSettings()
	want.Market, want.GoalAction, want.GoalRate = e.Market, swarm.GoalStop, e.GoalRate
	want.Outgoing = engine.Outgoing{Proxy: route.Proxy{Port: 1080, Names: true}, ProxyPeers: true, ProxyOnly: true}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("a new user gets %+v, the engine has %+v", e, want)
	}
	p := prefsOf(s)
	vary(t, &p)
	p.Port, p.RandomPort = 7000, false
	carry(&p, &s)
	e = engineSettings(s)
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	if !e.AltOn || e.AltDown != 1 || e.AltUp != 1 || !e.IdleUpOn || e.IdleUp != 1 || e.SubnetSlots != 3 || e.BanFor != 25*time.Hour || e.SaveEvery != 16*time.Second {
		t.Errorf("%+v", e)
	}
	if !e.Schedule.On || e.Schedule.Table.String() != s.Schedule.Table || e.Schedule.Up != 1 || !e.Schedule.NoDHT || e.GoalAction != swarm.GoalLimit || e.GoalRate != 10<<10+1 {
		t.Errorf("%+v", e.Schedule)
	}
	if !e.Allocate || !e.NoPartFile || !e.Sparse || !e.NoFarewell || !e.Queue.SeedlessFirst || !e.BegunFirst || e.DropInactive != 0 || e.ConnectSpeed != 11 || e.HalfOpen != 101 || !e.OneEach || e.ShowEvery != 1001*time.Millisecond {
		t.Errorf("%+v", e)
	}
	o := engine.Outgoing{
		Proxy: route.Proxy{Kind: route.SOCKS5, Host: "proxy.example", Port: 1081, User: "anna", Password: " s3cret "}, Over: "tun0", FilterOn: true, FilterFile: "/ipfilter.dat",
		From: []netip.Addr{netip.MustParseAddr("10.8.0.2"), netip.MustParseAddr("fd00::2")}, NoUDPTrackers: true, NoScrape: true, ToldIP: "home.example",
	}
	if !reflect.DeepEqual(e.Outgoing, o) {
		t.Errorf("%+v, want %+v", e.Outgoing, o)
	}
	if len(e.Bootstrap) != 2 || len(e.Listen) != 2 || e.Port != 7000 || e.WatchEvery != 3*time.Second {
		t.Errorf("port %d, listen %v, bootstrap %v", e.Port, e.Listen, e.Bootstrap)
	}
	if !e.LocalFree || !e.UTPFree || !e.CountOverhead || len(e.Networks) != 2 || e.Networks[0].Down != 1024 || e.Networks[1].Up != 512 ||
		e.Cap != (quota.Policy{On: true, Count: swarm.Downloads, Limit: 101 << 20, Days: 31}) {
		t.Errorf("networks %+v, cap %+v", e.Networks, e.Cap)
	}
	s.Connection.Random = true
	if e := engineSettings(s); e.Port != 0 {
		t.Errorf("a random port is %d", e.Port)
	}
}
