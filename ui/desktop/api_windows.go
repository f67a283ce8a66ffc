package desktop

import "golang.org/x/sys/windows"

// The system's own libraries are loaded from its own folder, never from the
// program's.
func user32(name string) *windows.LazyProc {
	return windows.NewLazySystemDLL("user32.dll").NewProc(name)
}

func shell32(name string) *windows.LazyProc {
	return windows.NewLazySystemDLL("shell32.dll").NewProc(name)
}

func kernel32(name string) *windows.LazyProc {
	return windows.NewLazySystemDLL("kernel32.dll").NewProc(name)
}
