package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"swarmbid/engine/metafile"
	"swarmbid/engine/swarm"
)

// ErrInside is returned by Create when the .torrent file would be written into the
// folder it is made of, where the next torrent of the folder would hold it.
var ErrInside = errors.New("engine: the .torrent file would lie in the folder it describes")

// Create makes a torrent of a file or folder (v1, BEP 3), writes it to a file and,
// if the caller wants, seeds it. Reading takes as long as the disk does: the caller
// ends it through ctx, and then there is no file. progress may be nil; it is called
// from another goroutine with the bytes read and the bytes in all, and must not
// block.
func (e *Engine) Create(ctx context.Context, c swarm.Create, progress func(done, total int64)) (swarm.Created, error) {
	for _, p := range []string{c.Path, c.Out} {
		if !filepath.IsAbs(p) {
			return swarm.Created{}, fmt.Errorf("%w: %q is not an absolute path", ErrConfig, p)
		}
	}
	if err := checkOut(c.Path, c.Out); err != nil {
		return swarm.Created{}, err
	}
	o := swarm.Options{WebSeeds: c.WebSeeds}
	if err := checkOptions(&o); err != nil {
		return swarm.Created{}, err
	}
	m, err := metafile.Create(ctx, metafile.CreateParams{
		Path: c.Path, PieceLength: c.PieceLength, Private: c.Private, Trackers: c.Trackers, WebSeeds: o.WebSeeds,
		Comment: c.Comment, Source: c.Source, CreatedBy: "Swarmbid/" + e.cfg.Version, Progress: progress,
	})
	if err != nil {
		return swarm.Created{}, err
	}
	if err := writeWhole(c.Out, m.Raw); err != nil {
		return swarm.Created{}, fmt.Errorf("engine: write the torrent: %w", err)
	}
	made := swarm.Created{InfoHash: m.InfoHash, Out: c.Out, Size: m.Size, Pieces: m.Pieces, PieceLength: m.PieceLength}
	if !c.Seed {
		return made, nil
	}
	_, err = e.Add(ctx, swarm.Add{
		Source: swarm.Source{Metainfo: m.Raw}, SavePath: filepath.Dir(filepath.Clean(c.Path)), SkipCheck: true, // read a moment ago
	})
	if errors.Is(err, ErrKnown) {
		err = nil
	}
	return made, err
}

// checkOut refuses a file in the folder that the torrent is made of.
func checkOut(path, out string) error {
	rel, err := filepath.Rel(path, out)
	if err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("%w: %s", ErrInside, out)
	}
	return nil
}

// writeWhole replaces a file so that there is the old one or the new one, whole.
func writeWhole(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".swarmbid-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // half a file is worth nothing
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
