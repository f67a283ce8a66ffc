package view

import (
	"time"

	"swarmbid/engine/swarm"
)

// Deed is what the program does when its work is done.
type Deed uint8

// The deeds. All but Nothing end with the program or the computer at rest.
const (
	Nothing Deed = iota
	Quit
	Shutdown
	Hibernate
	Standby
)

// WhenDone is what the user wants when everything is done. The zero value is
// nothing.
type WhenDone struct {
	Deed Deed
	All  bool // seeding has to end, too; else only downloads
}

// CountdownTime is how long the user has to stop a deed.
const CountdownTime = time.Minute

// Vigil waits for the end of the work and counts down to a deed. It acts only if
// there was work to wait for, starts anew when there is work again, and when time
// has jumped, as it does while a computer sleeps. The zero value waits for nothing.
type Vigil struct {
	Want WhenDone

	busy bool // there was work since Want was set
	at   time.Time
	left time.Duration
	runs bool // the countdown
}

// maxJump is the longest step of time between two looks that a countdown survives.
const maxJump = 10 * time.Second

// Set begins anew with another wish.
func (v *Vigil) Set(w WhenDone) { *v = Vigil{Want: w} }

// Look takes the present state. Counting is whether the countdown runs, and left
// is its rest; due is whether the deed is to be done now, after which nothing is
// wanted any more.
func (v *Vigil) Look(s *swarm.Snapshot) (left time.Duration, counting bool, due Deed) {
	step := s.At.Sub(v.at)
	v.at = s.At
	if v.Want.Deed == Nothing {
		return 0, false, Nothing
	}
	if working(s, v.Want.All) {
		v.busy, v.runs = true, false
		return 0, false, Nothing
	}
	if !v.busy {
		return 0, false, Nothing
	}
	switch {
	case !v.runs, step > maxJump, step < 0:
		v.runs, v.left = true, CountdownTime
	default:
		v.left -= step
	}
	if v.left > 0 {
		return v.left, true, Nothing
	}
	due = v.Want.Deed
	v.Set(WhenDone{})
	return 0, false, due
}

// working reports whether a torrent has something to do that ends: a download,
// or, if all counts, a seed. One that the user stopped or paused, or that failed,
// has not.
func working(s *swarm.Snapshot, all bool) bool {
	for i := range s.Torrents {
		switch s.Torrents[i].State {
		case swarm.Queued, swarm.Checking, swarm.Metadata, swarm.Downloading, swarm.Moving:
			return true
		case swarm.QueuedSeed, swarm.Seeding:
			if all {
				return true
			}
		case swarm.Stopped, swarm.Paused, swarm.Finished, swarm.Errored:
		}
	}
	return false
}
