// Package view turns snapshots of the session into what the window shows: rows
// of finished text, sorted and filtered, groups of facts, the sidebar with its
// counts, and sentences for errors. It is pure: no clock, no goroutine, no
// window toolkit. The time is part of Format; whoever calls decides on which
// goroutine.
//
// A table is described by a slice of Column, one entry a column; Build formats
// the columns that are shown. To add a column to a table is to add one entry.
package view
