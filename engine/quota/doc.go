// Package quota says when the traffic of a period is used up.
//
// It is pure: the same policy, days and time give the same answer. A period is the last
// so many days of the calendar, today included, in the location of the time that is
// asked about. So what was used on a day no longer counts from the midnight on that
// ends the period of that day, and traffic comes free again day by day, not all at once.
//
// Invariants, each held by a test of the same name:
//
//   - Once: whatever is added is counted once, on the day it is added or, when the clock
//     was set back, on the last day there is.
//   - Resumes: at the time it names there is room again, and a day earlier there is not.
//   - Bounded: no more than MaxDays days are kept.
package quota
