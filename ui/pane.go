package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// rows makes a finished list the model of a table.
type rows[T any, K comparable] struct {
	*view.List[T]
	key func(*T) K
}

// Key implements widgets.Model.
func (r rows[T, K]) Key(i int) K { return r.key(r.Item(i)) }

// pane is a table with its columns: the list and the tables of the tabs.
type pane[T any, K comparable] struct {
	u     *UI
	name  string // in State.Tables
	cols  []view.Column[T]
	key   func(*T) K
	table *widgets.Table[K]
	copy  func() // Ctrl+C; nil = nothing
}

// newPane makes a table in the layout the user left it in.
func newPane[T any, K comparable](u *UI, name string, cols []view.Column[T], key func(*T) K) *pane[T, K] {
	p := &pane[T, K]{u: u, name: name, cols: cols, key: key}
	p.table = widgets.NewTable[K](columnsOf(u.loc, cols))
	p.table.NoStripes = !u.prefs.Stripes
	if st, ok := u.state.Tables[name]; ok {
		p.table.SetLayout(st.Columns)
		p.table.SetOrder(st.Order)
	}
	p.table.OnSort = func(view.Order) { u.publish() }
	p.table.OnLayout = u.publish
	p.table.OnHeadMenu = p.headMenu
	p.table.OnKey = u.menuKey
	p.table.OnShortcut = func(s fyne.Shortcut) bool {
		if _, ok := s.(*fyne.ShortcutCopy); ok && p.copy != nil {
			p.copy()
			return true
		}
		return u.shortcut(s)
	}
	return p
}

// columnsOf translates the columns of a view.
func columnsOf[T any](l *view.Locale, cols []view.Column[T]) []widgets.Column {
	out := make([]widgets.Column, len(cols))
	for i, c := range cols {
		out[i] = widgets.Column{ID: c.ID, Title: l.T(c.Title), Width: c.Width, Align: c.Align, Bar: c.Bar, Fill: c.Fill, Hidden: c.Hidden, Fixed: c.Compare == nil}
	}
	return out
}

// show shows rows; nil is none.
func (p *pane[T, K]) show(l *view.List[T]) { p.table.SetModel(rows[T, K]{l, p.key}) }

// ask is the order and the columns to build.
func (p *pane[T, K]) ask() tableAsk { return tableAsk{p.table.Order(), p.table.Shown()} }

func (p *pane[T, K]) state() TableState { return TableState{p.table.Layout(), p.table.Order()} }

// chosen returns the values of the selected rows.
func (p *pane[T, K]) chosen() []*T {
	m, ok := p.table.Model().(rows[T, K])
	if !ok {
		return nil
	}
	var out []*T
	for i := range m.Len() {
		if v := m.Item(i); p.table.Selected(p.key(v)) {
			out = append(out, v)
		}
	}
	return out
}

// item returns the value of a row.
func (p *pane[T, K]) item(row int) *T {
	if m, ok := p.table.Model().(rows[T, K]); ok && row >= 0 && row < m.Len() {
		return m.Item(row)
	}
	return nil
}

// headMenu lets the user choose the columns.
func (p *pane[T, K]) headMenu(at fyne.Position) {
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", p.columnItems()...), p.u.win.Canvas(), at)
}

func (p *pane[T, K]) columnItems() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, c := range p.table.Columns() {
		it := fyne.NewMenuItem(c.Title, func() { p.table.ShowColumn(c.ID, c.Hidden) })
		it.Checked = !c.Hidden
		items = append(items, it)
	}
	reset := fyne.NewMenuItem(p.u.loc.T("menu.resetColumns"), func() {
		var ls []widgets.ColumnLayout
		for _, c := range p.cols {
			ls = append(ls, widgets.ColumnLayout{ID: c.ID, Width: c.Width, Hidden: c.Hidden})
		}
		p.table.SetLayout(ls)
		p.u.publish()
	})
	return append(items, fyne.NewMenuItemSeparator(), reset)
}
