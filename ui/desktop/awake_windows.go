package desktop

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// awakeSystem is a power request, which powercfg /requests shows with its reason.
type awakeSystem struct{ request windows.Handle }

const systemRequired = 1 // PowerRequestSystemRequired

func (s *awakeSystem) begin(why string) error {
	reason, err := windows.UTF16PtrFromString(why)
	if err != nil {
		return fmt.Errorf("stay awake: %w", err)
	}
	// REASON_CONTEXT with a simple string
	context := struct {
		version, flags uint32
		reason         *uint16
		_              [2]uintptr
	}{flags: 1, reason: reason}
	h, _, err := kernel32("PowerCreateRequest").Call(uintptr(unsafe.Pointer(&context)))
	if request := windows.Handle(h); h == 0 || request == windows.InvalidHandle {
		return fmt.Errorf("stay awake: %w: %w", ErrUnsupported, err)
	}
	if ok, _, err := kernel32("PowerSetRequest").Call(h, systemRequired); ok == 0 {
		return errors.Join(fmt.Errorf("stay awake: %w", err), windows.CloseHandle(windows.Handle(h)))
	}
	s.request = windows.Handle(h)
	return nil
}

// end closes the request, which takes it back.
func (s *awakeSystem) end() error {
	if err := windows.CloseHandle(s.request); err != nil {
		return fmt.Errorf("let the computer sleep: %w", err)
	}
	*s = awakeSystem{}
	return nil
}
