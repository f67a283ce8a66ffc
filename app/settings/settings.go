package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"time"
)

// ErrInvalid is wrapped by the error of every Validate, which says which value is
// out of range.
var ErrInvalid = errors.New("setting is out of range")

// Settings is everything the user may set. Rates are bytes per second.
type Settings struct {
	Language     string      `json:"language"` // code of a language of package assets; "" = the system's
	Theme        string      `json:"theme"`    // "light", "dark"; "" = the system's
	FirstRunDone bool        `json:"firstRunDone"`
	Interface    Interface   `json:"interface"`
	Directories  Directories `json:"directories"`
	Connection   Connection  `json:"connection"`
	Bandwidth    Bandwidth   `json:"bandwidth"`
	BitTorrent   BitTorrent  `json:"bittorrent"`
	Queue        Queue       `json:"queue"`
	Schedule     Schedule    `json:"schedule"`
	Programs     Programs    `json:"programs"`
	Notify       Notify      `json:"notify"`
	Feeds        Feeds       `json:"feeds"`
	Traffic      Traffic     `json:"traffic"`
	Wallet       Wallet      `json:"wallet"`
	Market       Market      `json:"market"`
	Pay          Pay         `json:"pay"`
	Advanced     Advanced    `json:"advanced"`
}

// Interface is how the window behaves.
type Interface struct {
	ConfirmRemove      bool            `json:"confirmRemove"`   // ask before a torrent is removed
	ConfirmTrackers    bool            `json:"confirmTrackers"` // and a tracker
	ConfirmExit        bool            `json:"confirmExit"`     // ask before the program ends while torrents run
	AskOnAdd           bool            `json:"askOnAdd"`        // show the add dialog; else add with the defaults
	AddStopped         bool            `json:"addStopped"`      // added torrents do not start
	RaiseOnAdd         bool            `json:"raiseOnAdd"`      // bring the window to the front for what another program adds
	SpeedInTitle       bool            `json:"speedInTitle"`
	LimitsInStatus     bool            `json:"limitsInStatus"` // show the limits in the status bar
	Stripes            bool            `json:"stripes"`        // every second row of lists has a ground of its own
	CloseToTray        bool            `json:"closeToTray"`
	MinimiseToTray     bool            `json:"minimiseToTray"`
	KeepAwake          bool            `json:"keepAwake"`          // no sleep while something downloads
	DoubleClick        string          `json:"doubleClick"`        // on a download: "properties", "startStop", "openFolder", "open"
	DoubleClickSeeding string          `json:"doubleClickSeeding"` // on a complete torrent, likewise
	Layout             json.RawMessage `json:"layout"`             // of the window, in the window's own form; null = a new user's
}

// Directories are folders; all absolute.
type Directories struct {
	Download    string `json:"download"`
	Completed   string `json:"completed"` // where data moves when it is complete; "" = it stays
	Watch       string `json:"watch"`     // .torrent files put there are added; "" = off
	WatchDelete bool   `json:"watchDelete"`
	WatchEvery  int    `json:"watchEverySeconds"` // 1 or more

	CompletedLabel   bool   `json:"completedLabel"`   // into a folder named by the label there
	CompletedDefault bool   `json:"completedDefault"` // only what lies in the download folder
	Suffix           bool   `json:"suffix"`           // names of incomplete files end in IncompleteSuffix
	Torrents         string `json:"torrents"`         // where copies of .torrent files are kept; "" = nowhere
	TorrentsDone     string `json:"torrentsDone"`     // where those of complete torrents move; "" = they stay
}

// IncompleteSuffix ends the names of incomplete files.
const IncompleteSuffix = ".!sb"

// Connection is how the program is reached.
type Connection struct {
	Port   uint16   `json:"port"`   // for TCP and uTP; 0 = the system chooses at every start
	Listen []string `json:"listen"` // IP addresses to listen on; empty = all
	UPnP   bool     `json:"upnp"`
	NATPMP bool     `json:"natPmp"`
	Random bool     `json:"randomPort"` // another port at every start; Port is kept
	BanFor int      `json:"banHours"`   // how long a peer that the user bans stays away, 1 or more

	Network  string   `json:"network"`  // interface or address that everything goes over; "" = any
	Outgoing []string `json:"outgoing"` // IP addresses that connections begin at; empty = the system chooses
	Proxy    Proxy    `json:"proxy"`

	FilterOn   bool   `json:"filterOn"`   // addresses in FilterFile are refused
	FilterFile string `json:"filterFile"` // absolute; "" = none
}

