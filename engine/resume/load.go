package resume

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"swarmbid/engine/swarm"
)

// Loaded is a torrent as it comes back.
type Loaded struct {
	Torrent
	Metainfo []byte // the .torrent file; nil = only the magnet link is known

	Pieces int    // size of the range of Have and Begun; 0 = there is no journal
	Have   []byte // verified pieces as a bitfield (BEP 3)
	Begun  []byte // pieces that were written to and not verified since
	// Written are the pieces that were written to since Marks were taken, verified
	// since or not. After an orderly end there are none.
	Written []byte
	// Recheck says that the journal is lost or damaged: which pieces are good must
	// be found out from the data.
	Recheck bool
	// Marks are the files as they were at the last orderly end, by file index; nil
	// when none was recorded.
	Marks []FileMark
}

// FileError says which file of which torrent could not be used. It wraps
// ErrDamaged, ErrNewer or an error of the system.
type FileError struct {
	InfoHash swarm.InfoHash
	File     string // base name
	Err      error
}

func (p *FileError) Error() string { return fmt.Sprintf("resume: read %s: %v", p.File, p.Err) }

// Unwrap returns the cause.
func (p *FileError) Unwrap() error { return p.Err }

// LoadAll reads every torrent, in the order of their infohashes. Each file that
// is damaged gives a *FileError in problems; the torrent comes back with what the
// others say of it. A torrent whose record a newer version wrote is left out. err
// is only of the folder itself.
func (s *Store) LoadAll() (all []Loaded, problems []error, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, nil, fmt.Errorf("resume: list %s: %w", s.dir, err)
	}
	have := make(map[string]int) // infohash → which of its files there are
	for _, e := range entries {
		stem, ext, _ := strings.Cut(e.Name(), ".")
		if bit := fileBit("." + ext); bit != 0 && e.Type().IsRegular() {
			have[stem] |= bit
		}
	}
	names := make([]string, 0, len(have))
	for name, bits := range have {
		if bits&(bitRecord|bitBackup|bitMetainfo) != 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		ih, err := swarm.ParseInfoHash(name)
		if err != nil || ih.String() != name {
			continue // not ours
		}
		l, faults := s.load(ih, have[name])
		problems = append(problems, faults...)
		if l != nil {
			all = append(all, *l)
		}
	}
	return all, problems, nil
}

// Which files a torrent has.
const (
	bitRecord = 1 << iota
	bitBackup
	bitMetainfo
	bitPieces
)

func fileBit(ext string) int {
	switch ext {
	case extRecord:
		return bitRecord
	case extRecord + extBackup:
		return bitBackup
	case extMetainfo:
		return bitMetainfo
	case extPieces:
		return bitPieces
	}
	return 0
}

// load reads one torrent. It returns nil if there is nothing to go by.
func (s *Store) load(ih swarm.InfoHash, files int) (*Loaded, []error) {
	var problems []error
	fault := func(ext string, err error) {
		problems = append(problems, &FileError{InfoHash: ih, File: ih.String() + ext, Err: err})
	}
	l := &Loaded{Torrent: Torrent{InfoHash: ih}}
	record := s.loadRecord(l)
	if record != nil {
		fault(extRecord, record)
	}
	if errors.Is(record, ErrNewer) {
		return nil, problems
	}
	if files&bitMetainfo != 0 {
		var err error
		if l.Metainfo, err = readFile(s.path(ih.String()+extMetainfo), maxMetainfo); err != nil {
			fault(extMetainfo, err)
		}
	}
	if files&bitPieces != 0 {
		if err := l.readJournal(s.path(ih.String() + extPieces)); err != nil {
			fault(extPieces, err)
		}
	} else {
		// A torrent that was never started has no journal, one that was has.
		l.Recheck = l.Metainfo != nil && (record != nil || l.Active > 0 || !l.Done.IsZero())
	}
	return l, problems
}

