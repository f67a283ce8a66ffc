package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// use calls f with a file of the torrent, which keeps its name meanwhile, or kept
// if its data is in the part file.
func (t *Torrent) use(file int, write bool, kept func() error, f func(*os.File) error) error {
	t.names.RLock()
	defer t.names.RUnlock()
	if t.aside[file] {
		return kept()
	}
	return t.p.Handles.use(t.p.Root, t.p.Files[file].Path, write, f)
}

// path is where a file lies now.
func (t *Torrent) path(file int) string {
	t.names.RLock()
	defer t.names.RUnlock()
	return t.p.Files[file].Path
}

// Part reports whether a file still has the name of an incomplete one.
func (t *Torrent) Part(file int) bool {
	t.names.RLock()
	defer t.names.RUnlock()
	return t.p.Files[file].Part
}

// Files returns the files where they lie now.
func (t *Torrent) Files() []File {
	t.names.RLock()
	defer t.names.RUnlock()
	return slices.Clone(t.p.Files)
}

// finish gives the files that are complete their real names. It is called when all
// that is verified is also durable. A file is renamed at most once at a time and
// nothing is ever replaced: if the real name is taken, the file keeps the other one.
func (t *Torrent) finish() error {
	if !t.ripe.Swap(false) {
		return nil
	}
	for i := range t.p.Files {
		if !t.Part(i) || t.Aside(i) || !t.verified(i) {
			continue
		}
		if err := t.rename(i); err != nil {
			return t.broken(err)
		}
	}
	return nil
}

// verified reports whether every piece of a file is, and durably so.
func (t *Torrent) verified(file int) bool {
	f := &t.p.Files[file] // its place in the torrent never changes
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := f.Offset / t.p.PieceLength; i*t.p.PieceLength < f.Offset+f.Size; i++ {
		if !t.have.Has(int(i)) || t.unknown.Has(int(i)) || slices.Contains(t.pending, int(i)) {
			return false
		}
	}
	return true
}

// rename gives a file its real name. Nobody uses the file meanwhile, and the handle
// is given back first, as Windows renames no open file.
func (t *Torrent) rename(file int) error {
	t.names.Lock()
	defer t.names.Unlock()
	f := &t.p.Files[file]
	to := strings.TrimSuffix(f.Path, t.p.Suffix)
	if _, err := os.Lstat(to); err == nil {
		return nil
	}
	t.p.Handles.Release(f.Path)
	err := os.Rename(f.Path, to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // reading it tells of that
	case err != nil:
		return fmt.Errorf("name the complete file %s: %w", to, err)
	}
	f.Path, f.Part = to, false
	return nil
}
