package engine

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"swarmbid/engine/disk"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// completed does what the user wants done with a torrent whose last wanted piece
// has arrived.
func (e *Engine) completed(m *managed) {
	e.copyDone(m)
	dir := e.completedDir(m)
	if dir == "" || m.moving || m.busy > 0 {
		return
	}
	m.rec.MoveTo = dir // from here on a kill does not undo it
	_ = e.save(m)      // logged there; without it a kill may
	m.moving, m.moved = true, 0
	e.deactivate(m, func() {
		result := make(chan error, 1) // nobody waits: what fails is told
		e.moveFiles(m, func(m *managed) { m.rec.SavePath = dir }, result)
	})
}

// completedDir is where the data of a complete torrent goes; "" = it stays.
func (e *Engine) completedDir(m *managed) string {
	dir := e.set.Completed
	if dir == "" || e.set.CompletedDefault && filepath.Clean(m.rec.SavePath) != filepath.Clean(e.cfg.DownloadDir) {
		return ""
	}
	if e.set.CompletedLabel && m.rec.Label != "" {
		dir = filepath.Join(dir, labelFolder(m.rec.Label))
	}
	if filepath.Clean(dir) == filepath.Clean(m.rec.SavePath) {
		return ""
	}
	return filepath.Clean(dir)
}

// labelFolder is a label as the name of one folder.
func labelFolder(label string) string {
	name := strings.TrimRight(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, label), ". ")
	if !usableName(name) {
		return "_"
	}
	return name
}

// resumeMoves goes on with the moves that the end of the last run cut short.
func (e *Engine) resumeMoves() {
	for _, m := range e.order {
		if m.rec.MoveTo == "" {
			continue
		}
		if m.meta == nil || !filepath.IsAbs(m.rec.MoveTo) || m.rec.MoveTo == m.rec.SavePath {
			m.rec.MoveTo, m.dirty = "", true
			continue
		}
		dir := m.rec.MoveTo
		m.moving = true
		e.moveFiles(m, func(m *managed) { m.rec.SavePath = dir }, make(chan error, 1))
	}
}

// movedPath is where a file lies in the middle of a move that was cut short.
func (m *managed) movedPath(i int, path string) string {
	if m.rec.MoveTo == "" || isThere(path) {
		return path
	}
	to := filepath.Join(m.rec.MoveTo, filepath.FromSlash(m.path(i)))
	if m.isPart(i) {
		to += m.rec.Suffix
	}
	return to
}

// moveAgain moves what is left of a move that was cut short. A file that is in both
// places was copied and not yet deleted: if the copy is the same, the old one goes.
func moveAgain(from, to []disk.File) error {
	for i := range from {
		if from[i].Pad || from[i].Path == to[i].Path || !isThere(from[i].Path) || !isThere(to[i].Path) {
			continue
		}
		same, err := sameContent(from[i].Path, to[i].Path)
		if err != nil {
			return fmt.Errorf("engine: compare %s with its copy: %w", from[i].Path, err)
		}
		if !same {
			return fmt.Errorf("engine: move %s: %s: %w", from[i].Path, to[i].Path, fs.ErrExist)
		}
		if err := os.Remove(from[i].Path); err != nil {
			return fmt.Errorf("engine: remove what was copied: %w", err)
		}
	}
	return nil
}

// sameContent compares two files byte by byte. Links to one file are not the same.
func sameContent(a, b string) (bool, error) {
	x, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer x.Close() //nolint:errcheck // only read
	y, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer y.Close() //nolint:errcheck // only read
	xs, err := x.Stat()
	if err != nil {
		return false, err
	}
	ys, err := y.Stat()
	if err != nil || os.SameFile(xs, ys) || xs.Size() != ys.Size() {
		return false, err
	}
	p, q := make([]byte, 1<<20), make([]byte, 1<<20)
	for {
		n, err := io.ReadFull(x, p)
		k, err2 := io.ReadFull(y, q)
		if n != k || string(p[:n]) != string(q[:k]) {
			return false, nil
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return true, nil
		case err != nil || err2 != nil:
			return false, errors.Join(err, err2)
		}
	}
}

// moveEnded settles a move on the loop.
func (e *Engine) moveEnded(m *managed, after *resume.Torrent, from []disk.File, err error) error {
	m.rec.MoveTo = ""
	if err != nil {
		e.cfg.Log.Warn("move", "torrent", m.ih(), "to", after.SavePath, "err", err)
		e.tell(swarm.MoveFailed{InfoHash: m.ih(), Name: m.name(), Dir: after.SavePath, Reason: err.Error()})
		return errors.Join(err, e.save(m))
	}
	oldRoot := m.rec.SavePath
	m.rec.SavePath, m.rec.Name, m.rec.Renamed = after.SavePath, after.Name, after.Renamed
	err = e.save(m)
	e.toWorker(func() { pruneEmpty(oldRoot, from) })
	return err
}
