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

// prioritize gives the library the choice of files and the order of pieces. In a
// sequential download only the pieces of a moving window are wanted: the library
// asks for so much at once that a mere preference would soon reach the end.
func (m *managed) prioritize() {
	if m.live == nil || m.meta == nil || m.live.Info() == nil {
		return
	}
	for i, f := range m.live.Files() {
		p := libraryPriority(m.priority(i))
		if m.rec.Sequential || m.meta.Files[i].Pad { // a piece of a pad file that matters belongs to another file too
			p = torrent.PiecePriorityNone
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
	m.ahead, m.begun = nil, nil
	m.readahead()
}

// finishBegun has the pieces asked for first that have begun. The library prefers them
// a little by itself; a higher priority makes it strict. A sequential download has its
// own order.
func (m *managed) finishBegun(on bool) {
	if m.rec.Sequential || m.live.Info() == nil || !on && m.begun == nil {
		return
	}
	now := map[int]bool{}
	if on {
		wanted := m.wantedPieces()
		for _, i := range m.data.Begun() {
			now[i] = wanted.Has(i)
		}
	}
	for i, w := range now {
		if w && !m.begun[i] {
			m.live.Piece(i).SetPriority(torrent.PiecePriorityNow)
		}
	}
	var ends map[int]bool
	for i, w := range m.begun {
		if !w || now[i] {
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
	if m.begun = now; !on {
		m.begun = nil
	}
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

// window returns the pieces that a sequential download asks for now: the first
// missing ones, as many as arrive in two seconds, and none far beyond the first.
func (m *managed) window() []int {
	have, _ := m.pieces()
	wanted := m.wantedPieces()
	bytes := max(readaheadBytes, 2*m.rates.down)
	size := max(readaheadLeast, int(bytes/m.meta.PieceLength))
	var next []int
	for i := 0; i < m.meta.Pieces && len(next) < size; i++ {
		if len(next) > 0 && i >= next[0]+2*size {
			break
		}
		if wanted.Has(i) && !have.Has(i) {
			next = append(next, i)
		}
	}
	return next
}

// readahead moves the window of a sequential download.
func (m *managed) readahead() {
	if !m.rec.Sequential || m.live == nil || m.meta == nil {
		return
	}
	ahead := map[int]torrent.PiecePriority{}
	for k, i := range m.window() {
		p := torrent.PiecePriorityReadahead
		if k < readaheadLeast {
			p = torrent.PiecePriorityNow
		}
		ahead[i] = p
		if m.ahead[i] != p {
			m.live.Piece(i).SetPriority(p)
		}
	}
	var ends map[int]bool
	for i := range m.ahead {
		if _, still := ahead[i]; still {
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
	m.ahead = ahead
}
