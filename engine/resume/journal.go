package resume

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"sync"

	"swarmbid/engine/swarm"
)

// The journal file, all numbers big endian:
//
//	base     8  «SBPIECES»
//	         4  version
//	         4  length of the base
//	         4  number of pieces
//	         4  number of file marks
//	         …  three bitfields (BEP 3): verified, begun, written since the marks
//	         …  file marks: size 8, modification time 8
//	        32  SHA-256 of all before
//	records  4  piece
//	         1  kind
//	         3  zero
//	         4  CRC-32C of the 8 bytes before and the base's digest
//
// Records are only appended. The base is replaced as a whole, with the records
// worked in, when the journal is opened or closed and when there are many.
const (
	journalMagic = "SBPIECES"
	baseHead     = 24
	markSize     = 16
	recordSize   = 12
	maxJournal   = 128 << 20
	maxPieces    = 1 << 24
	maxMarks     = 1 << 20
)

// Kinds of records.
const (
	kindBegun    = 1 + iota // the piece was written to
	kindVerified            // its data is on the disk and good
	kindLost                // it turned out to be bad or missing
)

// errTorn means that the last records were not written whole. What is before
// them counts.
var errTorn = errors.New("the end is torn")

// state is what a journal says.
type state struct {
	pieces               int
	have, begun, written []byte
	marks                []FileMark

	sum     [32]byte // of the base
	records int      // after the base
}

func newState(pieces int) state {
	n := (pieces + 7) / 8
	return state{pieces: pieces, have: make([]byte, n), begun: make([]byte, n), written: make([]byte, n)}
}

func bit(b []byte, i int) bool { return i >= 0 && i/8 < len(b) && b[i/8]&(0x80>>(i%8)) != 0 }

func setBit(b []byte, i int, to bool) {
	if b[i/8] &^= 0x80 >> (i % 8); to {
		b[i/8] |= 0x80 >> (i % 8)
	}
}

// apply works one record in. It reports whether the record makes sense.
func (s *state) apply(kind byte, piece int) bool {
	if piece < 0 || piece >= s.pieces || kind < kindBegun || kind > kindLost {
		return false
	}
	if kind == kindBegun {
		setBit(s.written, piece, true)
	}
	setBit(s.begun, piece, kind == kindBegun)
	setBit(s.have, piece, kind == kindVerified)
	return true
}

// base writes the base and remembers its digest.
func (s *state) base() []byte {
	size := baseHead + 3*len(s.have) + markSize*len(s.marks) + len(s.sum)
	b := make([]byte, 0, size)
	b = append(b, journalMagic...)
	b = binary.BigEndian.AppendUint32(b, version)
	b = binary.BigEndian.AppendUint32(b, uint32(size))         //nolint:gosec // under maxJournal
	b = binary.BigEndian.AppendUint32(b, uint32(s.pieces))     //nolint:gosec // at most maxPieces
	b = binary.BigEndian.AppendUint32(b, uint32(len(s.marks))) //nolint:gosec // at most maxMarks
	b = append(append(append(b, s.have...), s.begun...), s.written...)
	for _, m := range s.marks {
		b = binary.BigEndian.AppendUint64(b, uint64(m.Size))    //nolint:gosec // read back the same way
		b = binary.BigEndian.AppendUint64(b, uint64(m.ModTime)) //nolint:gosec // read back the same way
	}
	s.sum, s.records = digest(b), 0
	return append(b, s.sum[:]...)
}

// record writes one record for this base.
func (s *state) record(kind byte, piece int) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, recordSize), uint32(piece)) //nolint:gosec // within pieces
	b = append(b, kind, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, s.check(b))
}

func (s *state) check(b []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(b, table), table, s.sum[:])
}

// readState reads a whole journal. The error is ErrNewer, errTorn with a usable
// state, or ErrDamaged. A bad record with a good one behind it is damage, since
// it may have said that a piece was lost.
func readState(b []byte) (state, error) {
	s, rest, err := readBase(b)
	if err != nil {
		return state{}, err
	}
	bad := false
	for ; len(rest) >= recordSize; rest = rest[recordSize:] {
		r := rest[:recordSize]
		ok := binary.BigEndian.Uint32(r[8:]) == s.check(r[:8])
		if ok && bad {
			return state{}, fmt.Errorf("record %d is bad, a later one is not: %w", s.records, ErrDamaged)
		}
		if !ok {
			bad = true
			continue
		}
		if !s.apply(r[4], int(binary.BigEndian.Uint32(r))) {
			return state{}, fmt.Errorf("record %d makes no sense: %w", s.records, ErrDamaged)
		}
		s.records++
	}
	if bad || len(rest) > 0 {
		err = errTorn
	}
	return s, err
}

