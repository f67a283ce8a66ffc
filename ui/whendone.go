package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"swarmbid/ui/view"
)

// whenDoneMenu lets the user choose what happens when everything is done. The
// choice lasts until it was carried out or the program ends: a computer must not
// go off for a wish of another day.
func (u *UI) whenDoneMenu() *fyne.MenuItem {
	choose := func(key string, w view.WhenDone) *fyne.MenuItem {
		return ticked(u.item(key, func() { u.setWhenDone(w) }), u.vigil.Want == w)
	}
	items := []*fyne.MenuItem{
		choose("done.nothing", view.WhenDone{}), fyne.NewMenuItemSeparator(),
		choose("done.quit", view.WhenDone{Deed: view.Quit}), choose("done.quitAll", view.WhenDone{Deed: view.Quit, All: true}),
	}
	if u.p.Desktop.Power != nil {
		items = append(items, fyne.NewMenuItemSeparator(),
			choose("done.shutdown", view.WhenDone{Deed: view.Shutdown}), choose("done.shutdownAll", view.WhenDone{Deed: view.Shutdown, All: true}),
			choose("done.hibernate", view.WhenDone{Deed: view.Hibernate}), choose("done.hibernateAll", view.WhenDone{Deed: view.Hibernate, All: true}),
			choose("done.standby", view.WhenDone{Deed: view.Standby}), choose("done.standbyAll", view.WhenDone{Deed: view.Standby, All: true}))
	}
	return submenu(u.loc.T("done.title"), items...)
}

func (u *UI) setWhenDone(w view.WhenDone) {
	u.vigil.Set(w)
	if w.Deed != view.Nothing {
		u.note(u.loc.T("done.waits"))
	}
}

// watch looks whether everything is done, counts down where the user sees it, and
// does what was wanted.
func (u *UI) watch() {
	want := u.vigil.Want
	left, counting, due := u.vigil.Look(u.frame.snap)
	switch {
	case counting:
		u.countdown(want.Deed, left)
	case u.count != nil:
		n := u.count
		u.count = nil // closing it is no cancelling
		n.Close()
	}
	if due != view.Nothing {
		u.carryOut(due)
	}
}

func (u *UI) countdown(d view.Deed, left time.Duration) {
	title, words := u.loc.T("done.counting"), u.loc.T(deedKey(d), int((left+time.Second-1)/time.Second))
	if u.count != nil {
		u.count.Say(words)
		return
	}
	n := u.host().Notice(title, words, u.loc.T("done.cancel"))
	n.OnClosed = func() {
		if u.count == n {
			u.count = nil
			u.vigil.Set(view.WhenDone{})
		}
	}
	u.count = n
	u.Raise()
	if u.p.Desktop.Tray != nil {
		u.p.Desktop.Tray.ShowToast(title, words)
	}
}

func deedKey(d view.Deed) string {
	switch d {
	case view.Shutdown:
		return "done.shutdownIn"
	case view.Hibernate:
		return "done.hibernateIn"
	case view.Standby:
		return "done.standbyIn"
	case view.Quit, view.Nothing:
	}
	return "done.quitIn"
}

// carryOut does it. The program ends before the computer is shut down, so that
// everything is on disk.
func (u *UI) carryOut(d view.Deed) {
	if d == view.Quit {
		u.leave()
		return
	}
	u.do("do.power", func(ctx context.Context) error { return u.p.Desktop.Power(ctx, d) }, func() {
		if d == view.Shutdown {
			u.leave()
		}
	})
}
