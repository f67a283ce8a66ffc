package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
)

// ErrPeriod is returned for a period of more than 1,000 days, or without a
// beginning or an end where days are asked for.
var ErrPeriod = errors.New("ledger: period too long")

// Flow is what was earned and what was spent, corrections taken off.
type Flow struct{ Earned, Spent btt.Amount }

// DayFlow is the flow of one day of the calendar.
type DayFlow struct {
	Day time.Time // its first moment
	Flow
}

// ShareFlow is the flow of one torrent or one peer.
type ShareFlow struct {
	Key string // the torrent, or the peer's address; empty for what has none
	Flow
}

// flows are the transfers that touch income or expense in a period ?1 to ?2,
// once for each of the two.
const flows = `WITH flow AS (
	SELECT torrent, a.peer, amount AS earned, 0 AS spent FROM transfer t JOIN account a ON a.id = t.debit
		WHERE credit = (SELECT id FROM account WHERE path = 'income/seeding') AND phase IN ('posted', 'post') AND at >= ?1 AND at < ?2
	UNION ALL
	SELECT torrent, a.peer, -amount, 0 FROM transfer t JOIN account a ON a.id = t.credit
		WHERE debit = (SELECT id FROM account WHERE path = 'income/seeding') AND phase IN ('posted', 'post') AND at >= ?1 AND at < ?2
	UNION ALL
	SELECT torrent, a.peer, 0, amount FROM transfer t JOIN account a ON a.id = t.credit
		WHERE debit = (SELECT id FROM account WHERE path = 'expense/leeching') AND phase IN ('posted', 'post') AND at >= ?1 AND at < ?2
	UNION ALL
	SELECT torrent, a.peer, 0, -amount FROM transfer t JOIN account a ON a.id = t.debit
		WHERE credit = (SELECT id FROM account WHERE path = 'expense/leeching') AND phase IN ('posted', 'post') AND at >= ?1 AND at < ?2
) `

// Flow returns what was earned and spent in a period.
func (l *Ledger) Flow(ctx context.Context, p Period) (f Flow, err error) {
	from, to := p.millis()
	err = l.read.QueryRowContext(ctx, flows+`SELECT coalesce(sum(earned), 0), coalesce(sum(spent), 0) FROM flow`, from, to).
		Scan(&f.Earned, &f.Spent)
	if err != nil {
		return Flow{}, fmt.Errorf("flow: %w", explain(err))
	}
	return f, nil
}

// FlowByDay returns one entry for each day of the calendar of loc that the
// period touches, oldest first; the first and last may be parts of a day.
func (l *Ledger) FlowByDay(ctx context.Context, p Period, loc *time.Location) ([]DayFlow, error) {
	if p.From.IsZero() || p.To.IsZero() || p.To.Sub(p.From) > 1000*24*time.Hour {
		return nil, ErrPeriod
	}
	var days []DayFlow
	y, m, d := p.From.In(loc).Date()
	for i := 0; ; i++ {
		day := time.Date(y, m, d+i, 0, 0, 0, 0, loc)
		part := Period{day, time.Date(y, m, d+i+1, 0, 0, 0, 0, loc)}
		if !part.From.Before(p.To) {
			return days, nil
		}
		if part.From.Before(p.From) {
			part.From = p.From
		}
		if part.To.After(p.To) {
			part.To = p.To
		}
		f, err := l.Flow(ctx, part)
		if err != nil {
			return nil, err
		}
		days = append(days, DayFlow{day, f})
	}
}

// FlowByTorrent returns the torrents with the greatest flow in a period, at most
// limit of them.
func (l *Ledger) FlowByTorrent(ctx context.Context, p Period, limit int) ([]ShareFlow, error) {
	return l.shares(ctx, `torrent`, p, limit)
}

// FlowByPeer returns the peers with the greatest flow in a period, at most limit
// of them.
func (l *Ledger) FlowByPeer(ctx context.Context, p Period, limit int) ([]ShareFlow, error) {
	return l.shares(ctx, `coalesce(peer, '')`, p, limit)
}

func (l *Ledger) shares(ctx context.Context, key string, p Period, limit int) ([]ShareFlow, error) {
	from, to := p.millis()
	var all []ShareFlow
	if err := l.each(ctx, func(scan func(...any) error) error {
		var s ShareFlow
		err := scan(&s.Key, &s.Earned, &s.Spent)
		all = append(all, s)
		return err
	}, flows+`SELECT `+key+` AS key, sum(earned), sum(spent) FROM flow
		GROUP BY key ORDER BY sum(earned) + sum(spent) DESC, key LIMIT ?3`, from, to, max(limit, 0)); err != nil {
		return nil, fmt.Errorf("flow: %w", err)
	}
	return all, nil
}
