package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"swarmbid/engine/swarm"
)

// maxCopies bounds how many names are tried for the copy of a .torrent file.
const maxCopies = 100

// putAside keeps a copy of the torrent's file in the folder the user chose for
// them. A copy that cannot be written is no fault of the torrent.
func (e *Engine) putAside(m *managed) {
	dir := e.set.CopyDir
	if dir == "" || m.meta == nil || m.rec.Copy != "" {
		return
	}
	raw, name := m.meta.Raw, copyName(m.name(), m.ih())
	e.toWorker(func() {
		path, err := writeCopy(dir, name, raw)
		e.post(func() { e.setCopy(m, path, err) })
	})
}

// copyDone moves the copy of a complete torrent's file to the folder for those.
func (e *Engine) copyDone(m *managed) {
	dir, from := e.set.CopyDoneDir, m.rec.Copy
	if dir == "" || from == "" || filepath.Dir(from) == filepath.Clean(dir) {
		return
	}
	raw, name := m.meta.Raw, strings.TrimSuffix(filepath.Base(from), torrentExt)
	e.toWorker(func() {
		path, err := writeCopy(dir, name, raw)
		if err == nil {
			err = removeCopy(from, raw)
		}
		e.post(func() { e.setCopy(m, path, err) })
	})
}

// setCopy notes where the copy lies; path is "" when there is no new one.
func (e *Engine) setCopy(m *managed, path string, err error) {
	if err != nil {
		e.cfg.Log.Warn("copy of the .torrent file", "torrent", m.ih(), "err", err)
	}
	if path == "" || m.removed {
		return
	}
	m.rec.Copy = path
	_ = e.save(m) // logged there; the next save tries again
}

const torrentExt = ".torrent"

// copyName is a name for the copy that every system takes, without its extension.
func copyName(name string, ih swarm.InfoHash) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	if name = strings.TrimRight(name, ". "); !usableName(name) {
		return ih.String()
	}
	return name
}

// writeCopy writes a .torrent file into dir, which is made if need be, and returns
// its path. A file of another torrent is never replaced: the copy gets a number.
func writeCopy(dir, name string, raw []byte) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("engine: create the folder: %w", err)
	}
	for n := 1; n <= maxCopies; n++ {
		path := filepath.Join(dir, name+torrentExt)
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s (%d)%s", name, n, torrentExt))
		}
		old, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return path, writeWhole(path, raw)
		case err == nil && bytes.Equal(old, raw):
			return path, nil
		}
	}
	return "", fmt.Errorf("engine: %d files have the name %s in %s: %w", maxCopies, name, dir, fs.ErrExist)
}

// removeCopy deletes a copy, unless the file has become something else.
func removeCopy(path string, raw []byte) error {
	old, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.Equal(old, raw) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("engine: delete the copy: %w", err)
	}
	return os.Remove(path)
}

// DeleteCopies deletes the copies of .torrent files that were put aside for the
// user. A torrent without one is none to it.
func (e *Engine) DeleteCopies(ctx context.Context, ihs ...swarm.InfoHash) error {
	return e.each(ctx, ihs, func(m *managed) error {
		if m.rec.Copy == "" || m.meta == nil {
			return nil
		}
		if err := removeCopy(m.rec.Copy, m.meta.Raw); err != nil {
			return err
		}
		m.rec.Copy = ""
		return nil
	})
}
