package dialogs

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// Desktop is what the preferences show of the desktop around the program. The
// functions do not wait, and call back on the main goroutine.
type Desktop struct {
	// Tray is whether the program can have an icon in the notification area.
	Tray bool
	// Minimises is whether it is noticed that the window was minimised.
	Minimises bool
	// Autostart is whether the program can start when the user logs in.
	Autostart bool
	// Sparse is whether the program decides if files are sparse.
	Sparse bool
	// Check says in words what the desktop opens with the program; nil = unknown.
	Check func(done func(words string))
	// Repair makes the program known to the desktop and says what is so then.
	Repair func(done func(words string))
	// Defaults shows the desktop's own page for defaults; nil = it has none.
	Defaults func()
}

// needs of a Setting that some desktops do not meet.
const (
	needTray      = "tray"
	needMinimise  = "minimise"
	needAutostart = "autostart"
	needOpening   = "opening"
	needPortTest  = "port"
	needSparse    = "sparse"
	needUsage     = "usage"
)

// meets reports whether a setting can do something here.
func (h *Host) meets(need string) bool {
	d := h.Desktop
	switch need {
	case needTray:
		return d != nil && d.Tray
	case needMinimise:
		return d != nil && d.Tray && d.Minimises
	case needAutostart:
		return d != nil && d.Autostart
	case needOpening:
		return d != nil && d.Check != nil && d.Repair != nil
	case needSparse:
		return d != nil && d.Sparse
	case needPortTest:
		return h.PortTest != nil
	case needUsage:
		return h.Usage != nil
	}
	return true
}

// desktopPage is what the program is to the desktop.
func desktopPage() Page {
	return Page{"prefs.desk", []Setting{
		{Label: "prefs.tray", Needs: needTray},
		{Label: "prefs.closeToTray", Bool: func(p *Prefs) *bool { return &p.CloseToTray }, Needs: needTray, Note: "prefs.closeToTrayNote"},
		{Label: "prefs.minimiseToTray", Bool: func(p *Prefs) *bool { return &p.MinimiseToTray }, Needs: needMinimise},
		{Label: "prefs.computer"},
		{Label: "prefs.autostart", Bool: func(p *Prefs) *bool { return &p.Autostart }, Needs: needAutostart},
		{Label: "prefs.keepAwake", Bool: func(p *Prefs) *bool { return &p.KeepAwake }},
		{Label: "prefs.opening", Needs: needOpening},
		{Label: "prefs.opens", Opening: true, Needs: needOpening},
	}}
}

// threeLines are lines whose words come later.
func threeLines() (*fyne.Container, func(words string)) {
	lines := [3]*canvas.Text{}
	said := container.New(layout.NewCustomPaddedVBoxLayout(4))
	for i := range lines {
		lines[i] = text("")
		said.Add(lines[i])
	}
	return said, func(words string) {
		told := strings.Split(words, "\n")
		for i, t := range lines {
			s := ""
			if i < len(told) {
				s = told[i]
			}
			setText(t, s, t.Color)
		}
	}
}

// portTest is a button that tests the port in force, and what came of it.
func (d *preferences) portTest(s Setting) []pair {
	said, say := threeLines()
	press := func() {
		say(d.h.Locale.T("port.testing"))
		d.h.PortTest(say)
	}
	return []pair{{nil, container.New(layout.NewCustomPaddedHBoxLayout(8), newButton(d.keys, d.h.Locale.T(s.Label), press))}, {nil, said}}
}

// opening says what the desktop opens with the program, with buttons to repair it.
func (d *preferences) opening() []pair {
	l, desk := d.h.Locale, d.h.Desktop
	said, say := threeLines()
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(8), newButton(d.keys, l.T("prefs.repair"), func() { desk.Repair(say) }))
	if desk.Defaults != nil {
		buttons.Add(newButton(d.keys, l.T("prefs.defaults"), desk.Defaults))
	}
	desk.Check(say)
	return []pair{{nil, said}, {nil, container.New(layout.NewCustomPaddedLayout(2, 0, 0, 0), buttons)}}
}
