package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/anacrolix/torrent"

	"swarmbid/engine/disk"
	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
	"swarmbid/engine/tracker"
)

// snubbedAfter is how long an unchoked peer may owe us blocks.
const snubbedAfter = time.Minute

// Details returns the asked parts of one torrent. It may be called once a second.
func (e *Engine) Details(ctx context.Context, ih swarm.InfoHash, parts swarm.Part) (*swarm.Details, error) {
	d := &swarm.Details{InfoHash: ih, At: time.Now()}
	var live *torrent.Torrent
	var lack disk.Bits // pieces that a running download lacks
	err := e.do(ctx, func() error {
		m, err := e.find(ih)
		if err != nil {
			return err
		}
		live = m.live
		d.WebSeeds = slices.Clone(m.rec.WebSeeds)
		if parts&swarm.PartFiles != 0 {
			d.Files = m.fileRows()
		}
		if parts&swarm.PartPieces != 0 && m.meta != nil {
			d.Pieces = m.pieceMap()
		}
		if parts&swarm.PartPeers != 0 {
			d.Peers = e.peerRows(m)
			lack = m.lack()
		}
		if parts&swarm.PartTrackers != 0 {
			d.Trackers = e.sourceRows(m)
		}
		if parts&swarm.PartMarket != 0 {
			d.Market = e.marketOf(m, time.Now())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if parts&swarm.PartTrackers != 0 {
		if d.Trackers, err = e.trackerRows(ctx, ih, d.Trackers); err != nil {
			return nil, err
		}
	}
	if live != nil && (parts&(swarm.PartPieces|swarm.PartPeers) != 0) {
		addLibrary(d, live, lack)
	}
	return d, nil
}

// lack returns the wanted pieces that are not here; the zero value when all are.
func (m *managed) lack() (out disk.Bits) {
	if m.meta == nil || m.live == nil || m.complete() {
		return out
	}
	have, _ := m.pieces()
	out = m.wantedPieces()
	for _, i := range have.List() {
		out.Clear(i)
	}
	return out
}

func (m *managed) fileRows() []swarm.File {
	if m.meta == nil {
		return nil
	}
	rows := m.meta.SwarmFiles()
	have, unknown := m.pieces()
	for i := range rows {
		f := &m.meta.Files[i]
		rows[i].Path = m.path(i)
		rows[i].Priority = m.priority(i)
		rows[i].Completed = fileDone(f.Offset, f.Size, m.meta.PieceLength, have, unknown)
	}
	return rows
}

func (m *managed) pieceMap() *swarm.Pieces {
	have, unknown := m.pieces()
	begun := disk.NewBits(m.meta.Pieces)
	if m.data != nil {
		_, _, begun = m.data.Marks()
	}
	p := &swarm.Pieces{Length: m.meta.PieceLength, State: make([]swarm.PieceState, m.meta.Pieces), Avail: make([]uint16, m.meta.Pieces)}
	wanted := m.wantedPieces()
	for i := range p.State {
		switch {
		case unknown.Has(i):
			p.State[i] = swarm.PieceChecking
		case have.Has(i):
			p.State[i] = swarm.PieceHave
		case begun.Has(i):
			p.State[i] = swarm.PiecePartial
		case !wanted.Has(i):
			p.State[i] = swarm.PieceSkipped
		}
	}
	return p
}

// wantedPieces are the pieces that touch a chosen file.
func (m *managed) wantedPieces() disk.Bits {
	b := disk.NewBits(m.meta.Pieces)
	for i := range m.meta.Files {
		f := &m.meta.Files[i]
		if f.Pad || m.priority(i) == swarm.Skip {
			continue
		}
		first, n := f.Span(m.meta.PieceLength)
		for p := first; p < first+n; p++ {
			b.Set(p)
		}
	}
	return b
}

func (e *Engine) peerRows(m *managed) []swarm.Peer {
	var rows []swarm.Peer
	for _, l := range e.links.All() {
		if l.InfoHash() == m.ih() {
			rows = append(rows, e.peerRow(m, l))
		}
	}
	return rows
}

func (e *Engine) peerRow(m *managed, l *link.Link) swarm.Peer {
	now := time.Now()
	s := l.Stats()
	p := swarm.Peer{
		Key: l.Key(), Addr: l.Addr(), Client: l.Client(), PeerID: l.PeerID(),
		Downloaded: s.PayloadIn, Uploaded: s.PayloadOut, RequestsIn: s.QueuedRequests, Since: l.Opened(),
		LastBlock: s.LastIn, RequestsOut: s.Asking, AskedAt: s.AskedAt,
	}
	if s.LastOut.After(p.LastBlock) {
		p.LastBlock = s.LastOut
	}
	if p.Client == "" {
		p.Client = clientOf(l.PeerID())
	}
	if m.meta != nil && m.meta.Pieces > 0 {
		p.Progress = float64(s.Has) / float64(m.meta.Pieces)
	}
	if past, ok := e.peers.of[l.Key()]; ok {
		p.Slot, p.Granted = slotOf(past.slot), past.granted
		p.Down, p.Up, p.Theirs = past.rates.down, past.rates.up, past.gets
		p.MaxDown, p.MaxUp = past.most.down, past.most.up
	}
	p.Flags = flagsOf(l, &s) | e.moneyFlags(l.Key())
	if s.Interesting && !s.ChokingUs && now.Sub(s.LastIn) > snubbedAfter && now.Sub(l.Opened()) > snubbedAfter {
		p.Flags |= swarm.Snubbed
	}
	return p
}

func flagsOf(l *link.Link, s *link.Stats) (f swarm.PeerFlags) {
	for _, x := range []struct {
		on   bool
		flag swarm.PeerFlags
	}{
		{s.Interesting, swarm.Interesting},
		{s.Interested, swarm.Interested},
		{s.ChokingUs, swarm.ChokingUs},
		{!s.Unchoked, swarm.Choked},
		{l.Incoming(), swarm.Incoming},
		{l.Encryption() == link.RC4, swarm.Encrypted},
		{l.Encryption() == link.HeaderOnly, swarm.EncryptedHead},
		{l.Network() == "udp4" || l.Network() == "udp6", swarm.UTP},
		{s.HasAll, swarm.Seed},
	} {
		if x.on {
			f |= x.flag
		}
	}
	return f
}

// addLibrary adds what only the library knows: which pieces the peers have, where
// they were found and how much we asked them for. It takes the library's lock.
func addLibrary(d *swarm.Details, live *torrent.Torrent, lack disk.Bits) {
	byAddr := map[string]*swarm.Peer{}
	missing := 0
	if lack.Len() > 0 {
		missing = lack.Count()
	}
	for i := range d.Peers {
		byAddr[d.Peers[i].Addr.String()] = &d.Peers[i]
	}
	for _, pc := range live.PeerConns() {
		if p := byAddr[pc.RemoteAddr.String()]; p != nil {
			p.Flags |= sourceFlag(pc.Discovery)
			st := pc.Stats()
			p.HashFails = int(st.PiecesDirtiedBad.Int64())
			p.Relevance = relevance(p, pc, lack, missing)
		}
		if d.Pieces == nil {
			continue
		}
		it := pc.PeerPieces().Iterator()
		for it.HasNext() {
			if i := it.Next(); int(i) < len(d.Pieces.Avail) {
				d.Pieces.Avail[i]++
			}
		}
	}
}

// relevance is the share of the missing pieces that a peer has.
func relevance(p *swarm.Peer, pc *torrent.PeerConn, lack disk.Bits, missing int) float64 {
	if missing == 0 {
		return 0
	}
	if p.Flags.Has(swarm.Seed) {
		return 1
	}
	n := 0
	it := pc.PeerPieces().Iterator()
	for it.HasNext() {
		if i := int(it.Next()); i < lack.Len() && lack.Has(i) {
			n++
		}
	}
	return float64(n) / float64(missing)
}

// countCopies renews the availability of running downloads, on workers: the
// library knows which peer has what.
func (e *Engine) countCopies() {
	for _, m := range e.order {
		if m.live == nil || m.meta == nil || m.counting || m.peersNow == 0 {
			continue
		}
		m.counting = true
		live, pieces := m.live, m.meta.Pieces
		have, _ := m.pieces()
		e.toWorker(func() {
			d := swarm.Details{Pieces: &swarm.Pieces{Avail: make([]uint16, pieces)}}
			addLibrary(&d, live, disk.Bits{})
			for i := range d.Pieces.Avail {
				if have.Has(i) {
					d.Pieces.Avail[i]++
				}
			}
			copies := swarm.Copies(d.Pieces.Avail)
			e.post(func() { m.avail, m.counting = copies, false })
		})
	}
}

func sourceFlag(s torrent.PeerSource) swarm.PeerFlags {
	switch s {
	case torrent.PeerSourceTracker:
		return swarm.FromTracker
	case torrent.PeerSourceDhtGetPeers, torrent.PeerSourceDhtAnnouncePeer:
		return swarm.FromDHT
	case torrent.PeerSourcePex:
		return swarm.FromPEX
	case torrent.PeerSourceLPD:
		return swarm.FromLSD
	case torrent.PeerSourceDirect:
		return swarm.FromUser
	case torrent.PeerSourceUtHolepunch:
		return swarm.Holepunched
	}
	return 0
}

// sourceRows are the rows of the Trackers tab that are no trackers.
func (e *Engine) sourceRows(m *managed) []swarm.Tracker {
	rows := []swarm.Tracker{
		{URL: "[DHT]", Status: swarm.TrackerDisabled},
		{URL: "[Local Peer Discovery]", Status: swarm.TrackerDisabled},
		{URL: "[Peer Exchange]", Status: swarm.TrackerDisabled},
	}
	private := m.meta != nil && m.meta.Private
	for i, on := range []bool{e.set.DHT && !m.rec.NoDHT, e.set.LSD && !m.rec.NoLSD, e.set.PEX && !m.rec.NoPEX} {
		rows[i].Tier, rows[i].Seeds, rows[i].Peers, rows[i].Downloads = -1, -1, -1, -1
		if on && !private {
			rows[i].Status = swarm.TrackerSourcePeer
		}
	}
	return rows
}

// trackerRows puts the trackers behind the other sources. A torrent that does not
// run has its list without figures.
func (e *Engine) trackerRows(ctx context.Context, ih swarm.InfoHash, rows []swarm.Tracker) ([]swarm.Tracker, error) {
	got, err := e.trackers.Status(ctx, ih)
	if err == nil {
		return append(rows, got...), nil
	}
	if !errors.Is(err, tracker.ErrUnknown) {
		return nil, err
	}
	err = e.do(ctx, func() error {
		m, err := e.find(ih)
		if err != nil {
			return err
		}
		for tier, urls := range m.rec.Trackers {
			for _, u := range urls {
				rows = append(rows, swarm.Tracker{URL: u, Tier: tier, Seeds: -1, Peers: -1, Downloads: -1})
			}
		}
		return nil
	})
	return rows, err
}
