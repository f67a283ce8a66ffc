package metafile

import (
	"context"
	"crypto/sha1" //nolint:gosec // BEP 3 hashes pieces by SHA-1
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
)

// CreateParams say what to make a torrent of.
type CreateParams struct {
	Path        string     // a file, or a folder with everything below it
	PieceLength int64      // a power of two from 16 KiB to 16 MiB; 0 = chosen by the size
	Private     bool       // BEP 27
	Trackers    [][]string // tiers, BEP 12
	WebSeeds    []string
	Comment     string
	Source      string    // a tracker's mark; makes the infohash differ
	CreatedBy   string    // name and version of the program; "" = left out
	Created     time.Time // zero = left out, so that the same data gives the same file

	// Progress is called now and then from one goroutine at a time with the bytes
	// hashed and the bytes of all files; nil = nobody asks. It must not block.
	Progress func(done, total int64)
}

// The reasons why no torrent is made. Errors of the system are wrapped as they are.
var (
	// ErrNothing means that there is no file, or none with anything in it.
	ErrNothing = errors.New("nothing to make a torrent of")
	// ErrChanged means that a file changed while it was hashed.
	ErrChanged = errors.New("a file changed while it was read")
)

// Bounds of the piece length that Create uses and takes.
const (
	minCreatePiece = 16 << 10
	maxCreatePiece = 16 << 20
	aimPieces      = 1500 // about so many are chosen
)

// Create makes a v1 torrent (BEP 3). The same files, names and parameters always
// give the same bytes. Hidden leftovers of systems and unfinished downloads are
// left out, symbolic links to files are followed, anything that is neither file
// nor folder is refused. The result went through ParseWith.
func Create(ctx context.Context, p CreateParams) (*Metafile, error) {
	m, err := create(ctx, &p)
	if err != nil {
		return nil, fmt.Errorf("metafile: make a torrent of %s: %w", p.Path, err)
	}
	return m, nil
}

func create(ctx context.Context, p *CreateParams) (*Metafile, error) {
	root, err := filepath.Abs(p.Path)
	if err != nil {
		return nil, err
	}
	files, single, err := list(ctx, root)
	if err != nil {
		return nil, err
	}
	var total int64
	for _, f := range files {
		total += f.size
	}
	if total == 0 {
		return nil, ErrNothing
	}
	length := p.PieceLength
	if length == 0 {
		length = pieceLengthFor(total)
	}
	if length < minCreatePiece || length > maxCreatePiece || length&(length-1) != 0 {
		return nil, fmt.Errorf("%d bytes: %w", length, ErrPieceLength)
	}
	if n := (total + length - 1) / length; n > MaxPieces {
		return nil, fmt.Errorf("%d pieces: %w", n, ErrTooLarge)
	}
	pieces, err := hashFiles(ctx, files, total, length, p.Progress)
	if err != nil {
		return nil, err
	}
	return ParseWith(p.encode(filepath.Base(root), files, single, length, pieces), HostRules())
}

// source is one file to be hashed.
type source struct {
	disk string
	path []string // in the torrent
	size int64
	mod  time.Time
}

// list finds the files below root in the order of their paths.
func list(ctx context.Context, root string) (files []source, single bool, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if d.IsDir() {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		single = rel == "."
		if !single && leftover(d.Name()) {
			return nil
		}
		st, err := os.Stat(path) // follows links
		if err != nil {
			return err
		}
		if !st.Mode().IsRegular() {
			return fmt.Errorf("%s is no plain file: %w", rel, ErrUnsupported)
		}
		if !utf8.ValidString(rel) || !utf8.ValidString(filepath.Base(root)) {
			return fmt.Errorf("%q is not UTF-8: %w", rel, ErrName)
		}
		if len(files) == MaxFiles {
			return fmt.Errorf("more than %d files: %w", MaxFiles, ErrTooLarge)
		}
		files = append(files, source{path, strings.Split(filepath.ToSlash(rel), "/"), st.Size(), st.ModTime()})
		return nil
	})
	slices.SortFunc(files, func(a, b source) int { return slices.Compare(a.path, b.path) })
	return files, single, err
}

// leftover reports names that no one means to share.
func leftover(name string) bool {
	switch strings.ToLower(name) {
	case ".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db":
		return true
	}
	return strings.HasSuffix(name, ".part") || strings.HasSuffix(name, ".!ut") || strings.HasSuffix(name, ".!sb") || strings.HasPrefix(name, "._")
}

// pieceLengthFor aims at some 1,500 pieces.
func pieceLengthFor(total int64) int64 {
	n := int64(minCreatePiece)
	for n < maxCreatePiece && total/n > aimPieces {
		n *= 2
	}
	return n
}

