package dialogs

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"swarmbid/engine/swarm"
)

// usage shows the traffic of the last days, the latest first, with a button that
// forgets it.
func (d *preferences) usage() []pair {
	l := d.h.Locale
	table, none := container.New(layout.NewGridLayoutWithColumns(4)), dim(l.T("cap.nothing"))
	show := func(days []swarm.Day) {
		table.RemoveAll()
		if none.Hidden = len(days) > 0; none.Hidden {
			for _, key := range []string{"cap.day", "cap.down", "cap.up", "cap.both"} {
				table.Add(right(key != "cap.day", dim(l.T(key))))
			}
		}
		for _, x := range slices.Backward(days) {
			table.Add(text(l.Day(x.Date)))
			for _, n := range []int64{x.Down, x.Up, x.Down + x.Up} {
				table.Add(right(true, text(l.Bytes(n))))
			}
		}
		table.Refresh()
		if d.scroll != nil {
			d.scroll.Refresh()
		}
	}
	show(nil)
	reset := newButton(d.keys, l.T("cap.reset"), func() { d.h.Usage(true, show) })
	d.h.Usage(false, show)
	return []pair{{nil, container.New(layout.NewCustomPaddedHBoxLayout(8), reset)}, {nil, container.NewStack(none, table)}}
}

// right puts a cell at the right edge of its column.
func right(on bool, o fyne.CanvasObject) fyne.CanvasObject {
	if !on {
		return o
	}
	return container.New(layout.NewCustomPaddedHBoxLayout(0), layout.NewSpacer(), o)
}
