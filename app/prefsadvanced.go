package main

import (
	"time"

	"swarmbid/app/settings"
	"swarmbid/engine"
	"swarmbid/ui"
)

// advancedOf shows the window what few people change.
func advancedOf(p *ui.Prefs, a *settings.Advanced) {
	p.Allocate, p.PartFile, p.Sparse = a.Allocate, a.PartFile, a.Sparse
	p.Farewell, p.SeedlessFirst, p.ShowEvery = a.Farewell, a.SeedlessFirst, a.ShowEvery
	p.ConnectSpeed, p.HalfOpen, p.SameAddress = a.ConnectSpeed, a.HalfOpen, a.SameAddress
	p.DropInactive, p.DropAfter, p.BegunFirst = a.DropInactive, a.DropAfter, a.BegunFirst
}

// carryAdvanced takes over what the window edited.
func carryAdvanced(p *ui.Prefs, a *settings.Advanced) {
	a.Allocate, a.PartFile, a.Sparse = p.Allocate, p.PartFile, p.Sparse
	a.Farewell, a.SeedlessFirst, a.ShowEvery = p.Farewell, p.SeedlessFirst, p.ShowEvery
	a.ConnectSpeed, a.HalfOpen, a.SameAddress = p.ConnectSpeed, p.HalfOpen, p.SameAddress
	a.DropInactive, a.DropAfter, a.BegunFirst = p.DropInactive, p.DropAfter, p.BegunFirst
}

// engineAdvanced tells the engine.
func engineAdvanced(e *engine.Settings, a *settings.Advanced) {
	e.Allocate, e.NoPartFile, e.Sparse = a.Allocate, !a.PartFile, a.Sparse
	e.NoFarewell, e.Queue.SeedlessFirst = !a.Farewell, a.SeedlessFirst
	e.ShowEvery = time.Duration(a.ShowEvery) * time.Millisecond
	e.ConnectSpeed, e.HalfOpen, e.OneEach = a.ConnectSpeed, a.HalfOpen, !a.SameAddress
	e.DropInactive, e.BegunFirst = 0, a.BegunFirst
	if a.DropInactive {
		e.DropInactive = time.Duration(a.DropAfter) * time.Second
	}
}
