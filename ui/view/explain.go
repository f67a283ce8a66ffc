package view

import "swarmbid/engine/swarm"

// Advice is a fault in words: what happened, and what it means and asks of the
// user.
type Advice struct {
	What string
	Do   string
}

// FaultShort is a fault in a few words, for the Status column.
func (f *Format) FaultShort(t *swarm.Torrent) string {
	switch t.Fault {
	case swarm.DiskFull:
		return f.T("fault.short.full")
	case swarm.MissingData:
		return f.T("fault.short.missing")
	case swarm.ReadOnly:
		return f.T("fault.short.readonly")
	case swarm.BadMetadata:
		return f.T("fault.short.metadata")
	case swarm.IOFault, swarm.NoFault:
	}
	if t.Error != "" {
		return t.Error
	}
	return f.T("fault.short.disk")
}

// Fault explains why a torrent stopped.
func (f *Format) Fault(t *swarm.Torrent) Advice {
	switch t.Fault {
	case swarm.DiskFull:
		return Advice{f.T("fault.full.what"), f.T("fault.full.do")}
	case swarm.MissingData:
		return Advice{f.T("fault.missing.what"), f.T("fault.missing.do")}
	case swarm.ReadOnly:
		return Advice{f.T("fault.readonly.what"), f.T("fault.readonly.do")}
	case swarm.IOFault:
		return Advice{f.T("fault.disk.what"), f.T("fault.disk.do")}
	case swarm.BadMetadata:
		return Advice{f.T("fault.metadata.what"), f.T("fault.metadata.do")}
	case swarm.NoFault:
	}
	return Advice{}
}

// Explain puts an error into words by the name of its sentinel, written with its
// package, as "engine.ErrKnown". ok is false for a name without words.
func (l *Locale) Explain(name string) (a Advice, ok bool) {
	k := errorKey(name)
	if k == "" {
		return Advice{}, false
	}
	return Advice{l.T(k + ".what"), l.T(k + ".do")}, true
}

// errorKey returns the key of the words for an error; "" for an unknown one.
// Errors that mean the same to a user share their words.
func errorKey(name string) string {
	switch name {
	case "engine.ErrStopped", "tracker.ErrClosed", "disk.ErrClosed":
		return "error.stopped"
	case "engine.ErrUnknown", "tracker.ErrUnknown":
		return "error.unknown"
	case "engine.ErrKnown":
		return "error.known"
	case "engine.ErrNoMetadata":
		return "error.noMetadata"
	case "engine.ErrBusy":
		return "error.moving"
	case "engine.ErrPeerAddress", "link.ErrRefused":
		return "error.peerAddress"
	case "engine.ErrFetch":
		return "error.fetch"
	case "route.ErrProxyAuth":
		return "error.proxyAuth"
	case "route.ErrTarget":
		return "error.fetch"
	case "route.ErrProxy", "route.ErrProxyConfig":
		return "error.proxy"
	case "route.ErrUnbound":
		return "error.network"
	case "engine.ErrFilter":
		return "error.filter"
	case "engine.ErrListen":
		return "error.listen"
	case "engine.ErrInside":
		return "error.inside"
	case "engine.ErrName":
		return "error.nameTaken"
	case "metafile.ErrNothing":
		return "error.nothing"
	case "metafile.ErrChanged":
		return "error.changed"
	case "fs.ErrNotExist":
		return "error.notThere"
	case "fs.ErrPermission":
		return "error.permission"
	case "fs.ErrExist":
		return "error.exists"
	case "feed.ErrURL":
		return "error.feedURL"
	case "feed.ErrKnown":
		return "error.feedKnown"
	case "feed.ErrQuality":
		return "error.quality"
	case "feed.ErrEpisodes":
		return "error.episodes"
	case "feed.ErrUnknown", "feed.ErrTooMany":
		return "error.feedGone"
	case "hook.ErrQuote", "hook.ErrEmpty":
		return "error.command"
	case "hook.ErrPlaceholder", "hook.ErrBatch":
		return "error.commandRisk"
	case "engine.ErrConfig":
		return "error.config"
	case "tracker.ErrTooSoon":
		return "error.tooSoon"
	case "metafile.ErrMagnet":
		return "error.magnet"
	case "metafile.ErrUnsupported", "metafile.ErrHybrid":
		return "error.unsupported"
	case "metafile.ErrTooLarge":
		return "error.tooLarge"
	case "metafile.ErrNoTorrent", "metafile.ErrBencode", "metafile.ErrName", "metafile.ErrPieceLength", "metafile.ErrPieces", "metafile.ErrSize",
		"metafile.ErrFiles", "metafile.ErrDuplicates", "metafile.ErrPiecesRoot", "metafile.ErrPieceLayers", "metafile.ErrInfoHash":
		return "error.damaged"
	}
	return walletErrorKey(name)
}
