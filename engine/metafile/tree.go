package metafile

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"
)

// readTree reads the v2 files.
func (in *info) readTree(tree []byte) error {
	if tree == nil {
		return fmt.Errorf("field file tree: %w", ErrFiles)
	}
	c := cursor{b: tree}
	if err := in.branch(&c, nil); err != nil {
		return err
	}
	if len(in.tree) == 0 {
		return fmt.Errorf("field file tree is empty: %w", ErrFiles)
	}
	return nil
}

// branch reads one dictionary of the tree. The key "" holds the properties of a
// file; any other key is the name of a file or folder. The depth is that of
// check, so the recursion is bounded.
func (in *info) branch(c *cursor, path []string) error {
	keys, file := 0, false
	ok, err := c.dict(func(key string) error {
		keys++
		if len(in.tree) == MaxFiles {
			return fmt.Errorf("more than %d files: %w", MaxFiles, ErrTooLarge)
		}
		if key != "" {
			return in.branch(c, append(path, key))
		}
		file = true
		e, err := c.leaf()
		if err != nil {
			return fmt.Errorf("file %.200q: %w", path, err)
		}
		e.path = slices.Clone(path)
		in.tree = append(in.tree, e)
		return nil
	})
	switch {
	case err != nil:
		return err
	case !ok || keys == 0 && len(path) > 0 || file && keys > 1 || file && len(path) == 0:
		return fmt.Errorf("file tree at %.200q is neither file nor folder: %w", path, ErrFiles)
	}
	return nil
}

// leaf reads the properties of a v2 file.
func (c *cursor) leaf() (entry, error) {
	e := entry{size: -1, utf8: true}
	ok, err := c.dict(func(key string) error {
		switch key {
		case "length":
			e.size, _ = c.number()
		case "pieces root":
			s, _ := c.str()
			e.root = []byte(s)
		case "attr":
			e.attr, _ = c.str()
		}
		return nil
	})
	if err == nil && !ok {
		err = fmt.Errorf("no dictionary: %w", ErrFiles)
	}
	if err != nil {
		return e, err
	}
	if e.symlink() && e.size < 0 {
		e.size = 0
	}
	switch {
	case e.size < 0 || e.size > MaxSize:
		return e, fmt.Errorf("field length: %w", ErrSize)
	case e.symlink() && e.size > 0:
		return e, fmt.Errorf("symbolic link with a length: %w", ErrUnsupported)
	case e.pad():
		return e, fmt.Errorf("pad file in a v2 tree: %w", ErrFiles)
	case e.size == 0 && len(e.root) != 0, e.size > 0 && len(e.root) != sha256.Size:
		return e, fmt.Errorf("field pieces root has %d bytes: %w", len(e.root), ErrPiecesRoot)
	case e.size > 0 && bytes.Equal(e.root, make([]byte, sha256.Size)):
		return e, fmt.Errorf("field pieces root is zero: %w", ErrPiecesRoot)
	}
	return e, nil
}

// checkLayers checks the piece layers: each belongs to a file larger than a
// piece, has one hash a piece and leads to the file's merkle root. A layer may
// be missing; MissingLayers then says so.
func (m *Metafile) checkLayers() error {
	want := make(map[[32]byte]int64)
	for _, f := range m.Files {
		if f.Size > m.PieceLength {
			if n, ok := want[f.root]; ok && n != f.Size {
				return fmt.Errorf("one root for files of %d and %d bytes: %w", n, f.Size, ErrPiecesRoot)
			}
			want[f.root] = f.Size
		}
	}
	pad := zeroRoot(m.PieceLength)
	if len(m.layers) > 0 {
		c := cursor{b: m.layers}
		ok, err := c.dict(func(key string) error {
			if len(key) != sha256.Size {
				return fmt.Errorf("piece layer under a key of %d bytes: %w", len(key), ErrPieceLayers)
			}
			root := [32]byte([]byte(key))
			size, known := want[root]
			layer, isText := c.str()
			if !known || !isText {
				return fmt.Errorf("piece layer of %x, which no file needs: %w", root[:6], ErrPieceLayers)
			}
			if n := (size + m.PieceLength - 1) / m.PieceLength; int64(len(layer)) != n*sha256.Size {
				return fmt.Errorf("piece layer of %x has %d bytes for %d pieces: %w", root[:6], len(layer), n, ErrPieceLayers)
			}
			if merkleRoot([]byte(layer), pad) != root {
				return fmt.Errorf("piece layer of %x leads to another root: %w", root[:6], ErrPieceLayers)
			}
			delete(want, root)
			return nil
		})
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("piece layers are no dictionary: %w", ErrPieceLayers)
		}
	}
	m.MissingLayers = len(want) > 0
	return nil
}

// zeroRoot is the merkle root of a piece without data (BEP 52): what the layer
// is padded with. Leaves are zero, not the hash of zeros.
func zeroRoot(pieceLength int64) (h [32]byte) {
	for range bits.TrailingZeros64(uint64(pieceLength / (16 << 10))) {
		h = sha256.Sum256(append(h[:], h[:]...))
	}
	return h
}

// merkleRoot reduces a layer of hashes in place, filling it up with pad to a
// power of two.
func merkleRoot(layer []byte, pad [32]byte) [32]byte {
	const two = 2 * sha256.Size
	for len(layer) > sha256.Size {
		if len(layer)%two != 0 {
			layer = append(layer, pad[:]...)
		}
		for i := 0; i < len(layer); i += two {
			h := sha256.Sum256(layer[i : i+two])
			copy(layer[i/2:], h[:])
		}
		layer = layer[:len(layer)/2]
		pad = sha256.Sum256(append(pad[:], pad[:]...))
	}
	return [32]byte(layer)
}
