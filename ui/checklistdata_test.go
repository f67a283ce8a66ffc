package ui_test

import "slices"

// chapters is what is looked for, place by place.
func chapters() []chapter {
	return []chapter{
		{"Menus", menuWishes()},
		{"Toolbar, sidebar, status bar, title", frameWishes()},
		{"Columns of the list, states", columnWishes()},
		{"Context menus", contextWishes()},
		{"Tabs", tabWishes()},
		{"Flags of peers", flagWishes()},
		{"Preferences", prefWishes()},
		{"Advanced settings", slices.Concat(list("prefs Advanced", `
			speed of connecting :: connect_speed
			several connections of one address :: allow_same_ip
			interval of saving :: save_resume_rate
			graceful shutdown :: graceful_shutdown
			started pieces first :: prioritize_partial_pieces
			rate below which a torrent is slow :: slow_threshold
			time after which a torrent is slow :: slow_after
			torrents without seeds first :: prio_no_seeds
			inactive peers are dropped :: disconnect_inactive
			address to listen on :: bind_ip
			address of outgoing connections :: outgoing_ip
			half-open connections :: max_halfopen
			sparse files :: sparse_files
			part file for skipped files :: use_partfile
			interval of feeds :: rss.update_interval
			rate of the display :: gui.update_rate
			`), notWanted(
			"disposition of transports", "TCP and uTP are two switches that say what they do, without a sum of powers of two",
			"threshold of bans", "who sent a wrong block is known by the time the piece is right, and banned for that block alone",
			"ratio of bans", "nobody is banned on suspicion, so there is nothing to weigh",
			"overhead counted", "the page of limits has it",
			"address filter", "the page of the proxy has it",
			"target delay of uTP", "100 ms is what BEP 29 has both ends agree on; a higher one fills the line of everybody in the house",
			"lazy bitfield", "it hid seeds from providers that cut them off; an encrypted connection shows them nothing at all",
			"countries of peers", "the list of whose address is where costs a fetch from a company or a licence, and is wrong for every VPN",
		))},
		{"Torrent properties", list("dialog properties", `
			trackers by tier :: ^trackers
			download limit :: down
			upload limit :: up
			upload slots :: slots
			connections :: peers|connections
			seeding goal of its own, ratio :: ratio
			seeding goal of its own, time :: time|minutes
			DHT :: \bdht\b
			peer exchange :: peer exchange|pex
			local discovery :: local
			web seeds :: web seed
			`)},
		{"Dialogs", dialogWishes()},
		{"RSS", rssWishes()},
		{"Left out", notWanted(
			"Skins", "light and dark follow the desktop",
			"Paired devices, remote", "a program for one person at one desk",
			"Transcoding and playback", "files open in the player of the desktop",
			"Search engine lists", "they carried advertising",
			"µTris", "a game is not looked for in a torrent client",
			"Super seeding", "left for later",
		)},
	}
}

func menuWishes() []wish {
	return slices.Concat(
		list("menu File", `
			File: add a torrent :: ^add torrent…
			File: add a torrent, not to the default folder :: to a folder
			File: add by URL :: url
			File: add an RSS feed :: rss|feed
			File: create a torrent :: create
			File: exit :: ^exit
			`),
		list("menu Options", `
			Options: preferences :: ^preferences
			Options: setup guide :: guide
			Options: show the toolbar :: show toolbar
			Options: show detailed info :: show detail
			Options: show the status bar :: show status
			Options: show the category list :: show category
			Options: icons on tabs :: icons
			Options: auto shutdown, quit :: ▸.*(quit|exit)
			Options: auto shutdown, shut down :: ▸.*shut
			Options: auto shutdown, hibernate :: ▸.*hibernate
			Options: auto shutdown, standby :: ▸.*stand ?by
			`),
		notWanted(
			"Help: webpage", "the project has no page of its own yet; what a page would say is in the manual",
			"Help: forum", "there is none, and an empty menu item would be worse",
			"Help: check for updates", "nothing calls home: the package manager or whoever gave you the program has the next version",
		),
		list("menu Help", `
			Help: manual :: manual|faq
			Help: statistics :: statistics
			Help: about :: ^about
			`),
		list("menu tray", `
			Tray: show or hide the window :: hide|show
			Tray: pause all :: pause
			Tray: resume all :: resume|start
			Tray: download limit :: download limit ▸
			Tray: upload limit :: upload limit ▸
			Tray: exit :: exit
			`),
	)
}

