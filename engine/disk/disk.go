package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// File is one file of a torrent. Files lie one after the other in the torrent,
// not necessarily without gaps (BEP 52 aligns them to pieces).
type File struct {
	Path   string // on the disk; unused for a pad file
	Offset int64  // of its first byte in the torrent
	Size   int64
	Pad    bool // BEP 47: zeros, never written
	Part   bool // Path ends in Params.Suffix, which it loses when the file is complete
	Skip   bool // nobody wants it: unless it is there already, what arrives goes to the part file
}

// Journal is told what must survive a crash. Its methods are called without a
// lock of this package held and may block on the disk.
type Journal interface {
	// Begun is called before the first byte of an unverified piece is written.
	Begun(piece int) error
	// Verified is called after the data of the pieces was synced.
	Verified(pieces []int) error
	// Lost is called when pieces turned out to be bad.
	Lost(piece int) error
}

// Params are what a Torrent is opened with.
type Params struct {
	Root        string       // the save path; must exist, is never created
	Files       []File       // in order of Offset
	Suffix      string       // of the paths of files with Part; "" = there are none
	Stash       string       // path of the part file, below Root; "" = none is made and Skip is nothing
	Allocate    bool         // wanted files get their room at once
	Free        func() int64 // bytes that fit on the drive of Root; 0 = unknown; nil = never known
	Length      int64        // of the whole torrent
	PieceLength int64
	Have        Bits // verified pieces; taken over
	Unknown     Bits // pieces to be checked; taken over
	Handles     *Handles
	Journal     Journal
	OnPiece     func(piece int, ok bool) // after a check; called on the library's goroutine
	OnFault     func(error)              // first fault of the disk; called on the library's goroutine
}

// Torrent is the data of one torrent. It is safe for concurrent use.
type Torrent struct {
	p Params

	mu      sync.Mutex
	have    Bits
	unknown Bits
	begun   Bits
	pending []int            // verified, not yet synced
	dirty   map[int]struct{} // files written since the last sync
	fault   error            // first one; reads and writes go on being tried
	closed  bool
	skip    []bool // files nobody wants

	stash     *stash
	aside     []bool      // files whose data goes to the stash; guarded by names
	unsettled atomic.Bool // skip or Allocate has work for Sync
	closing   atomic.Bool // long work ends early

	syncing sync.Mutex   // one Sync at a time
	names   sync.RWMutex // held to read while a file is used, to write while one is renamed
	ripe    atomic.Bool  // a file with Part may be complete
	version atomic.Uint64
}

// ErrClosed is returned by an access after Close.
var ErrClosed = errors.New("disk: torrent is closed")

// Open returns the torrent. It creates wanted empty files and touches nothing else.
func Open(p Params) (*Torrent, error) {
	p.Files = slices.Clone(p.Files)
	t := &Torrent{p: p, have: p.Have, unknown: p.Unknown, begun: NewBits(p.Have.Len()), dirty: map[int]struct{}{}}
	t.ripe.Store(p.Suffix != "")
	if err := t.putAside(p.Have.Len()); err != nil {
		return nil, err
	}
	for i, f := range p.Files {
		if f.Size > 0 || f.Pad || t.aside[i] {
			continue
		}
		if err := p.Handles.use(p.Root, f.Path, true, func(*os.File) error { return nil }); err != nil {
			return nil, fmt.Errorf("create empty file: %w", err)
		}
	}
	return t, nil
}

// span is the part of an access that falls into one file.
type span struct {
	file int
	off  int64 // in the file
	buf  []byte
}

// spans cuts an access of the torrent at off into accesses of files. Gaps
// between files belong to nobody: they read as zeros.
func (t *Torrent) spans(p []byte, off int64) []span {
	files := t.p.Files
	i := sort.Search(len(files), func(i int) bool { return files[i].Offset+files[i].Size > off })
	var out []span
	for ; i < len(files) && len(p) > 0; i++ {
		f := &files[i]
		if f.Offset >= off+int64(len(p)) {
			break
		}
		if gap := f.Offset - off; gap > 0 {
			clear(p[:gap])
			p, off = p[gap:], f.Offset
		}
		n := min(int64(len(p)), f.Offset+f.Size-off)
		if n > 0 {
			out = append(out, span{i, off - f.Offset, p[:n]})
		}
		p, off = p[n:], off+n
	}
	clear(p)
	return out
}

// ReadAt reads data of the torrent. A missing or short file is an error that
// wraps io.ErrUnexpectedEOF or fs.ErrNotExist.
func (t *Torrent) ReadAt(p []byte, off int64) (int, error) {
	if off >= t.p.Length {
		return 0, io.EOF
	}
	var tail error
	if rest := t.p.Length - off; int64(len(p)) > rest {
		p, tail = p[:rest], io.EOF
	}
	for _, s := range t.spans(p, off) {
		if t.p.Files[s.file].Pad {
			clear(s.buf)
			continue
		}
		if err := t.readSpan(s); err != nil {
			return int(t.p.Files[s.file].Offset + s.off - off), err
		}
	}
	return len(p), tail
}

