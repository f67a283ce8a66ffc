package desktop

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrUnsupported is returned where the system has no such thing, or lacks the
// program that does it.
var ErrUnsupported = errors.New("not supported by this system")

// Program says who registers itself with the system.
type Program struct {
	Name    string // as people read it, "Swarmbid"; letters and digits only
	ID      string // in reverse-domain form, "org.swarmbid.client"
	Exe     string // absolute path, as Executable returns it
	Icon    []byte // PNG of 256 by 256 pixels; Windows takes the one in Exe
	IconSVG []byte // the same as SVG
}

// Executable returns the absolute path of the running program, of the original if
// it runs as the copy that SoftwareGL made.
func Executable() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the program's own file: %w", err)
	}
	if target, err := filepath.EvalSymlinks(exe); err == nil {
		exe = target
	}
	return original(exe), nil
}

// folderKey names a data folder in the names of locks and pipes: two spellings of
// one folder have one key.
func folderKey(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("data folder %q: %w", dir, err)
	}
	if target, err := filepath.EvalSymlinks(abs); err == nil {
		abs = target
	}
	if runtime.GOOS == "windows" {
		abs = strings.ToLower(abs)
	}
	sum := sha256.Sum256([]byte(abs))
	return hex.EncodeToString(sum[:8]), nil
}
