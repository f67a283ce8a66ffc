package link

import "swarmbid/engine/swarm"

// SetPex says whether peers of a torrent may be exchanged (ut_pex, BEP 11). Without
// it what the library would send and what peers send is dropped. The handshake
// still offers the extension, as it does for every torrent.
func (ls *Links) SetPex(ih swarm.InfoHash, on bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	t := ls.torrent(ih)
	t.noPex.Store(!on)
	ls.tidy(ih, t)
}

// pexOff reports whether peers may not be exchanged on this link.
func (l *Link) pexOff() bool { return l.torrent != nil && l.torrent.noPex.Load() }
