// Package settings keeps what the user may set, in one versioned JSON file, and
// knows where the program's files lie.
//
// Invariants, each held by a test of the same name:
//
//   - Acknowledged: what Update returned nil for is there after the process is
//     killed at any later instant, and the file is never half written.
//   - Released: the file of every released version is read, from testdata.
//   - Future: a file of a newer version is neither used nor overwritten.
//   - Unknown: keys this version does not know stay in the file.
//   - Damaged: a file that cannot be read gives way to the one before it, then to
//     the defaults, and is kept beside them as settings.json.bad; a group with a
//     value out of range gives way to its defaults, and the others stay.
//
// Values are plain: package app carries them to those whose they are.
package settings
