package desktop

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

// Open opens a file or folder with the program the user has for it. The error
// wraps fs.ErrNotExist if it is gone.
func Open(path string) error {
	abs, err := present(path)
	if err != nil {
		return err
	}
	return shellOpen(abs)
}

// Reveal opens the folder of a file or folder with it selected. The error wraps
// fs.ErrNotExist if it is gone.
func Reveal(path string) error {
	abs, err := present(path)
	if err != nil {
		return err
	}
	dir, err := windows.GetSystemWindowsDirectory()
	if err != nil {
		return fmt.Errorf("find Explorer: %w", err)
	}
	explorer := filepath.Join(dir, "explorer.exe")
	cmd := exec.CommandContext(context.Background(), explorer)
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: selectArgs(explorer, abs)}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start Explorer: %w", err)
	}
	return cmd.Process.Release()
}

func present(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("show %q: %w", path, err)
	}
	_, err = os.Stat(abs)
	return abs, err
}
