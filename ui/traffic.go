package ui

import (
	"context"

	"swarmbid/engine/swarm"
)

// thisNetwork names the network this machine is in.
func (u *UI) thisNetwork() string { return u.frame.snap.Totals.Network }

// usage finds out the traffic of the last days, or forgets it.
func (u *UI) usage(reset bool, done func([]swarm.Day)) {
	var days []swarm.Day
	u.do("do.usage", func(ctx context.Context) (err error) {
		if reset {
			if err := u.p.Engine.ResetUsage(ctx); err != nil {
				return err
			}
		}
		days, err = u.p.Engine.Usage(ctx)
		return err
	}, func() { done(days) })
}
