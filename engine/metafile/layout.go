package metafile

import "fmt"

// fill computes the layout and makes the names safe.
func (m *Metafile) fill(in *info, n *namer) error {
	m.PieceLength, m.Private, m.Source = in.pieceLength, in.private, in.source
	m.Name = n.title(in, m.InfoHash)
	entries := in.files
	if in.v2 {
		entries = in.tree
		if in.v1 {
			if err := in.same(); err != nil {
				return err
			}
		}
		m.Single = len(in.tree) == 1 && len(in.tree[0].path) == 1 && in.tree[0].path[0] == in.name
	} else {
		m.Single = in.length >= 0
	}
	if err := m.layOut(in, entries); err != nil {
		return err
	}
	return n.paths(m)
}

// layOut sets sizes, offsets and the number of pieces, and compares it with the
// number of hashes. All sums are bounded before they are formed.
func (m *Metafile) layOut(in *info, entries []entry) error {
	m.Files = make([]File, len(entries))
	var offset int64
	for i, e := range entries {
		if in.v2 {
			offset = roundUp(offset, m.PieceLength)
		}
		f := File{Raw: e.path, Size: e.size, Offset: offset, Pad: e.pad(), Symlink: e.symlink()}
		copy(f.root[:], e.root)
		m.Files[i] = f
		if offset += e.size; offset > MaxSize {
			return fmt.Errorf("all files together are over %d bytes: %w", int64(MaxSize), ErrSize)
		}
		if !f.Pad {
			m.Size += f.Size
		}
	}
	if m.Size == 0 {
		return fmt.Errorf("there is nothing to download: %w", ErrSize)
	}
	pieces := roundUp(offset, m.PieceLength) / m.PieceLength
	if pieces > MaxPieces {
		return fmt.Errorf("%d pieces are over %d: %w", pieces, MaxPieces, ErrTooLarge)
	}
	m.Pieces = int(pieces)
	if in.v1 && len(in.pieces) != 20*m.Pieces {
		return fmt.Errorf("%d hashes for %d pieces: %w", len(in.pieces)/20, m.Pieces, ErrPieces)
	}
	if m.Single {
		m.Files[0].Raw = nil
	}
	return nil
}

func roundUp(n, to int64) int64 { return (n + to - 1) / to * to }
