package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"swarmbid/engine/disk"
	"swarmbid/engine/swarm"
)

// Move moves the torrent's files to another folder and goes on from there. It
// returns when they are there. If it fails every file is whole in the old place, as
// far as the system let it go back; one that is cut short goes on at the next start.
func (e *Engine) Move(ctx context.Context, ih swarm.InfoHash, dir string) error {
	if err := checkFolder(dir); err != nil {
		return err
	}
	return e.rearrange(ctx, ih, func(m *managed) { m.rec.SavePath = filepath.Clean(dir) })
}

func checkFolder(dir string) error {
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("%w: folder %q is not an absolute path", ErrConfig, dir)
	}
	return nil
}

// Rename gives the torrent another name, in the window and on the disk.
func (e *Engine) Rename(ctx context.Context, ih swarm.InfoHash, name string) error {
	name = strings.TrimSpace(name)
	if !usableName(name) {
		return fmt.Errorf("%w: %q cannot be the name of a file or folder", ErrConfig, name)
	}
	return e.rearrange(ctx, ih, func(m *managed) {
		m.rec.Name = name
		if m.meta == nil {
			return
		}
		m.rec.Renamed = cloneMap(m.rec.Renamed)
		for i := range m.meta.Files {
			_, rest, folder := strings.Cut(m.path(i), "/")
			p := name
			if folder && !m.meta.Single {
				p = name + "/" + rest
			}
			m.rec.Renamed[i] = p
		}
	})
}

// RenameFile gives one file another path below the torrent's folder.
func (e *Engine) RenameFile(ctx context.Context, ih swarm.InfoHash, file int, path string) error {
	for p := range strings.SplitSeq(path, "/") {
		if !usableName(p) {
			return fmt.Errorf("%w: %q cannot be the name of a file", ErrConfig, p)
		}
	}
	err := e.do(ctx, func() error { return e.mayRename(ih, file, path) })
	if err != nil {
		return err
	}
	return e.rearrange(ctx, ih, func(m *managed) {
		if m.meta == nil || file < 0 || file >= len(m.meta.Files) {
			return
		}
		m.rec.Renamed = cloneMap(m.rec.Renamed)
		m.rec.Renamed[file] = path
	})
}

// mayRename refuses a path that another file of the torrent has, or that would lie
// in a file of it.
func (e *Engine) mayRename(ih swarm.InfoHash, file int, path string) error {
	m, err := e.find(ih)
	if err != nil {
		return err
	}
	if m.meta == nil {
		return fmt.Errorf("%w: %s", ErrNoMetadata, m.name())
	}
	if file < 0 || file >= len(m.meta.Files) || m.meta.Files[file].Pad {
		return fmt.Errorf("%w: %s has no file %d", ErrConfig, m.name(), file)
	}
	low := strings.ToLower(path) // as Windows sees it
	for i := range m.meta.Files {
		other := strings.ToLower(m.path(i))
		if i == file || m.meta.Files[i].Pad {
			continue
		}
		if other == low || strings.HasPrefix(low, other+"/") || strings.HasPrefix(other, low+"/") {
			return fmt.Errorf("%w: %s is in the torrent already", ErrName, path)
		}
	}
	return nil
}

