package view

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"swarmbid/engine/swarm"
)

// Query says which torrents to show, how sorted and with which columns.
type Query struct {
	Filter Filter
	Search string // every word must occur in name, label, tracker or infohash
	Order  Order
	Show   []string // IDs of the shown columns
}

// Torrents builds the main list.
func Torrents(f *Format, s *swarm.Snapshot, q Query) *List[swarm.Torrent] {
	cols := TorrentColumns()
	words := strings.Fields(strings.ToLower(q.Search))
	items := make([]*swarm.Torrent, 0, len(s.Torrents))
	for i := range s.Torrents {
		if t := &s.Torrents[i]; q.Filter.Match(t) && found(t, words) {
			items = append(items, t)
		}
	}
	Sort(items, cols, q.Order)
	return Build(f, cols, q.Show, items)
}

// found reports whether every word occurs in what one would search a torrent by.
func found(t *swarm.Torrent, words []string) bool {
	if len(words) == 0 {
		return true
	}
	hay := strings.ToLower(t.Name) + "\n" + strings.ToLower(t.Label) + "\n" + strings.ToLower(t.Tracker)
	for _, w := range words {
		if !strings.Contains(hay, w) && t.InfoHash.String() != w {
			return false
		}
	}
	return true
}

// State writes the Status column of a torrent.
func (f *Format) State(t *swarm.Torrent) string { return string(f.appendState(nil, t)) }

func (f *Format) appendState(b []byte, t *swarm.Torrent) []byte {
	if t.Forced && (t.State == swarm.Downloading || t.State == swarm.Seeding) {
		b = append(b, "[F] "...)
	}
	b = append(b, f.T(stateKey(t.State))...)
	switch t.State {
	case swarm.Checking, swarm.Moving:
		b = f.AppendPercent(append(b, ' '), t.Checked)
	case swarm.Errored:
		b = append(b, ": "...)
		b = append(b, f.FaultShort(t)...)
	default:
	}
	return b
}

func stateKey(s swarm.State) string {
	keys := [...]string{
		"state.stopped", "state.queued", "state.queuedSeed", "state.checking", "state.metadata", "state.downloading",
		"state.seeding", "state.paused", "state.finished", "state.error", "state.moving",
	}
	if int(s) < len(keys) {
		return keys[s]
	}
	return "state.stopped"
}

// Look returns the icon and the tone of a torrent's state.
func Look(t *swarm.Torrent) (icon string, tone Tone) {
	switch t.State {
	case swarm.Downloading:
		if t.Down == 0 {
			return "down-outline", Arriving
		}
		return "down", Arriving
	case swarm.Seeding:
		if t.Up == 0 {
			return "up-outline", Giving
		}
		return "up", Giving
	case swarm.Queued:
		return "down-outline", Resting
	case swarm.QueuedSeed:
		return "up-outline", Resting
	case swarm.Paused:
		return "pause", Resting
	case swarm.Finished:
		return "done", Giving
	case swarm.Errored:
		return "error", Broken
	case swarm.Checking:
		return "check", Working
	case swarm.Metadata:
		return "magnet", Working
	case swarm.Moving:
		return "moving", Working
	case swarm.Stopped:
	}
	return "stop", Resting
}

// Done is the share of the wanted bytes that is verified.
func Done(t *swarm.Torrent) float64 {
	if t.Wanted <= 0 {
		return 0
	}
	return min(1, float64(t.Completed)/float64(t.Wanted))
}

// TorrentColumns describes the main list, in its first order.
func TorrentColumns() []Column[swarm.Torrent] {
	return slices.Concat(mainColumns(), moreColumns())
}

