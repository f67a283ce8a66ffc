package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// The stash is the part file of a torrent: one file that holds what arrives for files
// nobody wants, because a piece reaches into them. It has a header of fixed size, and
// then slots of one piece each in the order in which pieces came. The header says for
// every file whether its data is here and for every piece which slot it has, 0 for
// none. A slot is never given back while the stash is there, and the stash goes when
// it holds no file any more.
//
// Nothing in it is ordered by a sync of its own: a piece whose entry or bytes were
// lost with the power was not verified yet, as that comes after the sync of both.
const (
	stashMagic = "sbparts\x01"
	stashFixed = 24   // magic, number of pieces, number of files, piece length
	stashAlign = 4096 // where the slots begin
)

// errNoStash means that there is no part file of this torrent.
var errNoStash = errors.New("disk: no part file")

// stash is safe for concurrent use.
type stash struct {
	handles     *Handles
	root, path  string
	pieceLength int64

	mu    sync.Mutex
	there bool // the header is on the disk
	kept  []bool
	slots []uint32
	last  uint32
}

// newStash reads the header at path, if there is one of the same torrent.
func newStash(p *Params, pieces int) (*stash, error) {
	s := &stash{handles: p.Handles, root: p.Root, path: p.Stash, pieceLength: p.PieceLength, kept: make([]bool, len(p.Files)), slots: make([]uint32, pieces)}
	if p.Stash == "" {
		return s, nil
	}
	err := s.load()
	if errors.Is(err, errNoStash) {
		err = nil // the first write makes it anew
	}
	return s, err
}

// data is where the slots begin.
func (s *stash) data() int64 {
	head := s.entry(len(s.slots))
	return (head + stashAlign - 1) / stashAlign * stashAlign
}

// flag and entry are where the header speaks of a file and of a piece.
func (s *stash) flag(file int) int64 { return stashFixed + int64(file) }

func (s *stash) entry(piece int) int64 {
	return stashFixed + int64(len(s.kept)+3)/4*4 + 4*int64(piece)
}

// fixed is the beginning of the header.
func (s *stash) fixed() []byte {
	b := append(make([]byte, 0, stashFixed), stashMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s.slots))) //nolint:gosec // bounded by package metafile
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s.kept)))  //nolint:gosec // likewise
	return binary.LittleEndian.AppendUint64(b, uint64(s.pieceLength))
}

// load reads the header. One that is not of this torrent, or not whole, is as none.
func (s *stash) load() error {
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return errNoStash
	}
	if err != nil {
		return fmt.Errorf("read the part file: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read from
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read the part file: %w", err)
	}
	head := make([]byte, s.entry(len(s.slots)))
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the part file: %w", err)
	}
	if n < stashFixed || string(head[:stashFixed]) != string(s.fixed()) {
		return errNoStash
	}
	most := uint32(max(0, min(int64(len(s.slots)), (st.Size()-s.data()+s.pieceLength-1)/s.pieceLength))) //nolint:gosec // at most the number of pieces
	used := make([]bool, most+1)
	for i := range s.slots {
		at := s.entry(i)
		slot := binary.LittleEndian.Uint32(head[at : at+4])
		if slot == 0 || slot > most {
			continue // the entry outlived its bytes
		}
		if used[slot] {
			return errNoStash
		}
		used[slot] = true
		s.slots[i] = slot
		s.last = max(s.last, slot)
	}
	for i := range s.kept {
		s.kept[i] = head[s.flag(i)] == 1
	}
	s.there = true
	return nil
}

// keeps reports whether the data of a file is here.
func (s *stash) keeps(file int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[file]
}

// holds reports whether anything is here for a file in a piece.
func (s *stash) holds(file, piece int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[file] && s.slots[piece] != 0
}

