package metafile

import (
	"fmt"
	"slices"
	"strings"
)

// info is the info dictionary as it is written, before names are made safe.
type info struct {
	v1, v2      bool
	name        string // as bytes of the torrent's encoding, unless nameUTF8 is set
	nameUTF8    string
	pieceLength int64
	pieces      []byte  // v1 hashes
	length      int64   // v1 single file
	files       []entry // v1 list; for a single file one entry without a path
	tree        []entry // v2 files in the order of their paths' bytes
	private     bool
	source      string
}

// entry is one file of a list or tree.
type entry struct {
	path []string
	utf8 bool // path is meant to be UTF-8, whatever the torrent's encoding
	size int64
	attr string // BEP 47
	root []byte
}

func (e *entry) pad() bool     { return strings.Contains(e.attr, "p") }
func (e *entry) symlink() bool { return strings.Contains(e.attr, "l") }

// readInfo reads an info dictionary that check accepted and checks each field
// by itself.
func readInfo(b []byte) (*info, error) {
	in := &info{length: -1}
	version, named, private := int64(1), false, int64(0)
	var tree, list []byte
	c := cursor{b: b}
	_, err := c.dict(func(key string) error {
		var ok bool
		switch key {
		case "name":
			in.name, ok = c.str()
			named = named || ok
		case "name.utf-8":
			in.nameUTF8, ok = c.str()
			named = named || ok && in.nameUTF8 != ""
		case "piece length":
			in.pieceLength, _ = c.number()
		case "pieces":
			s := c.skip()
			if s[0] != 'i' && s[0] != 'l' && s[0] != 'd' {
				in.pieces, _ = (&cursor{b: s}).text()
			}
		case "length":
			if in.length, ok = c.number(); !ok || in.length < 0 || in.length > MaxSize {
				return fmt.Errorf("field length: %w", ErrSize)
			}
		case "files":
			list = c.skip()
		case "file tree":
			tree = c.skip()
		case "meta version":
			version, _ = c.number()
		case "private":
			private, _ = c.number()
		case "source":
			s, _ := c.str()
			in.source = plain(s)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !named {
		return nil, fmt.Errorf("field name: %w", ErrName)
	}
	in.private = private == 1
	return in, in.readFiles(b, version, list, tree)
}

func (in *info) readFiles(b []byte, version int64, list, tree []byte) error {
	switch version {
	case 1:
		in.v1 = true
	case 2:
		in.v2 = true
		in.v1 = list != nil || in.length > 0 || len(in.pieces) > 0
	default:
		return fmt.Errorf("meta version %d: %w", version, ErrUnsupported)
	}
	if err := in.checkPieceLength(); err != nil {
		return err
	}
	if in.v2 {
		// BEP 52 clients hash each other's file trees, so the order must be the one.
		if _, ordered, err := check(b); err != nil || !ordered {
			return fmt.Errorf("v2 info dictionary with keys out of order: %w", ErrBencode)
		}
		if err := in.readTree(tree); err != nil {
			return err
		}
	}
	if in.v1 {
		return in.readList(list)
	}
	return nil
}

func (in *info) checkPieceLength() error {
	switch n := in.pieceLength; {
	case n <= 0:
		return fmt.Errorf("field piece length: %w", ErrPieceLength)
	case n > MaxPieceLength:
		return fmt.Errorf("piece length %d is over %d: %w", n, MaxPieceLength, ErrPieceLength)
	case in.v2 && (n < 16<<10 || n&(n-1) != 0):
		return fmt.Errorf("piece length %d of a v2 torrent is no power of two of at least 16 KiB: %w", n, ErrPieceLength)
	}
	return nil
}

// readList reads the v1 files.
func (in *info) readList(list []byte) error {
	switch {
	case len(in.pieces) == 0 && in.length != 0:
		return fmt.Errorf("field pieces: %w", ErrPieces)
	case len(in.pieces)%20 != 0:
		return fmt.Errorf("field pieces has %d bytes, no multiple of 20: %w", len(in.pieces), ErrPieces)
	case list != nil && in.length >= 0:
		return fmt.Errorf("both length and files: %w", ErrFiles)
	case in.length >= 0:
		in.files = []entry{{size: in.length}}
		return nil
	case list == nil:
		return fmt.Errorf("neither length nor files: %w", ErrFiles)
	}
	c := cursor{b: list}
	ok, err := c.list(func() error {
		if len(in.files) == MaxFiles {
			return fmt.Errorf("more than %d files: %w", MaxFiles, ErrTooLarge)
		}
		e, err := c.entry()
		if err != nil {
			return fmt.Errorf("file %d: %w", len(in.files), err)
		}
		in.files = append(in.files, e)
		return nil
	})
	if err != nil {
		return err
	}
	if !ok || len(in.files) == 0 {
		return fmt.Errorf("field files: %w", ErrFiles)
	}
	return nil
}

// entry reads one element of the v1 list.
func (c *cursor) entry() (entry, error) {
	e := entry{size: -1}
	var plainPath, utf8Path []string
	ok, err := c.dict(func(key string) error {
		var err error
		switch key {
		case "length":
			var ok bool
			if e.size, ok = c.number(); !ok || e.size < 0 || e.size > MaxSize {
				return fmt.Errorf("field length: %w", ErrSize)
			}
		case "path":
			plainPath, err = c.path()
		case "path.utf-8":
			utf8Path, err = c.path()
		case "attr":
			e.attr, _ = c.str()
		}
		return err
	})
	if err != nil {
		return e, err
	}
	if e.path = plainPath; len(utf8Path) > 0 {
		e.path, e.utf8 = utf8Path, true
	}
	switch {
	case !ok:
		return e, fmt.Errorf("no dictionary: %w", ErrFiles)
	case len(e.path) == 0 && !e.pad():
		return e, fmt.Errorf("field path: %w", ErrName)
	case e.symlink() && e.size > 0:
		// Some clients count the length, others do not, and the hashes after it
		// differ. BEP 47 has no length there.
		return e, fmt.Errorf("symbolic link with a length: %w", ErrUnsupported)
	case e.symlink():
		e.size = 0
	case e.size < 0:
		return e, fmt.Errorf("field length: %w", ErrSize)
	}
	return e, nil
}

// maxPath is the most components of one path.
const maxPath = 64

func (c *cursor) path() ([]string, error) {
	var path []string
	ok, err := c.list(func() error {
		s, ok := c.str()
		if !ok || len(path) == maxPath {
			return fmt.Errorf("field path: %w", ErrName)
		}
		path = append(path, s)
		return nil
	})
	if err == nil && !ok {
		err = fmt.Errorf("field path: %w", ErrName)
	}
	return path, err
}

// same reports whether the v1 list describes the files of the tree: the same
// paths and sizes in the same order, each at the start of a piece (BEP 52).
// Links and empty files take no room, so where they stand does not matter.
func (in *info) same() error {
	rest := slices.DeleteFunc(slices.Clone(in.tree), func(e entry) bool { return e.size == 0 })
	var offset int64
	for i, f := range in.files {
		if f.pad() || f.size == 0 {
			offset += f.size
			continue
		}
		if len(f.path) == 0 { // a single file
			f.path = []string{in.name}
		}
		if len(rest) == 0 || rest[0].size != f.size || !slices.Equal(rest[0].path, f.path) {
			return fmt.Errorf("file %d of the list is not that of the tree: %w", i, ErrHybrid)
		}
		if offset%in.pieceLength != 0 {
			return fmt.Errorf("file %d of the list does not begin at a piece: %w", i, ErrHybrid)
		}
		rest, offset = rest[1:], offset+f.size
	}
	if len(rest) > 0 {
		return fmt.Errorf("the tree has %d more files than the list: %w", len(rest), ErrHybrid)
	}
	return nil
}
