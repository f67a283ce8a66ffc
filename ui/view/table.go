package view

import "slices"

// Align is how the text of a column stands. The zero value is Left.
type Align uint8

// The alignments.
const (
	Left Align = iota
	Right
	Center
)

// Tone is a meaning that has a colour in the theme. The zero value is the
// colour of text.
type Tone uint8

// The tones.
const (
	Plain    Tone = iota
	Arriving      // downloading
	Giving        // seeding, complete
	Resting       // paused, stopped, queued
	Working       // checking, moving, waiting for metadata
	Broken        // an error
	Dim           // of lesser weight
)

// Fold is the state of the triangle before a row of a tree.
type Fold uint8

// The states of a fold. The zero value draws none.
const (
	NoFold Fold = iota
	Closed
	Open
)

// Tick is the state of the box before a row.
type Tick uint8

// The states of a box. The zero value draws none.
const (
	NoTick Tick = iota
	TickOff
	TickOn
	TickPart // some of what is below is on
)

// Cell is what one cell shows.
type Cell struct {
	Text     string
	Icon     string  // name of a drawing in assets; "" = none
	Tone     Tone    // of icon and bar
	Ink      Tone    // of text
	Fraction float64 // 0..1, of a Bar column
	Indent   int     // steps to the right, in a tree
	Fold     Fold
	Tick     Tick
	Bold     bool
}

// Column describes one column of a table over rows of T.
type Column[T any] struct {
	ID     string // stable; kept in the settings
	Title  string // key of its words
	Width  float32
	Align  Align
	Bar    bool // drawn as a progress bar with its text on it
	Fill   bool // takes the width that is left
	Hidden bool // not shown until chosen

	Text    func(b []byte, f *Format, v *T) []byte
	Mark    func(v *T, c *Cell) // sets what is not text; nil = nothing
	Compare func(a, b *T) int   // of the raw values; nil = not sortable
	Words   func(v *T) string   // what Compare orders as words, which is faster; nil = it orders otherwise
}

// List is a table ready to be shown: rows in order, with the columns that are
// shown. Texts are written when a cell is asked for: of ten thousand rows a window
// shows forty. It is immutable, as the rows must be from then on. The zero value
// is empty.
type List[T any] struct {
	f     *Format
	cols  []Column[T]
	items []*T
}

// Build makes a list of the columns named in show of every item.
func Build[T any](f *Format, cols []Column[T], show []string, items []*T) *List[T] {
	l := &List[T]{f: f, items: items}
	for _, c := range cols {
		if slices.Contains(show, c.ID) {
			l.cols = append(l.cols, c)
		}
	}
	return l
}

// Len returns the number of rows.
func (l *List[T]) Len() int {
	if l == nil {
		return 0
	}
	return len(l.items)
}

// Item returns the value behind a row.
func (l *List[T]) Item(i int) *T { return l.items[i] }

// Column returns the index of a column by its ID, -1 when it was not built.
func (l *List[T]) Column(id string) int {
	if l == nil {
		return -1
	}
	for i := range l.cols {
		if l.cols[i].ID == id {
			return i
		}
	}
	return -1
}

// Cell fills in c with a cell, by row and index of the column.
func (l *List[T]) Cell(i, col int, c *Cell) {
	v, d := l.items[i], &l.cols[col]
	*c = Cell{Text: string(d.Text(make([]byte, 0, 48), l.f, v))}
	if d.Mark != nil {
		d.Mark(v, c)
	}
}
