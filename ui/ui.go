package ui

import (
	"context"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"swarmbid/assets"
	"swarmbid/engine/swarm"
	"swarmbid/ui/desktop"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// Params are what a UI is made with. App, Engine and Settings are required.
type Params struct {
	App      fyne.App
	Engine   Engine
	Settings Settings
	Wallet   Wallet       // nil = there is no wallet page
	Feeds    Feeds        // nil = there are no feeds
	Log      *slog.Logger // nil = none
	Book     *LogBook     // the lines of the Log tab; nil = an empty one
	Name     string       // of the program, for title and About; "" = Swarmbid
	Version  string       // for About

	// Open opens a file or folder in the desktop; nil = nothing can be opened.
	Open func(path string) error
	// Free returns the free bytes of the drive of a folder; nil or an error =
	// unknown. It may wait.
	Free func(dir string) (int64, error)
	// Networks lists the networks of this computer; nil = none is known.
	Networks func() []desktop.Network
	// Lookup returns the name of an address (reverse DNS); nil = none has one. It
	// may wait and is called only if the user wants names.
	Lookup func(ctx context.Context, a netip.Addr) (string, error)
	// ErrName returns the name of the sentinel error err wraps, as "ErrDuplicate",
	// for view.Explain; nil or "" = none that has words.
	ErrName func(err error) string
	// Desktop is the desktop around the program; the zero value offers nothing.
	Desktop Desktop
	// Picker picks files and folders; nil = the dialogs of the desktop.
	Picker Picker
	// SystemLanguage is the code of the language of the desktop, as "de"; "" = en.
	SystemLanguage string
	// Zone is the time zone of all times shown; nil = time.Local.
	Zone *time.Location
}

// UI is the main window. Its methods, but for Follow, belong to Fyne's main
// goroutine.
type UI struct {
	p       Params
	win     fyne.Window
	loc     *view.Locale
	state   State
	prefs   Prefs
	closed  bool
	hidden  bool             // in the tray
	noticed map[string]uint8 // notices about money by ID: how far they were shown
	vigil   view.Vigil
	count   *dialogs.Notice // the countdown to what vigil wants; nil = none
	tray    string          // what the tray's menu says
	message message         // shown in the status bar until the next command

	// what Follow is asked to show, and how it is woken
	ask     atomic.Pointer[ask]
	wake    chan struct{}
	pending atomic.Bool // a frame waits for the main goroutine
	missed  atomic.Bool // and there was a change since
	jobs    chan job
	slow    chan job

	keeper  keeper
	hosts   hosts
	history view.History // Follow's own

	frame *frame // shown last; never nil
	parts parts
}

// A window that is smaller was never seen, and gets the size of a new one.
const minWidth, minHeight = 300, 200

// New makes the window and fills it with the present snapshot. Show shows it.
func New(p Params) *UI {
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	if p.Book == nil {
		p.Book = NewLogBook(1)
	}
	if p.Name == "" {
		p.Name = "Swarmbid"
	}
	if p.Picker == nil {
		p.Picker = desktopPicker{}
	}
	if p.Zone == nil {
		p.Zone = time.Local
	}
	u := &UI{p: p, wake: make(chan struct{}, 1), jobs: make(chan job, maxJobs), slow: make(chan job, maxJobs)}
	u.state, u.prefs = p.Settings.State(), p.Settings.Prefs()
	u.frame = &frame{snap: &swarm.Snapshot{}, ask: &ask{}}
	u.win = p.App.NewWindow(p.Name)
	u.win.SetPadded(false)
	u.win.SetIcon(fyne.NewStaticResource("icon.png", assets.AppIcon()))
	u.win.SetOnDropped(u.dropped)
	u.win.SetCloseIntercept(u.closeWindow)
	u.win.Canvas().SetOnTypedKey(u.typedKey)
	if u.state.Width < minWidth || u.state.Height < minHeight {
		u.state.Width, u.state.Height = 1180, 720
	}
	u.dress()
	u.win.Resize(fyne.NewSize(u.state.Width, u.state.Height))
	u.now()
	return u
}

// dress gives the window its language and theme and makes its content anew.
func (u *UI) dress() {
	mode := map[string]widgets.Mode{"light": widgets.Light, "dark": widgets.Dark}[u.prefs.Theme]
	u.p.App.Settings().SetTheme(&widgets.Theme{Mode: mode})
	u.loc = u.locale(u.prefs.Language)
	u.makeContent()
	u.publish()
}

// locale loads the words of a language, of the system's when lang is "".
func (u *UI) locale(lang string) *view.Locale {
	if lang == "" {
		lang = u.p.SystemLanguage
	}
	if assets.Words(lang) == nil {
		lang = assets.Languages()[0]
	}
	l, err := view.ParseLocale(lang, assets.Words(lang), u.p.Zone)
	if err != nil {
		u.p.Log.Error("words cannot be read", "language", lang, "err", err)
		l = &view.Locale{}
	}
	u.forceFyne(l)
	return l
}

// Window returns the Fyne window.
func (u *UI) Window() fyne.Window { return u.win }

// Show shows the window and gives the list the keyboard.
func (u *UI) Show() {
	u.hidden = false
	u.win.Show()
	u.focusList()
	u.firstRun()
}

func (u *UI) focusList() { u.win.Canvas().Focus(u.inFront()) }

// Raise brings the window to the front, for a second start of the program.
func (u *UI) Raise() {
	u.hidden = false
	desktop.Raise(u.win)
	u.firstRun()
}

// Quit ends the program as the user's own wish does.
func (u *UI) Quit() { u.quit() }

// quit is what the menu, the tray and Ctrl+Q do: it asks, unless told not to or
// nothing runs, and ends the program.
func (u *UI) quit() {
	down, up := 0, 0
	for i := range u.frame.snap.Torrents {
		switch u.frame.snap.Torrents[i].State {
		case swarm.Downloading, swarm.Metadata, swarm.Checking, swarm.Moving:
			down++
		case swarm.Seeding:
			up++
		case swarm.Stopped, swarm.Queued, swarm.QueuedSeed, swarm.Paused, swarm.Finished, swarm.Errored:
		}
	}
	if !u.prefs.ConfirmExit || down+up == 0 {
		u.leave()
		return
	}
	if u.hidden {
		u.Raise() // so that the question is seen
	}
	if u.busy() {
		return
	}
	a := view.Advice{What: u.loc.T("exit.ask", u.loc.Int(int64(down)), u.loc.Int(int64(up))), Do: u.loc.T("exit.note")}
	u.host().Confirm(u.loc.T("exit.title"), a, u.loc.T("exit.ok"), u.leave)
}

// leave keeps the layout and ends the program's main loop.
func (u *UI) leave() {
	u.SaveState()
	u.closed = true
	u.p.App.Quit()
}

// typedKey sees the keys while nothing has the focus: F10 opens the menu, all
// others go to the list.
func (u *UI) typedKey(e *fyne.KeyEvent) {
	if u.menuKey(e) {
		return
	}
	u.focusList()
	u.inFront().TypedKey(e)
}

// menuKey opens the menu on F10 and reports whether it was that.
func (u *UI) menuKey(e *fyne.KeyEvent) bool {
	if e.Name == fyne.KeyF10 {
		u.parts.menu.Open(0)
		return true
	}
	return false
}

// now shows the present state without Follow, before the window is seen.
func (u *UI) now() {
	u.apply(u.build(context.Background(), u.ask.Load()))
}
