package view

import "swarmbid/engine/swarm"

// Statistics sums up the session: this run, and all runs of the torrents that
// are in the list.
func Statistics(f *Format, s *swarm.Snapshot) []FactGroup {
	var down, up, wasted, size int64
	var done, active int
	for i := range s.Torrents {
		t := &s.Torrents[i]
		down, up, wasted, size = down+t.Downloaded, up+t.Uploaded, wasted+t.Wasted, size+t.Size
		if t.Complete() {
			done++
		}
		if t.Down > 0 || t.Up > 0 {
			active++
		}
	}
	ratio := int64(0)
	if down > 0 {
		ratio = int64(float64(up) / float64(down) * 1000)
	}
	count := func(n int) string { return f.Int(int64(n)) }
	return []FactGroup{
		{Title: f.T("stats.run"), Facts: []Fact{
			{Label: f.T("stats.downloaded"), Value: f.Bytes(s.Totals.Downloaded)},
			{Label: f.T("stats.uploaded"), Value: f.Bytes(s.Totals.Uploaded)},
			{Label: f.T("stats.peers"), Value: count(s.Totals.Peers)},
			{Label: f.T("stats.filter"), Value: f.filterText(&s.Totals)},
		}},
		{Title: f.T("stats.all"), Facts: []Fact{
			{Label: f.T("stats.downloaded"), Value: f.Bytes(down)},
			{Label: f.T("stats.uploaded"), Value: f.Bytes(up)},
			{Label: f.T("stats.ratio"), Value: string(f.AppendRatio(nil, ratio))},
			{Label: f.T("stats.torrents"), Value: count(len(s.Torrents))},
			{Label: f.T("stats.done"), Value: count(done)},
			{Label: f.T("stats.active"), Value: count(active)},
			{Label: f.T("stats.size"), Value: f.Bytes(size)},
			{Label: f.T("stats.wasted"), Value: f.Bytes(wasted)},
			{Label: f.T("stats.free"), Value: f.Bytes(s.Totals.FreeSpace)},
		}},
	}
}

// filterText says what the address filter holds and did.
func (f *Format) filterText(t *swarm.Totals) string {
	switch {
	case t.FilterFault:
		return f.T("stats.filterFault")
	case t.FilterRanges == 0:
		return f.T("stats.filterOff")
	case t.FilterBad > 0:
		return f.T("stats.filterBad", f.Int(int64(t.FilterRanges)), f.Int(t.Refused), f.Int(int64(t.FilterBad)))
	}
	return f.T("stats.filterOn", f.Int(int64(t.FilterRanges)), f.Int(t.Refused))
}
