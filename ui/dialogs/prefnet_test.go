package dialogs

import (
	"strconv"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// buttonOf is the button with a text.
func buttonOf(t *testing.T, o fyne.CanvasObject, text string) *Button {
	t.Helper()
	for _, b := range findAll[*Button](o) {
		if b.Text == text {
			return b
		}
	}
	t.Fatalf("no button %q", text)
	return nil
}

// TestRandomPort: the button beside the port proposes another one that no program
// is registered for; it counts with OK.
func TestRandomPort(t *testing.T) {
	h := newHost(t)
	d, got := openPage(t, h, "prefs.connection", values())
	page := d.bodies[pageNo("prefs.connection")]
	random, field := buttonOf(t, page, "Random"), find[*Entry](page)
	seen := map[string]bool{}
	for range 20 {
		random.OnTapped()
		seen[field.Text] = true
		if n, err := strconv.Atoi(field.Text); err != nil || n < firstPort || n > lastPort {
			t.Fatalf("port %q", field.Text)
		}
	}
	if len(seen) < 3 {
		t.Errorf("always the same: %v", seen)
	}
	d.ok()
	if strconv.Itoa(got.Port) != field.Text {
		t.Errorf("saved %d, shown %s", got.Port, field.Text)
	}
}

// TestPortMappingIsTwoSwitches: UPnP and NAT-PMP are switched each for itself.
func TestPortMappingIsTwoSwitches(t *testing.T) {
	h := newHost(t)
	d, got := openPage(t, h, "prefs.connection", values())
	for _, c := range findAll[*Check](d.bodies[pageNo("prefs.connection")]) {
		if c.Text == "Ask the router for the port by NAT-PMP" {
			c.SetChecked(!c.Checked)
		}
	}
	before := values()
	d.ok()
	if got.NATPMP == before.NATPMP || got.UPnP != before.UPnP {
		t.Errorf("UPnP %v, NAT-PMP %v", got.UPnP, got.NATPMP)
	}
}

// findAll are the objects of a type below another.
func findAll[T fyne.CanvasObject](root fyne.CanvasObject) (found []T) {
	for _, o := range test.LaidOutObjects(root) {
		if x, ok := o.(T); ok {
			found = append(found, x)
		}
	}
	return found
}
