package resume

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"swarmbid/engine/swarm"
)

// The reasons why something cannot be kept or read.
var (
	// ErrDamaged means a file that is not as it was written.
	ErrDamaged = errors.New("file is damaged")
	// ErrNewer means a file of a newer version of this program; it is left alone.
	ErrNewer = errors.New("file was written by a newer version of this program")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("resume: store is closed")
)

// Limits on what is read or written, in bytes.
const (
	maxRecord   = 16 << 20
	maxMetainfo = 64 << 20
)

// Names of the files.
const (
	extMetainfo = ".torrent"
	extRecord   = ".resume"
	extPieces   = ".pieces"
	extRemoved  = ".removed"
	extBackup   = ".bak"
	extTemp     = ".tmp"
	sessionFile = "session.state"
)

// Store is the session's folder. It is safe for concurrent use; calls for the
// same torrent happen one after the other.
type Store struct {
	dir string

	mu      sync.Mutex
	closed  bool
	frozen  map[string]bool     // file names that a newer version wrote
	saved   map[string][32]byte // file name → digest of the content that is on the disk
	session Session
}

// Open returns the store of a folder, which it creates (0700) if it is not
// there. Removals that were under way are finished, leftovers of writes that
// were not are deleted.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("resume: create %s: %w", dir, err)
	}
	s := &Store{dir: dir, frozen: map[string]bool{}, saved: map[string][32]byte{}}
	if err := s.tidy(); err != nil {
		return nil, fmt.Errorf("resume: tidy %s: %w", dir, err)
	}
	if err := s.loadSession(); err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
		return nil, fmt.Errorf("resume: read %s: %w", sessionFile, err)
	}
	return s, nil
}

// Close ends the use of the store. Everything saved before is durable already.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

func (s *Store) tidy() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		switch filepath.Ext(name) {
		case extTemp:
			if err := os.Remove(s.path(name)); err != nil {
				return err
			}
		case extRemoved:
			ih, err := swarm.ParseInfoHash(name[:len(name)-len(extRemoved)])
			if err != nil {
				continue // not ours
			}
			if err := s.remove(ih); err != nil {
				return err
			}
		}
	}
	return nil
}

// Save keeps the record of t. It returns nil when the record survives a crash,
// and does nothing when it equals the one that is kept. The error wraps ErrNewer
// when a newer version's record is in its place.
func (s *Store) Save(t *Torrent) error {
	b, err := encodeRecord(t)
	if err == nil {
		err = s.put(t.InfoHash.String()+extRecord, b)
	}
	if err != nil {
		return fmt.Errorf("resume: save record of %s: %w", t.InfoHash, err)
	}
	return nil
}

// SaveMetainfo keeps a .torrent file. It is saved before the torrent's record,
// so that no record lacks it.
func (s *Store) SaveMetainfo(ih swarm.InfoHash, b []byte) error {
	err := s.putMetainfo(ih, b)
	if err != nil {
		return fmt.Errorf("resume: save metainfo of %s: %w", ih, err)
	}
	return nil
}

func (s *Store) putMetainfo(ih swarm.InfoHash, b []byte) error {
	if len(b) > maxMetainfo {
		return fmt.Errorf("%d bytes are over %d", len(b), maxMetainfo)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	return writeFile(s.path(ih.String()+extMetainfo), b, false)
}

// Delete removes everything that is kept of a torrent. When it returns nil the
// torrent does not come back. Its journal must be closed.
func (s *Store) Delete(ih swarm.InfoHash) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := ErrClosed
	if !s.closed {
		err = s.thaw(ih.String() + extRecord)
	}
	if err == nil {
		err = writeFile(s.path(ih.String()+extRemoved), nil, false)
	}
	if err == nil {
		err = s.remove(ih)
	}
	if err != nil {
		return fmt.Errorf("resume: remove %s: %w", ih, err)
	}
	return nil
}

// remove deletes a torrent's files; the mark that says so goes last.
func (s *Store) remove(ih swarm.InfoHash) error {
	name := ih.String()
	delete(s.saved, name+extRecord)
	for _, ext := range []string{extRecord, extRecord + extBackup, extPieces, extMetainfo} {
		if err := os.Remove(s.path(name + ext)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := syncDir(s.dir); err != nil { // the mark must not vanish before the files
		return err
	}
	return os.Remove(s.path(name + extRemoved))
}

// put writes a file that has a backup, unless it holds b already.
func (s *Store) put(name string, b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.thaw(name); err != nil {
		return err
	}
	sum := digest(b)
	if old, ok := s.saved[name]; ok && old == sum {
		return nil
	}
	delete(s.saved, name)
	if err := writeFile(s.path(name), b, true); err != nil {
		return err
	}
	s.saved[name] = sum
	return nil
}

// thaw returns ErrNewer if the file is a newer version's. A file that this store
// has not read is looked at first.
func (s *Store) thaw(name string) error {
	if _, ok := s.saved[name]; ok {
		return nil
	}
	if !s.frozen[name] {
		if _, err := s.get(name); !errors.Is(err, ErrNewer) {
			return nil
		}
	}
	return ErrNewer
}

// get returns the content of a file with a header, from its backup if the file
// is damaged; backup then reports so.
func (s *Store) get(name string) (body []byte, err error) {
	raw, err := readFile(s.path(name), maxRecord)
	if err == nil {
		body, err = openEnvelope(raw)
	}
	switch {
	case err == nil:
		s.saved[name] = digest(raw)
		return body, nil
	case errors.Is(err, ErrNewer):
		s.frozen[name] = true
	}
	return nil, err
}
