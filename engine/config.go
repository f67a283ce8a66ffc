package engine

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"time"

	"swarmbid/engine/link"
	"swarmbid/engine/queue"
	"swarmbid/engine/quota"
	"swarmbid/engine/schedule"
	"swarmbid/engine/swarm"
)

// Config is what a session is made with. DefaultConfig gives a usable one once
// DataDir and DownloadDir are set.
type Config struct {
	DataDir     string // holds the resume records below session/
	DownloadDir string // where torrents go that name no folder of their own
	Version     string // of the program, as «1.2.3»; told to peers and trackers
	Log         *slog.Logger
	// Payments or Broker moves the money of the market; with neither it stays off.
	// Payments lets the engine speak and takes its word for what was served; a Broker
	// pays for real.
	Payments Payments
	Broker   Broker
	// Network finds out in which network the machine is; nil = ThisNetwork.
	Network func() netip.Prefix
	// Local reports whether an address is of the local network; nil = link.IsLocal.
	Local func(netip.Addr) bool

	Settings // what may change while the session runs
}

// Settings are the parts of Config that SetSettings may change at any time.
// Changing an address or switching a transport or a peer source closes the
// connections; everything else takes effect at once.
type Settings struct {
	Listen []netip.Addr // addresses to listen on; empty = every address of the machine
	Port   uint16       // for TCP and uTP; 0 = the system chooses
	TCP    bool
	UTP    bool
	IPv6   bool

	Encryption link.Policy // zero: prefer, accept plaintext
	DHT        bool
	Bootstrap  []string // host:port of DHT nodes to begin with; nil = the well-known ones
	PEX        bool
	LSD        bool
	UPnP       bool // ask the router for the port, by either of the two
	NATPMP     bool

	Outgoing

	DownLimit, UpLimit int64 // bytes per second of payload; 0 = unlimited
	AltOn              bool  // the next two in place of these
	AltDown, AltUp     int64
	IdleUpOn           bool  // IdleUp in place of UpLimit while nothing downloads
	IdleUp             int64 // 0 = unlimited
	Networks           []NetLimit
	LocalFree          bool         // the session's limits do not hold for peers of the local network
	UTPFree            bool         // nor for those connected by uTP
	CountOverhead      bool         // they hold for all bytes, with headers by estimate, not for payload alone
	Cap                quota.Policy // of all traffic but that of the local network
	Slots              int          // upload slots of a torrent, without the optimistic one
	MaxPeers           int          // connections in all
	MaxPeersPerTorrent int
	SubnetSlots        int // free slots one /24 or /64 may hold; 0 = no cap

	Queue      queue.Policy     // Mode follows from Schedule
	GoalAction swarm.GoalAction // of a torrent that reached its goal; zero = GoalStop
	GoalRate   int64            // bytes per second it seeds with from then on, for GoalLimit; at least 1
	Schedule   schedule.Policy

	Completed        string // where data moves when it is complete; "" = it stays
	CompletedLabel   bool   // into a folder named by the label there
	CompletedDefault bool   // only what lies in the download folder
	Suffix           string // of the names of incomplete files of torrents added from now on; "" = none
	Allocate         bool   // wanted files of torrents started from now on take their room at once
	NoPartFile       bool   // a piece that reaches into a file nobody wants makes that file
	Sparse           bool   // on Windows new files take only the room of what is written, unless Allocate
	CopyDir          string // where a copy of every .torrent file is kept; "" = nowhere
	CopyDoneDir      string // where that copy moves when the torrent is complete; "" = it stays

	Market MarketSettings

	BegunFirst   bool          // pieces that have begun are finished before others begin
	NoFarewell   bool          // trackers are not told at the end that we stop
	ConnectSpeed int           // connections begun in a second, 1 or more
	HalfOpen     int           // connections that are being made at the same time, 1 or more
	OneEach      bool          // no second connection of an address in a torrent
	DropInactive time.Duration // without traffic a peer makes way where a torrent may have no more; 0 = it stays
	ShowEvery    time.Duration // between two snapshots that are told of, 500 ms or more; a command tells at once

	BanFor    time.Duration // how long a peer that the user bans stays away
	SaveEvery time.Duration // how often the statistics of running torrents are saved

	WatchDir    string        // .torrent files put here are added; "" = off
	WatchEvery  time.Duration // how often it is looked at
	WatchDelete bool          // delete what was added, else rename it to *.added
}

// DefaultConfig returns the settings a new user gets.
func DefaultConfig() Config {
	return Config{
		Log:      slog.New(slog.DiscardHandler),
		Version:  "0.0.0",
		Settings: DefaultSettings(),
	}
}