// Bandwidth is how much is used.
type Bandwidth struct {
	DownLimit          int64 `json:"downLimit"`    // 0 = none
	UpLimit            int64 `json:"upLimit"`      // 0 = none
	AltDownLimit       int64 `json:"altDownLimit"` // in place of the above while AltOn; 0 = none
	AltUpLimit         int64 `json:"altUpLimit"`
	AltOn              bool  `json:"altOn"`
	IdleUpOn           bool  `json:"idleUpOn"` // the next one in place of UpLimit while nothing downloads
	IdleUpLimit        int64 `json:"idleUpLimit"`
	MaxPeers           int   `json:"maxPeers"` // connections in all, 1 or more
	MaxPeersPerTorrent int   `json:"maxPeersPerTorrent"`
	Slots              int   `json:"slots"`       // upload slots of a torrent, 1 to 1000
	SubnetSlots        int   `json:"subnetSlots"` // free slots that one /24 or /64 may hold; 0 = any number
}

// BitTorrent is how peers are found and spoken to.
type BitTorrent struct {
	DHT        bool   `json:"dht"`
	PEX        bool   `json:"pex"`
	LSD        bool   `json:"lsd"`
	TCP        bool   `json:"tcp"`
	UTP        bool   `json:"utp"`
	IPv6       bool   `json:"ipv6"`
	Encryption string `json:"encryption"` // "prefer", "require", "off"
	// Bootstrap are the DHT nodes to begin with, host:port; empty = the well-known ones.
	Bootstrap []string `json:"bootstrap"`
	SaveEvery int      `json:"saveEverySeconds"` // the statistics of running torrents, 1 or more

	UDPTrackers bool   `json:"udpTrackers"`
	Scrape      bool   `json:"scrape"` // trackers are asked for figures besides announces
	ToldIP      string `json:"toldIP"` // address or name told to trackers as ours; "" = none
}

// Queue is how many torrents run.
type Queue struct {
	MaxActive    int   `json:"maxActive"`        // torrents at once; 0 = any number
	MaxDownloads int   `json:"maxDownloads"`     // of them incomplete; 0 = any number
	SkipSlow     bool  `json:"skipSlow"`         // slow ones are not counted
	SlowRate     int64 `json:"slowRate"`         // below which a torrent is slow
	SlowAfter    int   `json:"slowAfterSeconds"` // how long it must have run to be slow
	SeedsFirst   bool  `json:"seedsFirst"`
	GoalRatio    int64 `json:"goalRatioThousandths"` // a seed that reached it stops; 0 = none
	GoalTime     int64 `json:"goalTimeSeconds"`      // of seeding; 0 = none

	GoalAction string `json:"goalAction"` // at the goal: "stop", "limit" to GoalRate, "remove" from the list
	GoalRate   int64  `json:"goalRate"`   // of upload after the goal, at least 1 for "limit"
}

// Default returns what a new user gets who downloads to the given folder.
func Default(download string) Settings {
	return Settings{
		Interface:   Interface{ConfirmRemove: true, ConfirmTrackers: true, ConfirmExit: true, AskOnAdd: true, RaiseOnAdd: true, LimitsInStatus: true, Stripes: true, KeepAwake: true, DoubleClick: "properties", DoubleClickSeeding: "openFolder"},
		Directories: Directories{Download: download, WatchEvery: 2},
		Connection:  Connection{UPnP: true, NATPMP: true, BanFor: 24, Proxy: DefaultProxy()},
		Bandwidth:   Bandwidth{MaxPeers: 500, MaxPeersPerTorrent: 80, Slots: 4, SubnetSlots: 2},
		BitTorrent:  BitTorrent{DHT: true, PEX: true, LSD: true, TCP: true, UTP: true, IPv6: true, Encryption: "prefer", SaveEvery: 15, UDPTrackers: true, Scrape: true},
		Queue:       Queue{MaxActive: 8, MaxDownloads: 5, SkipSlow: true, SlowRate: 1 << 10, SlowAfter: 60, GoalAction: "stop", GoalRate: 10 << 10},
		Notify:      Notify{Done: true, Failed: true, Feed: true},
		Feeds:       Feeds{UpdateMinutes: 15},
		Traffic:     DefaultTraffic(),
		Wallet:      DefaultWallet(),
		Market:      DefaultMarket(),
		Pay:         DefaultPay(),
		Advanced:    DefaultAdvanced(),
	}
}

