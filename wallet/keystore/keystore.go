package keystore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
)

var (
	// ErrFormat means that the data is no keystore at all.
	ErrFormat = errors.New("keystore: not a wallet file")
	// ErrVersion means that a later version of the program wrote the file.
	ErrVersion = errors.New("keystore: wallet file of a newer version")
	// ErrTruncated means that the end of the file is missing.
	ErrTruncated = errors.New("keystore: wallet file cut short")
	// ErrDamaged means that the file was changed after it was written.
	ErrDamaged = errors.New("keystore: wallet file damaged")
	// ErrParams means that the file, or the caller, asks for a key derivation that
	// is too weak or too expensive.
	ErrParams = errors.New("keystore: key derivation out of bounds")
	// ErrPassword means that the password is wrong, the file being intact.
	ErrPassword = errors.New("keystore: wrong password")
)

// Params are the costs of Argon2id (RFC 9106).
type Params struct {
	Passes    uint32 // 2 to 16
	MemoryKiB uint32 // MinMemoryKiB to MaxMemoryKiB
	Threads   uint8  // 1 to 16
}

// MinMemoryKiB is what OWASP asks for at least, MaxMemoryKiB what a desktop
// computer can spare.
const (
	MinMemoryKiB = 19 << 10
	MaxMemoryKiB = 1 << 20
)

// DefaultParams take about a second on a desktop computer.
func DefaultParams() Params { return Params{Passes: 3, MemoryKiB: 256 << 10, Threads: 4} }

// Validate returns ErrParams for costs out of bounds.
func (p Params) Validate() error {
	if p.Passes < 2 || p.Passes > 16 || p.MemoryKiB < MinMemoryKiB || p.MemoryKiB > MaxMemoryKiB || p.Threads < 1 || p.Threads > 16 {
		return fmt.Errorf("%w: %d passes over %d KiB in %d threads", ErrParams, p.Passes, p.MemoryKiB, p.Threads)
	}
	return nil
}

const (
	magic    = "BTTW\r\n\x1a\n"
	version  = 1
	head     = 68 // bytes before the public part
	overhead = chacha20poly1305.Overhead

	// maxPart bounds the public part, and the sealed one.
	maxPart = 16 << 20
	maxFile = head + 2*maxPart + sha256.Size
)

// Seal returns a file with the two parts, each at most 16 MiB less 16 bytes.
func Seal(password, public, secret []byte, p Params) ([]byte, error) {
	return seal(rand.Reader, password, public, secret, p)
}

func seal(random io.Reader, password, public, secret []byte, p Params) ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if len(public) > maxPart || len(secret) > maxPart-overhead {
		return nil, fmt.Errorf("%w: %d public and %d secret bytes", ErrFormat, len(public), len(secret))
	}
	file := make([]byte, head, head+len(public)+len(secret)+overhead+sha256.Size)
	copy(file, magic)
	file[8], file[9] = version, p.Threads
	binary.LittleEndian.PutUint32(file[12:], p.Passes)
	binary.LittleEndian.PutUint32(file[16:], p.MemoryKiB)
	if _, err := io.ReadFull(random, file[20:60]); err != nil {
		return nil, fmt.Errorf("keystore: random numbers: %w", err)
	}
	binary.LittleEndian.PutUint32(file[60:], uint32(len(public)))
	binary.LittleEndian.PutUint32(file[64:], uint32(len(secret)+overhead))
	file = append(file, public...)

	key := derive(password, file[20:36], p)
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	file = aead.Seal(file, file[36:60], secret, file)
	sum := sha256.Sum256(file)
	return append(file, sum[:]...), nil
}

// Open returns the sealed part of a file. Its errors are those of this package.
func Open(file, password []byte) (Secret, error) {
	f, err := parse(file)
	if err != nil {
		return Secret{}, err
	}
	key := derive(password, file[20:36], f.params)
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return Secret{}, err
	}
	secret, err := aead.Open(nil, file[36:60], f.sealed, f.data)
	if err != nil {
		return Secret{}, ErrPassword
	}
	return NewSecret(secret), nil
}

// Public returns the public part of a file without a password. It is intact, but
// only [Open] shows that it belongs to the sealed part.
func Public(file []byte) ([]byte, error) {
	f, err := parse(file)
	if err != nil {
		return nil, err
	}
	return f.data[head:], nil
}

// parsed is a file taken apart; the slices are parts of it.
type parsed struct {
	params Params
	data   []byte // associated data: header and public part
	sealed []byte
}

// parse checks everything that can be checked without the password.
func parse(file []byte) (f parsed, err error) {
	switch {
	case len(file) < len(magic) && len(file) > 0 && magic[:len(file)] == string(file):
		return f, ErrTruncated
	case len(file) < len(magic) || string(file[:len(magic)]) != magic:
		return f, ErrFormat
	case len(file) < head:
		return f, ErrTruncated
	case file[8] > version:
		return f, fmt.Errorf("%w: %d", ErrVersion, file[8])
	}
	public, sealed := binary.LittleEndian.Uint32(file[60:]), binary.LittleEndian.Uint32(file[64:])
	if public > maxPart || sealed > maxPart || sealed < overhead {
		return f, ErrDamaged
	}
	end := head + int(public) + int(sealed)
	switch {
	case len(file) < end+sha256.Size:
		return f, ErrTruncated
	case len(file) > end+sha256.Size, sha256.Sum256(file[:end]) != [sha256.Size]byte(file[end:]):
		return f, ErrDamaged
	case file[8] != version, file[10] != 0, file[11] != 0:
		return f, ErrDamaged
	}
	f.params = Params{binary.LittleEndian.Uint32(file[12:]), binary.LittleEndian.Uint32(file[16:]), file[9]}
	f.data, f.sealed = file[:head+int(public)], file[head+int(public):end]
	return f, f.params.Validate()
}

func derive(password, salt []byte, p Params) []byte {
	return argon2.IDKey(password, salt, p.Passes, p.MemoryKiB, p.Threads, chacha20poly1305.KeySize)
}
