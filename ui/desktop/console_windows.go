package desktop

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// AttachConsole lets os.Stdout and os.Stderr write to the console that the program
// was started from: as a program for the window it has none of its own. What the
// user has redirected stays so. It returns nil if there is no such console.
func AttachConsole() error {
	const parent = ^uintptr(0)
	if ok, _, err := kernel32("AttachConsole").Call(parent); ok == 0 {
		if errors.Is(err, windows.ERROR_INVALID_HANDLE) || errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_GEN_FAILURE) {
			return nil // none to attach to, or attached already
		}
		return fmt.Errorf("attach to the console: %w", err)
	}
	for std, file := range map[uint32]**os.File{windows.STD_OUTPUT_HANDLE: &os.Stdout, windows.STD_ERROR_HANDLE: &os.Stderr} {
		if redirected(std) {
			continue
		}
		f, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
		if err != nil {
			return fmt.Errorf("open the console: %w", err)
		}
		*file = f
		if err := windows.SetStdHandle(std, windows.Handle(f.Fd())); err != nil {
			return fmt.Errorf("set the standard output: %w", err)
		}
	}
	return nil
}

// redirected reports whether a standard handle is a file or a pipe.
func redirected(std uint32) bool {
	h, err := windows.GetStdHandle(std)
	if err != nil || h == 0 || h == windows.InvalidHandle {
		return false
	}
	kind, err := windows.GetFileType(h)
	return err == nil && (kind == windows.FILE_TYPE_DISK || kind == windows.FILE_TYPE_PIPE)
}

// Alert shows a message box and returns when the user has closed it.
func Alert(title, text string) error {
	caption, err := windows.UTF16PtrFromString(title)
	if err != nil {
		return err
	}
	body, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return err
	}
	const iconError, setForeground = 0x10, 0x10000
	_, err = windows.MessageBox(0, body, caption, iconError|setForeground)
	return err
}
