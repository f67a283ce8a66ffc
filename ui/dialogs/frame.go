package dialogs

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// Host is where dialogs open and what they need of it.
type Host struct {
	Canvas fyne.Canvas
	Locale *view.Locale

	// PickFolder lets the user choose a folder, beginning at start, and calls
	// done on the main goroutine unless the user cancels.
	PickFolder func(start string, done func(dir string))
	// PickFile and PickSave do so for a file to read and the name of one to write.
	PickFile, PickSave func(start string, done func(path string))
	// Free finds out the free bytes of the drive of a folder and calls done on
	// the main goroutine; n < 0 is unknown.
	Free func(dir string, done func(n int64))
	// Desktop is the desktop around the program; nil = nothing is known of it.
	Desktop *Desktop
	// PortTest finds out whether peers reach us and says it in up to three lines, on
	// the main goroutine; it does not wait. nil = there is no such test.
	PortTest func(done func(words string))
	// Networks lists the networks of this computer as choices, with words in place of
	// keys; nil = none is known.
	Networks func() []Choice
	// Network names the network this machine is in; "" = none. nil = it is unknown.
	Network func() string
	// Usage finds out the traffic of the last days, or forgets it, and calls done on the
	// main goroutine with what there is then, oldest first; it does not wait. nil =
	// nothing is known.
	Usage func(reset bool, done func([]swarm.Day))
}

// Frame is an open dialog: a titled card over the dimmed window.
type Frame struct {
	widget.BaseWidget

	Title    string
	OnClosed func() // after the dialog is gone, however it went

	canvas  fyne.Canvas
	keys    *keys
	wish    fyne.Size
	content fyne.CanvasObject
	buttons []*Button
	before  func(*fyne.KeyEvent) // of the canvas, restored on closing
	focus   fyne.Focusable       // of the window, restored on closing
	gone    bool
	opened  string // by which function
	tips    *tipper

	adder   *adder       // of an add dialog, for its tests
	prefs   *preferences // of the preferences, for theirs
	maker   *creator     // of a dialog that makes torrents
	props   *properties  // of properties
	guide   *guide       // of a step of the guide
	filters *filters     // of the filters of feeds

	backdrop, card, bar, line *canvas.Rectangle
	title                     *canvas.Text
	foot                      *fyne.Container
}

// keys carries what Enter and Escape do to the fields of a dialog, which are
// made before the frame.
type keys struct {
	enter, escape func()
	seen          func(fyne.CanvasObject) // a field has got the keyboard; may be nil
	tips          *tipper                 // nil = the dialog is not open
}

// over tells the dialog that the pointer is on a field with a tip.
func (k *keys) over(tip string, at fyne.Position) {
	if k.tips != nil {
		k.tips.over(tip, at)
	}
}

// leave tells the dialog that the pointer is no longer on the field.
func (k *keys) leave() {
	if k.tips != nil {
		k.tips.leave()
	}
}

// show tells the dialog which field has got the keyboard.
func (k *keys) show(o fyne.CanvasObject) {
	k.leave()
	if k.seen != nil {
		k.seen(o)
	}
}

// handle runs Enter, Escape or F1 and reports whether it was one.
func (k *keys) handle(e *fyne.KeyEvent) bool {
	k.leave()
	switch e.Name {
	case fyne.KeyF1:
		if k.tips != nil {
			k.tips.help()
		}
		return true
	case fyne.KeyEscape:
		if k.escape != nil {
			k.escape()
		}
		return true
	case fyne.KeyReturn, fyne.KeyEnter:
		if k.enter != nil {
			k.enter()
		}
		return true
	default:
	}
	return false
}

// spec describes a dialog to open.
type spec struct {
	title   string
	content fyne.CanvasObject
	size    fyne.Size      // least size of the card
	keys    *keys          // the one its fields were made with
	ok      string         // words of the default button; "" = there is only cancel
	cancel  string         // words of the other one; "" = there is only ok
	danger  bool           // ok destroys something
	onOK    func() bool    // checks; false keeps the dialog open
	then    func()         // acts, after the dialog is gone: it may open another
	focus   fyne.Focusable // nil = the default button
	foot    fyne.CanvasObject
}

const (
	titleHeight = float32(32)
	framePad    = float32(14)
	buttonWidth = float32(88)
)

// open shows a dialog.
func (h *Host) open(s spec) *Frame {
	f := &Frame{Title: s.title, canvas: h.Canvas, keys: s.keys, wish: s.size, content: s.content, opened: opener()}
	if f.keys == nil {
		f.keys = &keys{}
	}
	f.tips = newTipper(f)
	f.keys.tips = f.tips
	f.keys.escape = f.Close
	f.keys.enter = f.Close
	if s.ok != "" {
		f.keys.enter = func() {
			if f.gone || s.onOK != nil && !s.onOK() {
				return
			}
			f.Close()
			if s.then != nil {
				s.then()
			}
		}
		ok := newButton(f.keys, s.ok, f.keys.enter)
		ok.Importance = widget.HighImportance
		if s.danger {
			ok.Importance = widget.DangerImportance
		}
		f.buttons = append(f.buttons, ok)
	}
	if s.cancel != "" {
		f.buttons = append(f.buttons, newButton(f.keys, s.cancel, f.Close))
	}
	f.foot = container.New(layout.NewCustomPaddedHBoxLayout(8))
	if s.foot != nil {
		f.foot.Add(s.foot)
	}
	f.foot.Add(layout.NewSpacer())
	for _, b := range f.buttons {
		f.foot.Add(container.New(atLeast{buttonWidth}, b))
	}
	f.ExtendBaseWidget(f)
	f.show(s.focus)
	return f
}