func frameWishes() []wish {
	return slices.Concat(
		list("toolbar", `
			Toolbar: add torrent :: ^add torrent$|^add torrent [^f]
			Toolbar: add by URL :: url
			Toolbar: create :: create
			Toolbar: remove :: remove
			Toolbar: start :: ^start
			Toolbar: pause :: ^pause
			Toolbar: stop :: ^stop
			Toolbar: up the queue :: up
			Toolbar: down the queue :: down
			Toolbar: RSS :: rss|feed
			Toolbar: preferences :: preferences
			Toolbar: search :: search
			`),
		list("sidebar", `
			Sidebar: all :: ^all$
			Sidebar: downloading
			Sidebar: seeding
			Sidebar: completed
			Sidebar: active :: ^active
			Sidebar: inactive :: ^inactive
			Sidebar: errors :: ^error
			Sidebar: labels :: ^labels
			Sidebar: without a label :: no label
			Sidebar: counts :: ^[0-9]+$
			Sidebar: trackers :: ^trackers
			Sidebar: feeds :: feeds|rss
			`),
		list("status bar", `
			Status bar: DHT and its nodes :: dht.*[0-9]
			Status bar: whether we are reached :: port
			Status bar: download rate and total :: ^d: .*t:
			Status bar: upload rate and total :: ^u: .*t:
			Status bar: the limits :: \[.*/s\]
			Status bar: overhead :: o:
			`),
		list("menu of the status bar", `
			Status bar: set a limit by a right click :: unlimited
			Status bar: a limit of one's own :: other|…
			`),
		list("title", `
			Title: the rates :: d: .* u: 
			`),
	)
}

func columnWishes() []wish {
	return slices.Concat(
		list("columns torrents", `
			place in the queue :: ^#$
			name :: ^name$
			size :: ^size$
			done :: ^done$
			status :: ^status$
			seeds :: ^seeds$
			peers :: ^peers$
			seeds per peer :: seeds/peers
			download rate :: ^down speed
			upload rate :: ^up speed
			ETA :: ^eta$
			uploaded :: ^uploaded
			downloaded :: ^downloaded
			ratio :: ^ratio
			availability :: ^avail
			label :: ^label$
			added :: ^added
			completed on :: completed on|^completed
			remaining :: ^remaining
			source URL :: source
			tracker :: ^tracker$
			status of the tracker :: tracker status
			path :: path|save|folder
			bandwidth allocation :: bandwidth|priority
			last active :: last active
			elapsed :: elapsed
			hash :: hash
			earned an hour :: earn
			spent an hour :: spen
			`),
		list("menu of columns", `
			columns are chosen by a right click on the header :: ^size$
			columns go back to their first state :: reset
			`),
		list("list", `
			state: downloading :: ^downloading$
			state: seeding :: ^seeding$
			state: queued :: ^queued$
			state: queued seed :: queued seed|^queued to seed
			state: paused :: ^paused$
			state: stopped :: ^stopped$
			state: finished :: ^finished$
			state: checked, in percent :: ^check(ed|ing) .*%
			state: error with its reason :: ^error: 
			state: forced :: \[F\]
			state: finding metadata :: finding
			`),
	)
}

func contextWishes() []wish {
	return slices.Concat(
		list("menu torrent", `
			Torrent: open :: ^open$
			Torrent: open the folder :: containing
			Torrent: copy the magnet link :: magnet
			Torrent: force start :: force start
			Torrent: start :: ^start$
			Torrent: pause :: ^pause$
			Torrent: stop :: ^stop$
			Torrent: up the queue :: move up
			Torrent: down the queue :: move down
			Torrent: label, new :: label ▸ new
			Torrent: label, remove :: label ▸ remove
			Torrent: bandwidth, download limit :: bandwidth.* ▸ download limit
			Torrent: bandwidth, upload limit :: bandwidth.* ▸ upload limit
			Torrent: bandwidth, low, normal, high :: bandwidth.* ▸ (low|high)
			Torrent: remove :: ^remove$
			Torrent: remove and delete the .torrent :: remove and ▸ delete \.?torrent
			Torrent: remove and delete the data :: remove and ▸ delete data
			Torrent: remove and delete both :: remove and ▸ .*torrent \+ data
			Torrent: check :: re-check
			Torrent: ask the trackers :: update tracker
			Torrent: forget bans :: bans
			Torrent: another folder :: download location
			Torrent: clear the peer list :: clear peer
			Torrent: download in order :: in order
			Torrent: properties :: ^properties
			`),
		list("menu files", `
			Files: open :: ^open$
			Files: open the folder :: containing
			Files: priority high :: ^high
			Files: priority normal :: ^normal
			Files: priority low :: ^low
			Files: do not download :: don.t download
			Files: rename or relocate :: rename|relocate
			Files: copy :: copy
			`),
		list("menu peers", `
			Peers: add a peer :: add peer
			Peers: copy :: copy
			Peers: resolve addresses :: resolve
			Peers: ban :: ^ban
			Peers: read the address filter again :: ipfilter|address filter
			`),
		list("menu trackers", `
			Trackers: add :: add tracker
			Trackers: edit :: edit
			Trackers: remove :: remove
			Trackers: copy :: copy
			Trackers: ask now :: update
			`),
	)
}

