package disk

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"
)

// hashBuffer is the unit in which a piece is read to be hashed: large enough to
// make the call cheap, small enough to stay in the cache of a core.
const hashBuffer = 256 << 10

// OpenTorrent makes a Torrent the library's storage of itself.
func (t *Torrent) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{
		Piece: func(p metainfo.Piece) storage.PieceImpl { return piece{t, p.Index(), p.Offset(), p.Length()} },
		Close: t.Close,
	}, nil
}

// piece is the library's view of one piece.
type piece struct {
	t      *Torrent
	index  int
	off, n int64
}

var _ interface {
	storage.PieceImpl
	io.WriterTo
} = piece{}

// ReadAt serves verified data; a missing file is a fault.
func (p piece) ReadAt(b []byte, off int64) (int, error) {
	if off >= p.n {
		return 0, io.EOF
	}
	short := int64(len(b)) > p.n-off
	if short {
		b = b[:p.n-off]
	}
	n, err := p.t.ReadAt(b, p.off+off)
	if n == len(b) {
		if short {
			return n, io.EOF
		}
		return n, nil
	}
	return n, p.t.broken(err)
}

// WriteAt stores a block.
func (p piece) WriteAt(b []byte, off int64) (int, error) { return p.t.WriteAt(b, p.off+off) }

// WriteTo gives the piece's data to the hasher. Data that is not there ends it
// early, which fails the hash; any other error is a fault.
func (p piece) WriteTo(w io.Writer) (int64, error) {
	buf := make([]byte, min(hashBuffer, p.n))
	var done int64
	for done < p.n {
		b := buf[:min(int64(len(buf)), p.n-done)]
		n, err := p.t.ReadAt(b, p.off+done)
		m, werr := w.Write(b[:n])
		done += int64(m)
		switch {
		case werr != nil:
			return done, werr
		case n == len(b):
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, io.ErrUnexpectedEOF):
			return done, io.ErrUnexpectedEOF
		default:
			return done, p.t.broken(err)
		}
	}
	return done, nil
}

// MarkComplete records a piece that passed its hash.
func (p piece) MarkComplete() error {
	t := p.t
	t.mu.Lock()
	known := t.have.Has(p.index) && !t.unknown.Has(p.index)
	t.have.Set(p.index)
	t.unknown.Clear(p.index)
	t.begun.Clear(p.index)
	if !known {
		t.pending = append(t.pending, p.index)
	}
	t.version.Add(1)
	t.mu.Unlock()
	if t.p.OnPiece != nil {
		t.p.OnPiece(p.index, true)
	}
	return nil
}

// MarkNotComplete records a piece that failed its hash, unless the disk itself is
// at fault: then nothing is known about the piece and nothing is forgotten.
func (p piece) MarkNotComplete() error {
	t := p.t
	t.mu.Lock()
	if t.fault != nil {
		t.mu.Unlock()
		return nil //nolint:nilerr // the fault was told already
	}
	lost := t.have.Has(p.index)
	t.have.Clear(p.index)
	t.unknown.Clear(p.index)
	t.begun.Clear(p.index)
	t.version.Add(1)
	t.mu.Unlock()
	if t.p.OnPiece != nil {
		t.p.OnPiece(p.index, false)
	}
	if lost {
		return t.broken(t.p.Journal.Lost(p.index))
	}
	return nil
}

// Completion says what is known of the piece without touching the disk.
func (p piece) Completion() storage.Completion {
	t := p.t
	t.mu.Lock()
	defer t.mu.Unlock()
	return storage.Completion{Ok: !t.unknown.Has(p.index), Complete: t.have.Has(p.index)}
}
