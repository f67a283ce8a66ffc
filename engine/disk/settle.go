package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// copyUnit bounds how much is moved out of the part file at once, in bytes.
const copyUnit = 1 << 20

// SetSkip says which files nobody wants, by index; those beyond the list are wanted.
// The next Sync acts on it: data of a file that is wanted again leaves the part file.
func (t *Torrent) SetSkip(skip []bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	changed := false
	for i := range t.skip {
		now := i < len(skip) && skip[i] && t.p.Stash != ""
		changed = changed || now != t.skip[i]
		t.skip[i] = now
	}
	if changed {
		t.unsettled.Store(true)
	}
}

// Aside reports whether what arrives for a file goes to the part file.
func (t *Torrent) Aside(file int) bool {
	t.names.RLock()
	defer t.names.RUnlock()
	return t.aside[file]
}

// putAside finds the files whose data lies in the part file, or is to go there as they
// have none of their own. It is called before anybody uses the torrent.
func (t *Torrent) putAside(pieces int) (err error) {
	if t.stash, err = newStash(&t.p, pieces); err != nil {
		return err
	}
	t.aside, t.skip = make([]bool, len(t.p.Files)), make([]bool, len(t.p.Files))
	for i := range t.p.Files {
		f := &t.p.Files[i]
		if f.Pad {
			continue
		}
		t.skip[i] = f.Skip && t.p.Stash != ""
		t.aside[i] = t.stash.keeps(i) || t.skip[i] && !exists(f.Path)
		if t.aside[i] != t.skip[i] || t.p.Allocate {
			t.unsettled.Store(true)
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// settle does what follows from which files are wanted now. It is called by one
// goroutine at a time.
func (t *Torrent) settle() error {
	if t.closing.Load() || !t.unsettled.Swap(false) {
		return nil // what is left undone is done when the torrent is opened again
	}
	t.mu.Lock()
	skip := append([]bool(nil), t.skip...)
	t.mu.Unlock()
	err := t.reserve(skip)
	for i := 0; i < len(skip) && err == nil; i++ {
		switch f := &t.p.Files[i]; {
		case f.Pad:
		case skip[i]:
			t.hide(i)
		default:
			if err = t.bringOut(i); err == nil {
				err = t.allocate(i)
			}
		}
	}
	if err != nil {
		t.unsettled.Store(true)
		return t.broken(err)
	}
	return nil
}

// hide lets a file that has no data of its own begin in the part file.
func (t *Torrent) hide(file int) {
	t.names.Lock()
	defer t.names.Unlock()
	t.aside[file] = t.aside[file] || !exists(t.p.Files[file].Path)
}

// bringOut moves the data of a file out of the part file. The copy is durable before
// the part file forgets it; a kill between the two copies it once more.
func (t *Torrent) bringOut(file int) error {
	t.names.Lock()
	defer t.names.Unlock()
	if !t.aside[file] {
		return nil
	}
	f := &t.p.Files[file]
	if f.Size == 0 || t.stash.keeps(file) {
		err := t.p.Handles.use(t.p.Root, f.Path, true, func(h *os.File) error {
			if err := t.copyOut(h, file); err != nil {
				return err
			}
			return h.Sync()
		})
		if err != nil {
			return fmt.Errorf("move %s out of the part file: %w", f.Path, err)
		}
		if err := t.stash.drop(file); err != nil {
			return fmt.Errorf("note in the part file that %s has left it: %w", f.Path, err)
		}
	}
	t.aside[file] = false
	t.ripe.Store(t.p.Suffix != "")
	return nil
}

// copyOut writes what the part file has of a file. A slot may be shorter than its
// piece if nothing was written to its end.
func (t *Torrent) copyOut(h *os.File, file int) error {
	f := &t.p.Files[file]
	buf := make([]byte, min(copyUnit, t.p.PieceLength))
	for off, end := f.Offset, f.Offset+f.Size; off < end; {
		piece := off / t.p.PieceLength
		n := min(int64(len(buf)), (piece+1)*t.p.PieceLength-off, end-off)
		if t.stash.holds(file, int(piece)) {
			got, err := t.stash.some(off, buf[:n])
			if err == nil && got > 0 {
				_, err = h.WriteAt(buf[:got], off-f.Offset)
			}
			if err != nil {
				return err
			}
		}
		off += n
	}
	return nil
}
