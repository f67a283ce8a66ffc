package dialogs

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// AddParams are what the add dialog begins with.
type AddParams struct {
	Preview *swarm.Preview
	Source  swarm.Source
	Dir     string   // the default folder
	Recent  []string // folders chosen before, newest first
	Labels  []string // labels in use
	Stopped bool     // do not start unless asked to
	Done    func(swarm.Add)
}

// adder is an open add dialog.
type adder struct {
	h      *Host
	p      AddParams
	files  []swarm.File // priorities as chosen so far
	folded map[string]bool
	order  view.Order
	tree   *widgets.Table[string]
	nodes  []*view.FileNode

	name, dir, label             *Entry
	start, top, seq, ends, check *Check
	free, sum                    *widget.Label
	room                         int64 // free bytes of the chosen drive; -1 unknown
}

// Add shows what a torrent holds and asks where to put it and what of it.
func (h *Host) Add(p AddParams) *Frame {
	k, l := &keys{}, h.Locale
	a := &adder{h: h, p: p, room: -1, folded: map[string]bool{}, files: append([]swarm.File(nil), p.Preview.Files...)}
	if p.Preview.Selected != nil { // so= of a magnet link (BEP 53)
		for i := range a.files {
			a.files[i].Priority = swarm.Skip
		}
		for _, i := range p.Preview.Selected {
			if i >= 0 && i < len(a.files) {
				a.files[i].Priority = swarm.Normal
			}
		}
	}
	a.name, a.dir, a.label = newEntry(k, p.Preview.Name), newEntry(k, p.Dir), newEntry(k, "")
	a.label.SetPlaceHolder(l.T("add.noLabel"))
	a.start, a.top = newCheck(k, l.T("add.start"), !p.Stopped), newCheck(k, l.T("add.top"), false)
	a.seq, a.ends, a.check = newCheck(k, l.T("add.sequential"), false), newCheck(k, l.T("add.endsFirst"), false), newCheck(k, l.T("add.skipCheck"), false)
	tips(l, map[string]hinted{"add.label": a.label, "add.sequential": a.seq, "add.endsFirst": a.ends, "add.skipCheck": a.check})
	a.free, a.sum = widget.NewLabel(""), widget.NewLabel("")
	a.free.Truncation, a.sum.Truncation = fyne.TextTruncateEllipsis, fyne.TextTruncateEllipsis
	content := container.New(twoColumns{330}, a.left(k), a.right(k))
	a.dir.OnChanged = func(string) { a.measure() }
	a.measure()
	a.fill()
	f := h.open(spec{title: l.T("add.title"), content: content, size: fyne.NewSize(860, 470), keys: k, ok: l.T("add.ok"), cancel: l.T("dlg.cancel"), focus: a.dir, onOK: a.ready, then: a.done})
	f.adder = a
	return f
}

// left is where to put it and how to begin.
func (a *adder) left(k *keys) fyne.CanvasObject {
	l, p := a.h.Locale, a.p.Preview
	dir := a.h.folderField(k, a.dir)
	if len(a.p.Recent) > 0 {
		recent := newButton(k, "", func() { a.popUp(a.dir, a.p.Recent) })
		recent.setTip(l.Tip("add.recent"))
		recent.Icon = widgets.Icon("more", theme.Color(widgets.ColorDim))
		dir = container.New(layout.NewBorderLayout(nil, nil, nil, recent), dir, recent)
	}
	label := fyne.CanvasObject(a.label)
	if len(a.p.Labels) > 0 {
		more := newButton(k, "", func() { a.popUp(a.label, a.p.Labels) })
		more.setTip(l.Tip("add.labels"))
		more.Icon = widgets.Icon("more", theme.Color(widgets.ColorDim))
		label = container.New(layout.NewBorderLayout(nil, nil, nil, more), a.label, more)
	}
	form := container.New(layout.NewCustomPaddedVBoxLayout(4), text(l.T("add.dir")), dir, a.free, text(l.T("add.name")), a.name, text(l.T("add.label")), label)
	opts := container.New(layout.NewCustomPaddedVBoxLayout(1), a.start, a.top, a.seq, a.ends, a.check)
	info := container.New(layout.NewCustomPaddedVBoxLayout(2))
	if p.Comment != "" {
		c := widget.NewLabel(l.T("add.comment", p.Comment))
		c.Truncation = fyne.TextTruncateEllipsis
		info.Add(c)
	}
	if p.Private {
		info.Add(dim(l.T("add.private")))
	}
	if p.Known {
		known := wrapped(l.T("add.known"))
		known.Importance = widget.WarningImportance
		info.Add(known)
	}
	return container.New(layout.NewCustomPaddedVBoxLayout(8), form, opts, info)
}