func mainColumns() []Column[swarm.Torrent] {
	type tor = swarm.Torrent
	return []Column[tor]{
		{ID: "queue", Title: "col.queue", Width: 32, Align: Right, Text: textQueue, Compare: compareQueue},
		{
			ID: "name", Title: "col.name", Width: 270, Text: func(b []byte, _ *Format, t *tor) []byte { return append(b, t.Name...) },
			Mark: func(t *tor, c *Cell) {
				c.Icon, c.Tone = Look(t)
			}, Compare: func(a, b *tor) int { return compareText(a.Name, b.Name) }, Words: func(t *tor) string { return t.Name },
		},
		{ID: "size", Title: "col.size", Width: 70, Align: Right, Text: func(b []byte, f *Format, t *tor) []byte {
			if t.Size == 0 {
				return b
			}
			return f.AppendBytes(b, t.Wanted)
		}, Compare: byInt(func(t *tor) int64 { return t.Wanted })},
		{
			ID: "done", Title: "col.done", Width: 84, Align: Center, Bar: true, Text: func(b []byte, f *Format, t *tor) []byte { return f.AppendPercent(b, Done(t)) },
			Mark: markDone, Compare: func(a, b *tor) int { return cmp.Compare(Done(a), Done(b)) },
		},
		{
			ID: "status", Title: "col.status", Width: 128, Text: func(b []byte, f *Format, t *tor) []byte { return f.appendState(b, t) },
			Mark: func(t *tor, c *Cell) {
				if t.State == swarm.Errored {
					c.Ink = Broken
				}
			}, Compare: byInt(func(t *tor) int64 { return int64(t.State) }),
		},
		{
			ID: "seeds", Title: "col.seeds", Width: 60, Align: Right, Text: func(b []byte, f *Format, t *tor) []byte { return f.AppendOf(b, t.Seeds, t.SwarmSeeds) },
			Compare: byInt(func(t *tor) int64 { return int64(t.Seeds)<<32 + int64(t.SwarmSeeds) }),
		},
		{
			ID: "peers", Title: "col.peers", Width: 60, Align: Right, Text: func(b []byte, f *Format, t *tor) []byte { return f.AppendOf(b, t.Peers, t.SwarmPeers) },
			Compare: byInt(func(t *tor) int64 { return int64(t.Peers)<<32 + int64(t.SwarmPeers) }),
		},
		{ID: "down", Title: "col.down", Width: 82, Align: Right, Text: rateText(func(t *tor) int64 { return t.Down }), Compare: byInt(func(t *tor) int64 { return t.Down })},
		{ID: "up", Title: "col.up", Width: 82, Align: Right, Text: rateText(func(t *tor) int64 { return t.Up }), Compare: byInt(func(t *tor) int64 { return t.Up })},
		{ID: "eta", Title: "col.eta", Width: 62, Align: Right, Text: func(b []byte, f *Format, t *tor) []byte {
			if d, ok := t.ETA(); ok {
				return f.AppendDuration(b, d)
			}
			return b
		}, Mark: markForever, Compare: byInt(etaValue)},
		{ID: "ratio", Title: "col.ratio", Width: 50, Align: Right, Text: func(b []byte, f *Format, t *tor) []byte { return f.AppendRatio(b, t.Ratio()) }, Compare: byInt((*tor).Ratio)},
		{
			ID: "avail", Title: "col.avail", Width: 54, Align: Right, Text: func(b []byte, f *Format, t *tor) []byte { return f.AppendFixed(b, t.Availability, 2) },
			Compare: func(a, b *tor) int { return cmp.Compare(a.Availability, b.Availability) },
		},
		{
			ID: "label", Title: "col.label", Width: 70, Text: func(b []byte, _ *Format, t *tor) []byte { return append(b, t.Label...) },
			Compare: func(a, b *tor) int { return compareText(a.Label, b.Label) }, Words: func(t *tor) string { return t.Label },
		},
		{ID: "added", Title: "col.added", Width: 108, Text: timeText(func(t *tor) time.Time { return t.Added }), Compare: byTime(func(t *tor) time.Time { return t.Added })},
	}
}

// moreColumns are the columns that are not shown until chosen.
func moreColumns() []Column[swarm.Torrent] {
	type tor = swarm.Torrent
	str := func(id, title string, width float32, get func(*tor) string) Column[tor] {
		return Column[tor]{
			ID: id, Title: title, Width: width, Hidden: true, Text: func(b []byte, _ *Format, t *tor) []byte { return append(b, get(t)...) },
			Compare: func(a, b *tor) int { return compareText(get(a), get(b)) }, Words: get,
		}
	}
	size := func(id, title string, get func(*tor) int64) Column[tor] {
		return Column[tor]{ID: id, Title: title, Width: 78, Align: Right, Hidden: true, Text: func(b []byte, f *Format, t *tor) []byte { return f.AppendBytes(b, get(t)) }, Compare: byInt(get)}
	}
	when := func(id, title string, get func(*tor) time.Time) Column[tor] {
		return Column[tor]{ID: id, Title: title, Width: 108, Hidden: true, Text: timeText(get), Compare: byTime(get)}
	}
	span := func(id, title string, get func(*tor) time.Duration) Column[tor] {
		return Column[tor]{
			ID: id, Title: title, Width: 70, Align: Right, Hidden: true, Text: func(b []byte, f *Format, t *tor) []byte { return f.AppendDuration(b, get(t)) },
			Compare: byInt(func(t *tor) int64 { return int64(get(t)) }),
		}
	}
	limit := func(id, title string, get func(*tor) int64) Column[tor] {
		return Column[tor]{ID: id, Title: title, Width: 82, Align: Right, Hidden: true, Text: rateText(get), Compare: byInt(get)}
	}
	money := func(id, title string, get func(*tor) int64) Column[tor] {
		return Column[tor]{
			ID: id, Title: title, Width: 92, Align: Right, Hidden: true, Text: func(b []byte, f *Format, t *tor) []byte { return f.AppendPerHour(b, get(t)) }, Compare: byInt(get),
		}
	}
	return []Column[tor]{
		money("earning", "market.col.earning", func(t *tor) int64 { return t.Earning }),
		money("spending", "market.col.spending", func(t *tor) int64 { return t.Spending }),
		{
			ID: "seedsPeers", Title: "col.seedsPeers", Width: 74, Align: Right, Hidden: true, Text: textSeedsPeers,
			Compare: func(a, b *tor) int { return cmp.Compare(seedsPeers(a), seedsPeers(b)) },
		},
		size("uploaded", "col.uploaded", func(t *tor) int64 { return t.Uploaded }),
		size("downloaded", "col.downloaded", func(t *tor) int64 { return t.Downloaded }),
		size("remaining", "col.remaining", (*tor).Remaining),
		size("wasted", "col.wasted", func(t *tor) int64 { return t.Wasted }),
		size("total", "col.total", func(t *tor) int64 { return t.Size }),
		when("done.at", "col.doneAt", func(t *tor) time.Time { return t.Done }),
		when("active.at", "col.lastActive", func(t *tor) time.Time { return t.LastActive }),
		when("created", "col.created", func(t *tor) time.Time { return t.Created }),
		span("elapsed", "col.elapsed", func(t *tor) time.Duration { return t.Active }),
		span("seeded", "col.seeded", func(t *tor) time.Duration { return t.Seeded }),
		str("tracker", "col.tracker", 130, func(t *tor) string { return t.Tracker }),
		{
			ID: "tracker.status", Title: "col.trackerStatus", Width: 150, Hidden: true,
			Text: func(b []byte, f *Format, t *tor) []byte { return append(b, f.trackerOf(t)...) },
			Mark: func(t *tor, c *Cell) {
				if t.TrackerStatus == swarm.TrackerFailed {
					c.Ink = Broken
				}
			}, Compare: byInt(func(t *tor) int64 { return int64(t.TrackerStatus) }),
		},
		str("path", "col.path", 200, func(t *tor) string { return t.SavePath }),
		str("source", "col.source", 200, func(t *tor) string { return t.SourceURL }),
		str("comment", "col.comment", 160, func(t *tor) string { return t.Comment }),
		str("hash", "col.hash", 270, func(t *tor) string { return t.InfoHash.String() }),
		{
			ID: "share", Title: "col.share", Width: 86, Hidden: true, Text: func(b []byte, f *Format, t *tor) []byte { return append(b, f.Share(t.Share)...) },
			Compare: byInt(func(t *tor) int64 { return int64(t.Share) }),
		},
		limit("downLimit", "col.downLimit", func(t *tor) int64 { return t.DownLimit }),
		limit("upLimit", "col.upLimit", func(t *tor) int64 { return t.UpLimit }),
	}
}