func readBase(b []byte) (s state, rest []byte, err error) {
	if len(b) < baseHead || string(b[:8]) != journalMagic {
		return s, nil, fmt.Errorf("no journal: %w", ErrDamaged)
	}
	end := int64(binary.BigEndian.Uint32(b[12:])) - 32
	if end < 16 || end+32 > int64(len(b)) {
		return s, nil, fmt.Errorf("base of %d bytes: %w", end+32, ErrDamaged)
	}
	s.sum = digest(b[:end])
	if string(s.sum[:]) != string(b[end:end+32]) {
		return s, nil, fmt.Errorf("digest does not fit: %w", ErrDamaged)
	}
	if v := binary.BigEndian.Uint32(b[8:]); v > version {
		return s, nil, fmt.Errorf("version %d, this program reads %d: %w", v, version, ErrNewer)
	}
	pieces, marks := int64(binary.BigEndian.Uint32(b[16:])), int64(binary.BigEndian.Uint32(b[20:]))
	n := (pieces + 7) / 8
	if pieces > maxPieces || marks > maxMarks || end != baseHead+3*n+markSize*marks {
		return s, nil, fmt.Errorf("%d pieces and %d marks in %d bytes: %w", pieces, marks, end, ErrDamaged)
	}
	s.pieces = int(pieces)
	at := b[baseHead:]
	take := func(n int64) []byte {
		p := at[:n:n]
		at = at[n:]
		return append([]byte(nil), p...)
	}
	s.have, s.begun, s.written = take(n), take(n), take(n)
	for range marks {
		m := take(markSize)
		s.marks = append(s.marks, FileMark{
			Size:    int64(binary.BigEndian.Uint64(m)),     //nolint:gosec // as written
			ModTime: int64(binary.BigEndian.Uint64(m[8:])), //nolint:gosec // as written
		})
	}
	return s, b[end+32:], nil
}

// Journal keeps which pieces of one torrent are good. It is safe for concurrent
// use.
type Journal struct {
	store *Store
	path  string

	mu  sync.Mutex
	s   state
	f   *os.File // nil after Close or when it could not be opened anew
	err error    // why nothing can be appended any more
}

// Journal opens a torrent's journal for a number of pieces. What is there is
// kept. One that is damaged or of another number of pieces is begun anew with all
// pieces doubtful. The error wraps ErrNewer if it is a newer version's.
func (s *Store) Journal(ih swarm.InfoHash, pieces int) (*Journal, error) {
	j := &Journal{store: s, path: s.path(ih.String() + extPieces)}
	if err := j.open(pieces); err != nil {
		return nil, fmt.Errorf("resume: open the journal of %s: %w", ih, err)
	}
	return j, nil
}

func (j *Journal) open(pieces int) error {
	if pieces <= 0 || pieces > maxPieces {
		return fmt.Errorf("%d pieces are not between 1 and %d", pieces, maxPieces)
	}
	b, err := readFile(j.path, maxJournal)
	if err == nil {
		j.s, err = readState(b)
	}
	clean := err == nil && j.s.records == 0
	switch {
	case errors.Is(err, fs.ErrNotExist):
		j.s = newState(pieces)
	case errors.Is(err, ErrDamaged), (err == nil || errors.Is(err, errTorn)) && j.s.pieces != pieces:
		clean, j.s = false, newState(pieces)
		for i := range pieces {
			j.s.apply(kindBegun, i)
		}
	case err != nil && !errors.Is(err, errTorn):
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if clean {
		j.f, err = os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0o600)
		return err
	}
	return j.rewrite()
}

// rewrite replaces the file by a base that has all records worked in. The open
// file is closed first, because Windows does not rename over one.
func (j *Journal) rewrite() error {
	if j.f != nil {
		err := j.f.Close()
		if j.f = nil; err != nil {
			return err
		}
	}
	if err := writeFile(j.path, j.s.base(), false); err != nil {
		return err
	}
	f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0o600)
	j.f = f
	return err
}

