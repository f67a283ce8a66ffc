package link

// SetDirect makes the requests of this peer be answered by Config.Serve, past the
// library, and not by the library's leave: while it is still downloading it serves
// nobody that has nothing for it, and nobody more than 100 KiB beyond what it got
// from them. A pause of the torrent counts as before. It needs the fast extension
// and does nothing to a peer without it, nor where there is no Config.Serve. It is
// for the engine and its paying peers.
func (l *Link) SetDirect(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	on = on && l.fast && l.links.cfg.Serve != nil
	if l.direct != on {
		l.direct = on
		l.applyChoke()
	}
}

// serveFunc returns what answers the released requests of this peer, nil for the
// library. mu is held.
func (l *Link) serveFunc() ServeFunc {
	if f := l.links.serve.Load(); f != nil {
		return *f
	}
	if l.direct {
		return l.links.cfg.Serve
	}
	return nil
}

// server returns what reads the blocks that are ours to answer, also when they
// were released before SetDirect ended.
func (l *Link) server() ServeFunc {
	if f := l.links.serve.Load(); f != nil {
		return *f
	}
	return l.links.cfg.Serve
}