// at calls f for each piece of an access at off of the torrent with its place in the
// stash; place is -1 for a piece that is not here.
func (s *stash) at(off int64, buf []byte, f func(piece int, place int64, part []byte) error) error {
	for len(buf) > 0 {
		i, in := int(off/s.pieceLength), off%s.pieceLength
		n := min(int64(len(buf)), s.pieceLength-in)
		s.mu.Lock()
		place := int64(-1)
		if slot := s.slots[i]; slot != 0 {
			place = s.data() + int64(slot-1)*s.pieceLength + in
		}
		s.mu.Unlock()
		if err := f(i, place, buf[:n]); err != nil {
			return err
		}
		buf, off = buf[n:], off+n
	}
	return nil
}

// read fills buf with what is here of a file at off of the torrent.
func (s *stash) read(file int, off int64, buf []byte) error {
	if !s.keeps(file) {
		return fmt.Errorf("read %s: %w", s.path, fs.ErrNotExist)
	}
	return s.handles.use(s.root, s.path, false, func(h *os.File) error {
		return s.at(off, buf, func(piece int, place int64, part []byte) error {
			if place < 0 {
				return fmt.Errorf("read piece %d of %s: %w", piece, s.path, io.ErrUnexpectedEOF)
			}
			_, err := h.ReadAt(part, place)
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		})
	})
}

// some reads as much as is here of one piece at off of the torrent.
func (s *stash) some(off int64, buf []byte) (n int, err error) {
	err = s.handles.use(s.root, s.path, false, func(h *os.File) error {
		return s.at(off, buf, func(_ int, place int64, part []byte) error {
			if place < 0 {
				return nil
			}
			m, err := h.ReadAt(part, place)
			if n += m; errors.Is(err, io.EOF) {
				return nil
			}
			return err
		})
	})
	return n, err
}

// write puts data of a file here, at off of the torrent.
func (s *stash) write(file int, off int64, buf []byte) error {
	return s.handles.use(s.root, s.path, true, func(h *os.File) error {
		if err := s.open(h, file, int(off/s.pieceLength), int((off+int64(len(buf))-1)/s.pieceLength)); err != nil {
			return err
		}
		return s.at(off, buf, func(_ int, place int64, part []byte) error {
			_, err := h.WriteAt(part, place)
			return err
		})
	})
}

// open makes room for a file in the pieces from first to last.
func (s *stash) open(h *os.File, file, first, last int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.there {
		if err := h.Truncate(0); err != nil { // what was not of this torrent
			return err
		}
		if _, err := h.WriteAt(s.fixed(), 0); err != nil {
			return err
		}
		s.there, s.last = true, 0
		clear(s.slots)
	}
	if !s.kept[file] {
		if _, err := h.WriteAt([]byte{1}, s.flag(file)); err != nil {
			return err
		}
		s.kept[file] = true
	}
	for i := first; i <= last; i++ {
		if s.slots[i] != 0 {
			continue
		}
		if _, err := h.WriteAt(binary.LittleEndian.AppendUint32(nil, s.last+1), s.entry(i)); err != nil {
			return err
		}
		s.last++
		s.slots[i] = s.last
	}
	return nil
}

// sync makes what is here durable.
func (s *stash) sync() error {
	s.mu.Lock()
	there := s.there
	s.mu.Unlock()
	if !there {
		return nil
	}
	return s.handles.use(s.root, s.path, true, (*os.File).Sync)
}

// drop says that a file is not here any more, durably, and removes a stash that holds
// none. Nobody uses it meanwhile.
func (s *stash) drop(file int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.kept[file] {
		return nil
	}
	err := s.handles.use(s.root, s.path, true, func(h *os.File) error {
		if _, err := h.WriteAt([]byte{0}, s.flag(file)); err != nil {
			return err
		}
		return h.Sync()
	})
	if err != nil {
		return err
	}
	s.kept[file] = false
	if slices.Contains(s.kept, true) {
		return nil
	}
	s.there = false
	s.handles.Release(s.path)
	return os.Remove(s.path)
}
