package disk

import (
	"errors"
	"fmt"
)

// ErrUnverified is returned by ReadVerified for a piece that is not verified.
var ErrUnverified = errors.New("disk: piece is not verified")

// ReadVerified fills p from begin of a verified piece. A file that cannot be read
// is a fault, as when the library reads it.
func (t *Torrent) ReadVerified(piece int, begin int64, p []byte) error {
	t.mu.Lock()
	ok := piece >= 0 && piece < t.have.Len() && t.have.Has(piece) && !t.unknown.Has(piece) && !t.closed
	t.mu.Unlock()
	if !ok || begin < 0 || begin+int64(len(p)) > t.p.PieceLength {
		return fmt.Errorf("%w: piece %d", ErrUnverified, piece)
	}
	if _, err := t.ReadAt(p, int64(piece)*t.p.PieceLength+begin); err != nil {
		return t.broken(err)
	}
	return nil
}
