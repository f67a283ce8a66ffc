package ui_test

import "slices"

// prefWishes are the settings, page by page.
func prefWishes() []wish {
	return slices.Concat(
		list("prefs General", `
			General: language :: ^language
			General: light and dark :: theme|appearance|colou?rs
			General: endings of incomplete files :: append|\.!
			General: room is taken at once :: allocate
			`),
		notWanted("General: check for updates", "nothing calls home: the package manager or whoever gave you the program has the next version"),
		list("prefs System", `
			System: no standby while something runs :: standby
			System: start with the desktop :: ^start (with|when)
			System: open .torrent files and magnet links :: ^opening
			System: close to the tray :: ^close
			System: minimise to the tray :: ^minimi
			`),
		list("prefs Interface", `
			Interface: ask before torrents are removed :: remov.*torrent|torrent.*remov
			Interface: ask before trackers are removed :: tracker
			Interface: ask before the end :: exit|quit|ending
			Interface: alternate colours :: every second row
			Interface: rates in the title :: title
			Interface: limits in the status bar :: status bar
			Interface: added torrents do not start :: do not start|not start
			Interface: window to the front :: front|activate
			Interface: files are shown on adding :: window with the files
			Interface: double click on a download :: while it downloads
			Interface: double click on a seed :: when it is complete
			`),
		list("prefs Directories", `
			Directories: downloads :: download
			Directories: where complete ones move :: complete|finished
			Directories: with the label :: label
			Directories: only from the default folder :: only|default
			Directories: copies of .torrent files :: store \.torrents
			Directories: .torrent files of complete ones :: move finished
			Directories: watch folder :: add torrents from
			Directories: and delete them :: ^delete
			`),
		list("prefs Connection", `
			Connection: port :: ^port
			Connection: another at every start :: another port at every start
			Connection: a random port by a button :: ^random
			Connection: UPnP :: by upnp
			Connection: NAT-PMP :: by nat-pmp
			Connection: test of the port :: test
			Connection: network to use :: ^network to use
			`),
		list("prefs Proxy", `
			Proxy: kind :: ^proxy:
			Proxy: SOCKS4
			Proxy: SOCKS5
			Proxy: HTTP :: ^http$
			Proxy: HTTPS :: ^https$
			Proxy: host :: ^host
			Proxy: user name and password :: ^password
			Proxy: connections to peers :: connections to peers
			Proxy: host names too :: looks up
			Proxy: address filter :: refuse the addresses
			Proxy: features that leak are off :: nothing goes beside
			`),
		list("prefs Bandwidth", `
			Bandwidth: upload limit :: upload
			Bandwidth: download limit :: download
			Bandwidth: another upload limit while nothing downloads :: (while|when).*download
			Bandwidth: alternative limits :: alternative
			`),
		list("prefs Limits", `
			Bandwidth: limits per network :: limits per network
			Bandwidth: limits of the network this machine is in :: add limits
			Bandwidth: local peers count :: local network
			Bandwidth: overhead counts :: overhead
			Bandwidth: uTP counts :: utp
			`),
		list("prefs Transfer Cap", `
			Transfer cap: on :: stop everything
			Transfer cap: uploads, downloads or both :: uploads and downloads
			Transfer cap: amount :: ^transfer cap:
			Transfer cap: MB or GB :: [mg]ib
			Transfer cap: days :: days
			Transfer cap: history :: usage history
			Transfer cap: reset :: reset
			`),
		list("prefs", `
			Connections in all :: connections.*(all|total)|all torrents|maximum.*connections
			Connections of a torrent :: (per|of a|each) torrent
			Upload slots of a torrent :: slots
			`),
		list("prefs BitTorrent", `
			BitTorrent: DHT :: dht
			BitTorrent: peer exchange :: exchange|pex
			BitTorrent: local discovery :: local
			BitTorrent: scrape :: scrape
			BitTorrent: UDP trackers :: udp
			BitTorrent: uTP :: utp
			BitTorrent: address told to trackers :: report|told
			BitTorrent: encryption :: encrypt
			BitTorrent: legacy connections :: legacy|require|plain
			`),
		list("prefs Queueing", `
			Queueing: active torrents :: active torrents
			Queueing: active downloads :: downloads
			Queueing: goal, ratio :: ratio
			Queueing: goal, time :: time|minutes|hours
			Queueing: seeds before downloads :: seed.*(first|before|priority)
			Queueing: upload limit past the goal :: limit the upload
			Queueing: slow ones are not counted :: slow
			`),
		list("prefs Schedule", `
			Scheduler: on :: follow the schedule
			Scheduler: full, limited, off, seeding only :: seeding only
			Scheduler: upload limit :: upload
			Scheduler: download limit :: download
			Scheduler: without DHT :: dht
			`),
		list("prefs", `
			Run a program when a torrent is complete :: (when|after).*(finish|complete)
			Run a program when the state changes :: state
			Notifications :: notif
			Wallet and market :: trade bandwidth
			`),
		notWanted(
			"Cache, size", "the system keeps what is read and written in all memory that is free; a second cache would hold the same data twice",
			"Web UI", "a program for one person at one desk; a port with a password is a door for everybody else",
		),
	)
}
