package btt

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

var (
	// ErrSyntax is returned for text that is no amount in the notation asked for.
	ErrSyntax = errors.New("btt: not an amount")
	// ErrAmbiguous is returned for text such as "1,234" in English, which a reader
	// used to the other notation writes for 1.234: a factor of a thousand.
	ErrAmbiguous = errors.New("btt: thousands or decimals? write the amount without grouping or with decimals")
	// ErrPrecision is returned for more than six decimals.
	ErrPrecision = errors.New("btt: more than six decimals")
)

// Locale is a notation of numbers. The zero value is English.
type Locale uint8

// The notations.
const (
	EN Locale = iota // 1,234.50
	DE               // 1.234,50
)

// maxText bounds the text of an amount: the longest that Format writes has 27
// bytes.
const maxText = 64

// marks returns the group and decimal separators of l.
func (l Locale) marks() (group, decimal string) {
	if l == DE {
		return ".", ","
	}
	return ",", "."
}

// Format writes a exactly in the notation of l, grouped, with as many decimals as
// it needs and at least two, without the unit.
func (a Amount) Format(l Locale) string { return format(int64(a), l) }

// Parse reads an amount of BTT in the notation of l. It takes what Format writes,
// the same without grouping, fewer decimals, a minus sign, and the unit BTT after
// it. It never rounds and never guesses: other text is ErrSyntax, ErrAmbiguous,
// ErrPrecision or ErrOverflow.
//
// A lone group separator is ambiguous because reading it wrongly would multiply
// the amount by a thousand. A lone decimal separator is taken at its word:
// reading it wrongly could only divide.
func Parse(s string, l Locale) (Amount, error) {
	v, err := parse(s, "BTT", l)
	return Amount(v), err
}

// Format writes s exactly in the notation of l, as [Amount.Format] does.
func (s Sun) Format(l Locale) string { return format(int64(s), l) }

// ParseSun reads an amount of TRX in the notation of l by the rules of [Parse].
func ParseSun(s string, l Locale) (Sun, error) {
	v, err := parse(s, "TRX", l)
	return Sun(v), err
}

func format(v int64, l Locale) string {
	group, decimal := l.marks()
	whole, frac, _ := strings.Cut(plain(v), ".")
	sign := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	var b strings.Builder
	if sign {
		b.WriteByte('-')
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteByte(whole[i])
	}
	b.WriteString(decimal)
	b.WriteString(frac[:2])
	b.WriteString(strings.TrimRight(frac[2:], "0"))
	return b.String()
}

func parse(s, unit string, l Locale) (int64, error) {
	fail := func(err error) (int64, error) {
		if len(s) > maxText {
			s = s[:maxText] + "…"
		}
		return 0, fmt.Errorf("parse %q: %w", s, err)
	}
	if len(s) > maxText {
		return fail(ErrSyntax)
	}
	text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), unit))
	negative := false
	for _, minus := range []string{"-", "−"} {
		if t, ok := strings.CutPrefix(text, minus); ok && !negative {
			text, negative = t, true
		}
	}
	group, decimal := l.marks()
	whole, frac, hasFrac := strings.Cut(text, decimal)
	if hasFrac && !digits(frac) {
		return fail(ErrSyntax)
	}
	switch parts := strings.Split(whole, group); {
	case !grouped(parts):
		return fail(ErrSyntax)
	case len(parts) == 2 && !hasFrac:
		return fail(ErrAmbiguous)
	}
	if len(frac) > 6 {
		return fail(ErrPrecision)
	}
	frac += strings.Repeat("0", 6-len(frac))
	u, err := strconv.ParseUint(strings.ReplaceAll(whole, group, "")+frac, 10, 64)
	switch {
	case err != nil, !negative && u > math.MaxInt64, negative && u > 1<<63:
		return fail(ErrOverflow)
	case negative:
		return int64(-u), nil
	}
	return int64(u), nil
}

// grouped reports whether parts are the digits of a whole number: one run, or
// groups of three after one of one to three.
func grouped(parts []string) bool {
	for i, p := range parts {
		if !digits(p) || i > 0 && len(p) != 3 || len(parts) > 1 && len(p) > 3 {
			return false
		}
	}
	return true
}

// digits reports whether s is one or more ASCII digits.
func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