// maxLayout bounds the window's layout, in bytes.
const maxLayout = 1 << 20

// Validate reports every value that is out of range.
func (s *Settings) Validate() error {
	return errors.Join(s.validateLook(), s.Interface.Validate(), s.Directories.Validate(), s.Connection.Validate(),
		s.Bandwidth.Validate(), s.BitTorrent.Validate(), s.Queue.Validate(), s.Schedule.Validate(), s.Programs.Validate(), s.Feeds.Validate(), s.Traffic.Validate(),
		s.Wallet.Validate(), s.Market.Validate(), s.Pay.Validate(), s.Advanced.Validate())
}

func (s *Settings) validateLook() error {
	return errors.Join(
		oneOf("theme", s.Theme, "", "light", "dark"),
		check(len(s.Language) <= 35, "language %.40q", s.Language))
}

// Validate reports every value that is out of range.
func (i *Interface) Validate() error {
	return errors.Join(
		oneOf("double click", i.DoubleClick, "properties", "startStop", "openFolder", "open"),
		oneOf("double click", i.DoubleClickSeeding, "properties", "startStop", "openFolder", "open"),
		check(len(i.Layout) <= maxLayout, "layout of %d bytes", len(i.Layout)),
		check(len(i.Layout) == 0 || json.Valid(i.Layout), "layout is no JSON"))
}

// Validate reports every value that is out of range.
func (d *Directories) Validate() error {
	abs := func(name, dir string) error {
		return check(dir == "" || filepath.IsAbs(dir), "%s folder %q is not an absolute path", name, dir)
	}
	return errors.Join(
		check(d.Download != "", "no download folder"), abs("download", d.Download),
		abs("completed", d.Completed), abs("watch", d.Watch), abs("torrents", d.Torrents), abs("torrentsDone", d.TorrentsDone),
		check(d.Watch == "" || d.Watch != d.Torrents && d.Watch != d.TorrentsDone, "copies of .torrent files would be added again from the watch folder"),
		check(d.Watch == "" || d.Watch != d.Download, "the watch folder is the download folder"),
		check(d.WatchEvery >= 1 && d.WatchEvery <= 3600, "the watch folder is read every %d seconds", d.WatchEvery))
}

// Validate reports every value that is out of range.
func (c *Connection) Validate() error {
	var errs []error
	for _, a := range c.Listen {
		_, err := netip.ParseAddr(a)
		errs = append(errs, check(err == nil, "listen address %q is no IP address", a))
	}
	return errors.Join(append(errs, c.validateOutgoing(), check(len(c.Listen) <= 64, "%d listen addresses", len(c.Listen)),
		check(c.BanFor >= 1 && c.BanFor <= 24*365, "a ban of %d hours", c.BanFor))...)
}

// Validate reports every value that is out of range.
func (b *Bandwidth) Validate() error {
	return errors.Join(
		check(min(b.DownLimit, b.UpLimit, b.AltDownLimit, b.AltUpLimit, b.IdleUpLimit) >= 0, "a rate limit is negative"),
		check(b.MaxPeers >= 1 && b.MaxPeers <= 100000, "%d connections", b.MaxPeers),
		check(b.MaxPeersPerTorrent >= 1 && b.MaxPeersPerTorrent <= 100000, "%d connections per torrent", b.MaxPeersPerTorrent),
		check(b.Slots >= 1 && b.Slots <= 1000, "%d upload slots", b.Slots),
		check(b.SubnetSlots >= 0 && b.SubnetSlots <= 1000, "%d upload slots for a subnet", b.SubnetSlots))
}

