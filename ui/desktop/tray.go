package desktop

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf16"

	"fyne.io/fyne/v2"
)

// MenuItem is one entry of the tray's menu.
type MenuItem struct {
	Text     string // verbatim; "" = a separator
	Checked  bool
	Disabled bool
	Quit     bool // ends the program; the desktop may put it last
	Do       func()
	Items    []MenuItem // a submenu in place of Do
}

// TrayConfig is what a Tray is made with. The zero value is a tray without menu
// that does nothing. The functions run on the tray's goroutine and must not wait:
// they hand over to the window with fyne.Do.
type TrayConfig struct {
	App   fyne.App // required but on Windows
	Icon  []byte   // PNG; Windows takes the one in the program's file
	Tip   string
	Menu  []MenuItem
	Click func() // the icon was clicked, or the keyboard's equal
	Toast func() // a toast was clicked
}

// maxToasts is how many toasts wait for a system that is slow to show them; more
// are dropped, the oldest first.
const maxToasts = 8

// Tray is the program's icon in the notification area, with tooltip, menu and
// toasts. Its methods may be called from any goroutine, do not wait, and take
// effect while Run runs; what was set before Run is shown when it begins.
type Tray struct {
	cfg TrayConfig

	mu     sync.Mutex
	tip    string
	menu   []MenuItem
	toasts []toast
	wake   func() // nil while Run does not run

	system traySystem
}

type toast struct{ title, text string }

// NewTray makes a tray that Run shows.
func NewTray(cfg TrayConfig) *Tray {
	return &Tray{cfg: cfg, tip: cfg.Tip, menu: cfg.Menu}
}

// SetTip replaces the tooltip, which may have several lines.
func (t *Tray) SetTip(tip string) {
	t.change(func() bool {
		same := t.tip == tip
		t.tip = tip
		return !same
	})
}

// SetMenu replaces the menu.
func (t *Tray) SetMenu(menu []MenuItem) {
	t.change(func() bool {
		t.menu = menu
		return true
	})
}

// ShowToast shows a message for some seconds. Title and text are shown as they
// are, shortened to what the system shows.
func (t *Tray) ShowToast(title, text string) {
	t.change(func() bool {
		t.toasts = append(t.toasts, toast{title, text})
		if len(t.toasts) > maxToasts {
			t.toasts = t.toasts[1:]
		}
		return true
	})
}

func (t *Tray) change(f func() bool) {
	t.mu.Lock()
	wake := t.wake
	changed := f()
	t.mu.Unlock()
	if changed && wake != nil {
		wake()
	}
}

// begin lets changes wake the goroutine that shows them; nil ends that.
func (t *Tray) begin(wake func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wake = wake
}

// take returns what is to be shown now.
func (t *Tray) take() (tip string, menu []MenuItem, toasts []toast) {
	t.mu.Lock()
	defer t.mu.Unlock()
	toasts, t.toasts = t.toasts, nil
	return t.tip, t.menu, toasts
}

// askTime bounds one question, and is the pause between two.
const askTime = 250 * time.Millisecond

// waitFor asks until the answer is yes, once at least, for as long as patience
// lasts and ctx does not end.
func waitFor(ctx context.Context, patience time.Duration, ask func(context.Context) bool) bool {
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		one, cancel := context.WithTimeout(ctx, askTime)
		yes := ask(one)
		if yes {
			cancel()
			return true
		}
		select {
		case <-end.C:
			cancel()
			return false
		case <-ctx.Done():
			cancel()
			return false
		case <-one.Done():
			cancel()
		}
	}
}

func call(f func()) {
	if f != nil {
		f()
	}
}

// fit writes text into the fixed field of a Windows structure, which ends with a
// zero: what is too long ends in an ellipsis, never within a character, and
// control characters but line breaks become spaces.
func fit(field []uint16, text string) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, text)
	clear(field)
	units := utf16.Encode([]rune(text))
	room := len(field) - 1
	if len(units) > room {
		units = units[:room-1]
		if last := len(units) - 1; last >= 0 && utf16.IsSurrogate(rune(units[last])) && units[last] < 0xdc00 {
			units = units[:last]
		}
		units = append(units, '…')
	}
	copy(field, units)
}

// menuText keeps Windows from taking & for the mark of a key.
func menuText(s string) string { return strings.ReplaceAll(s, "&", "&&") }
