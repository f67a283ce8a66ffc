package dialogs

import "swarmbid/wallet/btt"

// Prefs are the preferences a user edits. Rates are bytes per second, 0 means
// no limit.
type Prefs struct {
	Language string // code of a language of package assets; "" = the system's
	Theme    string // "light", "dark"; "" = the system's

	GuideDone bool // the setup guide was shown

	ConfirmRemove      bool // ask before a torrent is removed
	ConfirmTrackers    bool // and a tracker
	ConfirmExit        bool // ask before the program ends while torrents run
	SpeedInTitle       bool
	LimitsInStatus     bool   // the status bar shows the limits
	Stripes            bool   // every second row of lists has a ground of its own
	AskOnAdd           bool   // show the add dialog; else add with the defaults
	AddStopped         bool   // added torrents do not start
	RaiseOnAdd         bool   // what another program adds brings the window to the front
	DoubleClick        string // on a download: "properties", "startStop", "openFolder", "open"
	DoubleClickSeeding string // on a complete torrent, likewise

	CloseToTray    bool // closing the window leaves the icon in the notification area
	MinimiseToTray bool // so does minimising it
	KeepAwake      bool // no sleep while something downloads
	Autostart      bool // start when the user logs in, without the window

	DownloadDir string // absolute
	WatchDir    string // .torrent files put there are added; "" = off
	WatchDelete bool   // and deleted then
	WatchEvery  int    // how often it is read, seconds

	CompletedDir     string // where data moves when it is complete; "" = it stays
	CompletedLabel   bool   // into a folder named by the label there
	CompletedDefault bool   // only what lies in DownloadDir
	Suffix           bool   // names of incomplete files end in .!sb
	TorrentsDir      string // where copies of .torrent files are kept; "" = nowhere
	TorrentsDoneDir  string // where those of complete torrents move; "" = they stay

	Port               int  // 0 = chosen at every start
	RandomPort         bool // another one at every start, Port is kept
	UPnP, NATPMP       bool // ask the router for the port
	IPv6               bool
	MaxPeers           int
	MaxPeersPerTorrent int
	Slots              int    // upload slots of a torrent
	SubnetSlots        int    // free slots of one subnet; 0 = any number
	Listen             string // addresses to listen on, with commas; "" = all
	BanHours           int    // how long a peer that the user bans stays away

	Network  string // interface or address that everything goes over; "" = any
	Outgoing string // addresses that connections begin at, with commas; "" = the system chooses

	FilterOn   bool   // addresses in FilterFile are refused
	FilterFile string // absolute; "" = none

	ProxyKind     string // "socks4", "socks5", "http", "https"; "" = none
	ProxyHost     string
	ProxyPort     int
	ProxyUser     string
	ProxyPassword string
	ProxyNames    bool // it looks up host names
	ProxyPeers    bool // connections to peers go through it, too
	ProxyOnly     bool // what cannot go through it is off

	UDPTrackers bool
	Scrape      bool   // trackers are asked for figures besides announces
	ToldIP      string // address or name told to trackers as ours; "" = none

	DownLimit, UpLimit       int64
	AltOn                    bool // the next two in place of these
	AltDownLimit, AltUpLimit int64
	IdleUpOn                 bool // IdleUpLimit in place of UpLimit while nothing downloads
	IdleUpLimit              int64

	LimitLocal, LimitUTP bool   // the limits hold for peers of the local network, and by uTP
	LimitOverhead        bool   // and for all bytes, not for payload alone
	OverheadInStatus     bool   // the status bar shows those
	Networks             string // with limits of their own; see ParseNetworks
	CapOn                bool
	CapCount, CapUnit    string // "both", "down", "up"; "MB", "GB"
	CapAmount, CapDays   int

	DHT, PEX, LSD, UTP, TCP bool
	Encryption              string // "prefer", "require", "off"
	Bootstrap               string // DHT nodes to begin with, host:port with commas; "" = the well-known ones
	SaveEvery               int    // how often statistics are saved, seconds

	MaxActive    int    // active torrents
	MaxDownloads int    // of them downloading
	SkipSlow     bool   // slow ones are not counted
	SlowRate     int64  // below which a torrent is slow
	SlowAfter    int    // seconds it must have run to be slow
	SeedsFirst   bool   // seeds take their places before downloads
	GoalRatio    int    // percent; 0 = none
	GoalTime     int    // minutes of seeding; 0 = none
	GoalAction   string // "stop", "limit", "remove"
	GoalRate     int64  // of upload after it, for "limit"

	Schedule                 bool
	ScheduleTable            string // 168 digits from Monday 0:00: 0 full, 1 limited, 2 off, 3 seeding only; "" = all 0
	ScheduleDown, ScheduleUp int64
	ScheduleNoDHT            bool
	RunOnFinish, RunOnState  string // command lines; "" = none
	NotifyAdded, NotifyDone  bool
	FeedMinutes              int // between two updates of a feed
	NotifyFailed, NotifyFeed bool

	Allocate      bool // wanted files take their room at once
	PartFile      bool // what arrives for files nobody wants goes to one file, not to theirs
	Sparse        bool // on Windows new files take only the room of what is written
	Farewell      bool // at the end trackers are told that we stop
	SeedlessFirst bool // seeds of torrents that nobody else seeds take their places first
	BegunFirst    bool // pieces that have begun are finished before others begin
	ConnectSpeed  int  // connections begun in a second
	HalfOpen      int  // connections that are being made at the same time
	SameAddress   bool // several connections of an address in a torrent
	DropInactive  bool // peers without traffic make way where no more may connect
	DropAfter     int  // seconds without
	ShowEvery     int  // how often the window shows new figures, milliseconds

	Market        bool       // bids are sent and taken
	FreeShare     int        // percent of the uplink kept for those that do not pay, 10 to 100
	Reserve       btt.Amount // least price taken, of a GiB
	ReserveRarity bool       // Reserve is the cap of a price that follows rarity
	BidMode       string     // "off", "eco", "balanced", "fast", "paper"
	BidMaxPrice   btt.Amount // never bid more, of a GiB; 0 = nothing is bid
	BidMaxTorrent btt.Amount // never spend more on a torrent; 0 = nothing is bid
	BidMaxDay     btt.Amount // never spend more in a day; 0 = nothing is bid
	BidSpending   int        // "paper": percent of the balance bid for what remains, 0 to 10
}
