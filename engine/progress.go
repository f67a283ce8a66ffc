package engine

import (
	"swarmbid/engine/disk"
	"swarmbid/engine/swarm"
)

// progress is what follows from the verified pieces and the chosen files.
type progress struct {
	wanted    int64 // bytes of the chosen files
	completed int64 // verified bytes of them
	total     int64 // verified bytes of all files
	unknown   int   // pieces still to be checked
	pieces    int   // verified ones
	complete  bool  // every wanted piece is verified
	version   uint64
}

// look brings m.view up to date with the pieces and the choice of files.
func (m *managed) look() {
	if m.meta == nil {
		m.view = progress{}
		return
	}
	have, unknown := m.pieces()
	v := progress{unknown: unknown.Count(), pieces: have.Count(), complete: true}
	if m.data != nil {
		v.version = m.data.Version()
	}
	for i := range m.meta.Files {
		f := &m.meta.Files[i]
		if f.Pad {
			continue
		}
		done := fileDone(f.Offset, f.Size, m.meta.PieceLength, have, unknown)
		v.total += done
		if m.priority(i) == swarm.Skip {
			continue
		}
		v.wanted += f.Size
		v.completed += done
		v.complete = v.complete && done == f.Size
	}
	m.view = v
}

// fileDone is the number of verified bytes of the size bytes at off.
func fileDone(off, size, pieceLength int64, have, unknown disk.Bits) (done int64) {
	if size == 0 {
		return 0
	}
	for p := off / pieceLength; p*pieceLength < off+size; p++ {
		if have.Has(int(p)) && !unknown.Has(int(p)) {
			done += min(off+size, (p+1)*pieceLength) - max(off, p*pieceLength)
		}
	}
	return done
}

// priority is how much file i is wanted.
func (m *managed) priority(i int) swarm.Priority {
	if i < len(m.rec.Priorities) {
		return m.rec.Priorities[i]
	}
	return swarm.Normal
}

// size is the number of bytes of all files, 0 while unknown.
func (m *managed) size() int64 {
	if m.meta == nil {
		return 0
	}
	return m.meta.Size
}
