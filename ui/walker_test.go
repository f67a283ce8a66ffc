package ui_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// walker goes through the window and notes what there is, by place: "menu File",
// "columns torrents", "prefs Bandwidth". It opens what a user can open, with the
// events a user would cause, and reads the objects that are there then.
type walker struct {
	*stage
	found map[string][]string
}

// walk returns everything the window of a language shows.
func walk(t testing.TB, lang string) map[string][]string {
	t.Helper()
	w := &walker{stage: newStage(t, lang, "light"), found: map[string][]string{}}
	w.w.Resize(fyne.NewSize(1600, 1000))
	w.Play(3)
	w.choose("Sintel")
	w.window()
	w.tabs()
	w.preferences()
	for _, name := range []string{"properties", "add", "create", "guide", "statistics", "flags", "about", "feeds"} {
		w.dialogOf(name, "dialog "+name)
	}
	w.dialogOf("feed-filters", "dialog feeds")
	return w.found
}

func (w *walker) note(place string, texts ...string) {
	for _, s := range texts {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(w.found[place], s) {
			w.found[place] = append(w.found[place], s)
		}
	}
}

// window notes the menus, toolbar, sidebar, list and status bar.
func (w *walker) window() {
	for _, m := range w.UI.AllBars() {
		w.items("menu "+m.Label, m.Items)
	}
	w.items("menu tray", w.UI.TrayMenu())
	w.note("title", w.w.Title())
	for _, o := range w.objects() {
		switch o := o.(type) {
		case *widgets.Tool:
			w.note("toolbar", o.ToolTip())
		case *widgets.Field:
			w.note("status bar", o.Text())
			o.TappedSecondary(&fyne.PointEvent{})
			w.overlay("menu of the status bar")
		}
	}
	w.note("toolbar", w.UI.SearchHint())
	w.table("sidebar", w.UI.Side())
	w.columns("columns torrents", w.UI.List())
	w.choose("debian")
	w.pick("torrent", w.UI.Words().T("menu.forceStart"))
	w.choose("Sintel")
	w.table("list", w.UI.List())
	w.contextMenu("menu torrent", w.UI.List().Focusable())
	w.UI.List().OnHeadMenu(fyne.NewPos(10, 10))
	w.overlay("menu of columns")
}

// objects are what is on the screen: of the dialog if one is open.
func (w *walker) objects() []fyne.CanvasObject {
	root := w.w.Content()
	if top := w.w.Canvas().Overlays().Top(); top != nil {
		root = top
	}
	return visible(root)
}

// visible returns an object and all below it that can be seen, or scrolled to.
func visible(o fyne.CanvasObject) []fyne.CanvasObject {
	if o == nil || !o.Visible() {
		return nil
	}
	out := []fyne.CanvasObject{o}
	var below []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		below = o.Objects
	case fyne.Widget:
		below = test.WidgetRenderer(o).Objects()
	}
	for _, x := range below {
		out = append(out, visible(x)...)
	}
	return out
}

// items notes the entries of a menu and its submenus that do something.
func (w *walker) items(place string, items []*fyne.MenuItem) {
	for _, it := range items {
		switch {
		case it.IsSeparator:
		case it.ChildMenu != nil:
			w.note(place, it.Label)
			for _, sub := range it.ChildMenu.Items {
				if !sub.IsSeparator && (sub.ChildMenu != nil || sub.Action != nil) {
					w.note(place, it.Label+" ▸ "+sub.Label)
				}
				if sub.ChildMenu != nil {
					w.items(place+" ▸ "+sub.Label, sub.ChildMenu.Items)
				}
			}
		case it.Action != nil:
			w.note(place, it.Label)
		}
	}
}

// overlay notes the menu that opened and closes it.
func (w *walker) overlay(place string) {
	top := w.w.Canvas().Overlays().Top()
	if top == nil {
		return
	}
	for _, o := range visible(top) {
		// The entries of a Fyne menu are of a type that is not exported; its field is.
		if v := reflect.Indirect(reflect.ValueOf(o)); v.Kind() == reflect.Struct {
			if f := v.FieldByName("Item"); f.IsValid() {
				if it, ok := f.Interface().(*fyne.MenuItem); ok {
					w.items(place, []*fyne.MenuItem{it})
				}
			}
		}
	}
	w.w.Canvas().Overlays().Remove(top)
}

// contextMenu clicks with the right button where the focus would be.
func (w *walker) contextMenu(place string, o fyne.Focusable) {
	if s, ok := o.(fyne.SecondaryTappable); ok {
		s.TappedSecondary(&fyne.PointEvent{AbsolutePosition: fyne.NewPos(100, 100)})
		w.overlay(place)
	}
}

