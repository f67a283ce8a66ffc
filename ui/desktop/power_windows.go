package desktop

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// PowerOff shuts the computer down. Programs with unsaved work may refuse. The
// user was warned before.
func PowerOff(context.Context) error {
	if err := enableShutdown(); err != nil {
		return err
	}
	text, err := windows.UTF16PtrFromString("Swarmbid: downloads are done.")
	if err != nil {
		return err
	}
	const planned = 0x80000000 // SHTDN_REASON_FLAG_PLANNED
	if err := windows.InitiateSystemShutdownEx(nil, text, 0, false, false, planned); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}

// Hibernate puts the computer to sleep without power.
func Hibernate(context.Context) error { return sleep(1) }

// Suspend puts the computer to sleep.
func Suspend(context.Context) error { return sleep(0) }

func sleep(hibernate uintptr) error {
	if err := enableShutdown(); err != nil {
		return err
	}
	suspend := windows.NewLazySystemDLL("powrprof.dll").NewProc("SetSuspendState")
	if ok, _, err := suspend.Call(hibernate, 0, 0); ok == 0 {
		return fmt.Errorf("sleep: %w", err)
	}
	return nil
}

// enableShutdown turns on the privilege that every user's processes have and
// that is off at first.
func enableShutdown() error {
	var token windows.Token
	if err := windows.OpenProcessToken(windows.CurrentProcess(), windows.TOKEN_ADJUST_PRIVILEGES|windows.TOKEN_QUERY, &token); err != nil {
		return fmt.Errorf("shutdown privilege: %w", err)
	}
	name, err := windows.UTF16PtrFromString("SeShutdownPrivilege")
	if err != nil {
		return errors.Join(err, token.Close())
	}
	p := windows.Tokenprivileges{PrivilegeCount: 1}
	p.Privileges[0].Attributes = windows.SE_PRIVILEGE_ENABLED
	err = windows.LookupPrivilegeValue(nil, name, &p.Privileges[0].Luid)
	if err == nil {
		err = windows.AdjustTokenPrivileges(token, false, &p, uint32(unsafe.Sizeof(p)), nil, nil)
	}
	if err = errors.Join(err, token.Close()); err != nil {
		return fmt.Errorf("shutdown privilege: %w", err)
	}
	return nil
}