// usableName reports whether every system takes s as the name of a file.
func usableName(s string) bool {
	const most = 240 // bytes; leaves room for a suffix of ours
	if s == "" || len(s) > most || strings.ContainsAny(s, `/\:*?"<>|`) || strings.TrimRight(s, ". ") != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func cloneMap(m map[int]string) map[int]string {
	out := make(map[int]string, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	return out
}

// rearrange changes where the files of a torrent are, moves them, and only then
// makes the change last.
func (e *Engine) rearrange(ctx context.Context, ih swarm.InfoHash, change func(m *managed)) error {
	result := make(chan error, 1)
	err := e.do(ctx, func() error {
		m, err := e.find(ih)
		if err != nil {
			return err
		}
		if m.moving || m.busy > 0 {
			return fmt.Errorf("%w: %s", ErrBusy, m.name())
		}
		if m.meta == nil {
			change(m)
			result <- nil
			return e.save(m)
		}
		m.moving, m.moved = true, 0
		e.deactivate(m, func() { e.moveFiles(m, change, result) })
		e.publish(time.Now())
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err() // it goes on; the snapshot shows how it ends
	case <-e.done:
		return ErrStopped
	}
}

// moveFiles plans on the loop, moves on a worker and settles on the loop. That a
// move to another folder is under way is recorded first, so that it goes on after a
// kill.
func (e *Engine) moveFiles(m *managed, change func(*managed), result chan<- error) {
	from := m.allFiles()
	before := m.rec
	change(m)
	to, after := m.allFiles(), m.rec
	m.rec = before // until the files are there
	again := m.rec.MoveTo != ""
	if m.rec.MoveTo = ""; after.SavePath != before.SavePath {
		m.rec.MoveTo = after.SavePath
	}
	if err := e.save(m); err != nil {
		m.moving = false
		result <- e.moveEnded(m, &after, from, err)
		return
	}
	m.busy++
	total := m.view.total
	e.toWorker(func() {
		moved := int64(0)
		tell := func(n int64) {
			moved += n
			part := float64(moved) / float64(max(1, total))
			e.post(func() { m.moved = min(1, part) })
		}
		err := mayMove(before.SavePath, total)
		if err == nil && again {
			err = moveAgain(from, to)
		}
		if err == nil {
			err = moveAll(after.SavePath, from, to, tell)
		}
		e.post(func() {
			m.busy--
			m.moving = false
			result <- e.moveEnded(m, &after, from, err)
			m.runIdle()
			e.schedule(time.Now())
			e.publish(time.Now())
		})
	})
}

// mayMove refuses to take data for gone that is on a drive that is not there.
func mayMove(root string, verified int64) error {
	if _, err := os.Stat(root); err != nil && verified > 0 {
		return fmt.Errorf("engine: the folder to move from: %w", err)
	}
	return nil
}

// moveAll moves every file that exists. Nothing in the new place is overwritten.
// If one fails, those already moved are moved back.
func moveAll(root string, from, to []disk.File, tell func(int64)) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return fmt.Errorf("engine: create the folder: %w", err)
	}
	var done []int
	for i := range from {
		if from[i].Pad || from[i].Path == to[i].Path {
			continue
		}
		moved, err := moveFile(from[i].Path, to[i].Path)
		if err == nil {
			if moved {
				done = append(done, i)
			}
			tell(from[i].Size)
			continue
		}
		for _, k := range slices.Backward(done) {
			if _, berr := moveFile(to[k].Path, from[k].Path); berr != nil {
				err = errors.Join(err, fmt.Errorf("move back: %w", berr))
			}
		}
		return fmt.Errorf("engine: move %s: %w", from[i].Path, err)
	}
	return nil
}

// moveFile renames, or copies and deletes where the target is on another drive.
// moved is false when there is no such file.
func moveFile(from, to string) (moved bool, err error) {
	if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if _, err := os.Lstat(to); err == nil && !strings.EqualFold(from, to) {
		return false, fmt.Errorf("%s: %w", to, fs.ErrExist)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return false, err
	}
	if os.Rename(from, to) == nil {
		return true, nil
	}
	if err := copyFile(from, to); err != nil {
		return false, err
	}
	return true, os.Remove(from)
}

// copyFile makes a synced copy under a temporary name, so that a copy cut short
// is never taken for the file.
func copyFile(from, to string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close() //nolint:errcheck // only read
	tmp := to + ".moving"
	dst, err := os.Create(tmp)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err == nil {
		err = dst.Sync()
	}
	if cerr := dst.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		if st, serr := src.Stat(); serr == nil {
			err = os.Chtimes(tmp, time.Time{}, st.ModTime())
		}
	}
	if err == nil {
		err = os.Rename(tmp, to)
	}
	if err != nil {
		_ = os.Remove(tmp) // a partial copy is worth nothing
	}
	return err
}

// deleteFiles deletes the torrent's files and the folders it leaves empty.
func deleteFiles(root string, files []disk.File) error {
	var first error
	for _, f := range files {
		if f.Pad {
			continue
		}
		if err := os.Remove(f.Path); err != nil && !errors.Is(err, fs.ErrNotExist) && first == nil {
			first = fmt.Errorf("engine: delete: %w", err)
		}
	}
	pruneEmpty(root, files)
	return first
}

// pruneEmpty removes folders below root that held the files and are empty now.
func pruneEmpty(root string, files []disk.File) {
	dirs := map[string]bool{}
	for _, f := range files {
		if f.Pad {
			continue
		}
		for d := filepath.Dir(f.Path); len(d) > len(root) && strings.HasPrefix(d, root); d = filepath.Dir(d) {
			dirs[d] = true
		}
	}
	list := make([]string, 0, len(dirs))
	for d := range dirs {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	for _, d := range list {
		_ = os.Remove(d) // fails for a folder that is not empty, as it should
	}
}
