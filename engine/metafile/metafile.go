package metafile

import (
	"crypto/sha1" //nolint:gosec // BEP 3 identifies a torrent by SHA-1
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/anacrolix/torrent/metainfo"

	"swarmbid/engine/swarm"
)

// Limits on what is accepted.
const (
	MaxBytes       = 64 << 20  // of a .torrent file
	MaxFiles       = 1 << 20   // in one torrent
	MaxPieces      = 2 << 20   // in one torrent
	MaxPieceLength = 512 << 20 // bytes
	MaxSize        = 1 << 53   // bytes of all files
	maxTrackers    = 2048      // and as many web seeds and nodes; further ones are ignored
	maxText        = 64 << 10  // bytes of a comment or an address; longer ones are cut or ignored
)

// Metafile is a checked .torrent file. It is immutable once returned; its slices
// share memory with the bytes given to Parse, which must not change afterwards.
type Metafile struct {
	Raw      []byte         // the whole file, without what follows the torrent in it
	Info     []byte         // the info dictionary, a part of Raw
	InfoHash swarm.InfoHash // V1, or the first 20 bytes of V2 when there is no v1 part
	V1       swarm.InfoHash // SHA-1 of Info; zero = v2 only
	V2       [32]byte       // SHA-256 of Info; zero = v1 only

	Name        string // safe as one path component
	Single      bool   // Name is the file itself, not a folder
	Files       []File // in the order the engine numbers them; a hybrid has those of its file tree
	Size        int64  // bytes of all files without pad files
	PieceLength int64
	Pieces      int
	Private     bool   // BEP 27
	Source      string // the info dictionary's «source», some trackers' mark

	Trackers  [][]string // BEP 12; each tier has at least one address, none occurs twice
	WebSeeds  []string   // BEP 19, http, https or ftp
	Nodes     []string   // BEP 5, host:port
	Comment   string
	CreatedBy string
	Created   time.Time // zero = not given

	// MissingLayers says that a v2 file larger than a piece came without its
	// hashes, which must then be asked from peers (BEP 52).
	MissingLayers bool

	layers []byte // the piece layers as bencoded; nil = none
}

// File is one file of a Metafile.
type File struct {
	Path    string   // below the save folder, with slashes, beginning with Metafile.Name; safe
	Raw     []string // the path as the torrent has it, without Metafile.Name; nil for a single file
	Size    int64
	Offset  int64 // in the stream of pieces; v2 files begin at a piece
	Pad     bool  // BEP 47: zeros that align the next file; never shown, never written
	Symlink bool  // BEP 47: a link in the original; no link is made from it, an empty file is
	Renamed bool  // Path differs from Raw for safety or because another file has the name
	root    [32]byte
}

// Parse reads a .torrent file by the rules of this system. It returns an error
// that wraps one of the sentinels of this package.
func Parse(b []byte) (*Metafile, error) { return ParseWith(b, HostRules()) }

// ParseWith is Parse with the file name rules of the caller's choice.
func ParseWith(b []byte, rules Rules) (*Metafile, error) {
	m, err := parse(b, rules)
	if err != nil {
		return nil, fmt.Errorf("metafile: read a torrent of %d bytes: %w", len(b), err)
	}
	return m, nil
}

