package desktop

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Messages and flags of the Windows API, named as there.
const (
	wmDestroy, wmClose, wmContextMenu, wmUser, wmApp = 0x02, 0x10, 0x7b, 0x400, 0x8000
	ninSelect, ninKeySelect, ninBalloonUserClick     = wmUser, wmUser + 1, wmUser + 5
	nimAdd, nimModify, nimDelete, nimSetVersion      = 0, 1, 2, 4
	nifMessage, nifIcon, nifTip, nifInfo, nifShowTip = 1, 2, 4, 0x10, 0x80
	niifUser, niifLargeIcon, niifQuietTime           = 4, 0x20, 0x80
	mfGrayed, mfChecked, mfPopup, mfSeparator        = 1, 8, 0x10, 0x800
	tpmReturnCmd, tpmNoNotify, tpmRightButton        = 0x100, 0x80, 2
	notifyVersion                                    = 4

	msgIcon = wmApp     // from the shell: something happened to the icon
	msgWake = wmApp + 1 // from change: something is to be shown
)

// notifyIconData is NOTIFYICONDATAW of 64-bit Windows, 976 bytes.
type notifyIconData struct {
	size               uint32
	wnd                uintptr
	id, flags, message uint32
	icon               uintptr
	tip                [128]uint16
	state, stateMask   uint32
	info               [256]uint16
	version            uint32
	infoTitle          [64]uint16
	infoFlags          uint32
	guid               windows.GUID
	balloonIcon        uintptr
}

// traySystem is what Windows needs to know between two changes.
type traySystem struct {
	wnd        uintptr
	data       notifyIconData
	menu       []MenuItem
	newTaskbar uint32 // message: Explorer was started anew
	notify     *windows.LazyProc
	def        *windows.LazyProc
	shown      bool // the taskbar has the icon; held by mu
}

// Prepare does nothing: the icon is Run's own.
func (t *Tray) Prepare() {}

// Run shows the tray until ctx ends, on a thread and with a hidden window of its
// own.
func (t *Tray) Run(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s := &t.system
	s.notify, s.def = shell32("Shell_NotifyIconW"), user32("DefWindowProcW")
	if err := t.createWindow(); err != nil {
		return fmt.Errorf("tray: %w", err)
	}
	wnd, post := s.wnd, user32("PostMessageW")
	t.begin(func() { _, _, _ = post.Call(wnd, msgWake, 0, 0) })
	defer t.begin(nil)
	stop := context.AfterFunc(ctx, func() { _, _, _ = post.Call(wnd, wmClose, 0, 0) })
	defer stop()
	t.addIcon()
	t.show()
	return loop()
}

// loop hands the thread's messages to its window until that is gone.
func loop() error {
	var msg struct {
		wnd            uintptr
		message        uint32
		wParam, lParam uintptr
		time           uint32
		x, y           int32
		private        uint32
	}
	get, translate, dispatch := user32("GetMessageW"), user32("TranslateMessage"), user32("DispatchMessageW")
	for {
		r, _, err := get.Call(uintptr(unsafe.Pointer(&msg)), 0, 0, 0)
		switch int32(r) {
		case -1:
			return fmt.Errorf("tray: %w", err)
		case 0:
			return nil
		}
		_, _, _ = translate.Call(uintptr(unsafe.Pointer(&msg)))
		_, _, _ = dispatch.Call(uintptr(unsafe.Pointer(&msg)))
	}
}

func (t *Tray) createWindow() error {
	s := &t.system
	class, err := windows.UTF16PtrFromString(fmt.Sprintf("SwarmbidTray%p", t))
	if err != nil {
		return err
	}
	taskbar, err := windows.UTF16PtrFromString("TaskbarCreated")
	if err != nil {
		return err
	}
	r, _, _ := user32("RegisterWindowMessageW").Call(uintptr(unsafe.Pointer(taskbar)))
	s.newTaskbar = uint32(r)
	wc := struct {
		size, style                        uint32
		proc                               uintptr
		classExtra, wndExtra               int32
		instance, icon, cursor, background uintptr
		menuName, className                *uint16
		smallIcon                          uintptr
	}{proc: windows.NewCallback(t.windowProc), className: class}
	wc.size = uint32(unsafe.Sizeof(wc))
	if r, _, err = user32("RegisterClassExW").Call(uintptr(unsafe.Pointer(&wc))); r == 0 {
		return fmt.Errorf("register a window class: %w", err)
	}
	const popup = 0x80000000 // top level: only such windows hear of a new taskbar
	if s.wnd, _, err = user32("CreateWindowExW").Call(0, uintptr(unsafe.Pointer(class)), 0, popup, 0, 0, 0, 0, 0, 0, 0, 0); s.wnd == 0 {
		return fmt.Errorf("create a window: %w", err)
	}
	return nil
}

// addIcon puts the icon into the notification area. Without a taskbar it fails,
// and Windows sends newTaskbar when there is one.
func (t *Tray) addIcon() {
	s := &t.system
	tip, _ := t.peek()
	s.data = notifyIconData{wnd: s.wnd, id: 1, flags: nifMessage | nifIcon | nifTip | nifShowTip, message: msgIcon, icon: ownIcon(16), balloonIcon: ownIcon(32)}
	s.data.size = uint32(unsafe.Sizeof(s.data))
	fit(s.data.tip[:], tip)
	t.taken(t.notifyShell(nimAdd))
	s.data.version = notifyVersion
	t.notifyShell(nimSetVersion)
}

