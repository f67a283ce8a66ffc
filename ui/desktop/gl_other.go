//go:build !windows

package desktop

// ProbeGL returns nil: here Fyne says itself that it cannot open a window, and
// ends.
func ProbeGL() (GL, error) { return GL{}, nil }

// SoftwareGL returns ErrUnsupported: Mesa draws without a graphics card by itself.
func SoftwareGL() (string, error) { return "", ErrUnsupported }

// original returns exe: there are no copies.
func original(exe string) string { return exe }