// Begun says that data of a piece that is not verified is about to be written.
// After a crash such pieces are doubtful. It does not wait for the disk: a piece
// whose note is lost with the power is taken for missing.
func (j *Journal) Begun(piece int) error {
	return j.append("begun", kindBegun, false, piece)
}

// Doubt says that it is not known whether pieces are good, for example because
// their files were there before the torrent. They stay doubtful over a crash
// until they are verified or lost. It is durable when nil returns.
func (j *Journal) Doubt(pieces []int) error {
	return j.append("doubtful", kindBegun, true, pieces...)
}

// Verified says that pieces are good and their data is durable: the caller has
// synced the files. When it returns nil the pieces survive a crash.
func (j *Journal) Verified(pieces []int) error {
	return j.append("verified", kindVerified, true, pieces...)
}

// Lost says that a piece is not good after all. It is durable when nil returns.
func (j *Journal) Lost(piece int) error {
	return j.append("lost", kindLost, true, piece)
}

func (j *Journal) append(what string, kind byte, sync bool, pieces ...int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	err := j.appendLocked(kind, sync, pieces)
	if err != nil {
		return fmt.Errorf("resume: note %d pieces as %s: %w", len(pieces), what, err)
	}
	return nil
}

func (j *Journal) appendLocked(kind byte, sync bool, pieces []int) error {
	if j.f == nil && j.err == nil {
		return ErrClosed
	}
	// After a failed write the file may end in a torn record. A base written anew
	// is whole again, once the disk lets it.
	if j.err != nil || j.s.records > 4*j.s.pieces+4096 {
		if err := j.rewrite(); err != nil {
			j.err = err
			return err
		}
		j.err = nil
	}
	b := make([]byte, 0, recordSize*len(pieces))
	for _, p := range pieces {
		if p < 0 || p >= j.s.pieces {
			return fmt.Errorf("piece %d of %d", p, j.s.pieces)
		}
		b = append(b, j.s.record(kind, p)...)
	}
	_, err := j.f.Write(b)
	if err == nil && sync {
		err = j.f.Sync()
	}
	if err != nil {
		j.err = err
		return err
	}
	for _, p := range pieces {
		j.s.apply(kind, p)
	}
	j.s.records += len(pieces)
	return nil
}

// Trust replaces what the journal says: exactly the pieces of the bitfield have
// (BEP 3) are good and none is in flight. It is for data that the caller vouches
// for, and durable when nil returns.
func (j *Journal) Trust(have []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.f == nil && j.err == nil {
		return fmt.Errorf("resume: replace the journal: %w", ErrClosed)
	}
	next := newState(j.s.pieces)
	for i := range next.pieces {
		setBit(next.have, i, bit(have, i))
	}
	next.marks = j.s.marks
	old := j.s
	j.s = next
	if j.err = j.rewrite(); j.err != nil {
		j.s = old
		return fmt.Errorf("resume: replace the journal: %w", j.err)
	}
	return nil
}

// Have returns the verified pieces as a bitfield (BEP 3).
func (j *Journal) Have() []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]byte(nil), j.s.have...)
}

// Mark records how the files look at an orderly end, by file index, so that a
// change by somebody else is noticed at the next start. It comes after the last
// write to the files and right before Close.
func (j *Journal) Mark(marks []FileMark) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	err := ErrClosed
	switch {
	case j.f == nil && j.err == nil:
	case len(marks) > maxMarks:
		err = fmt.Errorf("%d files are over %d", len(marks), maxMarks)
	default:
		j.s.marks = append([]FileMark(nil), marks...)
		clear(j.s.written)
		err = j.rewrite()
		j.err = err
	}
	if err != nil {
		return fmt.Errorf("resume: record how the files look: %w", err)
	}
	return nil
}

// Close gives the file back. What was appended is durable.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	err := j.err
	if j.f != nil {
		if err == nil {
			err = j.f.Sync()
		}
		err = errors.Join(err, j.f.Close())
	}
	j.f, j.err = nil, nil
	if err != nil {
		return fmt.Errorf("resume: close the journal: %w", err)
	}
	return nil
}