func parse(b []byte, rules Rules) (*Metafile, error) {
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("larger than %d bytes: %w", MaxBytes, ErrTooLarge)
	}
	b, _, err := check(b)
	if err != nil {
		return nil, err
	}
	m := &Metafile{Raw: b}
	encoding := ""
	c := cursor{b: b}
	dict, err := c.dict(func(key string) error {
		switch key {
		case "info":
			m.Info = c.skip()
		case "piece layers":
			m.layers = c.skip()
		case "encoding":
			encoding, _ = c.str()
		default:
			return m.outer(&c, key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !dict {
		return nil, fmt.Errorf("the outermost value is no dictionary: %w", ErrNoTorrent)
	}
	if len(m.Info) == 0 || m.Info[0] != 'd' {
		return nil, fmt.Errorf("no info dictionary: %w", ErrNoTorrent)
	}
	return m, m.finish(encoding, rules)
}

// finish reads the info dictionary and checks the whole.
func (m *Metafile) finish(encoding string, rules Rules) error {
	in, err := readInfo(m.Info)
	if err != nil {
		return err
	}
	m.V1 = sha1.Sum(m.Info) //nolint:gosec // see above
	m.InfoHash = m.V1
	if in.v2 {
		m.V2 = sha256.Sum256(m.Info)
		if !in.v1 {
			m.V1 = swarm.InfoHash{}
			m.InfoHash = swarm.InfoHash(m.V2[:20])
		}
	}
	if err := m.fill(in, newNamer(rules, encoding)); err != nil {
		return err
	}
	if in.v2 {
		if err := m.checkLayers(); err != nil {
			return err
		}
	}
	return m.checkEngine()
}

// MetaInfo converts m for the engine's library. The info dictionary is shared,
// the rest is a fresh value.
func (m *Metafile) MetaInfo() *metainfo.MetaInfo {
	mi := &metainfo.MetaInfo{
		InfoBytes: m.Info,
		UrlList:   slices.Clone(m.WebSeeds),
		Comment:   m.Comment,
		CreatedBy: m.CreatedBy,
	}
	for _, tier := range m.Trackers {
		mi.AnnounceList = append(mi.AnnounceList, slices.Clone(tier))
	}
	for _, n := range m.Nodes {
		mi.Nodes = append(mi.Nodes, metainfo.Node(n))
	}
	if !m.Created.IsZero() {
		mi.CreationDate = m.Created.Unix()
	}
	if len(m.layers) > 0 {
		mi.PieceLayers = make(map[string]string)
		c := cursor{b: m.layers}
		_, _ = c.dict(func(key string) error { // checked by checkLayers
			mi.PieceLayers[key], _ = c.str()
			return nil
		})
	}
	return mi
}

// checkEngine refuses what the library would read otherwise than this package.
func (m *Metafile) checkEngine() error {
	info, err := m.MetaInfo().UnmarshalInfo()
	if err != nil {
		return fmt.Errorf("the info dictionary cannot be loaded: %w: %w", ErrUnsupported, err)
	}
	if info.HasV2() != (m.V2 != [32]byte{}) || info.HasV1() == m.V1.IsZero() ||
		info.PieceLength != m.PieceLength || info.NumPieces() != m.Pieces {
		return fmt.Errorf("version, piece length or number of pieces is ambiguous: %w", ErrUnsupported)
	}
	if info.HasV2() && m.emptyAfterData() {
		// v1.62.0 panics when it looks for the one file of a v2 piece and finds the
		// empty ones behind it, too, and it keeps its lock.
		return fmt.Errorf("a v2 or hybrid torrent with an empty file after one with data: %w", ErrUnsupported)
	}
	i := 0
	for f := range info.UpvertedFilesIter() {
		if i == len(m.Files) || f.Length != m.Files[i].Size || f.TorrentOffset != m.Files[i].Offset {
			return fmt.Errorf("size or place of file %d is ambiguous: %w", i, ErrUnsupported)
		}
		i++
	}
	if i != len(m.Files) {
		return fmt.Errorf("the number of files is ambiguous: %w", ErrUnsupported)
	}
	return nil
}

func (m *Metafile) emptyAfterData() bool {
	data := false
	for _, f := range m.Files {
		if data && f.Size == 0 {
			return true
		}
		data = data || f.Size > 0
	}
	return false
}

// SwarmFiles returns the files as the engine and the window name them.
func (m *Metafile) SwarmFiles() []swarm.File {
	files := make([]swarm.File, len(m.Files))
	for i, f := range m.Files {
		first, n := f.Span(m.PieceLength)
		files[i] = swarm.File{Index: i, Path: f.Path, Size: f.Size, FirstPiece: first, Pieces: n, Pad: f.Pad}
	}
	return files
}

// Span returns the first piece of f and the number of pieces it touches, 0 for
// an empty file.
func (f *File) Span(pieceLength int64) (first, n int) {
	first = int(f.Offset / pieceLength)
	if f.Size == 0 {
		return first, 0
	}
	return first, int((f.Offset+f.Size-1)/pieceLength) - first + 1
}
