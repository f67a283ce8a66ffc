package view

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
}

// Order says by which column rows are sorted. The zero value keeps the order in
// which they come.
type Order struct {
	Column string
	Desc   bool
}

// Sort sorts items by o. Rows that compare equal stay in the order in which they
// came, in both directions, so that a list does not jump between updates.
func Sort[T any](items []*T, cols []Column[T], o Order) {
	i := slices.IndexFunc(cols, func(c Column[T]) bool { return c.ID == o.Column })
	if i < 0 || cols[i].Compare == nil {
		return
	}
	compare := cols[i].Compare
	if o.Desc {
		up := compare
		compare = func(a, b *T) int { return up(b, a) }
	}
	slices.SortStableFunc(items, compare)
}

// List is a table ready to be shown: rows in order, with finished text for the
// shown columns. It is immutable. The zero value is empty.
type List[T any] struct {
	cols []Column[T]
	rows []row[T]
}

// row keeps the text of its cells in one string; ends[i] is where cell i ends.
type row[T any] struct {
	item *T
	text string
	ends []uint32
}

// Build formats the columns named in show of every item.
func Build[T any](f *Format, cols []Column[T], show []string, items []*T) *List[T] {
	l := &List[T]{rows: make([]row[T], len(items))}
	for _, c := range cols {
		if slices.Contains(show, c.ID) {
			l.cols = append(l.cols, c)
		}
	}
	n := len(l.cols)
	ends := make([]uint32, n*len(items))
	var b []byte
	for i, v := range items {
		b = b[:0]
		e := ends[i*n : (i+1)*n : (i+1)*n]
		for k := range l.cols {
			b = l.cols[k].Text(b, f, v)
			e[k] = uint32(len(b))
		}
		l.rows[i] = row[T]{item: v, text: string(b), ends: e}
	}
	return l
}

// Len returns the number of rows.
func (l *List[T]) Len() int {
	if l == nil {
		return 0
	}
	return len(l.rows)
}

// Item returns the value behind a row.
func (l *List[T]) Item(i int) *T { return l.rows[i].item }

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
	r := &l.rows[i]
	start := uint32(0)
	if col > 0 {
		start = r.ends[col-1]
	}
	*c = Cell{Text: r.text[start:r.ends[col]]}
	if mark := l.cols[col].Mark; mark != nil {
		mark(r.item, c)
	}
}

// compareText orders names as people do: without regard to case, and digits by
// their value, so that «part 9» comes before «part 10».
func compareText(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		if isDigit(x[0]) && isDigit(y[0]) {
			nx, ny := digits(x), digits(y)
			vx, vy := strings.TrimLeft(x[:nx], "0"), strings.TrimLeft(y[:ny], "0")
			if len(vx) != len(vy) {
				return len(vx) - len(vy)
			}
			if c := strings.Compare(vx, vy); c != 0 {
				return c
			}
			x, y = x[nx:], y[ny:]
			continue
		}
		rx, sx := utf8.DecodeRuneInString(x)
		ry, sy := utf8.DecodeRuneInString(y)
		if lx, ly := unicode.ToLower(rx), unicode.ToLower(ry); lx != ly {
			return int(lx) - int(ly)
		}
		x, y = x[sx:], y[sy:]
	}
	if c := len(x) - len(y); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// digits returns how many digits s starts with.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}
