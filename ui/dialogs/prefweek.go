package dialogs

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"swarmbid/ui/widgets"
)

// weekOf reads the digits of Prefs.ScheduleTable; what cannot be read is full.
func weekOf(s string) (modes [7][24]uint8) {
	for i := range min(len(s), 7*24) {
		if m := s[i] - '0'; m < widgets.WeekModes {
			modes[i/24][i%24] = m
		}
	}
	return modes
}

// weekText writes them; a week that is all full is "".
func weekText(modes [7][24]uint8) string {
	b := make([]byte, 0, 7*24)
	for _, day := range modes {
		for _, m := range day {
			b = append(b, '0'+m)
		}
	}
	if s := string(b); strings.Trim(s, "0") != "" {
		return s
	}
	return ""
}

// week builds the table of hours with a line below that says what is under the
// mouse or the cursor.
func (d *preferences) week(s Setting) []pair {
	l := d.h.Locale
	days := strings.Split(l.T("week.days"), " ")
	modes := []string{l.T("week.full"), l.T("week.limited"), l.T("week.off"), l.T("week.seeding")}
	w := widgets.NewWeek(days)
	w.Set(weekOf(*s.Week(&d.prefs)))
	about := dim(l.T("week.how"))
	w.OnHover = func(day, hour int) {
		line := l.T("week.how")
		if day >= 0 && day < len(days) {
			line = l.T("week.hour", days[day], hour, hour+1, modes[w.Modes()[day][hour]])
		}
		setText(about, line, about.Color)
	}
	w.OnKey = d.keys.handle
	w.OnFocus = func() { d.keys.show(w) }
	d.read = append(d.read, func() error {
		*s.Week(&d.prefs) = weekText(w.Modes())
		return nil
	})
	legend := container.New(layout.NewCustomPaddedHBoxLayout(14))
	for i, name := range modes {
		sign := widgets.NewWeekSign(uint8(i)) //nolint:gosec // four modes
		legend.Add(container.New(layout.NewCustomPaddedHBoxLayout(5), container.NewCenter(sign), text(name)))
	}
	return []pair{{nil, fyne.CanvasObject(w)}, {nil, legend}, {nil, about}}
}