// popUp offers values for an entry.
func (a *adder) popUp(e *Entry, values []string) {
	var items []*fyne.MenuItem
	for _, v := range values {
		items = append(items, fyne.NewMenuItem(v, func() { e.SetText(v) }))
	}
	widget.ShowPopUpMenuAtRelativePosition(fyne.NewMenu("", items...), a.h.Canvas, fyne.NewPos(0, e.Size().Height), e)
}

// right is what is in it.
func (a *adder) right(k *keys) fyne.CanvasObject {
	l := a.h.Locale
	if a.files == nil {
		return paper(container.NewCenter(dim(l.T("add.noFiles"))))
	}
	cols := columns(l, view.FileColumns(), "name", "size", "priority")
	cols[0].Fill = true
	a.tree = widgets.NewTable[string](cols)
	a.tree.OnTick = a.tick
	a.tree.OnFold = func(row int, open bool) {
		if n := a.nodes[row]; n.Folder {
			a.folded[n.Path] = !open
			a.fill()
		}
	}
	a.tree.OnSort = func(o view.Order) {
		a.order = o
		a.fill()
	}
	a.tree.OnMenu = a.menu
	a.tree.OnKey = func(e *fyne.KeyEvent) bool { return k.handle(e) }
	all := newButton(k, l.T("add.all"), func() { a.setAll(swarm.Normal) })
	none := newButton(k, l.T("add.none"), func() { a.setAll(swarm.Skip) })
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(6), all, none)
	foot := container.New(layout.NewBorderLayout(nil, nil, buttons, nil), buttons, a.sum)
	foot = container.New(layout.NewCustomPaddedLayout(6, 0, 0, 0), foot)
	return container.New(layout.NewBorderLayout(nil, foot, nil, nil), paper(a.tree), foot)
}

// nodeRows is the model of the tree.
type nodeRows struct{ *view.List[view.FileNode] }

// Key implements widgets.Model.
func (r nodeRows) Key(i int) string { return r.Item(i).Path }

// fill shows the tree and adds up what is chosen.
func (a *adder) fill() {
	l := a.h.Locale
	if a.tree == nil {
		return
	}
	a.nodes = view.FileTree(a.files, a.folded, a.order)
	a.tree.SetModel(nodeRows{view.Files(&view.Format{Locale: l}, a.nodes, a.tree.Shown())})
	n, size, all := 0, int64(0), 0
	for _, f := range a.files {
		if f.Pad {
			continue
		}
		all++
		if f.Priority != swarm.Skip {
			n++
			size += f.Size
		}
	}
	a.sum.SetText(l.T("add.sum", l.Int(int64(n)), l.Int(int64(all)), l.Bytes(size), l.Bytes(a.p.Preview.Size)))
	a.showFree()
}

// wanted is how many bytes will be written.
func (a *adder) wanted() (n int64) {
	for _, f := range a.files {
		if f.Priority != swarm.Skip && !f.Pad {
			n += f.Size
		}
	}
	return n
}

// measure finds out what is free in the chosen folder.
func (a *adder) measure() {
	dir := a.dir.Text
	a.room = -1
	if a.h.Free == nil {
		return
	}
	a.h.Free(dir, func(n int64) {
		if a.dir.Text == dir { // else an answer to an older question
			a.room = n
			a.showFree()
		}
	})
}

