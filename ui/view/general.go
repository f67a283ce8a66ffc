package view

import (
	"strings"

	"swarmbid/engine/swarm"
)

// General returns the facts of the General tab. p may be nil.
func General(f *Format, t *swarm.Torrent, p *swarm.Pieces) []FactGroup {
	if t == nil {
		return nil
	}
	return []FactGroup{transfer(f, t), about(f, t, p)}
}

func transfer(f *Format, t *swarm.Torrent) FactGroup {
	eta := ""
	if d, ok := t.ETA(); ok {
		eta = f.Duration(d)
	}
	connected := func(n, swarm int) string {
		if swarm < 0 {
			return f.T("general.connected", n)
		}
		return f.T("general.connectedOf", n, swarm)
	}
	return FactGroup{Title: f.T("general.transfer"), Facts: []Fact{
		{Label: f.T("general.elapsed"), Value: f.Duration(t.Active)},
		{Label: f.T("general.remaining"), Value: join(f.Bytes(t.Remaining()), eta)},
		{Label: f.T("general.wasted"), Value: f.T("general.wastedValue", f.Bytes(t.Wasted), t.HashFails)},
		{Label: f.T("general.downloaded"), Value: f.Bytes(t.Downloaded)},
		{Label: f.T("general.uploaded"), Value: f.Bytes(t.Uploaded)},
		{Label: f.T("general.seeds"), Value: connected(t.Seeds, t.SwarmSeeds)},
		{Label: f.T("general.downSpeed"), Value: f.Rate(t.Down)},
		{Label: f.T("general.upSpeed"), Value: f.Rate(t.Up)},
		{Label: f.T("general.peers"), Value: connected(t.Peers, t.SwarmPeers)},
		{Label: f.T("general.downLimit"), Value: f.Limit(t.DownLimit)},
		{Label: f.T("general.upLimit"), Value: f.Limit(t.UpLimit)},
		{Label: f.T("general.ratio"), Value: string(f.AppendRatio(nil, t.Ratio()))},
		{Label: f.T("general.status"), Value: f.status(t), Span: 3},
	}}
}

// status is the state, with advice where a torrent is in trouble.
func (f *Format) status(t *swarm.Torrent) string {
	s := f.State(t)
	if a := f.Fault(t); a.Do != "" {
		s += ". " + a.Do
	}
	return s
}

func about(f *Format, t *swarm.Torrent, p *swarm.Pieces) FactGroup {
	pieces := ""
	if p != nil {
		have := 0
		for _, s := range p.State {
			if s == swarm.PieceHave {
				have++
			}
		}
		pieces = f.T("general.piecesValue", f.Int(int64(len(p.State))), f.Bytes(p.Length), f.Int(int64(have)))
	}
	size := f.Bytes(t.Size)
	if t.Wanted != t.Size {
		size = f.T("general.sizeValue", size, f.Bytes(t.Wanted))
	}
	path := t.SavePath
	if path != "" && t.Name != "" {
		sep := "/"
		if strings.Contains(path, `\`) {
			sep = `\`
		}
		path = strings.TrimRight(path, sep) + sep + t.Name
	}
	created := join(f.Time(t.Created), t.CreatedBy)
	return FactGroup{Title: f.T("general.about"), Facts: []Fact{
		{Label: f.T("general.saveAs"), Value: path, Span: 3},
		{Label: f.T("general.size"), Value: size},
		{Label: f.T("general.pieces"), Value: pieces, Span: 2},
		{Label: f.T("general.added"), Value: f.Time(t.Added)},
		{Label: f.T("general.completed"), Value: f.Time(t.Done)},
		{Label: f.T("general.created"), Value: created},
		{Label: f.T("general.hash"), Value: t.InfoHash.String(), Span: 2},
		{Label: f.T("general.private"), Value: f.yesNo(t.Private)},
		{Label: f.T("general.comment"), Value: t.Comment, Span: 3},
	}}
}

func (f *Format) yesNo(b bool) string {
	if b {
		return f.T("yes")
	}
	return f.T("no")
}

// join puts the parts that are not empty behind each other.
func join(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}
