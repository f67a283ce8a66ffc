// Package schedule says what the hour of the week allows: everything, less of it,
// only to seed, or nothing.
//
// It is pure: the same table and time give the same answer. Hours are those of the
// clock on the wall, in the location of the time that is asked about. So an hour
// that a change of daylight saving time skips has no effect, one that it repeats
// counts twice, and no rule moves with it.
//
// Invariants, each held by a test of the same name:
//
//   - WallClock: the mode follows weekday and hour alone, also around a change of
//     daylight saving time.
//   - RoundTrip: what String writes Parse reads.
//   - Stricter: two limits together never allow more than one of them.
package schedule
