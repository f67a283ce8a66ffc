package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Missing reports the first file that holds verified data but is not there with
// its full extent, or "" when all are. stash is the path of the part file, which may
// hold the data of some; "" = there is none.
func Missing(files []File, have Bits, pieceLength int64, root, stash string) (string, error) {
	kept, err := newStash(&Params{Root: root, Stash: stash, Files: files, PieceLength: pieceLength}, have.Len())
	if err != nil {
		return stash, err
	}
	for i, f := range files {
		end := verifiedEnd(f, have, pieceLength)
		if f.Pad || end == 0 {
			continue
		}
		if kept.keeps(i) {
			if !kept.whole(i, f, have) {
				return stash, nil
			}
			continue
		}
		st, err := os.Stat(f.Path)
		if errors.Is(err, fs.ErrNotExist) {
			return f.Path, nil
		}
		if err != nil {
			return f.Path, fmt.Errorf("look for %s: %w", f.Path, err)
		}
		if st.Size() < end {
			return f.Path, nil
		}
	}
	return "", nil
}

// verifiedEnd is the offset in f after its last verified byte.
func verifiedEnd(f File, have Bits, pieceLength int64) int64 {
	if f.Size == 0 {
		return 0
	}
	first, last := int(f.Offset/pieceLength), int((f.Offset+f.Size-1)/pieceLength)
	for i := last; i >= first; i-- {
		if have.Has(i) {
			return min(f.Size, int64(i+1)*pieceLength-f.Offset)
		}
	}
	return 0
}

// whole reports whether all that is verified of a file is here.
func (s *stash) whole(file int, f File, have Bits) bool {
	for i := f.Offset / s.pieceLength; i*s.pieceLength < f.Offset+f.Size; i++ {
		if have.Has(int(i)) && !s.holds(file, int(i)) {
			return false
		}
	}
	return true
}
