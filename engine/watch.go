package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"swarmbid/engine/swarm"
)

// addedSuffix marks files of the watch folder that were added or refused.
const (
	addedSuffix   = ".added"
	refusedSuffix = ".invalid"
)

// settled is how old a file of the watch folder must be before it is read, so
// that one still being written is left alone.
const settled = time.Second

// lookAtWatchDir adds the .torrent files of the watch folder on a worker. Each
// file is renamed or deleted when it was dealt with, so none is read twice.
func (e *Engine) lookAtWatchDir(now time.Time) {
	if e.watching {
		return
	}
	e.watching = true
	dir, remove := e.set.WatchDir, e.set.WatchDelete
	e.toWorker(func() {
		e.watchOnce(dir, remove, now)
		e.post(func() { e.watching = false })
	})
}

func (e *Engine) watchOnce(dir string, remove bool, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		e.cfg.Log.Warn("watch folder cannot be read", "dir", dir, "err", err)
		return
	}
	for _, d := range entries {
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() || now.Sub(info.ModTime()) < settled {
			continue
		}
		src, ok := watchSource(filepath.Join(dir, d.Name()))
		if !ok {
			continue
		}
		e.takeWatched(filepath.Join(dir, d.Name()), src, remove)
	}
}

// watchSource is what a file of the watch folder holds: a torrent, or a text file
// with a magnet link.
func watchSource(path string) (swarm.Source, bool) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".torrent":
		return swarm.Source{File: path}, true
	case ".magnet":
		b, err := os.ReadFile(path)
		return swarm.Source{Magnet: strings.TrimSpace(string(b))}, err == nil && len(b) < 1<<16
	}
	return swarm.Source{}, false
}

func (e *Engine) takeWatched(path string, src swarm.Source, remove bool) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	_, err := e.Add(ctx, swarm.Add{Source: src})
	switch {
	case err == nil, errors.Is(err, ErrKnown):
		if remove {
			err = os.Remove(path)
		} else {
			err = os.Rename(path, path+addedSuffix)
		}
	case errors.Is(err, ErrStopped), errors.Is(err, context.DeadlineExceeded):
		return // it is tried again
	default:
		e.tell(swarm.WatchFailed{File: path, Reason: err.Error()})
		err = os.Rename(path, path+refusedSuffix)
	}
	if err != nil {
		e.cfg.Log.Warn("watch folder", "file", path, "err", err)
	}
}