// peek returns the tooltip and how many toasts wait.
func (t *Tray) peek() (tip string, toasts int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tip, len(t.toasts)
}

// notifyShell fails while there is no taskbar; newTaskbar makes up for it.
func (t *Tray) notifyShell(what uintptr) bool {
	ok, _, _ := t.system.notify.Call(what, uintptr(unsafe.Pointer(&t.system.data)))
	return ok != 0
}

func (t *Tray) taken(ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.system.shown = ok
}

// Available is whether the taskbar has the icon. After the login Explorer may come
// later and is waited for.
func (t *Tray) Available(ctx context.Context, patience time.Duration) bool {
	return waitFor(ctx, patience, func(context.Context) bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.system.shown
	})
}

// show carries out what change has set.
func (t *Tray) show() {
	s := &t.system
	tip, menu, toasts := t.take()
	s.menu = menu
	s.data.flags = nifTip | nifShowTip
	fit(s.data.tip[:], tip)
	t.notifyShell(nimModify)
	for _, n := range toasts {
		s.data.flags, s.data.infoFlags = nifInfo|nifTip|nifShowTip, niifUser|niifLargeIcon|niifQuietTime
		fit(s.data.infoTitle[:], n.title)
		fit(s.data.info[:], n.text)
		t.notifyShell(nimModify)
	}
}

// windowProc is the window's own; Windows calls it on the thread of Run.
func (t *Tray) windowProc(wnd uintptr, msg uint32, w, l uintptr) uintptr {
	s := &t.system
	switch {
	case msg == msgWake:
		t.show()
	case msg == msgIcon:
		t.iconEvent(uint32(l) & 0xffff)
	case msg == wmClose:
		t.notifyShell(nimDelete)
		_, _, _ = user32("DestroyWindow").Call(wnd)
	case msg == wmDestroy:
		_, _, _ = user32("PostQuitMessage").Call(0)
	case msg == s.newTaskbar && msg != 0:
		t.addIcon()
	default:
		r, _, _ := s.def.Call(wnd, uintptr(msg), w, l)
		return r
	}
	return 0
}

func (t *Tray) iconEvent(event uint32) {
	switch event {
	case ninSelect, ninKeySelect:
		call(t.cfg.Click)
	case ninBalloonUserClick:
		call(t.cfg.Toast)
	case wmContextMenu:
		if it, err := t.popUp(); err == nil {
			call(it.Do)
		}
	}
}

// popUp shows the menu at the pointer and returns what was chosen.
func (t *Tray) popUp() (MenuItem, error) {
	s := &t.system
	var chosen []MenuItem // by identifier, from 1
	m, err := buildMenu(s.menu, &chosen)
	if err != nil {
		return MenuItem{}, fmt.Errorf("tray menu: %w", err)
	}
	defer user32("DestroyMenu").Call(m) //nolint:errcheck // nothing is left to do
	var at struct{ x, y int32 }
	_, _, _ = user32("GetCursorPos").Call(uintptr(unsafe.Pointer(&at)))
	// Without the foreground the menu would not close when the user clicks elsewhere.
	_, _, _ = user32("SetForegroundWindow").Call(s.wnd)
	n, _, _ := user32("TrackPopupMenu").Call(m, tpmReturnCmd|tpmNoNotify|tpmRightButton, uintptr(at.x), uintptr(at.y), 0, s.wnd, 0)
	if n == 0 || int(n) > len(chosen) {
		return MenuItem{}, errNothingChosen
	}
	return chosen[n-1], nil
}

// buildMenu makes a menu of items, numbers them and adds them to ids. A submenu
// belongs to its menu and is destroyed with it.
func buildMenu(items []MenuItem, ids *[]MenuItem) (uintptr, error) {
	m, _, err := user32("CreatePopupMenu").Call()
	if m == 0 {
		return 0, err
	}
	for _, it := range items {
		text, err := windows.UTF16PtrFromString(menuText(it.Text))
		id := uintptr(0)
		if err == nil && len(it.Items) > 0 {
			id, err = buildMenu(it.Items, ids)
		} else {
			*ids = append(*ids, it)
			id = uintptr(len(*ids))
		}
		if err != nil {
			_, _, _ = user32("DestroyMenu").Call(m)
			return 0, err
		}
		_, _, _ = user32("AppendMenuW").Call(m, menuFlags(it), id, uintptr(unsafe.Pointer(text)))
	}
	return m, nil
}

var errNothingChosen = errors.New("tray menu: nothing chosen")

func menuFlags(it MenuItem) uintptr {
	flags := uintptr(0)
	if it.Text == "" {
		flags |= mfSeparator
	}
	if len(it.Items) > 0 {
		flags |= mfPopup
	}
	if it.Checked {
		flags |= mfChecked
	}
	if it.Disabled {
		flags |= mfGrayed
	}
	return flags
}

// ownIcon loads the icon in the program's file, the system's for programs if it
// has none.
func ownIcon(size uintptr) uintptr {
	const imageIcon, idiApplication = 1, 32512
	var module windows.Handle
	if err := windows.GetModuleHandleEx(0, nil, &module); err != nil {
		return 0
	}
	name, err := windows.UTF16PtrFromString("APP")
	if err != nil {
		return 0
	}
	if h, _, _ := user32("LoadImageW").Call(uintptr(module), uintptr(unsafe.Pointer(name)), imageIcon, size, size, 0); h != 0 {
		return h
	}
	h, _, _ := user32("LoadIconW").Call(0, idiApplication)
	return h
}
