package sample

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"swarmbid/engine/swarm"
)

// ErrNothing is returned by Create for a path with «empty» in it.
var ErrNothing = errors.New("sample: nothing to make a torrent of")

// RenameFile gives a file another path.
func (e *Engine) RenameFile(_ context.Context, ih swarm.InfoHash, file int, path string) error {
	return e.change("rename file", []swarm.InfoHash{ih}, func(_ *swarm.Torrent, r *rest) error {
		files := append([]swarm.File(nil), r.files...)
		for i := range files {
			if files[i].Index == file {
				files[i].Path = path
			}
		}
		r.files = files
		return nil
	})
}

// Path joins the folder and the name of a file.
func (e *Engine) Path(_ context.Context, ih swarm.InfoHash, file int) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.more[ih]
	if r == nil {
		return "", fmt.Errorf("path of %v: %w", ih, ErrUnknown)
	}
	dir := e.torrents[e.index(ih)].SavePath
	for i := range r.files {
		if r.files[i].Index == file {
			return filepath.Join(dir, filepath.FromSlash(r.files[i].Path)), nil
		}
	}
	return dir, nil
}

// Relocate changes the folder and checks.
func (e *Engine) Relocate(_ context.Context, ih swarm.InfoHash, dir string) error {
	return e.change("relocate", []swarm.InfoHash{ih}, func(t *swarm.Torrent, _ *rest) error {
		t.SavePath, t.State = dir, swarm.Checking
		return nil
	})
}

// DeleteCopies notes that it was asked to.
func (e *Engine) DeleteCopies(_ context.Context, ihs ...swarm.InfoHash) error {
	return e.change("delete copies", ihs, func(*swarm.Torrent, *rest) error { return nil })
}

// ClearPeers notes that it was asked to.
func (e *Engine) ClearPeers(_ context.Context, ihs ...swarm.InfoHash) error {
	return e.change("clear peers", ihs, func(*swarm.Torrent, *rest) error { return nil })
}

// TestPort answers as behind a router that forwards the port.
func (e *Engine) TestPort(context.Context) (swarm.PortTest, error) {
	return swarm.PortTest{Port: 6881, Answers: true, Forward: swarm.Forwarded, Method: "UPnP", External: netip.MustParseAddrPort("203.0.113.9:6881")}, nil
}

// LiftBans notes that it was asked to.
func (e *Engine) LiftBans(context.Context) error {
	return e.change("lift bans", nil, func(*swarm.Torrent, *rest) error { return nil })
}

// Options returns what was set for a torrent.
func (e *Engine) Options(_ context.Context, ih swarm.InfoHash) (o swarm.Options, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.more[ih]; r != nil {
		return r.options, nil
	}
	return o, fmt.Errorf("options of %v: %w", ih, ErrUnknown)
}

// SetOptions sets what else there is to set.
func (e *Engine) SetOptions(_ context.Context, ih swarm.InfoHash, o swarm.Options) error {
	return e.change("options", []swarm.InfoHash{ih}, func(_ *swarm.Torrent, r *rest) error {
		r.options = o
		return nil
	})
}

// Create reports progress in four steps and makes nothing. A path with «empty» in
// it fails, as does a ctx that has ended.
func (e *Engine) Create(ctx context.Context, c swarm.Create, progress func(done, total int64)) (swarm.Created, error) {
	const size = 4 << 20
	for i := range int64(4) {
		progress((i+1)*size/4, size)
		if ctx.Err() != nil {
			return swarm.Created{}, ctx.Err()
		}
	}
	if strings.Contains(c.Path, "empty") {
		return swarm.Created{}, fmt.Errorf("make a torrent of %s: %w", c.Path, ErrNothing)
	}
	err := e.change("create", nil, func(*swarm.Torrent, *rest) error { return nil })
	return swarm.Created{InfoHash: hashOf(c.Path), Out: c.Out, Size: size, Pieces: 256, PieceLength: 16 << 10}, err
}

// ReloadFilter has nothing to read.
func (e *Engine) ReloadFilter(context.Context) error { return nil }
