package engine

import (
	"os"

	"swarmbid/engine/disk"
)

// Files that are not complete may bear a name with a suffix. A torrent takes the
// suffix of the settings when it is added and keeps it in its record, so that a
// later change of the setting loses no file. Which of its files bear it is not
// recorded: a file is renamed at once when its last piece is safe on the disk, and
// after a restart the disk says where it is. So a kill at any moment leaves each file
// under one of its two names, and both are looked for.

// usableSuffix reports whether s may end the names of incomplete files.
func usableSuffix(s string) bool {
	return len(s) >= 2 && len(s) <= 12 && s[0] == '.' && usableName("x"+s)
}

// locate finds out which files lie under a name with the suffix. It is called while
// the torrent is not in the library.
func (m *managed) locate() {
	m.parts = nil
	if m.meta == nil || m.rec.Suffix == "" {
		return
	}
	parts := make([]bool, len(m.meta.Files))
	for i := range m.meta.Files {
		f := &m.meta.Files[i]
		if f.Pad || f.Size == 0 {
			continue
		}
		plain := m.diskPath(i)
		switch {
		case isThere(plain + m.rec.Suffix):
			parts[i] = true
		case isThere(plain):
		default:
			parts[i] = fileDone(f.Offset, f.Size, m.meta.PieceLength, m.have, m.unknown) < f.Size
		}
	}
	m.parts = parts
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// isPart reports whether file i lies under a name with the suffix.
func (m *managed) isPart(i int) bool {
	if m.data != nil {
		return m.data.Part(i)
	}
	return i < len(m.parts) && m.parts[i]
}

// suffixOver forgets the suffix of a torrent that is complete to the last file.
func (m *managed) suffixOver() {
	if m.rec.Suffix == "" || m.meta == nil || m.view.total < m.meta.Size {
		return
	}
	for i := range m.meta.Files {
		if m.isPart(i) {
			return
		}
	}
	m.rec.Suffix, m.dirty = "", true
}

// setParts takes over which files bear the suffix from the data.
func (m *managed) setParts(files []disk.File) {
	m.parts = nil
	if m.rec.Suffix == "" {
		return
	}
	m.parts = make([]bool, len(files))
	for i := range files {
		m.parts[i] = files[i].Part
	}
}
