package ui

import (
	"context"

	"swarmbid/engine/swarm"
)

// testPort has the session test its port and says what was found.
func (u *UI) testPort(done func(words string)) {
	var t swarm.PortTest
	u.do("do.testPort", func(ctx context.Context) (err error) {
		t, err = u.p.Engine.TestPort(ctx)
		return err
	}, func() { done(u.loc.PortWords(&t)) })
}
