package dialogs

// Prefs are the preferences a user edits. Rates are bytes per second, 0 means
// no limit.
type Prefs struct {
	Language      string // code of a language of package assets; "" = the system's
	Theme         string // "light", "dark"; "" = the system's
	ConfirmRemove bool   // ask before a torrent is removed
	AskOnAdd      bool   // show the add dialog; else add with the defaults
	AddStopped    bool   // added torrents do not start
	SpeedInTitle  bool

	DownloadDir string // absolute
	WatchDir    string // .torrent files put there are added; "" = off
	WatchDelete bool   // and deleted then

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
}
