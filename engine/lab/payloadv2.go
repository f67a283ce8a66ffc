package lab

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/anacrolix/torrent/metainfo"

	"swarmbid/engine/swarm"
)

// MakeV2 writes the data and has libtorrent make a torrent of BEP 52 of it: a
// hybrid, or with only set one that v1 clients cannot read. libtorrent puts the
// pad files in itself, so the recipe may have none; trackers and Private are left
// out. The InfoHash is the one that peers use: of a hybrid v1's, else the first 20
// bytes of v2's.
func (r Recipe) MakeV2(ctx context.Context, scratch string, only bool) (*Payload, error) {
	if r.PieceLen == 0 {
		r.PieceLen = 256 << 10
	}
	p, err := r.Make()
	if err != nil {
		return nil, err
	}
	c, err := StartLibtorrent(ctx, Options{Dir: scratch})
	if err != nil {
		return nil, err
	}
	var hash string
	err = c.(*remote).call(ctx, &hash, request{Op: "create", Dir: filepath.Join(r.Dir, r.Name), File: p.File, PieceLen: r.PieceLen, V2: only})
	if err := errors.Join(err, c.Close()); err != nil {
		return nil, err
	}
	mi, err := metainfo.LoadFromFile(p.File)
	if err != nil {
		return nil, fmt.Errorf("lab: libtorrent's torrent: %w", err)
	}
	info, err := mi.UnmarshalInfo()
	if err != nil {
		return nil, fmt.Errorf("lab: libtorrent's torrent: %w", err)
	}
	p.Metadata, p.Pieces, p.Size = mi.InfoBytes, info.NumPieces(), info.TotalLength()
	if p.InfoHash = swarm.InfoHash(mi.HashInfoBytes()); !only {
		return p, nil
	}
	p.InfoHash, err = swarm.ParseInfoHash(hash[:min(40, len(hash))])
	return p, err
}
