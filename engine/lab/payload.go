package lab

import (
	"bufio"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"swarmbid/engine/swarm"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
)

// Payload is a torrent with its data on disk.
type Payload struct {
	Name     string // of the file or of the top directory
	Dir      string // holds Name: the save path of a seed
	File     string // path of the .torrent file
	InfoHash swarm.InfoHash
	Size     int64 // all files, pad files included
	PieceLen int64
	Pieces   int
	Metadata []byte // the info dictionary
	Files    []PayloadFile
}

// PayloadFile is one file of a Payload.
type PayloadFile struct {
	Path string // below Dir, with slashes, beginning with the payload's name
	Size int64
	Pad  bool // BEP 47: zeros that a client need not write
}

// Recipe says what a Payload is made of. Equal recipes give equal bytes.
type Recipe struct {
	Dir      string // where to write; must exist
	Name     string
	Seed     uint64        // of the random bytes
	PieceLen int64         // 0 = 256 KiB
	Single   int64         // size of a single-file torrent; 0 = use Files
	Files    []PayloadFile // paths below Name
	Trackers []string      // one tier each
	Private  bool          // BEP 27
}

// OneFile is the recipe of a single-file torrent.
func OneFile(dir string, size int64, trackers ...string) Recipe {
	return Recipe{Dir: dir, Name: "payload.bin", Seed: 1, Single: size, Trackers: trackers}
}

// MixedFiles is the recipe of a torrent of about 64 MiB that has everything that
// clients have tripped over: odd sizes, a file inside one piece, a nested tree,
// names in several scripts and with a space, an empty file and pad files.
func MixedFiles(dir string, trackers ...string) Recipe {
	const piece = 256 << 10
	files := []PayloadFile{
		{Path: "readme.txt", Size: 1},
		{Path: "empty.dat", Size: 0},
		{Path: "grüße, Ελλάδα и мир.bin", Size: 17<<20 + 12345},
		{Path: "東京/写真 📷.raw", Size: 5<<20 + 1},
		{Path: "deep/er/and/deeper/leaf.bin", Size: 3*piece - 1},
		{Path: "deep/er/sibling.bin", Size: 16384},
		{Path: "deep/small.bin", Size: 16385},
		{Path: "aligned.bin", Size: 9<<20 + 777},
		{Path: "rest with  spaces.iso", Size: 31<<20 + 4321},
	}
	return Recipe{Dir: dir, Name: "mixed bag ü", Seed: 2, PieceLen: piece, Files: padBefore(files, piece, "東京/写真 📷.raw", "aligned.bin"), Trackers: trackers}
}

// padBefore puts a pad file (BEP 47) in front of the named files, so that they
// begin on a piece boundary.
func padBefore(files []PayloadFile, piece int64, names ...string) []PayloadFile {
	var out []PayloadFile
	var at int64
	for _, f := range files {
		if gap := (piece - at%piece) % piece; gap > 0 && slices.Contains(names, f.Path) {
			out = append(out, PayloadFile{Path: fmt.Sprintf(".pad/%d", gap), Size: gap, Pad: true})
			at += gap
		}
		out = append(out, f)
		at += f.Size
	}
	return out
}

// Make writes the data and the .torrent file. The data of pad files is written
// too, because some programs know nothing of BEP 47 and look for it.
func (r Recipe) Make() (*Payload, error) {
	if r.PieceLen == 0 {
		r.PieceLen = 256 << 10
	}
	p := &Payload{Name: r.Name, Dir: r.Dir, File: filepath.Join(r.Dir, r.Name+".torrent"), PieceLen: r.PieceLen}
	info := metainfo.Info{Name: r.Name, PieceLength: r.PieceLen}
	if r.Private {
		info.Private = new(true)
	}
	if r.Single > 0 {
		info.Length = r.Single
		p.Files = []PayloadFile{{Path: r.Name, Size: r.Single}}
	}
	for _, f := range r.Files {
		fi := metainfo.FileInfo{Length: f.Size, Path: strings.Split(f.Path, "/")}
		if f.Pad {
			fi.Attr = "p"
		}
		info.Files = append(info.Files, fi)
		p.Files = append(p.Files, PayloadFile{Path: r.Name + "/" + f.Path, Size: f.Size, Pad: f.Pad})
	}
	sums := &pieceHasher{size: r.PieceLen}
	for i, f := range p.Files {
		if err := p.write(f, source(r.Seed, i, f.Pad), sums); err != nil {
			return nil, fmt.Errorf("lab: writing payload: %w", err)
		}
		p.Size += f.Size
	}
	info.Pieces = sums.finish()
	p.Pieces = len(info.Pieces) / sha1.Size
	return p, p.writeTorrent(info, r.Trackers)
}

// source yields the bytes of file i: random ones, or zeros.
func source(seed uint64, i int, pad bool) io.Reader {
	if pad {
		return zeros{}
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	binary.LittleEndian.PutUint64(key[8:], uint64(i))
	return rand.NewChaCha8(key)
}

// zeros reads as zeros without end.
type zeros struct{}

// Read fills b with zeros.
func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// write makes one file and feeds its bytes to sums.
func (p *Payload) write(f PayloadFile, from io.Reader, sums io.Writer) error {
	name := filepath.Join(p.Dir, filepath.FromSlash(f.Path))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 1<<20)
	_, err = io.CopyN(io.MultiWriter(w, sums), from, f.Size)
	if err == nil {
		err = w.Flush()
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	return err
}

// writeTorrent writes the .torrent file.
func (p *Payload) writeTorrent(info metainfo.Info, trackers []string) error {
	b, err := bencode.Marshal(info)
	if err != nil {
		return fmt.Errorf("lab: info dictionary: %w", err)
	}
	p.Metadata, p.InfoHash = b, sha1.Sum(b)
	mi := metainfo.MetaInfo{InfoBytes: b, CreatedBy: "lab"}
	for _, t := range trackers {
		mi.AnnounceList = append(mi.AnnounceList, []string{t})
		mi.Announce = trackers[0]
	}
	out, err := os.Create(p.File)
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	if err := mi.Write(out); err != nil {
		closing(out)
		return fmt.Errorf("lab: writing %s: %w", p.File, err)
	}
	return out.Close()
}

// Magnet is the link of the payload, with trackers (tr) and peers (x.pe, BEP 9).
func (p *Payload) Magnet(trackers []string, peers ...netip.AddrPort) string {
	v := url.Values{"dn": {p.Name}, "tr": trackers}
	for _, a := range peers {
		v.Add("x.pe", a.String())
	}
	return "magnet:?xt=urn:btih:" + p.InfoHash.String() + "&" + v.Encode()
}

// pieceHasher cuts what is written to it into pieces and keeps their SHA-1.
type pieceHasher struct {
	size int64
	buf  []byte
	sums []byte
}

// Write takes the next bytes of the torrent.
func (h *pieceHasher) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		k := min(len(b), int(h.size)-len(h.buf))
		h.buf = append(h.buf, b[:k]...)
		b = b[k:]
		if len(h.buf) == int(h.size) {
			h.flush()
		}
	}
	return n, nil
}

func (h *pieceHasher) flush() {
	sum := sha1.Sum(h.buf)
	h.sums = append(h.sums, sum[:]...)
	h.buf = h.buf[:0]
}

// finish hashes a short last piece and returns all sums.
func (h *pieceHasher) finish() []byte {
	if len(h.buf) > 0 {
		h.flush()
	}
	return h.sums
}
