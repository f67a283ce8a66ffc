package engine

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"swarmbid/engine/swarm"
)

// Bounds of a torrent's options.
const (
	maxWebSeeds = 100
	maxGoal     = 100 * 365 * 24 * time.Hour
	maxRatio    = 1_000_000_000 // thousandths
)

// Options returns what the user set for a torrent.
func (e *Engine) Options(ctx context.Context, ih swarm.InfoHash) (o swarm.Options, err error) {
	err = e.do(ctx, func() error {
		m, err := e.find(ih)
		if err == nil {
			o = m.options()
		}
		return err
	})
	return o, err
}

func (m *managed) options() swarm.Options {
	r := &m.rec
	return swarm.Options{
		GoalRatio: r.GoalRatio, GoalTime: r.GoalTime, GoalAction: r.GoalAction,
		NoDHT: r.NoDHT, NoPEX: r.NoPEX, NoLSD: r.NoLSD, WebSeeds: slices.Clone(r.WebSeeds),
	}
}

// SetOptions changes what the user set for a torrent. It works at once and after a
// restart.
func (e *Engine) SetOptions(ctx context.Context, ih swarm.InfoHash, o swarm.Options) error {
	if err := checkOptions(&o); err != nil {
		return err
	}
	return e.each(ctx, []swarm.InfoHash{ih}, func(m *managed) error {
		r := &m.rec
		r.GoalRatio, r.GoalTime, r.GoalAction = o.GoalRatio, o.GoalTime, o.GoalAction
		r.NoDHT, r.NoPEX, r.NoLSD = o.NoDHT, o.NoPEX, o.NoLSD
		fewer := slices.ContainsFunc(r.WebSeeds, func(u string) bool { return !slices.Contains(o.WebSeeds, u) })
		r.WebSeeds = o.WebSeeds
		e.links.SetPex(m.ih(), !r.NoPEX)
		if r.NoDHT {
			m.stopDHT()
		} else {
			m.dhtNext = time.Time{} // at the next turn
		}
		if m.live == nil {
			return nil
		}
		if fewer {
			m.live.RemoveWebSeeds() // the library cannot take one away
		}
		e.configure(m)
		return nil
	})
}

// checkOptions refuses values that are out of range and puts the addresses of web
// seeds in order.
func checkOptions(o *swarm.Options) error {
	switch {
	case o.GoalRatio > maxRatio || o.GoalTime > maxGoal:
		return fmt.Errorf("%w: a seeding goal beyond all bounds", ErrConfig)
	case o.GoalAction > swarm.GoalRemove:
		return fmt.Errorf("%w: action %d at the seeding goal", ErrConfig, o.GoalAction)
	case len(o.WebSeeds) > maxWebSeeds:
		return fmt.Errorf("%w: %d web seeds, at most %d", ErrConfig, len(o.WebSeeds), maxWebSeeds)
	}
	var seeds []string
	for _, s := range o.WebSeeds {
		s = strings.TrimSpace(s)
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "ftp"}, u.Scheme) {
			return fmt.Errorf("%w: web seed %q is no http address", ErrConfig, s)
		}
		if !slices.Contains(seeds, s) {
			seeds = append(seeds, s)
		}
	}
	o.WebSeeds = seeds
	return nil
}

// giveWebSeeds gives the library the web seeds of a running torrent.
func (e *Engine) giveWebSeeds(m *managed) {
	if !m.checkOnly {
		m.live.AddWebSeeds(m.rec.WebSeeds)
	}
}

// ClearPeers forgets every address known for a torrent; connections stay.
func (e *Engine) ClearPeers(ctx context.Context, ihs ...swarm.InfoHash) error {
	return e.each(ctx, ihs, func(m *managed) error {
		m.rec.Peers, m.book = nil, nil
		return nil
	})
}

// Relocate says that the data of a torrent lies in another folder by now. Nothing
// is moved; what is there is checked.
func (e *Engine) Relocate(ctx context.Context, ih swarm.InfoHash, dir string) error {
	if err := checkFolder(dir); err != nil {
		return err
	}
	return e.each(ctx, []swarm.InfoHash{ih}, func(m *managed) error {
		if m.moving || m.busy > 0 {
			return fmt.Errorf("%w: %s", ErrBusy, m.name())
		}
		m.fault, m.reason = swarm.NoFault, ""
		e.deactivate(m, func() {
			m.rec.SavePath, m.rec.MoveTo = dir, ""
			if m.meta == nil {
				_ = e.save(m) // logged there; the next save tries again
				return
			}
			m.locate()
			e.checkAgain(m)
			_ = e.save(m) // logged there; the next save tries again
		})
		return nil
	})
}