// trackerOf is what the tracker of a torrent said last; nothing for one that does
// not run.
func (f *Format) trackerOf(t *swarm.Torrent) string {
	if t.TrackerStatus == swarm.TrackerIdle {
		return ""
	}
	return f.TrackerStatus(&swarm.Tracker{Status: t.TrackerStatus, Message: t.TrackerMessage})
}

func textQueue(b []byte, _ *Format, t *swarm.Torrent) []byte {
	if t.Queue == 0 {
		return append(b, '*')
	}
	return strconv.AppendInt(b, int64(t.Queue), 10)
}

// compareQueue puts what waits for nothing behind what stands in the queue.
func compareQueue(a, b *swarm.Torrent) int {
	place := func(t *swarm.Torrent) int {
		if t.Queue == 0 {
			return math.MaxInt
		}
		return t.Queue
	}
	return cmp.Compare(place(a), place(b))
}

func markDone(t *swarm.Torrent, c *Cell) {
	c.Fraction = Done(t)
	_, c.Tone = Look(t)
}

// markForever draws the sign for «never» where an active download has no end in
// sight; the fonts have no glyph for it.
func markForever(t *swarm.Torrent, c *Cell) {
	if c.Text == "" && t.State == swarm.Downloading {
		c.Icon, c.Tone = "infinity", Dim
	}
}

func etaValue(t *swarm.Torrent) int64 {
	if d, ok := t.ETA(); ok {
		return int64(d)
	}
	return math.MaxInt64
}

func seedsPeers(t *swarm.Torrent) float64 {
	s, p := max(t.SwarmSeeds, t.Seeds), max(t.SwarmPeers, t.Peers)
	if p == 0 {
		return float64(s) * 1e6
	}
	return float64(s) / float64(p)
}

func textSeedsPeers(b []byte, f *Format, t *swarm.Torrent) []byte {
	if max(t.SwarmPeers, t.Peers) == 0 {
		return b
	}
	return f.AppendFixed(b, seedsPeers(t), 3)
}

func byInt[T any](get func(*T) int64) func(a, b *T) int {
	return func(a, b *T) int { return cmp.Compare(get(a), get(b)) }
}

func byTime[T any](get func(*T) time.Time) func(a, b *T) int {
	return func(a, b *T) int { return get(a).Compare(get(b)) }
}

// rateText writes a rate and leaves the cell empty at rest.
func rateText[T any](get func(*T) int64) func([]byte, *Format, *T) []byte {
	return func(b []byte, f *Format, v *T) []byte {
		if n := get(v); n > 0 {
			return f.AppendRate(b, n)
		}
		return b
	}
}

func timeText[T any](get func(*T) time.Time) func([]byte, *Format, *T) []byte {
	return func(b []byte, f *Format, v *T) []byte { return f.AppendTime(b, get(v)) }
}
