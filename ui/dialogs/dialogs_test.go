package dialogs

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

func newHost(t *testing.T) *Host {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(&widgets.Theme{Mode: widgets.Light})
	w := test.NewTempWindow(t, nil)
	w.Resize(fyne.NewSize(1000, 640))
	data, err := os.ReadFile("../../assets/tr/en.json")
	if err != nil {
		t.Fatal(err)
	}
	l, err := view.ParseLocale("en", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Host{Canvas: w.Canvas(), Locale: l}
}

func press(h *Host, k fyne.KeyName) { h.Canvas.Focused().TypedKey(&fyne.KeyEvent{Name: k}) }

// TestKeysOfEveryField: Escape cancels and Enter does the default, whatever has
// the focus; Enter in several lines of text begins a new one.
func TestKeysOfEveryField(t *testing.T) {
	for _, c := range []struct {
		name  string
		make  func(k *keys) fyne.Focusable
		enter int
	}{
		{"entry", func(k *keys) fyne.Focusable { return newEntry(k, "x") }, 1},
		{"check", func(k *keys) fyne.Focusable { return newCheck(k, "x", true) }, 1},
		{"select", func(k *keys) fyne.Focusable { return newSelect(k, []string{"a", "b"}, 1) }, 1},
		{"lines", func(k *keys) fyne.Focusable {
			e := newEntry(k, "x")
			e.MultiLine = true
			return e
		}, 0},
	} {
		h := newHost(t)
		oks, acts := 0, 0
		open := func() (*Frame, fyne.Focusable) {
			k := &keys{}
			o := c.make(k)
			f := h.open(spec{title: c.name, content: o.(fyne.CanvasObject), keys: k, ok: "OK", cancel: "Cancel", focus: o, onOK: func() bool {
				oks++
				return true
			}, then: func() { acts++ }})
			return f, o
		}
		f, o := open()
		if h.Canvas.Focused() != o {
			t.Errorf("%s has not the focus", c.name)
		}
		press(h, fyne.KeyEscape)
		if !f.Closed() || oks != 0 || len(h.Canvas.Overlays().List()) != 0 {
			t.Errorf("%s: Escape does not cancel", c.name)
		}
		f, _ = open()
		press(h, fyne.KeyReturn)
		if oks != c.enter || acts != c.enter || f.Closed() != (c.enter == 1) {
			t.Errorf("%s: Enter did the default %d times, closed %v", c.name, oks, f.Closed())
		}
	}
}

func TestFrame(t *testing.T) {
	h := newHost(t)
	var log []string
	h.Canvas.SetOnTypedKey(func(*fyne.KeyEvent) { log = append(log, "window") })
	good := false
	f := h.open(spec{title: "T", content: text("x"), ok: "OK", cancel: "Cancel", onOK: func() bool {
		log = append(log, "check")
		return good
	}, then: func() { log = append(log, "act") }})
	f.OnClosed = func() { log = append(log, "closed") }
	press(h, fyne.KeyReturn) // the default button has the focus
	if f.Closed() {
		t.Fatal("closed although the check failed")
	}
	h.Canvas.Unfocus()
	good = true
	h.Canvas.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn}) // nothing has the focus
	f.Close()
	h.Canvas.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got := strings.Join(log, " "); got != "check check closed act window" {
		t.Error(got)
	}
	f = h.open(spec{title: "T", content: text("x"), ok: "OK", cancel: "Cancel"})
	h.Canvas.FocusNext()
	press(h, fyne.KeyReturn)
	if !f.Closed() || len(log) != 5 {
		t.Error("Enter on Cancel does not cancel")
	}
}

// TestThenMayOpenAnother: what a dialog does comes after it is gone, since
// taking it away takes away everything above it.
func TestThenMayOpenAnother(t *testing.T) {
	h := newHost(t)
	var second *Frame
	h.Text("first", "label", "x", nil, func(string) { second = h.Message("second", view.Advice{What: "what", Do: "do"}) })
	press(h, fyne.KeyReturn)
	if second == nil || second.Closed() || h.Canvas.Overlays().Top() != second {
		t.Fatal("the second dialog does not stand")
	}
	press(h, fyne.KeyReturn)
	if h.Canvas.Overlays().Top() != nil {
		t.Error("it does not close")
	}
}

func TestFrameFitsItsWindow(t *testing.T) {
	h := newHost(t)
	f := h.open(spec{title: "big", content: text(strings.Repeat("wide ", 500)), size: fyne.NewSize(3000, 3000), ok: "OK"})
	pos, size := f.Card()
	if pos.X < 0 || pos.Y < 0 || pos.X+size.Width > 1000 || pos.Y+size.Height > 640 {
		t.Errorf("the card is at %v, %v", pos, size)
	}
}

