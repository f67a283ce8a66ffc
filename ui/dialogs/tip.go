package dialogs

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// Tips say more of a field than its label does. One appears when the mouse has rested
// on the field for a while, or on F1 for the field that has the keyboard. The tips of
// the window are drawn in a layer of its content, which lies below a dialog: a dialog
// has its own.

// hint is the part of a field that has a tip.
type hint struct{ tip string }

// Tip returns the words of the tip; "" = there is none.
func (h *hint) Tip() string { return h.tip }

func (h *hint) setTip(s string) { h.tip = s }

// hinted is a field with a tip.
type hinted interface {
	fyne.CanvasObject
	Tip() string
	setTip(s string)
}

// tips gives fields the tips that belong to the keys of their labels.
func tips(l *view.Locale, fields map[string]hinted) {
	for key, o := range fields {
		o.setTip(l.Tip(key))
	}
}

// tipped gives the first field of o that has none the tip of a key.
func tipped(l *view.Locale, key string, o fyne.CanvasObject) bool {
	switch o := o.(type) {
	case hinted:
		if o.Tip() != "" {
			return false
		}
		o.setTip(l.Tip(key))
		return true
	case *fyne.Container:
		for _, x := range o.Objects {
			if tipped(l, key, x) {
				return true
			}
		}
	}
	return false
}

const (
	tipDelay = 600 * time.Millisecond
	tipWidth = float32(330) // of the longest line
	tipPad   = float32(6)
	tipBelow = float32(20) // of the pointer
)

// tipper shows the tips of a dialog, one at a time. It is the main goroutine's.
type tipper struct {
	f     *Frame
	box   *fyne.Container // above all else in the dialog
	words string          // those shown, or waiting to be; "" = none
	at    fyne.Position   // of the pointer
	stop  func()          // calls the waiting tip off
	// after calls f on the main goroutine when d has passed, unless it is stopped.
	after func(d time.Duration, f func()) (stop func())
}

func newTipper(f *Frame) *tipper {
	return &tipper{f: f, box: loose(), after: func(d time.Duration, f func()) func() {
		t := time.AfterFunc(d, func() { fyne.Do(f) })
		return func() { t.Stop() }
	}}
}

// loose is a container whose objects stay where they are put.
func loose() *fyne.Container { return &fyne.Container{Hidden: true} }

// over is told that the pointer is on a field with words.
func (t *tipper) over(words string, at fyne.Position) {
	t.at = at
	if words == t.words {
		return
	}
	t.leave()
	if t.words = words; words == "" {
		return
	}
	t.stop = t.after(tipDelay, func() {
		if t.words == words && !t.f.gone {
			t.show()
		}
	})
}

// leave takes the tip away.
func (t *tipper) leave() {
	if t.stop != nil {
		t.stop()
		t.stop = nil
	}
	t.words = ""
	if t.box.Visible() {
		t.box.RemoveAll()
		t.box.Hide()
		canvas.Refresh(t.f)
	}
}

// help shows the tip of the field that has the keyboard, at once.
func (t *tipper) help() {
	o, ok := t.f.canvas.Focused().(hinted)
	t.leave()
	if !ok || o.Tip() == "" {
		return
	}
	t.words = o.Tip()
	t.at = fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Add(fyne.NewPos(0, o.Size().Height-tipBelow+4))
	t.show()
}

// show draws the words below the pointer, or above it where there is no room.
func (t *tipper) show() {
	t.box.RemoveAll()
	ground := canvas.NewRectangle(theme.Color(theme.ColorNameOverlayBackground))
	ground.StrokeColor, ground.StrokeWidth, ground.CornerRadius = theme.Color(theme.ColorNameInputBorder), 1, 3
	t.box.Add(ground)
	size := fyne.NewSize(0, tipPad)
	for _, line := range breakLines(t.words, tipWidth) {
		x := text(line)
		x.Move(fyne.NewPos(tipPad, size.Height))
		m := x.MinSize()
		x.Resize(m)
		size = fyne.NewSize(max(size.Width, m.Width+2*tipPad), size.Height+m.Height)
		t.box.Add(x)
	}
	size.Height += tipPad
	ground.Resize(size)
	room := t.f.canvas.Size()
	at := t.at.Add(fyne.NewPos(0, tipBelow))
	if at.Y+size.Height > room.Height {
		at.Y = t.at.Y - size.Height - 4
	}
	t.box.Move(fyne.NewPos(max(0, min(at.X, room.Width-size.Width)), max(0, at.Y)))
	t.box.Resize(size)
	t.box.Show()
	canvas.Refresh(t.f)
}

// breakLines breaks a text between words into lines of at most a width.
func breakLines(s string, width float32) (lines []string) {
	line := ""
	for _, w := range strings.Fields(s) {
		longer := strings.TrimSpace(line + " " + w)
		if line != "" && fyne.MeasureText(longer, widgets.TextSize, fyne.TextStyle{}).Width > width {
			lines = append(lines, line)
			longer = w
		}
		line = longer
	}
	return append(lines, line)
}