func tabWishes() []wish {
	return slices.Concat(
		list("tabs", "General\nTrackers\nPeers\nPieces\nFiles\nSpeed\nLog\nMarket"),
		list("tab general", `
			General: bar of what is there :: ^downloaded:
			General: bar of availability :: ^availability:
			`),
		list("tab speed", `
			Speed: spans :: 5 min
			Speed: a day :: 24 h
			`),
		list("columns trackers", `
			Trackers: tier
			Trackers: address :: name|url|tracker
			Trackers: status
			Trackers: next announce :: next|update
			Trackers: seeds
			Trackers: peers
			Trackers: downloaded :: download
			`),
		list("columns peers", `
			Peers: address :: ^ip
			Peers: port :: ^port
			Peers: client :: ^client
			Peers: flags :: ^flags
			Peers: done :: ^%
			Peers: relevance :: relevance
			Peers: download rate :: ^down
			Peers: upload rate :: ^up
			Peers: requests :: reqs
			Peers: waited :: waited
			Peers: uploaded :: uploaded
			Peers: downloaded :: downloaded
			Peers: pieces that failed :: hash
			Peers: its download rate :: peer dl
			Peers: the highest upload rate :: maxup
			Peers: the highest download rate :: maxdown
			Peers: queued :: queued
			Peers: inactive :: inactive
			Peers: host name :: host|dns
			`),
		list("columns files", `
			Files: name :: ^name
			Files: size :: ^size
			Files: done :: ^done
			Files: percent :: ^%
			Files: first piece :: first
			Files: number of pieces :: pieces
			Files: priority :: ^priority
			`),
	)
}

func flagWishes() []wish {
	return list("dialog flags", `
		D: we download :: ^D$
		d: wanted, but we are choked :: (?-i)^d$
		U: we upload :: (?-i)^U$
		u: it wants, but we choke :: (?-i)^u$
		O: optimistic unchoke :: ^O$
		S: snubbed :: ^S$
		I: incoming :: ^I$
		K: unchokes us, we want nothing :: ^K$
		?: unchoked, wants nothing :: ^\?$
		X: peer exchange :: ^X$
		H: DHT :: (?-i)^H$
		E: encrypted :: (?-i)^E$
		e: encrypted handshake :: (?-i)^e$
		P: uTP :: ^P$
		L: local :: ^L$
		h: hole punched :: (?-i)^h$
		$: paid :: ^\$$
		¢: pays :: ^¢$
		`)
}

func dialogWishes() []wish {
	return slices.Concat(
		list("dialog add", `
			Add: folder :: save in
			Add: name :: ^name$
			Add: label :: ^label
			Add: files with sizes :: [0-9] (K|M|G)iB
			Add: all and none :: ^none$
			Add: start :: start
			Add: top of the queue :: queue
			Add: skip the check :: skip
			Add: free space :: free
			`),
		list("dialog create", `
			Create: file or folder :: folder
			Create: piece size, automatic :: auto
			Create: private :: private
			Create: trackers :: tracker
			Create: web seeds :: web seed
			Create: comment :: comment
			Create: source :: source
			Create: start seeding :: start
			`),
		list("dialog guide", `
			Guide: folder :: folder|save
			Guide: port :: port
			Guide: language :: language
			`),
		list("dialog statistics", `
			Statistics: uploaded :: upload
			Statistics: downloaded :: download
			Statistics: ratio :: ratio
			`),
		list("dialog about", `
			About: version :: version
			About: licences :: licen
			`),
	)
}

func rssWishes() []wish {
	return list("dialog feeds", `
		feeds :: feed
		favorites with filter :: favorite|filter
		filter of what not to take :: not
		quality :: quality
		episodes :: ^episodes
		no episode twice :: each episode once
		least interval :: interval
		folder :: save in|folder
		label :: label
		history :: history
		`)
}
