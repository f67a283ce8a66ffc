package view

import (
	"cmp"
	"strconv"
	"time"

	"swarmbid/engine/swarm"
)

// Flags writes the letters of the Flags column, as µTorrent has them:
//
//	D  downloading from it          d  we want to, it chokes us
//	U  uploading to it              u  it wants to, we choke it
//	K  it unchokes us, nothing to want   ?  we unchoke it, it wants nothing
//	O  optimistic slot   S  snubbed   I  it connected to us
//	X  found by PEX   H  by DHT   L  on the local network   h  holepunched
//	E  all encrypted   e  handshake encrypted   P  uTP
//	$  it pays us   ¢  we pay it
func Flags(p *swarm.Peer) string { return string(appendFlags(nil, p)) }

func appendFlags(b []byte, p *swarm.Peer) []byte {
	put := func(on bool, s string) {
		if on {
			b = append(b, s...)
		}
	}
	f := p.Flags
	wants, choked := f.Has(swarm.Interesting), f.Has(swarm.ChokingUs)
	put(wants && !choked, "D")
	put(wants && choked, "d")
	put(!wants && !choked, "K")
	theyWant, weChoke := f.Has(swarm.Interested), f.Has(swarm.Choked)
	put(theyWant && !weChoke, "U")
	put(theyWant && weChoke, "u")
	put(!theyWant && !weChoke, "?")
	put(p.Slot == swarm.Optimistic, "O")
	put(f.Has(swarm.Snubbed), "S")
	put(f.Has(swarm.Incoming), "I")
	put(f.Has(swarm.FromPEX), "X")
	put(f.Has(swarm.FromDHT), "H")
	put(f.Has(swarm.FromLSD), "L")
	put(f.Has(swarm.Holepunched), "h")
	put(f.Has(swarm.Encrypted), "E")
	put(f.Has(swarm.EncryptedHead) && !f.Has(swarm.Encrypted), "e")
	put(f.Has(swarm.UTP), "P")
	put(f.Has(swarm.PaysUs), "$")
	put(f.Has(swarm.WePay), "¢")
	return b
}

// FlagsLegend explains every letter: pairs of letter and meaning.
func FlagsLegend(l *Locale) [][2]string {
	return [][2]string{
		{"D", l.T("flag.D")},
		{"d", l.T("flag.d")},
		{"U", l.T("flag.U")},
		{"u", l.T("flag.u")},
		{"K", l.T("flag.K")},
		{"?", l.T("flag.q")},
		{"O", l.T("flag.O")},
		{"S", l.T("flag.S")},
		{"I", l.T("flag.I")},
		{"X", l.T("flag.X")},
		{"H", l.T("flag.H")},
		{"L", l.T("flag.L")},
		{"h", l.T("flag.h")},
		{"E", l.T("flag.E")},
		{"e", l.T("flag.e")},
		{"P", l.T("flag.P")},
		{"$", l.T("flag.paid")},
		{"¢", l.T("flag.pay")},
	}
}

// Peers builds the list of the Peers tab.
func Peers(f *Format, peers []swarm.Peer, o Order, show []string) *List[swarm.Peer] {
	items := make([]*swarm.Peer, len(peers))
	for i := range peers {
		items[i] = &peers[i]
	}
	cols := PeerColumns()
	Sort(items, cols, o)
	return Build(f, cols, show, items)
}

// hidden makes a column one that is not shown until chosen.
func hidden[T any](c Column[T]) Column[T] {
	c.Hidden = true
	return c
}

// PeerColumns describes the Peers tab.
func PeerColumns() []Column[swarm.Peer] { return append(peerNames(), peerTraffic()...) }

// peerNames are the columns of who a peer is and what it has.
func peerNames() []Column[swarm.Peer] {
	type peer = swarm.Peer
	return []Column[peer]{
		{
			ID: "ip", Title: "peer.ip", Width: 150, Text: func(b []byte, _ *Format, p *peer) []byte { return p.Addr.Addr().AppendTo(b) },
			Compare: func(a, b *peer) int { return a.Addr.Compare(b.Addr) },
		},
		{ID: "port", Title: "peer.port", Width: 48, Align: Right, Hidden: true, Text: func(b []byte, _ *Format, p *peer) []byte {
			return strconv.AppendUint(b, uint64(p.Addr.Port()), 10)
		}, Compare: byInt(func(p *peer) int64 { return int64(p.Addr.Port()) })},
		{
			ID: "host", Title: "peer.host", Width: 180, Hidden: true, Text: func(b []byte, _ *Format, p *peer) []byte { return append(b, p.Host...) },
			Compare: func(a, b *peer) int { return compareText(a.Host, b.Host) },
		},
		{
			ID: "client", Title: "peer.client", Width: 150, Text: func(b []byte, _ *Format, p *peer) []byte { return append(b, p.Client...) },
			Compare: func(a, b *peer) int { return compareText(a.Client, b.Client) },
		},
		{
			ID: "flags", Title: "peer.flags", Width: 66, Text: func(b []byte, _ *Format, p *peer) []byte { return appendFlags(b, p) },
			Compare: func(a, b *peer) int { return cmp.Compare(Flags(a), Flags(b)) },
		},
		{
			ID: "done", Title: "peer.done", Width: 62, Align: Center, Bar: true, Text: func(b []byte, f *Format, p *peer) []byte { return f.AppendPercent(b, p.Progress) },
			Mark: func(p *peer, c *Cell) {
				c.Fraction, c.Tone = p.Progress, Arriving
				if p.Flags.Has(swarm.Seed) {
					c.Tone = Giving
				}
			}, Compare: func(a, b *peer) int { return cmp.Compare(a.Progress, b.Progress) },
		},
		{ID: "relevance", Title: "peer.relevance", Width: 66, Align: Right, Hidden: true, Text: func(b []byte, f *Format, p *peer) []byte {
			if p.Relevance == 0 {
				return b
			}
			return f.AppendPercent(b, p.Relevance)
		}, Compare: func(a, b *peer) int { return cmp.Compare(a.Relevance, b.Relevance) }},
	}
}

