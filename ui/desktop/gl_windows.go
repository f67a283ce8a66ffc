package desktop

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// ProbeGL makes an OpenGL context on a window that is never shown and says what it
// is. The error is ErrNoGL if Fyne could not draw with it. It takes some tens of
// milliseconds and must be called before Fyne's app is made.
func ProbeGL() (GL, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	class, err := windows.UTF16PtrFromString("STATIC")
	if err != nil {
		return GL{}, err
	}
	const popup = 0x80000000
	wnd, _, err := user32("CreateWindowExW").Call(0, uintptr(unsafe.Pointer(class)), 0, popup, 0, 0, 8, 8, 0, 0, 0, 0)
	if wnd == 0 {
		return GL{}, fmt.Errorf("%w: create a window: %w", ErrNoGL, err)
	}
	defer user32("DestroyWindow").Call(wnd) //nolint:errcheck // ends with the process at the latest
	dc, _, err := user32("GetDC").Call(wnd)
	if dc == 0 {
		return GL{}, fmt.Errorf("%w: device context: %w", ErrNoGL, err)
	}
	defer user32("ReleaseDC").Call(wnd, dc) //nolint:errcheck // goes with the window
	if err := choosePixels(dc); err != nil {
		return GL{}, err
	}
	g, err := readGL(dc)
	if err != nil {
		return g, err
	}
	return g, g.check()
}

func choosePixels(dc uintptr) error {
	const drawToWindow, supportOpenGL, doubleBuffer = 4, 0x20, 1
	// PIXELFORMATDESCRIPTOR, 40 bytes
	format := struct {
		size, version         uint16
		flags                 uint32
		pixelType, colourBits byte
		_                     [12]byte
		_, depthBits, _, _    byte
		_, _                  byte
		_                     [12]byte
	}{size: 40, version: 1, flags: drawToWindow | supportOpenGL | doubleBuffer, colourBits: 32, depthBits: 24}
	gdi := windows.NewLazySystemDLL("gdi32.dll")
	n, _, err := gdi.NewProc("ChoosePixelFormat").Call(dc, uintptr(unsafe.Pointer(&format)))
	if n == 0 {
		return fmt.Errorf("%w: no pixel format: %w", ErrNoGL, err)
	}
	if ok, _, err := gdi.NewProc("SetPixelFormat").Call(dc, n, uintptr(unsafe.Pointer(&format))); ok == 0 {
		return fmt.Errorf("%w: set the pixel format: %w", ErrNoGL, err)
	}
	return nil
}

func readGL(dc uintptr) (GL, error) {
	// The program has the same library open: the one beside it where SoftwareGL made
	// the copy, else the system's.
	gl := windows.NewLazyDLL("opengl32.dll")
	rc, _, err := gl.NewProc("wglCreateContext").Call(dc)
	if rc == 0 {
		return GL{}, fmt.Errorf("%w: create a context: %w", ErrNoGL, err)
	}
	makeCurrent := gl.NewProc("wglMakeCurrent")
	defer gl.NewProc("wglDeleteContext").Call(rc) //nolint:errcheck // goes with the window
	if ok, _, err := makeCurrent.Call(dc, rc); ok == 0 {
		return GL{}, fmt.Errorf("%w: use the context: %w", ErrNoGL, err)
	}
	defer makeCurrent.Call(0, 0) //nolint:errcheck // as above
	get := func(what uintptr) string {
		p, _, _ := gl.NewProc("glGetString").Call(what)
		if p == 0 {
			return ""
		}
		return windows.BytePtrToString(*(**byte)(unsafe.Pointer(&p)))
	}
	const version, renderer = 0x1f02, 0x1f01
	return GL{Version: get(version), Renderer: get(renderer)}, nil
}

// softwareDir is the folder beside the program in which a user may put a library
// that draws without a graphics card. Beside the program itself it would be taken
// by everybody.
const softwareDir = "sw"

// SoftwareGL makes a copy of the program beside sw\opengl32.dll, by a hard link
// where the drive has such, and returns its path: started, it draws with that
// library. The error is ErrUnsupported if there is none or this is the copy.
func SoftwareGL() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the program's own file: %w", err)
	}
	dir := filepath.Join(filepath.Dir(exe), softwareDir)
	if original(exe) != exe {
		return "", fmt.Errorf("%w: this is the copy for software rendering", ErrUnsupported)
	}
	if _, err := os.Stat(filepath.Join(dir, "opengl32.dll")); err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	twin := filepath.Join(dir, filepath.Base(exe))
	if err := os.Remove(twin); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("replace the copy for software rendering: %w", err)
	}
	if os.Link(exe, twin) == nil {
		return twin, nil
	}
	b, err := os.ReadFile(exe)
	if err == nil {
		err = os.WriteFile(twin, b, 0o700)
	}
	if err != nil {
		return "", fmt.Errorf("make the copy for software rendering: %w", err)
	}
	return twin, nil
}

// original returns the program that exe is a copy of for software rendering, else
// exe.
func original(exe string) string {
	dir := filepath.Dir(exe)
	if !strings.EqualFold(filepath.Base(dir), softwareDir) {
		return exe
	}
	if up := filepath.Join(filepath.Dir(dir), filepath.Base(exe)); isFile(up) {
		return up
	}
	return exe
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}
