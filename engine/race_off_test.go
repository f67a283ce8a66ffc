//go:build !race

package engine

// underRace tells that the race detector is on: everything is several times slower.
const underRace = false