// loadRecord fills in what the record says, as far as it can be read.
func (s *Store) loadRecord(l *Loaded) error {
	body, err := s.getOrBackup(l.InfoHash.String() + extRecord)
	if body == nil {
		if err == nil {
			err = fmt.Errorf("the record is missing: %w", ErrDamaged)
		}
		return err
	}
	t, derr := decodeRecord(l.InfoHash, body)
	if derr == nil {
		l.Torrent = t
	}
	return errors.Join(err, derr)
}

// readJournal takes over what the journal says.
func (l *Loaded) readJournal(path string) error {
	b, err := readFile(path, maxJournal)
	var j state
	if err == nil {
		j, err = readState(b)
	}
	if err != nil && !errors.Is(err, errTorn) {
		l.Recheck = true
		return err
	}
	l.Pieces, l.Have, l.Begun, l.Written, l.Marks = j.pieces, j.have, j.begun, j.written, j.marks
	return nil // a torn end is the normal mark of a crash
}

// getOrBackup returns the body of a file or, if that is damaged or missing, of
// its backup, with the error of the file. Both nil means that neither is there.
func (s *Store) getOrBackup(name string) ([]byte, error) {
	body, err := s.get(name)
	if err == nil || errors.Is(err, ErrNewer) {
		return body, err
	}
	raw, berr := readFile(s.path(name+extBackup), maxRecord)
	if berr == nil {
		body, berr = openEnvelope(raw)
	}
	if berr == nil {
		return body, fmt.Errorf("the one before it is used: %w", err)
	}
	if errors.Is(err, fs.ErrNotExist) && errors.Is(berr, fs.ErrNotExist) {
		return nil, nil
	}
	return nil, err
}

// FileMark is how a file looked: enough to notice that somebody else wrote it.
type FileMark struct {
	Size    int64 // -1 = not there
	ModTime int64 // nanoseconds since 1970; 0 = not there
}

// MarkFile looks at a file.
func MarkFile(path string) FileMark {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() {
		return FileMark{Size: -1}
	}
	return FileMark{Size: st.Size(), ModTime: st.ModTime().UnixNano()}
}

// FileAt says where a file lies and which pieces it touches.
type FileAt struct {
	Path   string // on the disk; "" = never written (BEP 47)
	First  int
	Pieces int // 0 = an empty file
}

// Doubtful returns the pieces, ascending, that must be hashed before anything is
// said of them: pieces in flight when the process ended, those of files that
// somebody else changed since the last orderly end, and, when the journal is
// lost, those of every file that is there. pieces is the torrent's number of
// pieces; files are by file index.
func (l *Loaded) Doubtful(pieces int, files []FileAt) []int {
	doubt := make([]bool, pieces)
	recheck := l.Recheck || l.Pieces != 0 && l.Pieces != pieces
	if !recheck {
		for i := range doubt {
			doubt[i] = bit(l.Begun, i)
		}
	}
	for i, f := range files {
		if f.Path == "" || f.Pieces == 0 {
			continue
		}
		span := doubt[min(f.First, pieces):min(f.First+f.Pieces, pieces)]
		now := MarkFile(f.Path)
		switch {
		case recheck:
			if now.Size <= 0 {
				continue
			}
		case i >= len(l.Marks) || l.Marks[i] == now || l.written(f):
			continue
		}
		for p := range span {
			span[p] = true
		}
	}
	var out []int
	for i, d := range doubt {
		if d {
			out = append(out, i)
		}
	}
	return out
}

// written reports whether this program wrote to f after its mark was taken, so
// that the mark is of no use.
func (l *Loaded) written(f FileAt) bool {
	for p := f.First; p < f.First+f.Pieces; p++ {
		if bit(l.Written, p) {
			return true
		}
	}
	return false
}

// Dir is the folder of the store, for messages.
func (s *Store) Dir() string { return filepath.Clean(s.dir) }
