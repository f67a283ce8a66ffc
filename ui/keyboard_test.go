package ui_test

import (
	"bytes"
	"fmt"
	"image"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"swarmbid/ui/dialogs"
)

// controls are what can have the keyboard in the open dialog.
func (s *stage) controls() (out []fyne.Focusable) {
	for _, o := range visible(s.mustDialog("")) {
		f, ok := o.(fyne.Focusable)
		if d, has := o.(fyne.Disableable); ok && (!has || !d.Disabled()) {
			out = append(out, f)
		}
	}
	return out
}

// tab presses Tab, which a field may keep for itself.
func (s *stage) tab() {
	o := s.w.Canvas().Focused()
	if t, ok := o.(fyne.Tabbable); ok && t.AcceptsTab() {
		o.TypedKey(&fyne.KeyEvent{Name: fyne.KeyTab})
		return
	}
	s.w.Canvas().FocusNext()
}

// called names a control in a message.
func called(o fyne.Focusable) string {
	switch o := o.(type) {
	case *dialogs.Button:
		return fmt.Sprintf("the button %q", o.Text)
	case *dialogs.Check:
		return fmt.Sprintf("the box %q", o.Text)
	case *dialogs.Entry:
		return fmt.Sprintf("the field %q", o.Text)
	}
	return fmt.Sprintf("a %T", o)
}

// at is where a control is in the window.
func at(o fyne.Focusable) fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(o.(fyne.CanvasObject))
}

// reach presses Tab all around the dialog: every control gets the keyboard, and in one
// row from left to right.
func (s *stage) reach(name string) {
	s.t.Helper()
	all := s.controls()
	if len(all) == 0 {
		s.t.Errorf("%s: nothing can have the keyboard", name)
		return
	}
	var got []fyne.Focusable
	for range len(all) + 1 {
		if o := s.w.Canvas().Focused(); o != nil && !slices.Contains(got, o) {
			got = append(got, o)
		}
		s.tab()
	}
	for _, o := range all {
		if !slices.Contains(got, o) {
			s.t.Errorf("%s: Tab does not reach %s", name, called(o))
		}
	}
	for i := 1; i < len(all); i++ {
		a, b := at(all[i-1]), at(all[i])
		if a.Y == b.Y && a.X > b.X {
			s.t.Errorf("%s: Tab goes from %s back to %s", name, called(all[i-1]), called(all[i]))
		}
	}
}

// trace is what a user sees of the open dialog: its title, its texts and what has the
// keyboard.
func (s *stage) trace() string {
	d := s.dialog()
	if d == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%p %s %p", d, d.Title, s.w.Canvas().Focused())
	for _, o := range visible(d) {
		if x, ok := o.(*canvas.Text); ok {
			b.WriteString(x.Text)
		}
	}
	return b.String()
}

// TestKeyboardInEveryDialog: Tab reaches every control of every dialog and page, also
// out of fields of several lines; Escape closes; the keyboard goes back to the window.
func TestKeyboardInEveryDialog(t *testing.T) {
	n := 0
	inAllShots(t, func(x *shot, s *stage) {
		if !x.Dialog {
			return
		}
		n++
		s.reach(x.Name)
		d := s.mustDialog("")
		s.key(fyne.KeyEscape)
		if s.dialog() == d {
			t.Errorf("%s: Escape does not close the dialog", x.Name)
		}
		s.closeDialogs()
		if o := s.w.Canvas().Focused(); o != nil && fyne.CurrentApp().Driver().CanvasForObject(o.(fyne.CanvasObject)) == nil {
			t.Errorf("%s: the keyboard stays with a %T that is gone", x.Name, o)
		}
	})
	if n < 60 {
		t.Errorf("only %d dialogs", n)
	}
}

// TestEnterInEveryDialog: Enter does the default of every dialog, or says what is
// missing.
func TestEnterInEveryDialog(t *testing.T) {
	g := &gallery{t: t, lang: "en", theme: "light"}
	for _, x := range shots() {
		switch {
		case !x.Dialog, x.Name == "exit": // which ends the program
			continue
		case slices.Contains([]string{"wallet-ask", "wallet-unlock", "wallet-blocked"}, x.Name): // it says already what is missing
			continue
		}
		x.share = "" // it may have removed what the next one needs
		s := g.set(t, &x)
		before := s.trace()
		if before == "" {
			t.Fatalf("%s: no dialog is open", x.Name)
		}
		s.key(fyne.KeyReturn)
		if s.trace() == before {
			t.Errorf("%s: Enter does nothing", x.Name)
		}
	}
	g.close()
}

// kind tells apart controls that look alike from others.
func kind(o fyne.Focusable) string {
	k := reflect.TypeOf(o).String()
	switch o := o.(type) {
	case *dialogs.Button:
		k += fmt.Sprint(o.Importance)
	case *dialogs.Check:
		k += fmt.Sprint(o.Checked)
	case *dialogs.Entry:
		k += fmt.Sprint(o.MultiLine, o.Password)
	}
	return k
}

// TestFocusIsSeen: a control of each kind looks different while it has the keyboard, in
// both themes.
func TestFocusIsSeen(t *testing.T) {
	first := map[string][]string{} // the kinds that a view is the first to have
	done := map[string]bool{}
	inAllShots(t, func(x *shot, s *stage) {
		if !x.Dialog {
			return
		}
		for _, o := range s.controls() {
			if k := kind(o); !done[k] && inCard(s, o) {
				done[k] = true
				first[x.Name] = append(first[x.Name], k)
			}
		}
	})
	if len(done) < 10 {
		t.Errorf("only %d kinds of controls", len(done))
	}
	for _, theme := range []string{"light", "dark"} {
		g := &gallery{t: t, lang: "en", theme: theme}
		for _, x := range shots() {
			if first[x.Name] == nil {
				continue
			}
			s := g.set(t, &x)
			for _, k := range first[x.Name] {
				all := s.controls()
				if i := slices.IndexFunc(all, func(o fyne.Focusable) bool { return kind(o) == k && inCard(s, o) }); i >= 0 {
					s.focusSeen(x.Name+" in the theme "+theme, all[i])
				}
			}
		}
		g.close()
	}
}

// inCard reports whether a control lies in the window, not scrolled out of it.
func inCard(s *stage, o fyne.Focusable) bool {
	pos, size := s.mustDialog("").Card()
	p, m := at(o), o.(fyne.CanvasObject).Size()
	return p.X >= pos.X && p.Y >= pos.Y && p.Y+m.Height < pos.Y+size.Height && m.Height > 4
}

// focusSeen compares the picture of a control with and without the keyboard: a line of
// text is told by more than its cursor.
func (s *stage) focusSeen(name string, o fyne.Focusable) {
	s.t.Helper()
	look := func() *image.RGBA {
		return opaque(crop(s.w.Canvas().Capture(), at(o).SubtractXY(2, 2), o.(fyne.CanvasObject).Size().AddWidthHeight(4, 4)))
	}
	s.w.Canvas().Focus(o)
	with := look()
	s.w.Canvas().Unfocus()
	without := look()
	n := 0
	for i := 0; i < len(with.Pix); i += 4 {
		if !bytes.Equal(with.Pix[i:i+4], without.Pix[i:i+4]) {
			n++
		}
	}
	if n < 60 {
		s.t.Errorf("%s: %s shows with %d pixels that it has the keyboard", name, called(o), n)
	}
}