// Validate reports every value that is out of range.
func (b *BitTorrent) Validate() error {
	return errors.Join(
		check(b.TCP || b.UTP, "neither TCP nor uTP is on, no peer could be reached"),
		oneOf("encryption", b.Encryption, "prefer", "require", "off"),
		check(b.SaveEvery >= 1 && b.SaveEvery <= 3600, "statistics saved every %d seconds", b.SaveEvery),
		check(b.ToldIP == "" || isHost(b.ToldIP), "the address told to trackers, %.60q, is neither an address nor a name", b.ToldIP),
		check(len(b.Bootstrap) <= 64, "%d DHT nodes", len(b.Bootstrap)),
		check(!slices.ContainsFunc(b.Bootstrap, func(s string) bool {
			_, port, err := net.SplitHostPort(s)
			return err != nil || port == ""
		}), "a DHT node is no host:port"))
}

// Validate reports every value that is out of range.
func (q *Queue) Validate() error {
	const century = int64(100 * 365 * 24 * time.Hour / time.Second)
	return errors.Join(
		check(q.MaxActive >= 0 && q.MaxDownloads >= 0, "a number of torrents is negative"),
		check(q.SlowRate >= 0 && q.SlowAfter >= 0 && int64(q.SlowAfter) <= century, "what counts as slow"),
		oneOf("action at the seeding goal", q.GoalAction, "stop", "limit", "remove"),
		check(q.GoalRate >= 0 && (q.GoalAction != "limit" || q.GoalRate > 0), "the upload limit after the seeding goal"),
		check(q.GoalRatio >= 0 && q.GoalTime >= 0 && q.GoalTime <= century, "a seeding goal"))
}

func check(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

func oneOf(name, value string, allowed ...string) error {
	return check(slices.Contains(allowed, value), "%s %.40q, want one of %q", name, value, allowed)
}

// repair replaces every group that is out of range by its defaults and returns
// what was wrong.
func (s *Settings) repair(def *Settings) error {
	var errs []error
	fix := func(err error, reset func()) {
		if err != nil {
			errs = append(errs, err)
			reset()
		}
	}
	fix(s.validateLook(), func() { s.Theme, s.Language = def.Theme, def.Language })
	fix(s.Interface.Validate(), func() { s.Interface = def.Interface })
	fix(s.Directories.Validate(), func() { s.Directories = def.Directories })
	fix(s.Connection.Validate(), func() { s.Connection = def.Connection })
	fix(s.Bandwidth.Validate(), func() { s.Bandwidth = def.Bandwidth })
	fix(s.BitTorrent.Validate(), func() { s.BitTorrent = def.BitTorrent })
	fix(s.Queue.Validate(), func() { s.Queue = def.Queue })
	fix(s.Schedule.Validate(), func() { s.Schedule = def.Schedule })
	fix(s.Programs.Validate(), func() { s.Programs = def.Programs })
	fix(s.Feeds.Validate(), func() { s.Feeds = def.Feeds })
	fix(s.Traffic.Validate(), func() { s.Traffic = def.Traffic })
	fix(s.Wallet.Validate(), func() { s.Wallet = def.Wallet })
	fix(s.Market.Validate(), func() { s.Market = def.Market })
	fix(s.Pay.Validate(), func() { s.Pay = def.Pay })
	fix(s.Advanced.Validate(), func() { s.Advanced = def.Advanced })
	return errors.Join(errs...)
}

// clone returns a copy that shares nothing.
func (s *Settings) clone() Settings {
	c := *s
	c.Interface.Layout = slices.Clone(s.Interface.Layout)
	c.Connection.Listen = slices.Clone(s.Connection.Listen)
	c.Connection.Outgoing = slices.Clone(s.Connection.Outgoing)
	c.BitTorrent.Bootstrap = slices.Clone(s.BitTorrent.Bootstrap)
	c.Traffic.Networks = slices.Clone(s.Traffic.Networks)
	return c
}
