package widgets

import "fyne.io/fyne/v2"

// Selected reports whether the row of key k is selected.
func (t *Table[K]) Selected(k K) bool {
	_, ok := t.sel[k]
	return ok
}

// Selection returns the keys of the selected rows that are shown, in their
// order. Rows that a filter hides are never part of it, so that no command
// reaches what the user does not see.
func (t *Table[K]) Selection() []K {
	if len(t.sel) == 0 {
		return nil
	}
	out := make([]K, 0, len(t.sel))
	for i, n := 0, t.model.Len(); i < n && len(out) < len(t.sel); i++ {
		if k := t.model.Key(i); t.Selected(k) {
			out = append(out, k)
		}
	}
	return out
}

// SelectedCount returns the number of selected keys, hidden ones included.
func (t *Table[K]) SelectedCount() int { return len(t.sel) }

// Cursor returns the key of the row the keyboard is at.
func (t *Table[K]) Cursor() (k K, ok bool) { return t.cursor, t.hasCur }

// Select makes exactly the given rows selected; the cursor goes to the first.
func (t *Table[K]) Select(keys ...K) {
	clear(t.sel)
	for _, k := range keys {
		t.sel[k] = struct{}{}
	}
	if len(keys) > 0 {
		t.cursor, t.hasCur, t.anchor, t.hasAnch = keys[0], true, keys[0], true
	}
	t.changed()
}

// SelectAll selects every row shown.
func (t *Table[K]) SelectAll() {
	if t.Single {
		return
	}
	for i, n := 0, t.model.Len(); i < n; i++ {
		t.sel[t.model.Key(i)] = struct{}{}
	}
	t.changed()
}

func (t *Table[K]) changed() {
	t.body.update()
	t.dirty.Refresh()
	if t.OnSelect != nil {
		t.OnSelect()
	}
}

// rowOf returns the row of a key, -1 if it is not shown.
func (t *Table[K]) rowOf(k K, ok bool) int {
	if !ok {
		return -1
	}
	for i, n := 0, t.model.Len(); i < n; i++ {
		if t.model.Key(i) == k {
			return i
		}
	}
	return -1
}

// CursorRow returns the row the keyboard is at, -1 for none.
func (t *Table[K]) CursorRow() int { return t.rowOf(t.cursor, t.hasCur) }

// choose selects the rows between the anchor and row.
func (t *Table[K]) choose(row int, add bool) {
	a, b := t.rowOf(t.anchor, t.hasAnch), row
	if a < 0 {
		a = row
		t.anchor, t.hasAnch = t.model.Key(row), true
	}
	if a > b {
		a, b = b, a
	}
	if !add {
		clear(t.sel)
	}
	for i := a; i <= b; i++ {
		t.sel[t.model.Key(i)] = struct{}{}
	}
}

// click selects as file managers do: alone, with Ctrl one more, with Shift a
// range from the last one clicked.
func (t *Table[K]) click(row int, m fyne.KeyModifier) {
	if row < 0 || row >= t.model.Len() {
		if m == 0 && !t.Single {
			clear(t.sel)
			t.changed()
		}
		return
	}
	k := t.model.Key(row)
	ctrl, shift := m&fyne.KeyModifierShortcutDefault != 0, m&fyne.KeyModifierShift != 0
	switch {
	case shift && !t.Single:
		t.choose(row, ctrl)
	case ctrl && !t.Single:
		if t.Selected(k) {
			delete(t.sel, k)
		} else {
			t.sel[k] = struct{}{}
		}
		t.anchor, t.hasAnch = k, true
	default:
		clear(t.sel)
		t.sel[k] = struct{}{}
		t.anchor, t.hasAnch = k, true
	}
	t.cursor, t.hasCur = k, true
	t.changed()
}

// moveTo brings the cursor to a row, with Shift along with the selection and
// with Ctrl without it.
func (t *Table[K]) moveTo(row int, m fyne.KeyModifier) {
	n := t.model.Len()
	if n == 0 {
		return
	}
	row = min(max(row, 0), n-1)
	k := t.model.Key(row)
	switch {
	case m&fyne.KeyModifierShift != 0 && !t.Single:
		t.choose(row, false)
	case m&fyne.KeyModifierShortcutDefault != 0 && !t.Single:
	default:
		clear(t.sel)
		t.sel[k] = struct{}{}
		t.anchor, t.hasAnch = k, true
	}
	t.cursor, t.hasCur = k, true
	t.ScrollTo(row)
	t.changed()
}

// ScrollTo makes a row visible.
func (t *Table[K]) ScrollTo(row int) {
	y, h, o := float32(row)*t.RowHeight, t.scroll.Size().Height, t.scroll.Offset
	switch {
	case y < o.Y:
		o.Y = y
	case y+t.RowHeight > o.Y+h:
		o.Y = y + t.RowHeight - h
	default:
		return
	}
	t.ScrollOffset(o)
}

// ScrollOffset shows the rows from an offset on.
func (t *Table[K]) ScrollOffset(o fyne.Position) {
	t.scroll.ScrollToOffset(o)
	t.body.update()
	t.head.place()
}

// Offset returns how far the rows are scrolled.
func (t *Table[K]) Offset() fyne.Position { return t.scroll.Offset }

// Reset forgets selection and cursor and goes back to the first row, for rows
// that have nothing to do with those before.
func (t *Table[K]) Reset() {
	clear(t.sel)
	t.hasCur, t.hasAnch = false, false
	t.ScrollOffset(fyne.Position{})
}