func preview() *swarm.Preview {
	return &swarm.Preview{
		Name: "T", Size: 1310, Metainfo: []byte("meta"), Files: []swarm.File{
			{Index: 0, Path: "T/a/one", Size: 100}, {Index: 1, Path: "T/.pad/1", Size: 10, Pad: true}, {Index: 2, Path: "T/a/two", Size: 200, Priority: swarm.Skip}, {Index: 3, Path: "T/three", Size: 1000},
		},
	}
}

// openAdd opens the add dialog and returns its inside.
func openAdd(t *testing.T, h *Host, p AddParams) (*adder, *Frame) {
	t.Helper()
	f := h.Add(p)
	return f.adder, f
}

func TestAddDialog(t *testing.T) {
	h := newHost(t)
	h.Free = func(_ string, done func(int64)) { done(1200) }
	var got []swarm.Add
	params := AddParams{Preview: preview(), Source: swarm.Source{File: "/x.torrent"}, Dir: "/d", Recent: []string{"/e"}, Labels: []string{"L"}, Done: func(a swarm.Add) { got = append(got, a) }}
	a, _ := openAdd(t, h, params)
	if a.sum.Text != "2 of 3 files, 1.1 KiB of 1.3 KiB" || a.free.Text != "1.2 KiB free, 100 B afterwards" {
		t.Errorf("%q, %q", a.sum.Text, a.free.Text)
	}
	a.setAll(swarm.Normal)
	if a.free.Text != "1.2 KiB free, 100 B are missing" {
		t.Errorf("%q", a.free.Text)
	}
	a.tick(1) // the folder a is wanted whole: skip it
	a.set(swarm.High, 3)
	a.start.SetChecked(false)
	a.label.SetText(" new ")
	press(h, fyne.KeyReturn)
	if len(got) != 1 {
		t.Fatal("Enter does not add")
	}
	g := got[0]
	if g.SavePath != "/d" || !g.Stopped || g.Label != "new" || g.Name != "" || string(g.Source.Metainfo) != "meta" || g.Source.File != "" {
		t.Errorf("%+v", g)
	}
	if fmt.Sprint(g.Priorities) != "[-2 0 -2 1]" {
		t.Errorf("priorities %v", g.Priorities)
	}
	a, f := openAdd(t, h, params)
	a.dir.SetText("  ")
	press(h, fyne.KeyReturn)
	if f.Closed() || len(got) != 1 {
		t.Error("added without a folder")
	}
	press(h, fyne.KeyEscape)
	if !f.Closed() || len(got) != 1 {
		t.Error("Escape adds")
	}
}

func TestAddDialogOfMagnet(t *testing.T) {
	h := newHost(t)
	var got swarm.Add
	src := swarm.Source{Magnet: "magnet:?xt=x"}
	a, _ := openAdd(t, h, AddParams{Preview: &swarm.Preview{Name: "x", Known: true, Private: true, Comment: "c"}, Source: src, Dir: "/d", Stopped: true, Done: func(a swarm.Add) { got = a }})
	a.name.SetText("better")
	press(h, fyne.KeyReturn)
	if got.Source.Magnet != src.Magnet || got.Name != "better" || got.Priorities != nil || !got.Stopped {
		t.Errorf("%+v", got)
	}
}

// TestAddDialogSelected: a magnet link may choose files (BEP 53, so=), and the
// user may choose otherwise.
func TestAddDialogSelected(t *testing.T) {
	h := newHost(t)
	p := preview()
	p.Selected = []int{3, 99, -1}
	var got swarm.Add
	a, _ := openAdd(t, h, AddParams{Preview: p, Dir: "/d", Done: func(a swarm.Add) { got = a }})
	if !strings.HasPrefix(a.sum.Text, "1 of 3 files") {
		t.Errorf("%q", a.sum.Text)
	}
	a.setAll(swarm.Normal)
	press(h, fyne.KeyReturn)
	if fmt.Sprint(got.Priorities) != "[0 0 0 0]" {
		t.Errorf("the choice of the link was not overruled: %v", got.Priorities)
	}
}

func TestAddDialogAnswersLate(t *testing.T) {
	h := newHost(t)
	answers := map[string]func(int64){}
	h.Free = func(dir string, done func(int64)) { answers[dir] = done }
	a, _ := openAdd(t, h, AddParams{Preview: preview(), Dir: "/slow", Done: func(swarm.Add) {}})
	a.dir.SetText("/fast")
	answers["/fast"](5000)
	answers["/slow"](1)
	if a.room != 5000 {
		t.Errorf("%d free: an answer about another folder counts", a.room)
	}
	answers["/fast"](-1)
	if a.free.Text != "" {
		t.Errorf("an unknown size is shown as %q", a.free.Text)
	}
}

