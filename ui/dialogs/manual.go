package dialogs

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// Manual shows chapters to read: their titles at the left, the chosen one beside them.
func (h *Host) Manual(title string, chapters []view.Chapter) *Frame {
	k := &keys{}
	page := container.New(layout.NewCustomPaddedVBoxLayout(4))
	scroll := container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 6), page))
	turn := func(i int) {
		head := bold(chapters[i].Title)
		head.TextSize = 14
		page.Objects = []fyne.CanvasObject{head}
		for _, p := range chapters[i].Paragraphs {
			page.Add(wrapped(p))
		}
		page.Refresh()
		scroll.ScrollToTop()
	}
	list := widgets.NewTable[int]([]widgets.Column{{ID: "title", Fill: true}})
	list.NoHeader, list.Single, list.Plain, list.RowHeight = true, true, true, 24
	list.SetModel(chapterRows(chapters))
	list.OnSelect = func() {
		if i, ok := list.Cursor(); ok {
			turn(i)
		}
	}
	list.OnKey = k.handle
	list.Select(0)
	turn(0)
	return h.open(spec{title: title, content: container.New(twoColumns{170}, paper(list), scroll), size: fyne.NewSize(700, 440), keys: k, ok: h.Locale.T("dlg.close"), focus: list.Focusable()})
}

// chapterRows is the model of the titles.
type chapterRows []view.Chapter

// Len implements widgets.Model.
func (r chapterRows) Len() int { return len(r) }

// Key implements widgets.Model.
func (r chapterRows) Key(i int) int { return i }

// Column implements widgets.Model.
func (r chapterRows) Column(string) int { return 0 }

// Cell implements widgets.Model.
func (r chapterRows) Cell(i, _ int, c *view.Cell) { *c = view.Cell{Text: r[i].Title} }
