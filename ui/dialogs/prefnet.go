package dialogs

// The pages about reaching others and being reached.

func connectionPage() Page {
	return Page{"prefs.connection", []Setting{
		{Label: "prefs.listening"},
		{Label: "prefs.port", Int: func(p *Prefs) *int { return &p.Port }, Max: 65535, RandomPort: true, Note: "prefs.portNote"},
		{Label: "prefs.randomPort", Bool: func(p *Prefs) *bool { return &p.RandomPort }},
		{Label: "prefs.upnp", Bool: func(p *Prefs) *bool { return &p.UPnP }},
		{Label: "prefs.natpmp", Bool: func(p *Prefs) *bool { return &p.NATPMP }},
		{Label: "prefs.ipv6", Bool: func(p *Prefs) *bool { return &p.IPv6 }},
		{Label: "prefs.connections"},
		{Label: "prefs.maxPeers", Int: func(p *Prefs) *int { return &p.MaxPeers }, Min: 1, Max: 100000},
		{Label: "prefs.maxPeersPerTorrent", Int: func(p *Prefs) *int { return &p.MaxPeersPerTorrent }, Min: 1, Max: 10000},
		{Label: "prefs.slots", Int: func(p *Prefs) *int { return &p.Slots }, Min: 1, Max: 1000},
		{Label: "prefs.reach", Needs: needPortTest},
		{Label: "prefs.testPort", Port: true, Needs: needPortTest},
	}}
}

func bittorrentPage() Page {
	return Page{"prefs.bittorrent", []Setting{
		{Label: "prefs.finding"},
		{Label: "prefs.dht", Bool: func(p *Prefs) *bool { return &p.DHT }},
		{Label: "prefs.pex", Bool: func(p *Prefs) *bool { return &p.PEX }},
		{Label: "prefs.lsd", Bool: func(p *Prefs) *bool { return &p.LSD }},
		{Label: "prefs.transport"},
		{Label: "prefs.utp", Bool: func(p *Prefs) *bool { return &p.UTP }},
		{
			Label: "prefs.encryption", Text: func(p *Prefs) *string { return &p.Encryption },
			Choices: []Choice{{"prefer", "prefs.encPrefer"}, {"require", "prefs.encRequire"}, {"off", "prefs.encOff"}},
		},
	}}
}
