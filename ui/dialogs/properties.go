package dialogs

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// PropertiesParams are what the properties of a torrent begin with. Done gets nil
// for what the user left as it was.
type PropertiesParams struct {
	Name     string
	Trackers [][]string
	Limits   swarm.Limits
	Options  swarm.Options
	Private  bool // peers come from its trackers alone (BEP 27)
	Done     func(Properties)
}

// Properties are what the user changed of a torrent; nil = nothing.
type Properties struct {
	Trackers [][]string // empty and not nil: all were taken out
	Limits   *swarm.Limits
	Options  *swarm.Options
}

// properties is an open dialog.
type properties struct {
	h *Host
	p PropertiesParams

	tiers, seeds           *Entry
	down, up, slots, peers *Entry
	share                  *Select
	goal                   *Check
	ratio, minutes         *Entry
	action                 *Select
	dht, pex, lsd          *Check
	wrong                  *canvas.Text
}

// Properties edits the trackers, web seeds, limits, seeding goal and sources of
// peers of one torrent.
func (h *Host) Properties(p PropertiesParams) *Frame {
	k, l := &keys{}, h.Locale
	d := &properties{h: h, p: p, wrong: dim("")}
	content := container.New(twoColumns{370}, d.left(k), d.right(k))
	var changed Properties
	f := h.open(spec{
		title: l.T("props.title", p.Name), content: content, size: fyne.NewSize(760, 0), keys: k, ok: l.T("dlg.ok"), cancel: l.T("dlg.cancel"), focus: d.down,
		onOK: func() (ok bool) {
			changed, ok = d.read()
			return ok
		},
		then: func() { p.Done(changed) },
	})
	f.props = d
	return f
}

func (d *properties) left(k *keys) fyne.CanvasObject {
	l := d.h.Locale
	d.tiers, d.seeds = newEntry(k, TiersText(d.p.Trackers)), newEntry(k, strings.Join(d.p.Options.WebSeeds, "\n"))
	d.tiers.MultiLine, d.seeds.MultiLine = true, true
	d.tiers.SetMinRowsVisible(9)
	d.seeds.SetMinRowsVisible(5)
	return container.New(layout.NewCustomPaddedVBoxLayout(6), bold(l.T("props.trackers")), d.tiers, dim(l.T("props.tiers")),
		bold(l.T("create.seeds")), d.seeds, dim(l.T("props.lines")))
}

func (d *properties) right(k *keys) fyne.CanvasObject {
	const w = 70
	l, o := d.h.Locale, d.p.Options
	d.down, d.up = numberEntry(k, d.p.Limits.Down/kib), numberEntry(k, d.p.Limits.Up/kib)
	d.slots, d.peers = numberEntry(k, int64(d.p.Limits.Slots)), numberEntry(k, int64(d.p.Limits.Peers))
	var shares []string
	for _, x := range view.Shares() {
		shares = append(shares, l.Share(x))
	}
	d.share = newSelect(k, shares, slices.Index(view.Shares(), d.p.Limits.Share))
	d.goal = newCheck(k, l.T("props.goal"), o.GoalRatio != 0 || o.GoalTime != 0 || o.GoalAction != swarm.GoalAsSession)
	d.ratio, d.minutes = newEntry(k, strconv.FormatFloat(float64(max(0, o.GoalRatio))/1000, 'f', -1, 64)), numberEntry(k, int64(max(0, o.GoalTime)/time.Minute))
	var words []string
	for _, key := range goalActions() {
		words = append(words, l.T(key))
	}
	d.action = newSelect(k, words, int(min(o.GoalAction, swarm.GoalRemove)))
	d.goal.OnChanged = func(bool) { d.enable() }
	d.enable()
	d.dht, d.pex, d.lsd = newCheck(k, l.T("props.dht"), !o.NoDHT), newCheck(k, l.T("props.pex"), !o.NoPEX), newCheck(k, l.T("props.lsd"), !o.NoLSD)
	sources := []pair{{nil, bold(l.T("props.sources"))}, {nil, container.New(layout.NewCustomPaddedVBoxLayout(0), d.dht, d.pex, d.lsd)}}
	if d.p.Private {
		for _, c := range []*Check{d.dht, d.pex, d.lsd} {
			c.Checked = false
			c.Disable()
		}
	}
	tips(l, map[string]hinted{
		"props.slots": d.slots, "props.share": d.share, "props.ratio": d.ratio, "props.minutes": d.minutes, "prefs.dht": d.dht, "prefs.pex": d.pex, "prefs.lsd": d.lsd, "create.seeds": d.seeds,
	})
	form := append([]pair{
		{nil, bold(l.T("props.limits"))},
		{text(l.T("props.down")), narrow(d.down, w, l.T("unit.kibs"))},
		{text(l.T("props.up")), narrow(d.up, w, l.T("unit.kibs"))},
		{text(l.T("props.slots")), narrow(d.slots, w, "")},
		{text(l.T("props.peers")), narrow(d.peers, w, "")},
		{nil, dim(l.T("props.zero"))},
		{text(l.T("props.share")), narrow(edged(d.share), 130, "")},
		{nil, d.goal},
		{text(l.T("props.ratio")), narrow(d.ratio, w, "")},
		{text(l.T("props.minutes")), narrow(d.minutes, w, l.T("unit.minutes"))},
		{text(l.T("props.action")), narrow(edged(d.action), 190, "")},
	}, sources...)
	c := newRows(append(form, pair{nil, d.wrong})...)
	c.Layout = &rows{gap: 4}
	return c
}