func TestFolderIsPicked(t *testing.T) {
	h := newHost(t)
	h.PickFolder = func(start string, done func(string)) { done(start + "/below") }
	got := ""
	k := &keys{}
	e := newEntry(k, "/top")
	o := h.folderField(k, e).(*fyne.Container)
	find[*Button](o).OnTapped()
	if e.Text != "/top/below" {
		t.Errorf("%q", e.Text)
	}
	h.Folder("title", "label", "/a", func(s string) { got = s })
	press(h, fyne.KeyReturn)
	if got != "/a" {
		t.Errorf("%q", got)
	}
}

func TestRate(t *testing.T) {
	h := newHost(t)
	got := int64(-1)
	for in, want := range map[string]int64{"0": 0, "100": 100 << 10, " 7 ": 7 << 10} {
		h.Rate("limit", 5<<10, func(n int64) { got = n })
		h.Canvas.Focused().(*Entry).SetText(in)
		press(h, fyne.KeyReturn)
		if got != want {
			t.Errorf("%q: %d, want %d", in, got, want)
		}
	}
	for _, in := range []string{"", "x", "-1", "1.5", "99999999999999"} {
		f := h.Rate("limit", 0, func(int64) { t.Errorf("%q was taken", in) })
		h.Canvas.Focused().(*Entry).SetText(in)
		press(h, fyne.KeyReturn)
		f.Close()
	}
}

func TestRemoveDialog(t *testing.T) {
	h := newHost(t)
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	calls := []bool{}
	h.Remove(names, false, func(data bool) { calls = append(calls, data) })
	press(h, fyne.KeyReturn)
	f := h.Remove(names[:1], true, func(data bool) { calls = append(calls, data) })
	if h.Canvas.Focused() != f.buttons[1] {
		t.Error("Enter would delete files")
	}
	f.buttons[0].OnTapped()
	if fmt.Sprint(calls) != "[false true]" {
		t.Errorf("%v", calls)
	}
}

