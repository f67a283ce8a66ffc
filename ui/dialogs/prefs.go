package dialogs

import "swarmbid/wallet/btt"

// Prefs are the preferences a user edits. Rates are bytes per second, 0 means
// no limit.
type Prefs struct {
	Language      string // code of a language of package assets; "" = the system's
	Theme         string // "light", "dark"; "" = the system's
	ConfirmRemove bool   // ask before a torrent is removed
	AskOnAdd      bool   // show the add dialog; else add with the defaults
	AddStopped    bool   // added torrents do not start
	SpeedInTitle  bool

	CloseToTray    bool // closing the window leaves the icon in the notification area
	MinimiseToTray bool // so does minimising it
	KeepAwake      bool // no sleep while something downloads
	Autostart      bool // start when the user logs in, without the window

	DownloadDir string // absolute
	WatchDir    string // .torrent files put there are added; "" = off
	WatchDelete bool   // and deleted then

	CompletedDir     string // where data moves when it is complete; "" = it stays
	CompletedLabel   bool   // into a folder named by the label there
	CompletedDefault bool   // only what lies in DownloadDir
	Suffix           bool   // names of incomplete files end in .!sb
	TorrentsDir      string // where copies of .torrent files are kept; "" = nowhere
	TorrentsDoneDir  string // where those of complete torrents move; "" = they stay

	Port               int // 0 = chosen at every start
	PortMap            bool
	IPv6               bool
	MaxPeers           int
	MaxPeersPerTorrent int
	Slots              int // upload slots of a torrent

	DownLimit, UpLimit int64

	DHT, PEX, LSD, UTP bool
	Encryption         string // "prefer", "require", "off"

	MaxActive    int // active torrents
	MaxDownloads int // of them downloading

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
