package view

import (
	"slices"
	"strconv"

	"swarmbid/engine/swarm"
)

// Trackers builds the list of the Trackers tab.
func Trackers(f *Format, ts []swarm.Tracker, o Order, show []string) *List[swarm.Tracker] {
	items := make([]*swarm.Tracker, len(ts))
	for i := range ts {
		items[i] = &ts[i]
	}
	cols := TrackerColumns()
	Sort(items, cols, o)
	return Build(f, cols, show, items)
}

// TrackerStatus writes the Status column of a tracker.
func (f *Format) TrackerStatus(t *swarm.Tracker) string {
	switch t.Status {
	case swarm.TrackerUpdating:
		return f.T("tracker.updating")
	case swarm.TrackerWorking, swarm.TrackerSourcePeer:
		if t.Message != "" {
			return f.T("tracker.working") + ": " + t.Message
		}
		return f.T("tracker.working")
	case swarm.TrackerFailed:
		if t.Message != "" {
			return f.T("tracker.failed") + ": " + t.Message
		}
		return f.T("tracker.failed")
	case swarm.TrackerDisabled:
		return f.T("tracker.disabled")
	case swarm.TrackerNotNeeded:
		return f.T("tracker.notNeeded")
	case swarm.TrackerIdle:
	}
	return f.T("tracker.idle")
}

// TrackerColumns describes the Trackers tab.
func TrackerColumns() []Column[swarm.Tracker] {
	type tr = swarm.Tracker
	count := func(id, title string, get func(*tr) int) Column[tr] {
		return Column[tr]{ID: id, Title: title, Width: 66, Align: Right, Text: func(b []byte, f *Format, t *tr) []byte {
			if n := get(t); n >= 0 {
				return f.AppendInt(b, int64(n))
			}
			return b
		}, Compare: byInt(func(t *tr) int64 { return int64(get(t)) })}
	}
	return []Column[tr]{
		{ID: "tier", Title: "tracker.tier", Width: 36, Align: Right, Text: func(b []byte, _ *Format, t *tr) []byte {
			if t.Tier < 0 {
				return b
			}
			return strconv.AppendInt(b, int64(t.Tier)+1, 10)
		}, Compare: byInt(func(t *tr) int64 { return int64(t.Tier) })},
		{
			ID: "url", Title: "tracker.name", Width: 300, Text: func(b []byte, _ *Format, t *tr) []byte { return append(b, t.URL...) },
			Compare: func(a, b *tr) int { return compareText(a.URL, b.URL) },
		},
		{
			ID: "status", Title: "tracker.status", Width: 190, Text: func(b []byte, f *Format, t *tr) []byte { return append(b, f.TrackerStatus(t)...) },
			Mark: func(t *tr, c *Cell) {
				if t.Status == swarm.TrackerFailed {
					c.Ink = Broken
				}
			}, Compare: byInt(func(t *tr) int64 { return int64(t.Status) }),
		},
		{ID: "next", Title: "tracker.next", Width: 92, Align: Right, Text: func(b []byte, f *Format, t *tr) []byte {
			if d := t.NextAnnounce.Sub(f.Now); !t.NextAnnounce.IsZero() && d > 0 {
				return f.AppendDuration(b, d)
			}
			return b
		}, Compare: func(a, b *tr) int { return a.NextAnnounce.Compare(b.NextAnnounce) }},
		count("seeds", "tracker.seeds", func(t *tr) int { return t.Seeds }),
		count("peers", "tracker.peers", func(t *tr) int { return t.Peers }),
		count("downloads", "tracker.downloads", func(t *tr) int { return t.Downloads }),
		count("got", "tracker.got", func(t *tr) int { return t.PeersGot }),
		{
			ID: "last", Title: "tracker.last", Width: 108, Hidden: true, Text: func(b []byte, f *Format, t *tr) []byte { return f.AppendTime(b, t.LastAnnounce) },
			Compare: func(a, b *tr) int { return a.LastAnnounce.Compare(b.LastAnnounce) },
		},
	}
}

// Tiers returns the addresses of trackers by tier, without the rows that are no
// trackers.
func Tiers(ts []swarm.Tracker) [][]string {
	byTier := map[int][]string{}
	last := -1
	for i := range ts {
		if t := &ts[i]; t.Tier >= 0 {
			byTier[t.Tier] = append(byTier[t.Tier], t.URL)
			last = max(last, t.Tier)
		}
	}
	var out [][]string
	for i := range last + 1 {
		if len(byTier[i]) > 0 {
			out = append(out, byTier[i])
		}
	}
	return out
}

// MergeTiers returns tiers with those addresses of more that are not among them,
// in tiers of their own behind the others.
func MergeTiers(tiers, more [][]string) [][]string {
	known := map[string]bool{}
	for _, t := range tiers {
		for _, url := range t {
			known[url] = true
		}
	}
	out := slices.Clone(tiers)
	for _, t := range more {
		var fresh []string
		for _, url := range t {
			if !known[url] {
				known[url] = true
				fresh = append(fresh, url)
			}
		}
		if fresh != nil {
			out = append(out, fresh)
		}
	}
	return out
}
