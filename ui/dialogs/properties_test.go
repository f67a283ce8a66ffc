package dialogs

import (
	"reflect"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
)

// TestProperties: what was changed is reported and nothing else; what cannot be is
// refused with the field in focus.
func TestProperties(t *testing.T) {
	h := newHost(t)
	old := PropertiesParams{
		Name: "x", Trackers: [][]string{{"udp://a/announce"}}, Limits: swarm.Limits{Down: 1024, Slots: 3},
		Options: swarm.Options{GoalRatio: 1500, GoalTime: -1, GoalAction: swarm.GoalLimit, NoPEX: true, WebSeeds: []string{"http://seed/x"}},
	}
	var got Properties
	calls := 0
	old.Done = func(p Properties) { got, calls = p, calls+1 }
	change := func(f func(d *properties)) Properties {
		t.Helper()
		calls, got = 0, Properties{}
		fr := h.Properties(old)
		if f != nil {
			f(fr.props)
		}
		h.Canvas.Focus(fr.props.down)
		press(h, fyne.KeyReturn)
		if calls != 1 || !fr.Closed() {
			t.Errorf("reported %d times; it says %q", calls, fr.props.wrong.Text)
			fr.Close()
		}
		return got
	}
	if p := change(nil); p.Trackers != nil || p.Limits != nil || p.Options != nil {
		t.Errorf("nothing was changed and %+v reported", p)
	}
	if p := change(func(d *properties) { d.down.SetText("20") }); p.Limits == nil || *p.Limits != (swarm.Limits{Down: 20 << 10, Slots: 3}) || p.Options != nil {
		t.Errorf("%+v", p.Limits)
	}
	if p := change(func(d *properties) { d.share.SetSelectedIndex(0) }); p.Limits == nil || *p.Limits != (swarm.Limits{Down: 1024, Slots: 3, Share: swarm.High}) {
		t.Errorf("%+v", p.Limits)
	}
	if p := change(func(d *properties) { d.tiers.SetText("") }); p.Trackers == nil || len(p.Trackers) != 0 {
		t.Errorf("all trackers taken out: %v", p.Trackers)
	}
	p := change(func(d *properties) {
		d.ratio.SetText("2,25")
		d.minutes.SetText("90")
		d.action.SetSelectedIndex(3)
		d.dht.SetChecked(false)
		d.pex.SetChecked(true)
		d.seeds.SetText("http://seed/x\n\nhttps://other/y\n")
	})
	want := swarm.Options{
		GoalRatio: 2250, GoalTime: 90 * time.Minute, GoalAction: swarm.GoalRemove, NoDHT: true,
		WebSeeds: []string{"http://seed/x", "https://other/y"},
	}
	if p.Options == nil || !reflect.DeepEqual(*p.Options, want) {
		t.Errorf("options %+v, want %+v", p.Options, want)
	}
	if p := change(func(d *properties) { d.goal.SetChecked(false) }); p.Options == nil || p.Options.GoalRatio != 0 || p.Options.GoalTime != 0 || p.Options.GoalAction != 0 {
		t.Errorf("without a goal of its own: %+v", p.Options)
	}
	if p := change(func(d *properties) { d.ratio.SetText("0") }); p.Options == nil || p.Options.GoalRatio != -1 || p.Options.GoalTime != -1 {
		t.Errorf("with the goal never to stop: %+v", p.Options)
	}
}

func TestPropertiesRefuse(t *testing.T) {
	h := newHost(t)
	for name, c := range map[string]func(d *properties) *Entry{
		"limit":    func(d *properties) *Entry { return d.up },
		"slots":    func(d *properties) *Entry { return d.slots },
		"trackers": func(d *properties) *Entry { return d.tiers },
		"web seed": func(d *properties) *Entry { return d.seeds },
		"ratio":    func(d *properties) *Entry { return d.ratio },
		"minutes":  func(d *properties) *Entry { return d.minutes },
	} {
		done := false
		f := h.Properties(PropertiesParams{Name: "x", Options: swarm.Options{GoalRatio: 1}, Done: func(Properties) { done = true }})
		e := c(f.props)
		e.SetText("nonsense")
		h.Canvas.Focus(f.props.down)
		press(h, fyne.KeyReturn)
		if done || f.Closed() || f.props.wrong.Text == "" || h.Canvas.Focused() != e {
			t.Errorf("%s: taken %v, says %q", name, done, f.props.wrong.Text)
		}
		f.Close()
	}
}

// TestPropertiesOfAPrivateTorrent: what a private torrent never uses cannot be
// switched, and is not reported as switched off.
func TestPropertiesOfAPrivateTorrent(t *testing.T) {
	h := newHost(t)
	var got Properties
	f := h.Properties(PropertiesParams{Name: "x", Private: true, Done: func(p Properties) { got = p }})
	for _, c := range []*Check{f.props.dht, f.props.pex, f.props.lsd} {
		if !c.Disabled() || c.Checked {
			t.Errorf("%s can be switched", c.Text)
		}
	}
	if !f.props.ratio.Disabled() {
		t.Error("the ratio can be edited without a goal of its own")
	}
	press(h, fyne.KeyReturn)
	if got.Options != nil || got.Limits != nil || got.Trackers != nil {
		t.Errorf("%+v", got)
	}
}

func TestThousandths(t *testing.T) {
	for in, want := range map[string]int64{"0": 0, "1": 1000, "1.5": 1500, "1,5": 1500, ".25": 250, "2.": 2000, " 0.001 ": 1, "1000000": 1_000_000_000} {
		if n, ok := thousandths(in); !ok || n != want {
			t.Errorf("%q is %d %v", in, n, ok)
		}
	}
	for _, in := range []string{"", ".", "x", "-1", "1.2345", "1.2.3", "1e3", "9999999", "1.x"} {
		if n, ok := thousandths(in); ok {
			t.Errorf("%q is %d", in, n)
		}
	}
}
