//go:build !windows

package desktop

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Open opens a file or folder with the program the user has for it. The error
// wraps fs.ErrNotExist if it is gone, ErrUnsupported if there is no xdg-open.
func Open(path string) error {
	abs, err := present(path)
	if err != nil {
		return err
	}
	opener, err := exec.LookPath("xdg-open")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	cmd := exec.CommandContext(context.Background(), opener, abs) //nolint:gosec // one absolute path is the only argument
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("open %s: %w", abs, err)
	}
	return cmd.Process.Release()
}

// Reveal opens the folder of a file or folder with it selected, by the file
// manager's D-Bus service, else the folder alone. The error wraps fs.ErrNotExist if
// it is gone.
func Reveal(path string) error {
	abs, err := present(path)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), talkTime)
	defer cancel()
	const to = "org.freedesktop.FileManager1"
	err = exec.CommandContext(ctx, "dbus-send", "--session", "--print-reply", "--dest="+to, "--type=method_call", //nolint:gosec // the address is escaped
		"/org/freedesktop/FileManager1", to+".ShowItems", "array:string:"+fileURL(abs), "string:").Run()
	if err == nil {
		return nil
	}
	return Open(filepath.Dir(abs))
}

func present(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("show %q: %w", path, err)
	}
	_, err = os.Stat(abs)
	return abs, err
}
