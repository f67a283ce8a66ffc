package ui

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"swarmbid/ui/desktop"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
)

// Tray is the program's icon in the notification area; *desktop.Tray is one. Its
// methods may be called from any goroutine, and only Available waits.
type Tray interface {
	SetTip(tip string)
	SetMenu(items []desktop.MenuItem)
	ShowToast(title, text string)
	// Available is whether the user sees the icon; it waits for patience until the
	// answer is yes.
	Available(ctx context.Context, patience time.Duration) bool
}

// Desktop is what the window needs of the desktop around it; package app gives
// what ui/desktop has. A nil field is something this desktop lacks. The functions
// may wait; the window calls them beside its main goroutine.
type Desktop struct {
	Tray         Tray
	Minimises    bool                                 // the program hears when the window is minimised
	Sparse       bool                                 // the program decides whether files are sparse
	Reveal       func(path string) error              // shows a file in its folder
	Associations func() (desktop.Associations, error) // what opens with the program
	Associate    func() error                         // repairs that
	Defaults     func() error                         // shows the desktop's page for it
	// Power puts the computer to rest: at once for Hibernate and Standby, after the
	// program has ended for Shutdown.
	Power func(ctx context.Context, d view.Deed) error
}

// closeWindow is what closing the window does: it goes to the tray if the user
// wants that and there is one, else the program ends.
func (u *UI) closeWindow() { u.toTray(u.prefs.CloseToTray, u.quit) }

// Minimised is called when the window was minimised.
func (u *UI) Minimised() { u.toTray(u.prefs.MinimiseToTray, func() {}) }

// toTray hides the window if it is wanted and there is an icon to show it again
// with, else it does what else says: a window must not vanish.
func (u *UI) toTray(want bool, orElse func()) {
	tray := u.p.Desktop.Tray
	if !want || tray == nil {
		orElse()
		return
	}
	shown := false
	u.do("do.tray", func(ctx context.Context) error {
		shown = tray.Available(ctx, 0)
		return nil
	}, func() {
		if !shown {
			orElse()
			return
		}
		u.SaveState()
		u.win.Hide()
		u.hidden = true
	})
}

// loginTime is how long the icon may take to appear after a login.
const loginTime = 20 * time.Second

// Start shows the window, or, if it is to begin in the tray, only the icon: shown
// is then called beside the main goroutine to find out whether there is one.
func (u *UI) Start(inTray bool) {
	if !inTray {
		u.Show()
		return
	}
	u.hidden = true
	tray, shown := u.p.Desktop.Tray, false
	u.enqueue(u.slow, func(ctx context.Context) {
		shown = tray != nil && tray.Available(ctx, loginTime)
		if !shown {
			fyne.Do(u.Raise)
		}
	})
}

// openFolder shows the data of the current torrent in its folder.
func (u *UI) openFolder() {
	if t := u.frame.find(u.current()); t != nil {
		u.reveal(func(ctx context.Context) (file, folder string) { return u.pathOf(ctx, t), t.SavePath })
	}
}

// showFile shows what is under the cursor of the Files tab in its folder.
func (u *UI) showFile() {
	t, f := u.frame.find(u.current()), u.parts.tabs.files
	n := f.item(f.table.CursorRow())
	if t == nil || n == nil {
		u.openFolder()
		return
	}
	u.reveal(func(ctx context.Context) (file, folder string) {
		p := u.nodePath(ctx, t, n)
		return p, filepath.Dir(p)
	})
}

// reveal shows a file in its folder, or opens the folder if the file is not there
// or the desktop cannot select it.
func (u *UI) reveal(where func(ctx context.Context) (file, folder string)) {
	u.do("do.open", func(ctx context.Context) error {
		file, folder := where(ctx)
		if u.p.Desktop.Reveal != nil {
			if err := u.p.Desktop.Reveal(file); err == nil || u.p.Open == nil {
				return err
			}
		}
		return u.p.Open(folder)
	}, nil)
}

// deskOf is the desktop as the preferences show it.
func (u *UI) deskOf() *dialogs.Desktop {
	d := &u.p.Desktop
	out := &dialogs.Desktop{Tray: d.Tray != nil, Minimises: d.Minimises, Sparse: d.Sparse, Autostart: d.Associations != nil}
	if d.Associations == nil || d.Associate == nil {
		return out
	}
	check := func(before func() error) func(done func(string)) {
		return func(done func(string)) {
			var words string
			u.do("do.associate", func(context.Context) error {
				if before != nil {
					if err := before(); err != nil {
						return err
					}
				}
				a, err := d.Associations()
				words = u.opens(a)
				return err
			}, func() { done(words) })
		}
	}
	out.Check, out.Repair = check(nil), check(d.Associate)
	if d.Defaults != nil {
		out.Defaults = func() { u.do("do.associate", func(context.Context) error { return d.Defaults() }, nil) }
	}
	return out
}

// opens says what opens with the program.
func (u *UI) opens(a desktop.Associations) string {
	l := u.loc
	yes := func(is bool) string {
		if is {
			return l.T("opens.us", u.p.Name)
		}
		return l.T("opens.other")
	}
	lines := []string{l.T("opens.torrent", yes(a.Torrent)), l.T("opens.magnet", yes(a.Magnet))}
	if !a.Registered {
		lines = append(lines, l.T("opens.unknown", u.p.Name))
	}
	return strings.Join(lines, "\n")
}

// ShowCrash tells the user that the run before this one crashed. file is where
// the report is kept.
func (u *UI) ShowCrash(report, file string) {
	var folder func()
	if u.p.Desktop.Reveal != nil || u.p.Open != nil {
		folder = func() {
			u.reveal(func(context.Context) (string, string) { return file, filepath.Dir(file) })
		}
	}
	u.host().Crash(report, file, func() { u.copy(report) }, folder)
}
