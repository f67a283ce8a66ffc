package dialogs

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// PropertiesParams are what the properties of a torrent begin with. Done gets
// nil for what the user left as it was.
type PropertiesParams struct {
	Name     string
	Trackers [][]string
	Limits   swarm.Limits
	Private  bool
	Done     func(trackers [][]string, limits *swarm.Limits)
}

// Properties edits the trackers and limits of one torrent.
func (h *Host) Properties(p PropertiesParams) *Frame {
	k, l := &keys{}, h.Locale
	tiers := newEntry(k, TiersText(p.Trackers))
	tiers.MultiLine = true
	tiers.SetMinRowsVisible(7)
	down, up := numberEntry(k, p.Limits.Down/kib), numberEntry(k, p.Limits.Up/kib)
	slots, peers := numberEntry(k, int64(p.Limits.Slots)), numberEntry(k, int64(p.Limits.Peers))
	wrong := dim(l.T("props.zero"))
	const w = 80
	form := newRows(
		pair{text(l.T("props.down")), narrow(down, w, l.T("unit.kibs"))},
		pair{text(l.T("props.up")), narrow(up, w, l.T("unit.kibs"))},
		pair{text(l.T("props.slots")), narrow(slots, w, "")},
		pair{text(l.T("props.peers")), narrow(peers, w, "")},
		pair{nil, wrong},
	)
	box := container.New(layout.NewCustomPaddedVBoxLayout(6), bold(l.T("props.trackers")), tiers, dim(l.T("props.tiers")), bold(l.T("props.limits")), form)
	var trackers [][]string
	var limits *swarm.Limits
	return h.open(spec{title: l.T("props.title", p.Name), content: box, size: fyne.NewSize(560, 0), keys: k, ok: l.T("dlg.ok"), cancel: l.T("dlg.cancel"), focus: down, onOK: func() bool {
		var n [4]int64
		for i, e := range []*Entry{down, up, slots, peers} {
			v, ok := number(e)
			if !ok || v > 1<<40 || i >= 2 && v > 100_000 {
				setText(wrong, l.T("dlg.badNumber"), widgets.ToneColor(view.Broken))
				h.Canvas.Focus(e)
				return false
			}
			n[i] = v
		}
		if tiers.Text != TiersText(p.Trackers) {
			trackers = ParseTiers(tiers.Text)
			if trackers == nil {
				trackers = [][]string{} // all of them were taken out
			}
		}
		if now := (swarm.Limits{Down: n[0] * kib, Up: n[1] * kib, Slots: int(n[2]), Peers: int(n[3])}); now != p.Limits {
			limits = &now
		}
		return true
	}, then: func() { p.Done(trackers, limits) }})
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
