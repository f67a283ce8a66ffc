package dialogs

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// GuideStep is one step of the setup guide.
type GuideStep uint8

// The steps, in their order.
const (
	GuideLanguage GuideStep = iota
	GuideFolder
	GuidePort
	guideSteps
)

// Last reports whether no step follows.
func (s GuideStep) Last() bool { return s+1 >= guideSteps }

// GuideParams are what a step of the guide begins with.
type GuideParams struct {
	Step  GuideStep
	Prefs Prefs
	// Done gets the preferences as the step leaves them and the next step, which is
	// beyond Last after the last one and the one before for Back.
	Done func(p Prefs, next GuideStep)
}

// guide is one open step.
type guide struct {
	h     *Host
	p     GuideParams
	read  func() string // takes the fields over; says what is wrong, or ""
	focus fyne.Focusable
	wrong *canvas.Text
}

// Guide shows one step of the setup guide. A user who cancels ends it there.
func (h *Host) Guide(p GuideParams) *Frame {
	k, l := &keys{}, h.Locale
	g := &guide{h: h, p: p, wrong: dim("")}
	form := map[GuideStep]func(*keys) []pair{GuideLanguage: g.language, GuideFolder: g.folder, GuidePort: g.port}[p.Step](k)
	intro := container.New(layout.NewCustomPaddedVBoxLayout(2))
	for line := range strings.SplitSeq(l.T([...]string{"guide.languageWhat", "guide.folderWhat", "guide.portWhat"}[p.Step]), "\n") {
		intro.Add(text(line))
	}
	content := container.New(layout.NewCustomPaddedVBoxLayout(10), intro, newRows(form...), g.wrong)
	ok, next := l.T("guide.next"), p.Step+1
	if p.Step.Last() {
		ok = l.T("guide.finish")
	}
	s := spec{title: l.T("guide.title", int(p.Step)+1, int(guideSteps)), content: content, size: fyne.NewSize(500, 250), keys: k, ok: ok, cancel: l.T("guide.skip"), focus: g.focus}
	s.onOK = func() bool {
		if why := g.read(); why != "" {
			setText(g.wrong, why, widgets.ToneColor(view.Broken))
			return false
		}
		return true
	}
	s.then = func() { p.Done(g.p.Prefs, next) }
	var f *Frame
	if p.Step > GuideLanguage {
		s.foot = newButton(k, l.T("guide.back"), func() {
			f.OnClosed = nil
			f.Close()
			p.Done(p.Prefs, p.Step-1)
		})
	}
	f = h.open(s)
	f.guide = g
	return f
}

func (g *guide) language(k *keys) []pair {
	l := g.h.Locale
	s := settingOf("prefs.language")
	var words []string
	for _, c := range s.Choices {
		words = append(words, l.T(c.Label))
	}
	sel := newSelect(k, words, max(0, slices.IndexFunc(s.Choices, func(c Choice) bool { return c.Value == g.p.Prefs.Language })))
	g.focus = sel
	g.read = func() string {
		if i := sel.SelectedIndex(); i >= 0 {
			g.p.Prefs.Language = s.Choices[i].Value
		}
		return ""
	}
	return []pair{{text(l.T(s.Label)), narrow(edged(sel), 204, "")}}
}

// settingOf returns the setting of the preferences with a label.
func settingOf(label string) Setting {
	for _, p := range Pages() {
		for _, s := range p.Settings {
			if s.Label == label {
				return s
			}
		}
	}
	return Setting{}
}

func (g *guide) folder(k *keys) []pair {
	l := g.h.Locale
	dir := newEntry(k, g.p.Prefs.DownloadDir)
	free := dim("")
	measure := func() {
		if g.h.Free == nil {
			return
		}
		at := dir.Text
		g.h.Free(at, func(n int64) {
			if dir.Text == at && n >= 0 {
				setText(free, l.T("guide.free", l.Bytes(n)), free.Color)
			}
		})
	}
	dir.OnChanged = func(string) { measure() }
	measure()
	g.focus = dir
	g.read = func() string {
		s := strings.TrimSpace(dir.Text)
		if !filepath.IsAbs(s) {
			return l.T("guide.noFolder")
		}
		g.p.Prefs.DownloadDir = filepath.Clean(s)
		return ""
	}
	return []pair{{text(l.T("prefs.downloadDir")), g.h.folderField(k, dir)}, {nil, free}}
}

// Ports the program proposes: those that no other is registered for.
const firstPort, lastPort = 49152, 65535

// randomPort is a button that puts another port into a field.
func randomPort(k *keys, l *view.Locale, port *Entry) *Button {
	return newButton(k, l.T("guide.random"), func() {
		port.SetText(strconv.Itoa(firstPort + rand.IntN(lastPort-firstPort+1))) //nolint:gosec // no secret
	})
}

func (g *guide) port(k *keys) []pair {
	l := g.h.Locale
	port := numberEntry(k, int64(g.p.Prefs.Port))
	random := randomPort(k, l, port)
	was := g.p.Prefs.UPnP || g.p.Prefs.NATPMP
	mapped := newCheck(k, l.T("prefs.portMap"), was)
	g.focus = port
	g.read = func() string {
		n, ok := number(port)
		if !ok || n > lastPort {
			return l.T("prefs.range", l.T("prefs.port"), 0, lastPort)
		}
		g.p.Prefs.Port = int(n)
		if mapped.Checked != was { // else one of the two alone stays as it is
			g.p.Prefs.UPnP, g.p.Prefs.NATPMP = mapped.Checked, mapped.Checked
		}
		return ""
	}
	row := container.New(layout.NewCustomPaddedHBoxLayout(6), container.New(atLeast{80}, port), random)
	return []pair{{text(l.T("prefs.port")), row}, {nil, mapped}}
}
