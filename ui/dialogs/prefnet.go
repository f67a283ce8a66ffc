package dialogs

import "slices"

// The pages about reaching others and being reached.

func connectionPage() Page {
	return Page{"prefs.connection", []Setting{
		{Label: "prefs.listening"},
		{Label: "prefs.port", Int: func(p *Prefs) *int { return &p.Port }, Max: 65535, RandomPort: true, Note: "prefs.portNote"},
		{Label: "prefs.randomPort", Bool: func(p *Prefs) *bool { return &p.RandomPort }},
		{Label: "prefs.upnp", Bool: func(p *Prefs) *bool { return &p.UPnP }},
		{Label: "prefs.natpmp", Bool: func(p *Prefs) *bool { return &p.NATPMP }},
		{Label: "prefs.testPort", Port: true, Needs: needPortTest},
		{Label: "prefs.network"},
		{Label: "prefs.networkUse", Text: func(p *Prefs) *string { return &p.Network }, Networks: true, Note: "prefs.networkNote"},
		{Label: "prefs.ipv6", Bool: func(p *Prefs) *bool { return &p.IPv6 }},
	}}
}

func proxyPage() Page {
	return Page{"prefs.proxy", []Setting{
		{
			Label: "prefs.proxyKind", Text: func(p *Prefs) *string { return &p.ProxyKind },
			Choices: []Choice{{"", "prefs.proxyNone"}, {"socks4", "prefs.socks4"}, {"socks5", "prefs.socks5"}, {"http", "prefs.http"}, {"https", "prefs.https"}},
		},
		{Label: "prefs.proxyHost", Text: func(p *Prefs) *string { return &p.ProxyHost }},
		{Label: "prefs.proxyPort", Int: func(p *Prefs) *int { return &p.ProxyPort }, Max: 65535},
		{Label: "prefs.proxyAccount"},
		{Label: "prefs.proxyUser", Text: func(p *Prefs) *string { return &p.ProxyUser }},
		{Label: "prefs.proxyPassword", Text: func(p *Prefs) *string { return &p.ProxyPassword }, Secret: true, Note: "prefs.proxyPasswordNote"},
		{Label: "prefs.proxyFor"},
		{Label: "prefs.proxyPeers", Bool: func(p *Prefs) *bool { return &p.ProxyPeers }},
		{Label: "prefs.proxyNames", Bool: func(p *Prefs) *bool { return &p.ProxyNames }},
		{Label: "prefs.proxyOnly", Bool: func(p *Prefs) *bool { return &p.ProxyOnly }, Note: "prefs.proxyOnlyNote"},
		{Label: "prefs.filter"},
		{Label: "prefs.filterOn", Bool: func(p *Prefs) *bool { return &p.FilterOn }},
		{Label: "prefs.filterFile", Text: func(p *Prefs) *string { return &p.FilterFile }, File: true},
	}}
}

func bittorrentPage() Page {
	return Page{"prefs.bittorrent", []Setting{
		{Label: "prefs.finding"},
		{Label: "prefs.dht", Bool: func(p *Prefs) *bool { return &p.DHT }},
		{Label: "prefs.pex", Bool: func(p *Prefs) *bool { return &p.PEX }},
		{Label: "prefs.lsd", Bool: func(p *Prefs) *bool { return &p.LSD }},
		{Label: "prefs.trackers"},
		{Label: "prefs.udpTrackers", Bool: func(p *Prefs) *bool { return &p.UDPTrackers }},
		{Label: "prefs.scrape", Bool: func(p *Prefs) *bool { return &p.Scrape }},
		{Label: "prefs.toldIP", Text: func(p *Prefs) *string { return &p.ToldIP }, Note: "prefs.toldIPNote"},
		{Label: "prefs.transport"},
		{Label: "prefs.utp", Bool: func(p *Prefs) *bool { return &p.UTP }},
		{
			Label: "prefs.encryption", Text: func(p *Prefs) *string { return &p.Encryption },
			Choices: []Choice{{"prefer", "prefs.encPrefer"}, {"require", "prefs.encRequire"}, {"off", "prefs.encOff"}},
		},
		{Label: "prefs.maxPeers", Int: func(p *Prefs) *int { return &p.MaxPeers }, Min: 1, Max: 100000},
		{Label: "prefs.maxPeersPerTorrent", Int: func(p *Prefs) *int { return &p.MaxPeersPerTorrent }, Min: 1, Max: 10000},
		{Label: "prefs.slots", Int: func(p *Prefs) *int { return &p.Slots }, Min: 1, Max: 1000},
	}}
}

// networks are the choices of a network, with the one that is set even if this
// computer does not have it now.
func (h *Host) networks(now string) []Choice {
	out := []Choice{{"", h.Locale.T("prefs.networkAny")}}
	if h.Networks != nil {
		out = append(out, h.Networks()...)
	}
	if !slices.ContainsFunc(out, func(c Choice) bool { return c.Value == now }) {
		out = append(out, Choice{now, h.Locale.T("prefs.networkGone", now)})
	}
	return out
}
