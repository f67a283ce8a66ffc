//go:build !windows

package desktop

// AttachConsole returns nil: standard output is what it is.
func AttachConsole() error { return nil }

// Alert returns ErrUnsupported: the caller writes to standard error.
func Alert(title, text string) error { return ErrUnsupported }
