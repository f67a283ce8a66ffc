package desktop

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
)

// maxCrash is how much of a report is kept for the user, in bytes.
const maxCrash = 1 << 20

// CrashFile takes what the runtime writes when the program dies of a fault of its
// own: a program with a window has no other place to write it to.
type CrashFile struct {
	path string
	f    *os.File

	// Report is what the run before this one left; "" if it ended well. It names
	// functions, addresses and the command line's paths, and no secrets of the wallet.
	Report string
	// Kept is where Report was put aside; "" if there is none.
	Kept string
}

// OpenCrashFile reads what an earlier run left at path, puts it aside, and directs
// the runtime's report of this run there.
func OpenCrashFile(path string) (*CrashFile, error) {
	c := &CrashFile{path: path}
	earlier, err := head(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the crash file: %w", err)
	}
	if len(earlier) > 0 {
		c.Report, c.Kept = string(earlier), path+".last"
		if err := os.Rename(path, c.Kept); err != nil {
			return nil, fmt.Errorf("put the crash file aside: %w", err)
		}
	}
	if c.f, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err != nil {
		return nil, fmt.Errorf("open the crash file: %w", err)
	}
	if err := debug.SetCrashOutput(c.f, debug.CrashOptions{}); err != nil {
		return nil, errors.Join(fmt.Errorf("direct crashes to %s: %w", path, err), c.f.Close())
	}
	return c, nil
}

func head(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	return io.ReadAll(io.LimitReader(f, maxCrash))
}

// Close ends the watch and removes the file: the program ends well.
func (c *CrashFile) Close() error {
	return errors.Join(debug.SetCrashOutput(nil, debug.CrashOptions{}), c.f.Close(), os.Remove(c.path))
}
