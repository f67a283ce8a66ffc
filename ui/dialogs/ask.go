package dialogs

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// Message tells the user what happened and what to do.
func (h *Host) Message(title string, a view.Advice) *Frame {
	box := container.New(layout.NewCustomPaddedVBoxLayout(4), wrapped(a.What))
	if a.Do != "" {
		box.Add(wrapped(a.Do))
	}
	return h.open(spec{title: title, content: box, size: fyne.NewSize(420, 0), ok: h.Locale.T("dlg.ok")})
}

// Told tells the user what will happen, with a button that does something about it.
func (h *Host) Told(title string, a view.Advice, do string, act func()) *Frame {
	k := &keys{}
	var f *Frame
	box := lines(440-2*framePad, wrapped(a.What), dimWrapped(a.Do))
	f = h.open(spec{title: title, content: box, size: fyne.NewSize(440, 0), keys: k, ok: h.Locale.T("dlg.close"), foot: newButton(k, do, func() {
		f.Close()
		act()
	})})
	f.Refresh() // wrapped text knows its height only now
	return f
}

// Text asks for one line. check may be nil; it returns a sentence that says what
// is wrong, or "".
func (h *Host) Text(title, label, value string, check func(string) string, done func(string)) *Frame {
	k := &keys{}
	e := newEntry(k, value)
	wrong := dim("")
	box := container.New(layout.NewCustomPaddedVBoxLayout(6), text(label), e, wrong)
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	return h.open(spec{title: title, content: box, size: fyne.NewSize(460, 0), keys: k, ok: h.Locale.T("dlg.ok"), cancel: h.Locale.T("dlg.cancel"), focus: e, onOK: func() bool {
		if check != nil {
			if s := check(e.Text); s != "" {
				setText(wrong, s, widgets.ToneColor(view.Broken))
				return false
			}
		}
		return true
	}, then: func() { done(e.Text) }})
}

// Rate asks for a limit in KiB/s; 0 is none. The value is bytes per second.
func (h *Host) Rate(title string, value int64, done func(int64)) *Frame {
	k := &keys{}
	e := numberEntry(k, value/kib)
	wrong := dim(h.Locale.T("limit.hint"))
	box := container.New(layout.NewCustomPaddedVBoxLayout(8), narrow(e, 110, h.Locale.T("unit.kibs")), wrong)
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	return h.open(spec{title: title, content: box, size: fyne.NewSize(320, 0), keys: k, ok: h.Locale.T("dlg.ok"), cancel: h.Locale.T("dlg.cancel"), focus: e, onOK: func() bool {
		n, ok := number(e)
		if value = n * kib; !ok || n > 1<<40 {
			setText(wrong, h.Locale.T("dlg.badNumber"), widgets.ToneColor(view.Broken))
			return false
		}
		return true
	}, then: func() { done(value) }})
}

// Folder asks for a folder.
func (h *Host) Folder(title, label, value string, done func(string)) *Frame {
	k := &keys{}
	e := newEntry(k, value)
	what := text(label)
	box := container.New(layout.NewCustomPaddedVBoxLayout(6), what, h.folderField(k, e))
	return h.open(spec{title: title, content: box, size: fyne.NewSize(520, 0), keys: k, ok: h.Locale.T("dlg.ok"), cancel: h.Locale.T("dlg.cancel"), focus: e, onOK: func() bool { return h.filled(e, what) }, then: func() { done(e.Text) }})
}

// filled reports whether there is something in a field; else its label says that there
// must be.
func (h *Host) filled(e *Entry, label *canvas.Text) bool {
	if strings.TrimSpace(e.Text) != "" {
		return true
	}
	setText(label, h.Locale.T("dlg.empty"), widgets.ToneColor(view.Broken))
	h.Canvas.Focus(e)
	return false
}

// Remove asks before torrents are removed. withData presets the box that deletes
// the files too.
func (h *Host) Remove(names []string, withData bool, done func(withData bool)) *Frame {
	const most = 6
	k, l := &keys{}, h.Locale
	box := container.New(layout.NewCustomPaddedVBoxLayout(5), text(l.N("remove.ask", len(names))))
	for i, n := range names {
		if i == most-1 && len(names) > most {
			box.Add(dim("   " + l.T("remove.more", l.Int(int64(len(names)-i)))))
			break
		}
		line := widget.NewLabel(n)
		line.Truncation = fyne.TextTruncateEllipsis
		box.Add(container.New(layout.NewCustomPaddedLayout(-4, -4, 8, 0), line))
	}
	data := newCheck(k, l.T("remove.data"), withData)
	warn := text("")
	mark := func(on bool) {
		s := ""
		if on {
			s = l.T("remove.warn")
		}
		setText(warn, s, widgets.ToneColor(view.Broken))
	}
	data.OnChanged = mark
	mark(withData)
	box.Add(data)
	box.Add(warn)
	f := h.open(spec{title: l.T("remove.title"), content: box, size: fyne.NewSize(460, 0), keys: k, ok: l.T("remove.ok"), cancel: l.T("dlg.cancel"), danger: true, then: func() { done(data.Checked) }})
	if withData { // Enter alone does not delete files
		h.Canvas.Focus(f.buttons[1])
	}
	return f
}

