package main

import (
	"net/netip"
	"strconv"
	"strings"

	"swarmbid/app/settings"
	"swarmbid/engine"
	"swarmbid/engine/quota"
	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/dialogs"
)

// trafficOf puts into the engine's settings what counts and how much there may be.
func trafficOf(e *engine.Settings, t *settings.Traffic) {
	e.LocalFree, e.UTPFree, e.CountOverhead = !t.LimitLocal, !t.LimitUTP, t.LimitOverhead
	for _, n := range t.Networks {
		if p, err := netip.ParsePrefix(n.Net); err == nil { // package settings refuses others before
			e.Networks = append(e.Networks, engine.NetLimit{Net: p, Down: n.Down, Up: n.Up})
		}
	}
	if t.CapOn {
		count := map[string]swarm.Direction{"both": swarm.Both, "down": swarm.Downloads, "up": swarm.Uploads}[t.CapCount]
		e.Cap = quota.Policy{On: true, Count: count, Limit: t.CapBytes(), Days: t.CapDays}
	}
}

// trafficPrefs is what the window edits of it.
func trafficPrefs(p *ui.Prefs, t *settings.Traffic) {
	p.LimitLocal, p.LimitUTP, p.LimitOverhead, p.OverheadInStatus = t.LimitLocal, t.LimitUTP, t.LimitOverhead, t.OverheadInStatus
	p.CapOn, p.CapCount, p.CapAmount, p.CapUnit, p.CapDays = t.CapOn, t.CapCount, t.CapAmount, t.CapUnit, t.CapDays
	var nets []string
	for _, n := range t.Networks {
		nets = append(nets, n.Net+" "+strconv.FormatInt(n.Down, 10)+" "+strconv.FormatInt(n.Up, 10))
	}
	p.Networks = strings.Join(nets, ", ")
}

// carryTraffic puts what the window edited into the settings.
func carryTraffic(p *ui.Prefs, t *settings.Traffic) {
	*t = settings.Traffic{
		LimitLocal: p.LimitLocal, LimitUTP: p.LimitUTP, LimitOverhead: p.LimitOverhead, OverheadInStatus: p.OverheadInStatus,
		CapOn: p.CapOn, CapCount: p.CapCount, CapAmount: p.CapAmount, CapUnit: p.CapUnit, CapDays: p.CapDays,
	}
	for _, n := range dialogs.ParseNetworks(p.Networks) {
		t.Networks = append(t.Networks, settings.Network{Net: n.Net, Down: n.Down, Up: n.Up})
	}
}
