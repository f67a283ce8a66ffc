// Package sample is an engine and settings that live in memory, filled with
// made-up torrents: for the storybook, for pictures and for tests of the window.
// Its engine takes every command for real, in values: what was set is what the
// next snapshot says. Everything is deterministic.
package sample
