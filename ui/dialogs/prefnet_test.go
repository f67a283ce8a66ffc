package dialogs

import (
	"slices"
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

// TestProxyPage: what is typed is saved; the password is not shown, and is kept to
// the letter.
func TestProxyPage(t *testing.T) {
	h := newHost(t)
	now := values()
	now.ProxyPassword, now.ProxyPort = "old", 1080
	d, got := openPage(t, h, "prefs.proxy", now)
	page := d.bodies[pageNo("prefs.proxy")]
	entries := findAll[*Entry](page)
	if len(entries) != 5 {
		t.Fatalf("%d fields", len(entries))
	}
	for i, e := range entries {
		if e.Password != (i == 3) {
			t.Errorf("field %d is a password: %v", i, e.Password)
		}
		e.SetText([]string{" proxy.example ", "3128", "anna", " two words ", "/lists/ipfilter.dat"}[i])
	}
	find[*Select](page).SetSelected("SOCKS5")
	for _, c := range findAll[*Check](page) {
		c.SetChecked(true)
	}
	d.ok()
	if got.ProxyKind != "socks5" || got.ProxyHost != "proxy.example" || got.ProxyPort != 3128 || got.ProxyUser != "anna" || got.ProxyPassword != " two words " ||
		!got.FilterOn || got.FilterFile != "/lists/ipfilter.dat" || !got.ProxyNames || !got.ProxyPeers || !got.ProxyOnly {
		t.Errorf("%+v", got)
	}
}

// TestNetworkIsChosen: the networks of the computer are offered, and the one that is
// set stays chosen while it is not there.
func TestNetworkIsChosen(t *testing.T) {
	h := newHost(t)
	h.Networks = func() []Choice { return []Choice{{"eth0", "eth0 (192.0.2.5)"}, {"tun0", "tun0 (10.8.0.2)"}} }
	now := values()
	now.Network = "tun7"
	d, got := openPage(t, h, "prefs.connection", now)
	sel := find[*Select](d.bodies[pageNo("prefs.connection")])
	if want := []string{"Any", "eth0 (192.0.2.5)", "tun0 (10.8.0.2)", "tun7 (not there)"}; !slices.Equal(sel.Options, want) || sel.Selected != "tun7 (not there)" {
		t.Errorf("offered %q, chosen %q", sel.Options, sel.Selected)
	}
	sel.SetSelected("tun0 (10.8.0.2)")
	d.ok()
	if got.Network != "tun0" {
		t.Errorf("saved %q", got.Network)
	}
}
