package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrDiffers is wrapped by every difference that Compare finds.
var ErrDiffers = errors.New("data differs")

// Compare reports how the copy in saveDir differs from the payload: a file that is
// missing, has another size or another byte, or that is not the torrent's. Pad
// files may be there or not, and so may empty ones unless empties is set, because
// Transmission does not make them. Beside the payload's own name saveDir is not
// looked at.
func (p *Payload) Compare(saveDir string, empties bool) error {
	var errs []error
	for _, f := range p.Files {
		err := sameFile(filepath.Join(p.Dir, filepath.FromSlash(f.Path)), filepath.Join(saveDir, filepath.FromSlash(f.Path)))
		if (f.Pad || f.Size == 0 && !empties) && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		errs = append(errs, err)
	}
	err := filepath.WalkDir(filepath.Join(saveDir, p.Name), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(saveDir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		known := slices.ContainsFunc(p.Files, func(f PayloadFile) bool { return f.Path == rel })
		if !known && !strings.HasPrefix(rel, p.Name+"/.pad/") {
			errs = append(errs, fmt.Errorf("%w: %s is no file of the torrent", ErrDiffers, rel))
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}

// sameFile compares two files byte for byte.
func sameFile(want, got string) error {
	w, err := os.Open(want)
	if err != nil {
		return err
	}
	defer closing(w)
	g, err := os.Open(got)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDiffers, err)
	}
	defer closing(g)
	a, b := make([]byte, 1<<20), make([]byte, 1<<20)
	for at := int64(0); ; {
		n, errA := io.ReadFull(w, a)
		m, errB := io.ReadFull(g, b)
		if n != m || !bytes.Equal(a[:n], b[:m]) {
			return fmt.Errorf("%w: %s, in the %d bytes from %d (%d and %d read)", ErrDiffers, got, len(a), at, n, m)
		}
		at += int64(n)
		if errA != nil || errB != nil {
			return endOf(errA, errB)
		}
	}
}

// endOf is nil if both files ended and nothing worse happened.
func endOf(errs ...error) error {
	for _, err := range errs {
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
	}
	return nil
}
