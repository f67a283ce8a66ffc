package sample

import (
	"errors"
	"strings"

	"swarmbid/ui"
)

// ErrPort refuses port 1, so that a refusal can be shown.
var ErrPort = errors.New("sample: port 1 is not ours")

// Settings keeps what it is given in memory.
type Settings struct {
	Layout ui.State
	Values ui.Prefs
}

// NewSettings returns the settings of the sample in a language and theme.
func NewSettings(lang, theme string) *Settings {
	return &Settings{Values: ui.Prefs{
		Language: lang, Theme: theme, ConfirmRemove: true, AskOnAdd: true, SpeedInTitle: true, KeepAwake: true, GuideDone: true,
		ConfirmTrackers: true, ConfirmExit: true, LimitsInStatus: true, Stripes: true, RaiseOnAdd: true, DoubleClick: "properties", DoubleClickSeeding: "openFolder",
		WatchEvery: 2, FeedMinutes: 15, SubnetSlots: 2, BanHours: 24, TCP: true, SaveEvery: 15, SkipSlow: true, SlowRate: 1 << 10, SlowAfter: 60, GoalAction: "stop", GoalRate: 10 << 10,
		AltUpLimit: 1 << 20, AltDownLimit: 4 << 20, NotifyDone: true, NotifyFailed: true, NotifyFeed: true, ScheduleTable: officeHours(), DownloadDir: "/home/user/Downloads",
		Port: 6881, UPnP: true, NATPMP: true, ProxyPort: 1080, ProxyNames: true, ProxyPeers: true, ProxyOnly: true, UDPTrackers: true, Scrape: true, IPv6: true, MaxPeers: 500, MaxPeersPerTorrent: 80, Slots: 4, UpLimit: 8 << 20,
		DHT: true, PEX: true, LSD: true, UTP: true, Encryption: "prefer", MaxActive: 8, MaxDownloads: 5,
		PartFile: true, Farewell: true, DropInactive: true, DropAfter: 300, ShowEvery: 1000, ConnectSpeed: 10, HalfOpen: 100, SameAddress: true,
		LimitLocal: true, LimitUTP: true, OverheadInStatus: true, Networks: "192.168.178.0/24 2097152 524288, 10.20.0.0/16 262144 65536",
		CapCount: "both", CapUnit: "GB", CapAmount: 100, CapDays: 30,
		FreeShare: 20, BidMode: "off", BidSpending: 10,
	}}
}

// officeHours is a schedule to look at: limited while people work, off at night at
// the weekend, seeding only on Sunday morning.
func officeHours() string {
	var b strings.Builder
	for day := range 7 {
		for hour := range 24 {
			switch {
			case day < 5 && hour >= 8 && hour < 18:
				b.WriteByte('1')
			case day >= 5 && hour < 6:
				b.WriteByte('2')
			case day == 6 && hour < 12:
				b.WriteByte('3')
			default:
				b.WriteByte('0')
			}
		}
	}
	return b.String()
}

// State implements ui.Settings.
func (s *Settings) State() ui.State { return s.Layout }

// SaveState implements ui.Settings.
func (s *Settings) SaveState(st ui.State) error {
	s.Layout = st
	return nil
}

// Prefs implements ui.Settings.
func (s *Settings) Prefs() ui.Prefs { return s.Values }

// DefaultPrefs implements ui.Settings.
func (s *Settings) DefaultPrefs() ui.Prefs { return NewSettings("", "").Values }

// SavePrefs implements ui.Settings.
func (s *Settings) SavePrefs(p ui.Prefs) error {
	if p.Port == 1 {
		return ErrPort
	}
	s.Values = p
	return nil
}