func (t *Torrent) readSpan(s span) error {
	kept := func() error { return t.stash.read(s.file, t.p.Files[s.file].Offset+s.off, s.buf) }
	return t.use(s.file, false, kept, func(h *os.File) error {
		n, err := h.ReadAt(s.buf, s.off)
		if n == len(s.buf) {
			return nil
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("read %s at %d: %w", h.Name(), s.off+int64(n), err)
	})
}

// WriteAt writes data of the torrent. Parts that fall into pad files vanish.
func (t *Torrent) WriteAt(p []byte, off int64) (int, error) {
	if err := t.begin(off, len(p)); err != nil {
		return 0, t.broken(err)
	}
	n := len(p)
	for _, s := range t.spans(slices.Clip(p), off) {
		f := &t.p.Files[s.file]
		if f.Pad {
			continue
		}
		t.mu.Lock()
		t.dirty[s.file] = struct{}{}
		t.mu.Unlock()
		kept := func() error { return t.stash.write(s.file, f.Offset+s.off, s.buf) }
		err := t.use(s.file, true, kept, func(h *os.File) error {
			_, err := h.WriteAt(s.buf, s.off)
			return err
		})
		if err != nil {
			return int(f.Offset + s.off - off), t.broken(fmt.Errorf("write %s at %d: %w", t.path(s.file), s.off, err))
		}
	}
	return n, nil
}

// begin records the pieces that an access is the first to write to.
func (t *Torrent) begin(off int64, n int) error {
	if n == 0 {
		return nil
	}
	for i := int(off / t.p.PieceLength); i <= int((off+int64(n)-1)/t.p.PieceLength); i++ {
		t.mu.Lock()
		first := !t.begun.Has(i) && !t.closed
		if first {
			t.begun.Set(i)
		}
		closed := t.closed
		t.mu.Unlock()
		if closed {
			return ErrClosed
		}
		if first {
			if err := t.p.Journal.Begun(i); err != nil {
				return fmt.Errorf("record piece %d as begun: %w", i, err)
			}
		}
	}
	return nil
}

// broken notes the first fault and tells the owner. It returns err.
func (t *Torrent) broken(err error) error {
	if err == nil || errors.Is(err, ErrClosed) {
		return err
	}
	t.mu.Lock()
	first := t.fault == nil && !t.closed
	if first {
		t.fault = err
	}
	t.mu.Unlock()
	if first && t.p.OnFault != nil {
		t.p.OnFault(err)
	}
	return err
}

// Have returns a copy of the verified pieces.
func (t *Torrent) Have() Bits {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.have.Clone()
}

// Unknown is the number of pieces still to be checked.
func (t *Torrent) Unknown() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.unknown.Count()
}

// Marks returns copies of the verified, the unchecked and the begun pieces.
func (t *Torrent) Marks() (have, unknown, begun Bits) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.have.Clone(), t.unknown.Clone(), t.begun.Clone()
}

// Begun returns the pieces, ascending, of which some was written and that are not
// verified.
func (t *Torrent) Begun() []int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.begun.List()
}

// Version changes whenever a piece does; equal versions mean equal marks.
func (t *Torrent) Version() uint64 { return t.version.Load() }

// Pending reports whether verified pieces wait to be made durable.
func (t *Torrent) Pending() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.pending) > 0 || t.ripe.Load() || t.unsettled.Load()
}

// Sync makes the verified pieces durable: data first, then the journal's claim.
// The owner calls it about once a second and before it closes; one goroutine at
// a time does the work.
func (t *Torrent) Sync() error {
	t.syncing.Lock()
	defer t.syncing.Unlock()
	if err := t.settle(); err != nil {
		return errors.Join(err, t.syncPieces())
	}
	return t.syncPieces()
}

// syncPieces makes the verified pieces durable.
func (t *Torrent) syncPieces() error {
	t.mu.Lock()
	pieces := t.pending
	dirty := t.dirty
	if len(pieces) == 0 {
		t.mu.Unlock()
		return t.finish()
	}
	t.pending, t.dirty = nil, map[int]struct{}{}
	t.mu.Unlock()

	err := t.syncFiles(dirty)
	if err == nil {
		err = t.p.Journal.Verified(pieces)
	}
	if err == nil {
		t.ripe.Store(t.p.Suffix != "")
		return t.finish()
	}
	t.mu.Lock()
	t.pending = append(pieces, t.pending...)
	for i := range dirty {
		t.dirty[i] = struct{}{}
	}
	t.mu.Unlock()
	return t.broken(fmt.Errorf("make pieces durable: %w", err))
}

func (t *Torrent) syncFiles(files map[int]struct{}) error {
	for i := range files {
		if err := t.use(i, true, t.stash.sync, (*os.File).Sync); err != nil {
			return fmt.Errorf("sync %s: %w", t.path(i), err)
		}
	}
	return nil
}

// Close syncs, gives the files back and refuses further writes.
func (t *Torrent) Close() error {
	t.closing.Store(true)
	err := t.Sync()
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.p.Handles.Release(t.paths()...)
	return err
}

func (t *Torrent) paths() []string {
	t.names.RLock()
	defer t.names.RUnlock()
	out := make([]string, 0, len(t.p.Files)+1)
	if t.p.Stash != "" {
		out = append(out, t.p.Stash)
	}
	for _, f := range t.p.Files {
		if !f.Pad {
			out = append(out, f.Path)
		}
	}
	return out
}
