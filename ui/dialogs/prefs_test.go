package dialogs

import (
	"math/rand/v2"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// openPage opens the preferences at a page; got is what OK saved last.
func openPage(t *testing.T, h *Host, page string, now Prefs) (d *preferences, got *Prefs) {
	t.Helper()
	got = new(Prefs)
	def := values()
	f := h.Preferences(PrefsParams{Now: now, Default: def, First: page, Save: func(p Prefs) error { *got = p; return nil }})
	t.Cleanup(f.Close)
	return f.prefs, got
}

// ok presses the button OK.
func (d *preferences) ok() { d.keys.enter() }

// TestWeekText: the digits of a table are shown and written back as they were, and
// a table of nothing but «full» is no table.
func TestWeekText(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		b := make([]byte, 7*24)
		for i := range b {
			b[i] = '0' + byte(r.IntN(4))
		}
		if got := weekText(weekOf(string(b))); got != string(b) {
			t.Fatalf("seed %d: %s became %s", seed, b, got)
		}
	}
	if got := weekText(weekOf("")); got != "" {
		t.Errorf("nothing became %q", got)
	}
	if got := weekOf("9x"); got != [7][24]uint8{} {
		t.Errorf("nonsense is %v", got)
	}
}

// TestScheduleIsEdited: the hours the user paints by keyboard are saved, and the
// line below says where the cursor is.
func TestScheduleIsEdited(t *testing.T) {
	h := newHost(t)
	now := values()
	now.ScheduleTable = strings.Repeat("0", 24) + strings.Repeat("1", 144)
	d, got := openPage(t, h, "prefs.schedule", now)
	w := find[*widgets.Week](d.bodies[pageNo("prefs.schedule")])
	h.Canvas.Focus(w)
	w.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	w.TypedRune('3') // Monday 1:00 off
	said := false
	for _, o := range test.LaidOutObjects(d.bodies[pageNo("prefs.schedule")]) {
		if x, ok := o.(*canvas.Text); ok {
			said = said || x.Text == "Mon 1:00 to 2:00: Off"
		}
	}
	if !said {
		t.Error("nothing says which hour it is")
	}
	press(h, fyne.KeyReturn)
	if want := "02" + now.ScheduleTable[2:]; got.ScheduleTable != want {
		t.Errorf("saved %q", got.ScheduleTable)
	}
}

func TestAdvanced(t *testing.T) {
	h := newHost(t)
	d, got := openPage(t, h, "prefs.advanced", values())
	k := d.table
	cell := func(name string) (c view.Cell) {
		m := keyRows{k}
		for i := range m.Len() {
			if m.Key(i) == name {
				m.Cell(i, 1, &c)
			}
		}
		return c
	}
	k.show("bt.ban_duration")
	if k.value.Text != "24" || h.Canvas.Focused() != k.value || cell("bt.ban_duration").Bold {
		t.Fatalf("%q, %+v", k.value.Text, cell("bt.ban_duration"))
	}
	for _, bad := range []string{"0", "x", "", "99999", "1.5", "-1"} {
		k.value.SetText(bad)
		press(h, fyne.KeyReturn) // sets, and does not leave the dialog
		if d.prefs.BanHours != 24 || !strings.Contains(d.wrong.Text, "1 to 8760") {
			t.Errorf("%q is taken: %d, %q", bad, d.prefs.BanHours, d.wrong.Text)
		}
	}
	k.value.SetText("48")
	press(h, fyne.KeyReturn)
	if c := cell("bt.ban_duration"); c.Text != "48" || !c.Bold || d.wrong.Text != "" {
		t.Errorf("%+v, %q", c, d.wrong.Text)
	}
	k.reset()
	if d.prefs.BanHours != 24 || cell("bt.ban_duration").Bold {
		t.Errorf("reset to %d", d.prefs.BanHours)
	}
	k.show("bt.use_tcp")
	k.value.SetText("TRUE")
	k.set()
	k.show("net.bind_ip")
	k.value.SetText("127.0.0.1 ,, ::1")
	k.set()
	k.value.SetText("127.0.0.1, localhost")
	d.ok() // what is typed and not set counts, so this is refused
	if d.prefs.Listen != "127.0.0.1, ::1" || !d.bodies[pageNo("prefs.advanced")].Visible() || *got != (Prefs{}) {
		t.Errorf("%q", d.prefs.Listen)
	}
	k.value.SetText("10.0.0.1")
	d.ok()
	if !got.TCP || got.Listen != "10.0.0.1" || got.BanHours != 24 {
		t.Errorf("saved %+v", got)
	}
}

// TestAdvancedIsFound: the filter of the table and the search over all pages find
// settings by name and by meaning.
func TestAdvancedIsFound(t *testing.T) {
	h := newHost(t)
	d, _ := openPage(t, h, "", values())
	k := d.table
	k.filter.SetText("DHT nodes")
	if len(k.shown) != 1 || k.shown[0].Label != "bt.bootstrap_nodes" {
		t.Errorf("%d found", len(k.shown))
	}
	d.search.SetText("slow_threshold")
	b := find[*Button](d.found)
	if b.Text != "queue.slow_threshold" {
		t.Fatalf("found %q", b.Text)
	}
	b.OnTapped()
	if s := k.now(); s == nil || s.Label != "queue.slow_threshold" || !d.bodies[pageNo("prefs.advanced")].Visible() || len(k.shown) != len(k.keys) {
		t.Error("the button does not go there")
	}
	k.value.SetText("4096")
	k.set()
	if d.prefs.SlowRate != 4096 {
		t.Errorf("%d", d.prefs.SlowRate)
	}
	for text, ok := range map[string]bool{"example.org:6881": true, "[::1]:1": true, "example.org": false, ":5": false, "a:0": false, "a:70000": false} {
		if isHostPort(text) != ok {
			t.Errorf("%q: %v", text, !ok)
		}
	}
}

// TestFocusIsSeen: the field that the keyboard comes to is scrolled to.
func TestFocusIsSeen(t *testing.T) {
	h := newHost(t)
	d, _ := openPage(t, h, "", values())
	d.search.SetText("e") // most of them
	if d.stack.MinSize().Height <= d.scroll.Size().Height {
		t.Fatalf("all of %v fits into %v", d.stack.MinSize(), d.scroll.Size())
	}
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject
	fields := 0
	for _, o := range test.LaidOutObjects(d.found) {
		f, ok := o.(fyne.Focusable)
		if !ok || !o.Visible() {
			continue
		}
		fields++
		h.Canvas.Focus(f)
		if h.Canvas.Focused() != f {
			t.Fatalf("%T does not get the keyboard", o)
		}
		top := pos(d.scroll).Y
		if y := pos(o).Y; y < top-1 || y+o.Size().Height > top+d.scroll.Size().Height+1 {
			t.Fatalf("%T at %v is not within %v", o, y-top, d.scroll.Size().Height)
		}
	}
	if fields < 15 {
		t.Errorf("only %d fields", fields)
	}
}