func TestTiers(t *testing.T) {
	tiers := [][]string{{"udp://a", "http://b"}, {"http://c"}}
	if got := TiersText(tiers); got != "udp://a\nhttp://b\n\nhttp://c" {
		t.Errorf("%q", got)
	}
	for in, want := range map[string]string{
		"": "[]", " \n\n ": "[]", "a": "[[a]]", "\n\na\n b \n\n\n\nc\n": "[[a b] [c]]", "a\r\n\r\nb": "[[a] [b]]",
	} {
		if got := fmt.Sprint(ParseTiers(in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	if got := ParseTiers(TiersText(tiers)); !reflect.DeepEqual(got, tiers) {
		t.Errorf("%v", got)
	}
}

// places returns what a setting edits: nothing for a headline, each of its keys for
// a table.
func places(t *testing.T, l *view.Locale, s *Setting, p *Prefs) (out []any) {
	t.Helper()
	if s.Bool != nil {
		out = append(out, s.Bool(p))
	}
	if s.Int != nil {
		out = append(out, s.Int(p))
		if s.Max <= s.Min {
			t.Errorf("%s: from %d to %d", s.Label, s.Min, s.Max)
		}
	}
	if s.Rate != nil {
		out = append(out, s.Rate(p))
	}
	if s.Money != nil {
		out = append(out, s.Money(p))
	}
	if s.Text != nil {
		out = append(out, s.Text(p))
	}
	if s.Week != nil {
		out = append(out, s.Week(p))
	}
	if s.Nets != nil {
		out = append(out, s.Nets(p))
	}
	if len(out) > 1 {
		t.Errorf("%s edits %d values", s.Label, len(out))
	}
	for i := range s.Keys {
		k := &s.Keys[i]
		if l.T(k.Note) == k.Note || len(k.Keys) > 0 || k.headline() {
			t.Errorf("%s says nothing of itself", k.Label)
		}
		out = append(out, places(t, l, k, p)...)
	}
	return out
}

// TestEverySettingHasAPlace: each field of Prefs is edited by exactly one
// setting, and each setting has words.
func TestEverySettingHasAPlace(t *testing.T) {
	h := newHost(t)
	var p Prefs
	seen := map[uintptr]string{}
	for _, page := range Pages() {
		for _, s := range page.Settings {
			if h.Locale.T(s.Label) == s.Label {
				t.Errorf("%s has no words", s.Label)
			}
			for _, at := range places(t, h.Locale, &s, &p) {
				ptr := reflect.ValueOf(at).Pointer()
				if other := seen[ptr]; other != "" {
					t.Errorf("%s and %s edit the same", s.Label, other)
				}
				seen[ptr] = s.Label
			}
		}
	}
	v := reflect.ValueOf(&p).Elem()
	for i := range v.NumField() {
		guide := v.Type().Field(i).Name == "GuideDone" // the menu shows the guide again
		if seen[v.Field(i).Addr().Pointer()] == "" && !guide {
			t.Errorf("%s is on no page", v.Type().Field(i).Name)
		}
	}
}

func values() Prefs {
	return Prefs{Theme: "dark", Encryption: "require", Port: 6881, MaxPeers: 200, MaxPeersPerTorrent: 50, Slots: 4, MaxActive: 8, MaxDownloads: 5, DownLimit: 100 << 10, DownloadDir: "/d", DHT: true, FreeShare: 20, BidMode: "off", DoubleClick: "open", DoubleClickSeeding: "open", GoalAction: "stop", BanHours: 24, SaveEvery: 15, WatchEvery: 2, FeedMinutes: 15, CapCount: "both", CapUnit: "GB", CapAmount: 1, CapDays: 1}
}

func TestPreferences(t *testing.T) {
	h := newHost(t)
	var got *Prefs
	h.Preferences(PrefsParams{Now: values(), Save: func(p Prefs) error {
		got = &p
		return nil
	}})
	press(h, fyne.KeyReturn)
	if got == nil || *got != values() {
		t.Errorf("nothing was edited and %+v came back", got)
	}
	f := h.Preferences(PrefsParams{Now: values(), Save: func(Prefs) error { return errors.New("refused") }, Explain: func(err error) string { return "why: " + err.Error() }})
	press(h, fyne.KeyReturn)
	if f.Closed() || f.prefs.wrong.Text != "why: refused" {
		t.Errorf("%q", f.prefs.wrong.Text)
	}
	// A field out of range is shown, on its page.
	bad := values()
	bad.MaxActive = 0
	f.Close()
	f = h.Preferences(PrefsParams{Now: bad, Save: func(Prefs) error {
		t.Error("saved")
		return nil
	}})
	press(h, fyne.KeyReturn)
	if f.Closed() || !f.prefs.bodies[pageNo("prefs.queueing")].Visible() || f.prefs.bodies[0].Visible() || !strings.Contains(f.prefs.wrong.Text, "1 to 100000") {
		t.Errorf("%q", f.prefs.wrong.Text)
	}
	if e, ok := h.Canvas.Focused().(*Entry); !ok || e.Text != "0" {
		t.Error("the wrong field has not the focus")
	}
	press(h, fyne.KeyEscape)
	if !f.Closed() {
		t.Error("Escape does not close")
	}
}

// pageNo is the place of a page in the list.
func pageNo(title string) int {
	return slices.IndexFunc(Pages(), func(p Page) bool { return p.Title == title })
}

func TestPreferencesPages(t *testing.T) {
	h := newHost(t)
	f := h.Preferences(PrefsParams{Now: values()})
	for i := range Pages() {
		if !f.prefs.bodies[i].Visible() {
			t.Errorf("page %d does not show", i)
		}
		press(h, fyne.KeyDown)
	}
}

func TestPreferencesSearch(t *testing.T) {
	h := newHost(t)
	var got Prefs
	f := h.Preferences(PrefsParams{Now: values(), Save: func(p Prefs) error {
		got = p
		return nil
	}})
	d := f.prefs
	d.search.SetText("alternative limit")
	if n := len(d.found.Objects) / 2; n != 4 || d.bodies[0].Visible() { // a switch, two limits and a note
		t.Errorf("%d rows found", n)
	}
	d.search.SetText("CONNECTION port:")
	if n := len(d.found.Objects) / 2; n != 2 { // and its note
		t.Errorf("%d rows found", n)
	}
	find[*Entry](d.found.Objects[1]).SetText("7000")
	d.search.SetText("no such setting")
	d.search.SetText("")
	if d.found != nil || !d.bodies[0].Visible() {
		t.Error("the page does not come back")
	}
	h.Canvas.Focus(d.search)
	press(h, fyne.KeyReturn)
	if got.Port != 7000 || got.MaxPeers != 200 {
		t.Errorf("what was edited in the search is lost: %+v", got)
	}
}

func TestPlainDialogs(t *testing.T) {
	h := newHost(t)
	for _, f := range []*Frame{
		h.Legend("flags", [][2]string{{"D", "down"}}),
		h.About("about", fyne.NewStaticResource("x.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>`)), []string{"Name", "line"}, "more", func() {}),
		h.Facts("facts", 400, []view.FactGroup{{Title: "t", Facts: []view.Fact{{Label: "a", Value: "b"}}}}),
		h.Message("message", view.Advice{What: "x"}),
	} {
		if h.Canvas.Overlays().Top() == nil {
			t.Errorf("%s is not open", f.Title)
		}
	}
	for range 4 {
		press(h, fyne.KeyEscape)
	}
	if h.Canvas.Overlays().Top() != nil {
		t.Error("Escape does not close them one after another")
	}
}