// peerTraffic are the columns of what passes between a peer and us.
func peerTraffic() []Column[swarm.Peer] {
	type peer = swarm.Peer
	since := func(id, title string, get func(*peer) time.Time, hidden bool) Column[peer] {
		return Column[peer]{ID: id, Title: title, Width: 66, Align: Right, Hidden: hidden, Text: func(b []byte, f *Format, p *peer) []byte {
			if t := get(p); !t.IsZero() {
				return f.AppendDuration(b, f.Now.Sub(t))
			}
			return b
		}, Compare: func(a, b *peer) int { return get(b).Compare(get(a)) }}
	}
	amount := func(id, title string, get func(*peer) int64) Column[peer] {
		return Column[peer]{ID: id, Title: title, Width: 76, Align: Right, Text: func(b []byte, f *Format, p *peer) []byte {
			if get(p) == 0 {
				return b
			}
			return f.AppendBytes(b, get(p))
		}, Compare: byInt(get)}
	}
	return []Column[peer]{
		{ID: "down", Title: "peer.down", Width: 82, Align: Right, Text: rateText(func(p *peer) int64 { return p.Down }), Compare: byInt(func(p *peer) int64 { return p.Down })},
		{ID: "up", Title: "peer.up", Width: 82, Align: Right, Text: rateText(func(p *peer) int64 { return p.Up }), Compare: byInt(func(p *peer) int64 { return p.Up })},
		{ID: "reqs", Title: "peer.reqs", Width: 56, Align: Right, Text: func(b []byte, _ *Format, p *peer) []byte {
			if p.RequestsOut == 0 && p.RequestsIn == 0 {
				return b
			}
			b = append(strconv.AppendInt(b, int64(p.RequestsOut), 10), " | "...)
			return strconv.AppendInt(b, int64(p.RequestsIn), 10)
		}, Compare: byInt(func(p *peer) int64 { return int64(p.RequestsOut)<<32 + int64(p.RequestsIn) })},
		since("waited", "peer.waited", func(p *peer) time.Time { return p.AskedAt }, true),
		amount("uploaded", "peer.uploaded", func(p *peer) int64 { return p.Uploaded }),
		amount("downloaded", "peer.downloaded", func(p *peer) int64 { return p.Downloaded }),
		{ID: "theirs", Title: "peer.theirs", Width: 82, Align: Right, Hidden: true, Text: rateText(func(p *peer) int64 { return p.Theirs }), Compare: byInt(func(p *peer) int64 { return p.Theirs })},
		hidden(amount("queued", "peer.queued", func(p *peer) int64 { return int64(p.RequestsIn) * swarm.BlockSize })),
		{ID: "maxUp", Title: "peer.maxUp", Width: 82, Align: Right, Hidden: true, Text: rateText(func(p *peer) int64 { return p.MaxUp }), Compare: byInt(func(p *peer) int64 { return p.MaxUp })},
		{ID: "maxDown", Title: "peer.maxDown", Width: 82, Align: Right, Hidden: true, Text: rateText(func(p *peer) int64 { return p.MaxDown }), Compare: byInt(func(p *peer) int64 { return p.MaxDown })},
		{ID: "granted", Title: "peer.granted", Width: 82, Align: Right, Hidden: true, Text: rateText(func(p *peer) int64 { return p.Granted }), Compare: byInt(func(p *peer) int64 { return p.Granted })},
		{ID: "hashfails", Title: "peer.hashfails", Width: 60, Align: Right, Text: func(b []byte, _ *Format, p *peer) []byte {
			if p.HashFails == 0 {
				return b
			}
			return strconv.AppendInt(b, int64(p.HashFails), 10)
		}, Compare: byInt(func(p *peer) int64 { return int64(p.HashFails) })},
		since("inactive", "peer.inactive", func(p *peer) time.Time { return p.LastBlock }, false),
		since("connected", "peer.connected", func(p *peer) time.Time { return p.Since }, true),
	}
}
