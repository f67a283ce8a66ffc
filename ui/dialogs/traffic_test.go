package dialogs

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"swarmbid/engine/swarm"
)

// all lists what a page shows of a kind, from the top down.
func all[T fyne.CanvasObject](root fyne.CanvasObject) (found []T) {
	for _, o := range test.LaidOutObjects(root) {
		if x, ok := o.(T); ok {
			found = append(found, x)
		}
	}
	return found
}

// labelled finds a button by its words.
func labelled(t *testing.T, root fyne.CanvasObject, words string) *Button {
	t.Helper()
	list := all[*Button](root)
	i := slices.IndexFunc(list, func(b *Button) bool { return b.Text == words })
	if i < 0 {
		t.Fatalf("no button «%s»", words)
	}
	return list[i]
}

func TestNetworksText(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"10.0.0.0/8 1024 2048":          "10.0.0.0/8 1024 2048",
		"10.9.8.7/8 0 5, fd00::1/8 1 2": "10.0.0.0/8 0 5, fd00::/8 1 2",
		"home 1 2, 10.0.0.0/8 1, 10.0.0.0/8 x 1, 10.0.0.0/8 -1 1, 10.0.0.0/33 1 1": "",
	} {
		if got := networksText(ParseNetworks(in)); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestNetworksAreEdited: limits are changed, networks taken out, and the network of
// this machine is added once; what is none is refused with the field in focus.
func TestNetworksAreEdited(t *testing.T) {
	h := newHost(t)
	h.Network = func() string { return "192.168.178.0/24" }
	now := values()
	now.Networks = "10.0.0.0/8 1048576 2097152, 172.16.0.0/12 0 1024"
	d, got := openPage(t, h, "prefs.limits", now)
	page := d.bodies[pageNo("prefs.limits")]
	nets := func() (list []*Entry) {
		for _, e := range all[*Entry](page) {
			if strings.Contains(e.Text, "/") || e.PlaceHolder != "" {
				list = append(list, e)
			}
		}
		return list
	}
	if list := nets(); len(list) != 2 || list[0].Text != "10.0.0.0/8" {
		t.Fatalf("%d networks", len(list))
	}
	d.ok()
	if got.Networks != now.Networks {
		t.Errorf("nothing was changed, and it became %q", got.Networks)
	}

	d, got = openPage(t, h, "prefs.limits", now)
	page = d.bodies[pageNo("prefs.limits")]
	labelled(t, page, "Remove").OnTapped() // the first one
	add := labelled(t, page, "Add Limits for It")
	add.OnTapped()
	add.OnTapped() // it is there
	if len(nets()) != 2 {
		t.Fatalf("%d networks", len(nets()))
	}
	up, ok := h.Canvas.Focused().(*Entry)
	if !ok {
		t.Fatal("no field of the new network has the focus")
	}
	up.SetText("512")
	d.ok()
	if want := "172.16.0.0/12 0 1024, 192.168.178.0/24 0 524288"; got.Networks != want {
		t.Errorf("%q, want %q", got.Networks, want)
	}

	d, got = openPage(t, h, "prefs.limits", now)
	page = d.bodies[pageNo("prefs.limits")]
	for i, bad := range []string{"at home", "172.16.5.5/12"} { // the second is that of the second row
		nets()[0].SetText(bad)
		if d.ok(); got.Networks != "" || h.Canvas.Focused() != nets()[i] || !strings.Contains(d.wrong.Text, nets()[i].Text) {
			t.Errorf("%q is taken: %q; it says %q", bad, got.Networks, d.wrong.Text)
		}
	}
	nets()[0].SetText("10.0.0.0/8")
	d.ok()
}

// TestNoNetwork: without one there is nothing to add.
func TestNoNetwork(t *testing.T) {
	h := newHost(t)
	d, _ := openPage(t, h, "prefs.limits", values())
	for _, b := range all[*Button](d.bodies[pageNo("prefs.limits")]) {
		if b.Text == "Add Limits for It" {
			t.Error("limits for no network")
		}
	}
}

// TestUsage: the days are listed, the latest first, and forgotten on a press.
func TestUsage(t *testing.T) {
	h := newHost(t)
	days := []swarm.Day{{Date: "2026-11-19", Down: 3 << 30, Up: 1 << 30}, {Date: "2026-11-20", Down: 5 << 20, Up: 2 << 20}}
	resets := 0
	h.Usage = func(reset bool, done func([]swarm.Day)) {
		if reset {
			resets++
			days = nil
		}
		done(days)
	}
	d, _ := openPage(t, h, "prefs.cap", values())
	page := d.bodies[pageNo("prefs.cap")]
	words := func() string {
		var out []string
		for _, x := range all[*canvas.Text](page) {
			out = append(out, x.Text)
		}
		return strings.Join(out, "|")
	}
	if s := words(); !strings.Contains(s, "2026-11-20|5.0 MiB|2.0 MiB|7.0 MiB|2026-11-19|3.00 GiB|1.00 GiB|4.00 GiB") {
		t.Errorf("it shows %s", s)
	}
	labelled(t, page, "Reset History").OnTapped()
	if s := words(); resets != 1 || strings.Contains(s, "2026") || !strings.Contains(s, "Nothing was transferred yet") {
		t.Errorf("%d resets, it shows %s", resets, s)
	}
}