// DefaultSettings returns the settings a new user gets.
func DefaultSettings() Settings {
	return Settings{
		TCP: true, UTP: true, IPv6: true,
		DHT: true, PEX: true, LSD: true, UPnP: true, NATPMP: true,
		Slots: 4, MaxPeers: 500, MaxPeersPerTorrent: 80, SubnetSlots: 2,
		Queue:     queue.DefaultPolicy(),
		Market:    DefaultMarketSettings(),
		BanFor:    24 * time.Hour,
		ShowEvery: time.Second, DropInactive: 5 * time.Minute, ConnectSpeed: 10, HalfOpen: 100,
		SaveEvery:  15 * time.Second,
		WatchEvery: 2 * time.Second,
	}
}

// Validate reports the first value that is out of range; it wraps ErrConfig.
func (c *Config) Validate() error {
	if c.DataDir == "" || !filepath.IsAbs(c.DataDir) {
		return fmt.Errorf("%w: data folder %q is not an absolute path", ErrConfig, c.DataDir)
	}
	if c.DownloadDir == "" || !filepath.IsAbs(c.DownloadDir) {
		return fmt.Errorf("%w: download folder %q is not an absolute path", ErrConfig, c.DownloadDir)
	}
	if c.Log == nil {
		return fmt.Errorf("%w: no log", ErrConfig)
	}
	return c.Settings.Validate()
}

// Validate reports the first value that is out of range; it wraps ErrConfig.
func (s *Settings) Validate() error {
	switch {
	case !s.TCP && !s.UTP:
		return fmt.Errorf("%w: neither TCP nor uTP is on, no peer could be reached", ErrConfig)
	case s.DownLimit < 0 || s.UpLimit < 0:
		return fmt.Errorf("%w: a rate limit is negative", ErrConfig)
	case s.Slots < 1 || s.Slots > 1000:
		return fmt.Errorf("%w: %d upload slots, want 1 to 1000", ErrConfig, s.Slots)
	case s.MaxPeers < 1 || s.MaxPeersPerTorrent < 1:
		return fmt.Errorf("%w: no peer is allowed", ErrConfig)
	case s.BanFor < time.Minute || s.SaveEvery < time.Second:
		return fmt.Errorf("%w: a ban of %v, statistics saved every %v", ErrConfig, s.BanFor, s.SaveEvery)
	case s.ConnectSpeed < 1 || s.HalfOpen < 1:
		return fmt.Errorf("%w: %d connections begun a second, %d at the same time", ErrConfig, s.ConnectSpeed, s.HalfOpen)
	case s.ShowEvery < 500*time.Millisecond || s.DropInactive < 0:
		return fmt.Errorf("%w: figures every %v, idle peers dropped after %v", ErrConfig, s.ShowEvery, s.DropInactive)
	case s.SubnetSlots < 0:
		return fmt.Errorf("%w: slots per subnet are negative", ErrConfig)
	case s.GoalAction > swarm.GoalRemove || s.GoalAction == swarm.GoalLimit && s.GoalRate < 1:
		return fmt.Errorf("%w: what to do about a torrent that reached its goal", ErrConfig)
	case s.Suffix != "" && !usableSuffix(s.Suffix):
		return fmt.Errorf("%w: %q cannot be the end of a file's name", ErrConfig, s.Suffix)
	case s.WatchDir != "" && s.WatchEvery < 100*time.Millisecond:
		return fmt.Errorf("%w: the watch folder would be read every %v", ErrConfig, s.WatchEvery)
	}
	for _, dir := range []string{s.Completed, s.CopyDir, s.CopyDoneDir} {
		if dir != "" && !filepath.IsAbs(dir) {
			return fmt.Errorf("%w: folder %q is not an absolute path", ErrConfig, dir)
		}
	}
	for _, b := range s.Bootstrap {
		if _, _, err := net.SplitHostPort(b); err != nil {
			return fmt.Errorf("%w: DHT node %q: %w", ErrConfig, b, err)
		}
	}
	if err := errors.Join(s.validateHours(), s.validateOutgoing()); err != nil {
		return err
	}
	if err := s.validateNetworks(); err != nil {
		return err
	}
	if err := s.Cap.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return s.Market.Validate()
}

// needsNewClient reports whether going from s to o means new sockets or a new
// library client.
func (s *Settings) needsNewClient(o *Settings) bool {
	same := s.Port == o.Port && s.TCP == o.TCP && s.UTP == o.UTP && s.IPv6 == o.IPv6 &&
		s.DHT == o.DHT && s.PEX == o.PEX && s.LSD == o.LSD && s.Market.On == o.Market.On &&
		s.MaxPeersPerTorrent == o.MaxPeersPerTorrent && s.HalfOpen == o.HalfOpen && len(s.Listen) == len(o.Listen) && len(s.Bootstrap) == len(o.Bootstrap)
	for i := range s.Listen {
		same = same && s.Listen[i] == o.Listen[i]
	}
	for i := range s.Bootstrap {
		same = same && s.Bootstrap[i] == o.Bootstrap[i]
	}
	return !same
}
