package desktop

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

// maxCrash is how much of a report is kept for the user, in bytes.
const maxCrash = 1 << 20

// CrashFile takes what the runtime writes when the program dies of a fault of its
// own: a program with a window has no other place to write it to.
type CrashFile struct {
	path string
	f    *os.File

	// Report is what the run before this one left, without secrets; "" if it ended
	// well. It is meant to be shown and sent.
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
		home, err := os.UserHomeDir()
		if err != nil {
			home = ""
		}
		c.Report, c.Kept = withoutSecrets(string(earlier), home), path+".last"
		if err := os.WriteFile(c.Kept, []byte(c.Report), 0o600); err != nil {
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

// secrets are what a report must not show, in whatever message of a fault it came:
// words of a wallet, keys and infohashes, links that name a torrent.
func secrets() []secret {
	return []secret{
		{regexp.MustCompile(`(?i)magnet:\?\S+`), "[magnet link]"},
		{regexp.MustCompile(`\b[0-9a-fA-F]{40,}\b|\b0x[0-9a-fA-F]{40,}\b`), "[hex digits]"},
		{regexp.MustCompile(`\b(?:[a-z]{3,8}[ \t,]+){11,}[a-z]{3,8}\b`), "[words]"},
	}
}

type secret struct {
	like *regexp.Regexp
	is   string
}

// withoutSecrets takes out what is the user's own. A trace names functions, lines
// and addresses, never what is stored there.
func withoutSecrets(report, home string) string {
	for _, s := range secrets() {
		report = s.like.ReplaceAllString(report, s.is)
	}
	if len(home) > 1 {
		report = strings.ReplaceAll(report, home, "~")
		report = strings.ReplaceAll(report, filepath.ToSlash(home), "~")
	}
	return report
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
