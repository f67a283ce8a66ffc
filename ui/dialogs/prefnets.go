package dialogs

import (
	"net/netip"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// NetLimit are the limits of a network, in bytes per second; 0 = none.
type NetLimit struct {
	Net      string // as 192.168.1.0/24
	Down, Up int64
}

// ParseNetworks reads networks with their download and upload limits, as
// «10.0.0.0/8 1024 2048», parted by commas. What cannot be read is left out.
func ParseNetworks(s string) (out []NetLimit) {
	for _, part := range SplitList(s) {
		f := strings.Fields(part)
		if len(f) != 3 {
			continue
		}
		down, derr := strconv.ParseInt(f[1], 10, 64)
		up, uerr := strconv.ParseInt(f[2], 10, 64)
		if n, ok := network(f[0]); ok && derr == nil && uerr == nil && min(down, up) >= 0 {
			out = append(out, NetLimit{n, down, up})
		}
	}
	return out
}

// networksText writes what ParseNetworks reads.
func networksText(all []NetLimit) string {
	var out []string
	for _, n := range all {
		out = append(out, n.Net+" "+strconv.FormatInt(n.Down, 10)+" "+strconv.FormatInt(n.Up, 10))
	}
	return strings.Join(out, ", ")
}

// network reads a network, also by an address in it.
func network(s string) (string, bool) {
	p, err := netip.ParsePrefix(strings.TrimSpace(s))
	if err != nil {
		return "", false
	}
	return p.Masked().String(), true
}

// netRow are the fields of one network.
type netRow struct {
	net, up, down *Entry
	gone          bool
}

// nets edits the limits of networks, one a line, with a button that adds the network
// this machine is in.
func (d *preferences) nets(page int, s Setting) []pair {
	const w = 64
	l, k := d.h.Locale, d.keys
	box := container.New(layout.NewCustomPaddedVBoxLayout(4))
	var rows []*netRow
	add := func(n NetLimit) *netRow {
		r := &netRow{net: newEntry(k, n.Net), up: numberEntry(k, n.Up/kib), down: numberEntry(k, n.Down/kib)}
		r.net.SetPlaceHolder("192.168.1.0/24")
		var line *fyne.Container
		drop := newButton(k, l.T("prefs.netRemove"), func() {
			r.gone = true
			box.Remove(line)
			d.scroll.Refresh()
		})
		line = container.New(layout.NewCustomPaddedHBoxLayout(6), container.New(atLeast{150}, r.net),
			centred(l.T("prefs.netUp")), container.New(atLeast{w}, r.up), centred(l.T("prefs.netDown")), container.New(atLeast{w}, r.down),
			container.New(layout.NewCenterLayout(), dim(l.T("unit.kibs"))), drop)
		box.Add(line)
		rows = append(rows, r)
		return r
	}
	for _, n := range ParseNetworks(*s.Nets(&d.prefs)) {
		add(n)
	}
	d.read = append(d.read, func() (err error) {
		*s.Nets(&d.prefs), err = d.readNets(page, rows)
		return err
	})
	here := ""
	if d.h.Network != nil {
		here = d.h.Network()
	}
	said := l.T("prefs.netNone")
	if here != "" {
		said = l.T("prefs.netHere", here)
	}
	top := container.New(layout.NewCustomPaddedHBoxLayout(10), centred(said))
	put := func() {
		for _, r := range rows {
			if !r.gone && r.net.Text == here {
				d.h.Canvas.Focus(r.up)
				return
			}
		}
		r := add(NetLimit{Net: here})
		d.scroll.Refresh()
		d.h.Canvas.Focus(r.up)
	}
	if here != "" {
		top.Add(newButton(k, l.T("prefs.netAdd"), put))
	}
	return []pair{{nil, top}, {nil, box}}
}

// readNets reads the fields of networks; one without a name is none.
func (d *preferences) readNets(page int, rows []*netRow) (string, error) {
	l := d.h.Locale
	var out []NetLimit
	seen := map[string]bool{}
	for _, r := range rows {
		if r.gone || strings.TrimSpace(r.net.Text) == "" {
			continue
		}
		n, ok := network(r.net.Text)
		if !ok || seen[n] {
			return "", d.refuse(page, r.net, l.T("prefs.badNet", r.net.Text))
		}
		seen[n] = true
		rates := [2]int64{}
		for i, e := range []*Entry{r.down, r.up} {
			v, ok := number(e)
			if !ok || v > 1<<40 {
				return "", d.refuse(page, e, l.T("prefs.notNumber", n))
			}
			rates[i] = v * kib
		}
		out = append(out, NetLimit{n, rates[0], rates[1]})
	}
	return networksText(out), nil
}

// centred is a line of text at half the height of the fields beside it.
func centred(s string) fyne.CanvasObject {
	return container.New(layout.NewCenterLayout(), text(s))
}