// URL asks for links, magnet links or infohashes, one a line.
func (h *Host) URL(value string, done func(lines string)) *Frame {
	k := &keys{}
	e := newEntry(k, value)
	e.SetPlaceHolder("magnet:?xt=urn:btih:…")
	what := text(h.Locale.T("url.label"))
	box := container.New(layout.NewCustomPaddedVBoxLayout(6), what, e)
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	return h.open(spec{title: h.Locale.T("url.title"), content: box, size: fyne.NewSize(560, 0), keys: k, ok: h.Locale.T("dlg.ok"), cancel: h.Locale.T("dlg.cancel"), focus: e, onOK: func() bool { return h.filled(e, what) }, then: func() { done(e.Text) }})
}

// Facts shows groups of facts, as the statistics.
func (h *Host) Facts(title string, width float32, gs []view.FactGroup) *Frame {
	f := widgets.NewFacts()
	f.SetGroups(gs)
	return h.open(spec{title: title, content: f, size: fyne.NewSize(width, 0), ok: h.Locale.T("dlg.close")})
}

// Legend explains signs: pairs of sign and meaning.
func (h *Host) Legend(title string, signs [][2]string) *Frame {
	var ps []pair
	for _, s := range signs {
		ps = append(ps, pair{bold(s[0]), text(s[1])})
	}
	c := newRows(ps...)
	c.Layout = &rows{gap: 1, labels: 26}
	return h.open(spec{title: title, content: c, size: fyne.NewSize(380, 0), ok: h.Locale.T("dlg.close")})
}

// About shows the mark of the program beside lines, the first of them large. The
// button more leads to what there is beyond.
func (h *Host) About(title string, mark fyne.Resource, lines []string, more string, then func()) *Frame {
	box := container.New(layout.NewCustomPaddedVBoxLayout(3))
	for i, s := range lines {
		t := text(s)
		if i == 0 {
			t.TextSize, t.TextStyle.Bold = 16, true
		}
		box.Add(t)
	}
	icon := container.NewVBox(container.NewGridWrap(fyne.NewSize(64, 64), widget.NewIcon(mark)))
	content := container.New(layout.NewCustomPaddedHBoxLayout(16), icon, box)
	k := &keys{}
	var f *Frame
	foot := newButton(k, more, func() {
		f.Close()
		then()
	})
	f = h.open(spec{title: title, content: content, size: fyne.NewSize(400, 0), keys: k, ok: h.Locale.T("dlg.close"), foot: foot})
	return f
}

// Table shows rows of text below each other in columns, the first of them bold, for
// reading.
func (h *Host) Table(title, intro string, rows [][]string) *Frame {
	grid := container.New(layout.NewGridLayoutWithColumns(1))
	for _, r := range rows {
		line := container.New(columnsLayout{0.58, 0.22, 0.2})
		for i, s := range r {
			cell := widget.NewLabel(s)
			cell.Truncation = fyne.TextTruncateEllipsis
			cell.TextStyle.Bold = i == 0
			line.Add(cell)
		}
		grid.Add(line)
	}
	head := container.New(layout.NewCustomPaddedVBoxLayout(2))
	for s := range strings.SplitSeq(intro, "\n") {
		head.Add(text(s))
	}
	body := container.New(layout.NewBorderLayout(head, nil, nil, nil), head, container.New(layout.NewCustomPaddedLayout(8, 0, 0, 0), paper(container.NewVScroll(grid))))
	return h.open(spec{title: title, content: body, size: fyne.NewSize(640, 460), ok: h.Locale.T("dlg.close")})
}

// columnsLayout gives each object its share of the width.
type columnsLayout []float32

// MinSize implements fyne.Layout.
func (c columnsLayout) MinSize(objs []fyne.CanvasObject) (s fyne.Size) {
	for _, o := range objs {
		s.Height = max(s.Height, o.MinSize().Height)
	}
	return s
}

// Layout implements fyne.Layout.
func (c columnsLayout) Layout(objs []fyne.CanvasObject, s fyne.Size) {
	x := float32(0)
	for i, o := range objs {
		w := s.Width * c[min(i, len(c)-1)]
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(w, s.Height))
		x += w
	}
}
