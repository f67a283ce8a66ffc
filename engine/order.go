package engine

import (
	"github.com/anacrolix/torrent"

	"swarmbid/engine/swarm"
)

// readaheadBytes is how far a sequential download asks ahead of the first missing
// piece, and readaheadLeast how many pieces at least.
const (
	readaheadBytes = 16 << 20
	readaheadLeast = 4
)

// libraryPriority gives our three degrees the library's: it asks for higher ones
// first and knows nothing below normal, so everything moves up by one.
func libraryPriority(p swarm.Priority) torrent.PiecePriority {
	switch p {
	case swarm.Skip:
		return torrent.PiecePriorityNone
	case swarm.Low:
		return torrent.PiecePriorityNormal
	case swarm.High:
		return torrent.PiecePriorityReadahead
	case swarm.Normal:
	}
	return torrent.PiecePriorityHigh
}

// prioritize gives the library the choice of files and the order of pieces.
func (m *managed) prioritize() {
	if m.live == nil || m.meta == nil || m.live.Info() == nil {
		return
	}
	for i, f := range m.live.Files() {
		p := libraryPriority(m.priority(i))
		if m.meta.Files[i].Pad {
			p = torrent.PiecePriorityNone // a piece of it that matters belongs to another file too
		}
		f.SetPriority(p)
	}
	wanted := m.wantedPieces()
	ends := m.endPieces()
	for i := range m.meta.Pieces {
		p := torrent.PiecePriorityNone
		if m.rec.FirstLast && ends[i] && wanted.Has(i) {
			p = torrent.PiecePriorityNext
		}
		m.live.Piece(i).SetPriority(p)
	}
	m.ahead = nil
	m.readahead()
}

// endPieces are the first and last pieces of each chosen file: players look
// there first.
func (m *managed) endPieces() map[int]bool {
	ends := map[int]bool{}
	for i := range m.meta.Files {
		f := &m.meta.Files[i]
		first, n := f.Span(m.meta.PieceLength)
		if n > 0 && !f.Pad && m.priority(i) != swarm.Skip {
			ends[first], ends[first+n-1] = true, true
		}
	}
	return ends
}

// readahead moves the window of a sequential download: the first missing pieces
// come before all others.
func (m *managed) readahead() {
	if !m.rec.Sequential || m.live == nil || m.meta == nil {
		return
	}
	have, _ := m.pieces()
	wanted := m.wantedPieces()
	size := max(readaheadLeast, int(readaheadBytes/m.meta.PieceLength))
	var next []int
	for i := 0; i < m.meta.Pieces && (len(next) == 0 || i < next[0]+size); i++ {
		if wanted.Has(i) && !have.Has(i) {
			next = append(next, i)
		}
	}
	inNext := map[int]bool{}
	for k, i := range next {
		inNext[i] = true
		p := torrent.PiecePriorityNext
		if k == 0 {
			p = torrent.PiecePriorityNow
		}
		if m.ahead[i] != p {
			m.live.Piece(i).SetPriority(p)
		}
	}
	ends := map[int]bool(nil)
	for i := range m.ahead {
		if inNext[i] {
			continue
		}
		if ends == nil {
			ends = m.endPieces()
		}
		p := torrent.PiecePriorityNone
		if m.rec.FirstLast && ends[i] {
			p = torrent.PiecePriorityNext
		}
		m.live.Piece(i).SetPriority(p)
	}
	m.ahead = map[int]torrent.PiecePriority{}
	for k, i := range next {
		m.ahead[i] = torrent.PiecePriorityNext
		if k == 0 {
			m.ahead[i] = torrent.PiecePriorityNow
		}
	}
}
