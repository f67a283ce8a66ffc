package desktop

// The file type and the scheme that the program opens.
const (
	torrentExt    = ".torrent"
	torrentMIME   = "application/x-bittorrent"
	magnetScheme  = "magnet"
	magnetMIME    = "x-scheme-handler/" + magnetScheme
	autostartFlag = "-minimized"
)

// Associations says what the system opens with the program.
type Associations struct {
	// Registered is whether the system knows the program, at its present place, as
	// one that opens torrents and magnet links.
	Registered bool
	// Torrent and Magnet are whether it is the default. On Windows a choice that the
	// user made in the system's settings counts before what can be read here.
	Torrent, Magnet bool
	// Autostart is whether it starts when the user logs in.
	Autostart bool
}