// columns notes the titles of a table.
func (w *walker) columns(place string, table interface{ Columns() []widgets.Column }) {
	for _, c := range table.Columns() {
		w.note(place, c.Title)
	}
}

// table notes every cell of a table, whatever its keys are.
func (w *walker) table(place string, table any) {
	m := reflect.ValueOf(table).MethodByName("Model").Call(nil)[0].Interface()
	rows, ok := m.(interface {
		Len() int
		Column(id string) int
		Cell(row, col int, c *view.Cell)
	})
	cols, has := table.(interface{ Columns() []widgets.Column })
	if !ok || !has {
		return
	}
	for _, c := range cols.Columns() {
		k := rows.Column(c.ID)
		for i := 0; k >= 0 && i < rows.Len(); i++ {
			var cell view.Cell
			rows.Cell(i, k, &cell)
			w.note(place, cell.Text)
		}
	}
}

// tabs goes through the tabs with their columns, context menus and texts.
func (w *walker) tabs() {
	for _, o := range visible(w.UI.DetailBox()) {
		if bar, ok := o.(*widgets.TabBar); ok && !bar.Plain {
			for _, x := range visible(bar) {
				if text, ok := x.(*canvas.Text); ok {
					w.note("tabs", text.Text)
				}
			}
		}
	}
	for _, id := range []string{"general", "trackers", "peers", "pieces", "files", "market", "speed", "log"} {
		w.run("tab-" + id)
		w.texts("tab "+id, visible(w.UI.DetailBox()))
	}
	for place, table := range w.UI.TabTables() {
		w.run("tab-" + place)
		w.columns("columns "+place, table)
		w.table("rows "+place, table)
		w.UI.SelectFirst(place)
		w.settle()
		w.contextMenu("menu "+place, table.Focusable())
	}
}

// preferences goes through every page, as the Down key does.
func (w *walker) preferences() {
	w.run("preferences")
	for _, p := range dialogs.Pages() {
		title := w.UI.Words().T(p.Title)
		w.texts("prefs "+title, w.objects())
		w.note("prefs", title)
		w.key(fyne.KeyDown)
	}
	w.close()
	// What stands on every page belongs to none: the list of pages, the buttons.
	count, pages := map[string]int{}, dialogs.Pages()
	for _, p := range pages {
		for _, s := range w.found["prefs "+w.UI.Words().T(p.Title)] {
			count[s]++
		}
	}
	for _, p := range pages {
		place := "prefs " + w.UI.Words().T(p.Title)
		w.found[place] = slices.DeleteFunc(w.found[place], func(s string) bool { return count[s] == len(pages) })
		w.note("prefs", w.found[place]...)
	}
}

// dialogOf opens a dialog by its command, if there is one.
func (w *walker) dialogOf(command, place string) {
	w.choose("Sintel")
	if !w.UI.Run(command) {
		return
	}
	w.settle()
	w.texts(place, w.objects())
	for i := 0; command == "guide" && i < 2 && w.dialog() != nil; i++ { // its next steps
		w.key(fyne.KeyReturn)
		w.texts(place, w.objects())
	}
	w.close()
}

func (w *walker) close() {
	for i := 0; w.w.Canvas().Overlays().Top() != nil && i < 20; i++ {
		if w.dialog() == nil {
			w.w.Canvas().Overlays().Remove(w.w.Canvas().Overlays().Top())
			continue
		}
		w.key(fyne.KeyEscape)
	}
}

// texts notes every word that objects show.
func (w *walker) texts(place string, objects []fyne.CanvasObject) {
	for _, o := range objects {
		switch o := o.(type) {
		case *canvas.Text:
			w.note(place, o.Text)
		case *widget.Label:
			w.note(place, o.Text)
		case *dialogs.Check:
			w.note(place, o.Text)
		case *dialogs.Button:
			w.note(place, o.Text)
		case *dialogs.Select:
			w.note(place, o.Options...)
		case *dialogs.Entry:
			w.note(place, o.PlaceHolder)
		}
		if m := reflect.ValueOf(o).MethodByName("Model"); m.IsValid() && m.Type().NumIn() == 0 && m.Type().NumOut() == 1 {
			w.table(place, o)
			if c, ok := o.(interface{ Columns() []widgets.Column }); ok {
				w.columns(place, c)
			}
		}
	}
}

// probe returns what was found of a pattern in a place, "" if nothing.
func probe(found map[string][]string, place, pattern string) string {
	re := regexp.MustCompile("(?i)" + pattern)
	for _, s := range found[place] {
		if re.MatchString(s) {
			return s
		}
	}
	return ""
}