// goalActions are the words for the actions at the goal, by their number.
func goalActions() []string {
	return []string{"goal.session", "goal.stop", "goal.limit", "goal.remove"}
}

// enable lets the goal be edited when the torrent has one of its own.
func (d *properties) enable() {
	for _, w := range []fyne.Disableable{d.ratio, d.minutes, d.action} {
		if d.goal.Checked {
			w.Enable()
		} else {
			w.Disable()
		}
	}
}

// read returns what was changed; ok is false after it has said what is wrong.
func (d *properties) read() (out Properties, ok bool) {
	var n [4]int64
	for i, e := range []*Entry{d.down, d.up, d.slots, d.peers} {
		v, ok := number(e)
		if !ok || v > 1<<40 || i >= 2 && v > 100_000 {
			return d.refuse(e, "dlg.badNumber")
		}
		n[i] = v
	}
	if now := (swarm.Limits{Down: n[0] * kib, Up: n[1] * kib, Slots: int(n[2]), Peers: int(n[3]), Share: view.Shares()[max(0, d.share.SelectedIndex())]}); now != d.p.Limits {
		out.Limits = &now
	}
	if d.tiers.Text != TiersText(d.p.Trackers) {
		out.Trackers = ParseTiers(d.tiers.Text)
		if out.Trackers == nil {
			out.Trackers = [][]string{} // all of them were taken out
		}
		if badAddress(slices.Concat(out.Trackers...), "http", "https", "udp", "ws", "wss") != "" {
			return d.refuse(d.tiers, "tracker.bad")
		}
	}
	o, wrong, why := d.options()
	if why != "" {
		return d.refuse(wrong, why)
	}
	if was := d.p.Options; !slices.Equal(o.WebSeeds, was.WebSeeds) || o.GoalRatio != was.GoalRatio || o.GoalTime != was.GoalTime || o.GoalAction != was.GoalAction ||
		o.NoDHT != was.NoDHT || o.NoPEX != was.NoPEX || o.NoLSD != was.NoLSD {
		out.Options = &o
	}
	return out, true
}

// options reads what is in Options. wrong is the field that why, a key, is about.
func (d *properties) options() (o swarm.Options, wrong *Entry, why string) {
	o.NoDHT, o.NoPEX, o.NoLSD = !d.dht.Checked, !d.pex.Checked, !d.lsd.Checked
	if d.p.Private { // they are off without the user's doing
		o.NoDHT, o.NoPEX, o.NoLSD = d.p.Options.NoDHT, d.p.Options.NoPEX, d.p.Options.NoLSD
	}
	for _, tier := range ParseTiers(d.seeds.Text) {
		o.WebSeeds = append(o.WebSeeds, tier...)
	}
	if badAddress(o.WebSeeds, "http", "https", "ftp") != "" {
		return o, d.seeds, "seed.bad"
	}
	if !d.goal.Checked {
		return o, nil, ""
	}
	ratio, ok := thousandths(d.ratio.Text)
	if !ok {
		return o, d.ratio, "props.badRatio"
	}
	minutes, ok := number(d.minutes)
	if !ok || minutes > 50_000_000 {
		return o, d.minutes, "dlg.badNumber"
	}
	o.GoalRatio, o.GoalTime, o.GoalAction = -1, -1, swarm.GoalAction(max(0, d.action.SelectedIndex())) //nolint:gosec // one of four
	if ratio > 0 {
		o.GoalRatio = ratio
	}
	if minutes > 0 {
		o.GoalTime = time.Duration(minutes) * time.Minute
	}
	return o, nil, ""
}

func (d *properties) refuse(e *Entry, key string) (Properties, bool) {
	setText(d.wrong, d.h.Locale.T(key), widgets.ToneColor(view.Broken))
	d.h.Canvas.Focus(e)
	return Properties{}, false
}

// thousandths reads a number with at most three decimals, written with a point or a
// comma.
func thousandths(s string) (n int64, ok bool) {
	whole, part, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(s), ",", "."), ".")
	if len(part) > 3 || whole+part == "" {
		return 0, false
	}
	w, err := strconv.ParseUint("0"+whole, 10, 31)
	if err != nil {
		return 0, false
	}
	p, err := strconv.ParseUint((part + "000")[:3], 10, 31)
	return int64(w)*1000 + int64(p), err == nil && w <= 1_000_000
}

// TiersText writes trackers one a line, tiers parted by an empty line.
func TiersText(tiers [][]string) string {
	var out []string
	for _, t := range tiers {
		out = append(out, strings.Join(t, "\n"))
	}
	return strings.Join(out, "\n\n")
}

// ParseTiers reads what TiersText writes. Blanks around addresses and further
// empty lines do not matter.
func ParseTiers(s string) [][]string {
	var out [][]string
	var tier []string
	for line := range strings.SplitSeq(s+"\n\n", "\n") {
		line = strings.TrimSpace(line)
		if line != "" {
			tier = append(tier, line)
			continue
		}
		if tier != nil {
			out = append(out, tier)
			tier = nil
		}
	}
	return out
}
