package sample

import (
	"errors"

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
		Language: lang, Theme: theme, ConfirmRemove: true, AskOnAdd: true, SpeedInTitle: true, KeepAwake: true, DownloadDir: "/home/user/Downloads",
		Port: 6881, PortMap: true, IPv6: true, MaxPeers: 500, MaxPeersPerTorrent: 80, Slots: 4, UpLimit: 8 << 20,
		DHT: true, PEX: true, LSD: true, UTP: true, Encryption: "prefer", MaxActive: 8, MaxDownloads: 5,
		FreeShare: 20, BidMode: "off", BidSpending: 10,
	}}
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

// SavePrefs implements ui.Settings.
func (s *Settings) SavePrefs(p ui.Prefs) error {
	if p.Port == 1 {
		return ErrPort
	}
	s.Values = p
	return nil
}