// hashFiles hashes all pieces. One goroutine reads, a few hash.
func hashFiles(ctx context.Context, files []source, total, length int64, progress func(done, total int64)) ([]byte, error) {
	type job struct {
		index int64
		data  []byte
	}
	out := make([]byte, sha1.Size*((total+length-1)/length))
	workers := max(1, min(runtime.GOMAXPROCS(0), int((64<<20)/length)))
	jobs := make(chan job, workers)
	free := make(chan []byte, 2*workers)
	for range cap(free) {
		free <- nil // allocated when first needed
	}
	g, ctx := errgroup.WithContext(ctx)
	for range workers {
		g.Go(func() error {
			for j := range jobs {
				sum := sha1.Sum(j.data) //nolint:gosec // see above
				copy(out[sha1.Size*j.index:], sum[:])
				free <- j.data[:0]
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(jobs)
		r := &reader{ctx: ctx, files: files}
		defer r.close()
		for i := int64(0); i*length < total; i++ {
			data := <-free
			if data == nil {
				data = make([]byte, 0, length)
			}
			data = data[:min(length, total-i*length)]
			if err := r.fill(data); err != nil {
				return err
			}
			jobs <- job{i, data}
			if progress != nil {
				progress(i*length+int64(len(data)), total)
			}
		}
		return r.end()
	})
	return out, g.Wait()
}

// reader reads the files one after the other. Its context is that of one call of
// hashFiles.
type reader struct {
	ctx   context.Context //nolint:containedctx // lives as long as the call it is of
	files []source        // the first one is open, if any is
	f     *os.File
	left  int64 // of f
}

// fill reads exactly len(b) bytes.
func (r *reader) fill(b []byte) error {
	for len(b) > 0 {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if r.left == 0 {
			if err := r.next(); err != nil {
				return err
			}
			continue
		}
		n, err := r.f.Read(b[:min(int64(len(b)), r.left, 1<<20)])
		b, r.left = b[n:], r.left-int64(n)
		if errors.Is(err, io.EOF) && r.left > 0 {
			return fmt.Errorf("%s is shorter than it was: %w", r.files[0].disk, ErrChanged)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

// next ends the open file and opens the one after it.
func (r *reader) next() error {
	if r.f != nil {
		if err := r.end(); err != nil {
			return err
		}
		r.files = r.files[1:]
	}
	f, err := os.Open(r.files[0].disk)
	if err != nil {
		return err
	}
	r.f, r.left = f, r.files[0].size
	return nil
}

// end closes the open file. Another size or time than at the beginning means
// that the hashes are of neither state.
func (r *reader) end() error {
	defer r.close()
	st, err := r.f.Stat()
	if err != nil {
		return err
	}
	if src := &r.files[0]; st.Size() != src.size || !st.ModTime().Equal(src.mod) {
		return fmt.Errorf("%s: %w", src.disk, ErrChanged)
	}
	return nil
}

func (r *reader) close() {
	if r.f != nil {
		_ = r.f.Close() // only read from
		r.f = nil
	}
}

// encode writes the torrent, keys in order.
func (p *CreateParams) encode(name string, files []source, single bool, length int64, pieces []byte) []byte {
	b := []byte{'d'}
	trackers := tiers(p.Trackers)
	if len(trackers) > 0 {
		b = appendString(appendString(b, "announce"), trackers[0][0])
		if len(trackers) > 1 || len(trackers[0]) > 1 {
			b = append(appendString(b, "announce-list"), 'l')
			for _, tier := range trackers {
				b = appendList(b, tier)
			}
			b = append(b, 'e')
		}
	}
	if p.Comment != "" {
		b = appendString(appendString(b, "comment"), p.Comment)
	}
	if p.CreatedBy != "" {
		b = appendString(appendString(b, "created by"), p.CreatedBy)
	}
	if !p.Created.IsZero() {
		b = appendInt(appendString(b, "creation date"), p.Created.Unix())
	}
	b = append(appendString(appendString(appendString(b, "encoding"), "UTF-8"), "info"), 'd')
	if single {
		b = appendInt(appendString(b, "length"), files[0].size)
	} else {
		b = append(appendString(b, "files"), 'l')
		for _, f := range files {
			b = appendInt(appendString(append(b, 'd'), "length"), f.size)
			b = append(appendList(appendString(b, "path"), f.path), 'e')
		}
		b = append(b, 'e')
	}
	b = appendString(appendString(b, "name"), name)
	b = appendInt(appendString(b, "piece length"), length)
	b = appendString(appendString(b, "pieces"), string(pieces))
	if p.Private {
		b = appendInt(appendString(b, "private"), 1)
	}
	if p.Source != "" {
		b = appendString(appendString(b, "source"), p.Source)
	}
	b = append(b, 'e')
	if seeds := webSeeds(p.WebSeeds); len(seeds) > 0 {
		b = appendList(appendString(b, "url-list"), seeds)
	}
	return append(b, 'e')
}

func appendList(b []byte, list []string) []byte {
	b = append(b, 'l')
	for _, s := range list {
		b = appendString(b, s)
	}
	return append(b, 'e')
}