func (a *adder) showFree() {
	l := a.h.Locale
	a.free.Importance = widget.LowImportance
	switch {
	case a.room < 0:
		a.free.SetText("")
	case a.wanted() > a.room:
		a.free.Importance = widget.DangerImportance
		a.free.SetText(l.T("add.full", l.Bytes(a.room), l.Bytes(a.wanted()-a.room)))
	default:
		a.free.SetText(l.T("add.free", l.Bytes(a.room), l.Bytes(a.room-a.wanted())))
	}
}

func (a *adder) set(p swarm.Priority, files ...int) {
	for i := range a.files {
		for _, k := range files {
			if a.files[i].Index == k {
				a.files[i].Priority = p
			}
		}
	}
	a.fill()
}

func (a *adder) setAll(p swarm.Priority) {
	for i := range a.files {
		a.files[i].Priority = p
	}
	a.fill()
}

func (a *adder) tick(row int) {
	n, p := a.nodes[row], swarm.Skip
	if n.Ticked != view.TickOn {
		p = swarm.Normal
	}
	a.set(p, n.Files...)
}

// menu sets the priority of the selected rows.
func (a *adder) menu(at fyne.Position) {
	l := a.h.Locale
	var files []int
	for _, n := range a.nodes {
		if a.tree.Selected(n.Path) {
			files = append(files, n.Files...)
		}
	}
	item := func(key string, p swarm.Priority) *fyne.MenuItem {
		return fyne.NewMenuItem(l.T(key), func() { a.set(p, files...) })
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", item("prio.high", swarm.High), item("prio.normal", swarm.Normal), item("prio.low", swarm.Low), item("menu.skip", swarm.Skip)), a.h.Canvas, at)
}

// ready reports whether there is a folder.
func (a *adder) ready() bool {
	if strings.TrimSpace(a.dir.Text) == "" {
		a.h.Canvas.Focus(a.dir)
		return false
	}
	return true
}

// done hands over the decision.
func (a *adder) done() {
	out := swarm.Add{
		Source: a.p.Source, SavePath: a.dir.Text, Label: strings.TrimSpace(a.label.Text), Stopped: !a.start.Checked, Top: a.top.Checked,
		Sequential: a.seq.Checked, FirstLast: a.ends.Checked, SkipCheck: a.check.Checked,
	}
	if a.p.Preview.Metainfo != nil {
		out.Source = swarm.Source{Metainfo: a.p.Preview.Metainfo}
	}
	if a.name.Text != a.p.Preview.Name {
		out.Name = strings.TrimSpace(a.name.Text)
	}
	for i := range a.files {
		if a.files[i].Priority != swarm.Normal {
			out.Priorities = make([]swarm.Priority, len(a.files))
		}
	}
	for i := range out.Priorities {
		out.Priorities[i] = a.files[i].Priority
	}
	if a.p.Preview.Selected != nil && out.Priorities == nil {
		out.Priorities = make([]swarm.Priority, len(a.files)) // overrules so=
	}
	a.p.Done(out)
}

// twoColumns gives the first object a fixed width and the second the rest.
type twoColumns struct{ first float32 }

// MinSize implements fyne.Layout.
func (c twoColumns) MinSize(objs []fyne.CanvasObject) fyne.Size {
	a, b := objs[0].MinSize(), objs[1].MinSize()
	return fyne.NewSize(c.first+14+b.Width, max(a.Height, b.Height))
}

// Layout implements fyne.Layout.
func (c twoColumns) Layout(objs []fyne.CanvasObject, s fyne.Size) {
	objs[0].Resize(fyne.NewSize(c.first, s.Height))
	objs[1].Move(fyne.NewPos(c.first+14, 0))
	objs[1].Resize(fyne.NewSize(s.Width-c.first-14, s.Height))
}