// opener names the function that opens a dialog: "(*Host).Add".
func opener() string {
	var pcs [8]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		name := f.Function[strings.LastIndex(f.Function, "/")+1:]
		_, name, _ = strings.Cut(name, ".")
		name, _, _ = strings.Cut(name, ".func")
		if !strings.HasSuffix(name, ").open") || !more {
			return name
		}
	}
}

// show puts the frame over the window and takes the keyboard.
func (f *Frame) show(focus fyne.Focusable) {
	f.before = f.canvas.OnTypedKey()
	f.focus = f.canvas.Focused()
	f.canvas.SetOnTypedKey(func(e *fyne.KeyEvent) { f.keys.handle(e) })
	f.canvas.Overlays().Add(f)
	f.Resize(f.canvas.Size())
	if focus == nil && len(f.buttons) > 0 {
		focus = f.buttons[0]
	}
	if focus != nil {
		f.canvas.Focus(focus)
	}
}

// Close takes the dialog away and gives the keyboard back. It may be called
// twice.
func (f *Frame) Close() {
	if f.gone {
		return
	}
	f.gone = true
	f.tips.leave()
	f.canvas.Overlays().Remove(f)
	f.canvas.SetOnTypedKey(f.before)
	if f.focus != nil {
		f.canvas.Focus(f.focus)
	}
	if f.OnClosed != nil {
		f.OnClosed()
	}
}

// Forget gives up the widget that had the keyboard before: it is not in the window
// any more.
func (f *Frame) Forget() { f.focus = nil }

// Opener names the function of this package that opened the dialog, "(*Host).Add", for
// tests that look for one without a picture.
func (f *Frame) Opener() string { return f.opened }

// Closed reports whether the dialog is gone.
func (f *Frame) Closed() bool { return f.gone }

// Card returns the place of the card in the window, for pictures of it.
func (f *Frame) Card() (fyne.Position, fyne.Size) { return f.card.Position(), f.card.Size() }

// Key does what a key does while nothing in the dialog has the focus.
func (f *Frame) Key(e *fyne.KeyEvent) { f.keys.handle(e) }

// CreateRenderer implements fyne.Widget.
func (f *Frame) CreateRenderer() fyne.WidgetRenderer {
	f.backdrop = canvas.NewRectangle(nil)
	f.card, f.bar, f.line = canvas.NewRectangle(nil), canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	f.card.StrokeWidth, f.card.CornerRadius = 1, 6
	f.title = canvas.NewText(f.Title, nil)
	f.title.TextSize, f.title.TextStyle.Bold = 13, true
	r := &frameRenderer{f}
	r.paint()
	return r
}

type frameRenderer struct{ f *Frame }

func (r *frameRenderer) Destroy()           {}
func (r *frameRenderer) MinSize() fyne.Size { return fyne.NewSize(100, 60) }

func (r *frameRenderer) Objects() []fyne.CanvasObject {
	f := r.f
	return []fyne.CanvasObject{f.backdrop, f.card, f.line, f.title, f.content, f.foot, f.tips.box}
}

func (r *frameRenderer) paint() {
	f := r.f
	f.backdrop.FillColor = theme.Color(widgets.ColorBackdrop)
	f.card.FillColor, f.card.StrokeColor = theme.Color(widgets.ColorPanel), theme.Color(theme.ColorNameInputBorder)
	f.line.FillColor = theme.Color(theme.ColorNameSeparator)
	f.title.Color = theme.Color(theme.ColorNameForeground)
}

func (r *frameRenderer) Refresh() {
	r.paint()
	r.Layout(r.f.Size())
	canvas.Refresh(r.f)
}

// size is what the card wants, within the window.
func (f *Frame) size(room fyne.Size) fyne.Size {
	foot := f.foot.MinSize()
	m := f.content.MinSize()
	w := max(f.wish.Width, m.Width+2*framePad, foot.Width+2*framePad, f.title.MinSize().Width+2*framePad)
	h := max(f.wish.Height, titleHeight+m.Height+foot.Height+3*framePad)
	return fyne.NewSize(min(w, room.Width-16), min(h, room.Height-16))
}

func (r *frameRenderer) Layout(s fyne.Size) {
	f := r.f
	f.backdrop.Resize(s)
	size := f.size(s)
	at := fyne.NewPos(float32(int((s.Width-size.Width)/2)), float32(int((s.Height-size.Height)/2.4)))
	f.card.Move(at)
	f.card.Resize(size)
	f.title.Move(at.Add(fyne.NewPos(framePad, 0)))
	f.title.Resize(fyne.NewSize(size.Width-2*framePad, titleHeight))
	f.line.Move(at.Add(fyne.NewPos(1, titleHeight)))
	f.line.Resize(fyne.NewSize(size.Width-2, 1))
	foot := f.foot.MinSize().Height
	f.content.Move(at.Add(fyne.NewPos(framePad, titleHeight+framePad)))
	f.content.Resize(fyne.NewSize(size.Width-2*framePad, size.Height-titleHeight-foot-3*framePad))
	f.foot.Move(at.Add(fyne.NewPos(framePad, size.Height-foot-framePad)))
	f.foot.Resize(fyne.NewSize(size.Width-2*framePad, foot))
}

// atLeast gives its one object a least width.
type atLeast struct{ width float32 }

// MinSize implements fyne.Layout.
func (l atLeast) MinSize(objs []fyne.CanvasObject) fyne.Size {
	return objs[0].MinSize().Max(fyne.NewSize(l.width, 0))
}

// Layout implements fyne.Layout.
func (l atLeast) Layout(objs []fyne.CanvasObject, s fyne.Size) { objs[0].Resize(s) }
