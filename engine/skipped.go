package engine

import (
	"path/filepath"

	"swarmbid/engine/disk"
	"swarmbid/engine/swarm"
)

// A file that nobody wants is not made, although the pieces at its ends reach into a
// wanted one: what arrives for it goes to the part file, which lies beside the data so
// that it is on the same drive, and goes with the torrent.

// stash is the path of the part file.
func (m *managed) stash() string {
	return filepath.Join(m.rec.SavePath, "."+m.ih().String()+".parts")
}

// allFiles are the files that move with the torrent.
func (m *managed) allFiles() []disk.File {
	return append(m.files(), disk.File{Path: m.stash()})
}

// skip reports for each file whether nobody wants it and it is not to be made.
func (e *Engine) skip(m *managed) []bool {
	out := make([]bool, len(m.meta.Files))
	for i := range out {
		out[i] = m.priority(i) == swarm.Skip && !e.set.NoPartFile
	}
	return out
}

// skipped marks the files nobody wants.
func (e *Engine) skipped(m *managed, files []disk.File) []disk.File {
	for i, s := range e.skip(m) {
		files[i].Skip = s
	}
	return files
}

// tellSkipped tells the data which files are wanted now.
func (e *Engine) tellSkipped(m *managed) {
	if m.data != nil {
		m.data.SetSkip(e.skip(m))
	}
}
