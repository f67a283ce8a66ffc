package view

import "swarmbid/engine/swarm"

// Mark is one piece in a drawing: a tone and how strongly it shows.
type Mark struct {
	Tone   Tone
	Weight uint8 // 0 = as the empty ground, 255 = full
}

// PieceMarks says which pieces are here.
func PieceMarks(p *swarm.Pieces) []Mark {
	if p == nil {
		return nil
	}
	out := make([]Mark, len(p.State))
	for i, s := range p.State {
		switch s {
		case swarm.PieceHave:
			out[i] = Mark{Arriving, 255}
		case swarm.PiecePartial:
			out[i] = Mark{Giving, 200}
		case swarm.PieceChecking:
			out[i] = Mark{Working, 255}
		case swarm.PieceSkipped:
			out[i] = Mark{Resting, 90}
		case swarm.PieceMissing:
		}
	}
	return out
}

// AvailMarks says how many peers have each piece: none is red, and the more the
// darker.
func AvailMarks(p *swarm.Pieces) []Mark {
	if p == nil {
		return nil
	}
	top := uint16(1)
	for _, a := range p.Avail {
		top = max(top, a)
	}
	out := make([]Mark, len(p.Avail))
	for i, a := range p.Avail {
		switch {
		case a == 0 && p.State[i] != swarm.PieceHave:
			out[i] = Mark{Broken, 200}
		default:
			out[i] = Mark{Arriving, uint8(40 + int(a)*215/int(top))}
		}
	}
	return out
}

// PiecesLine says in one line how many pieces there are and how many are here.
func PiecesLine(l *Locale, d *swarm.Details) string {
	if d == nil || d.Pieces == nil {
		return ""
	}
	have, partial := 0, 0
	for _, s := range d.Pieces.State {
		switch s {
		case swarm.PieceHave:
			have++
		case swarm.PiecePartial:
			partial++
		default:
		}
	}
	return l.T("pieces.line", l.Int(int64(len(d.Pieces.State))), l.Bytes(d.Pieces.Length), l.Int(int64(have)), l.Int(int64(partial)))
}
