package view

import (
	"strconv"
	"strings"
	"time"
)

// The functions come in two forms: AppendX adds to a buffer and serves the
// tables, X returns a string and serves the rest.

// AppendFixed appends v with the given number of decimals.
func (l *Locale) AppendFixed(b []byte, v float64, decimals int) []byte {
	start := len(b)
	b = strconv.AppendFloat(b, v, 'f', decimals, 64)
	if l.decimal == ',' {
		for i := len(b) - 1; i >= start; i-- {
			if b[i] == '.' {
				b[i] = ','
				break
			}
		}
	}
	return b
}

// AppendInt appends n with separators between groups of three digits.
func (l *Locale) AppendInt(b []byte, n int64) []byte {
	if n < 0 {
		b = append(b, '-')
		n = -n
	}
	var digits [20]byte
	d := strconv.AppendInt(digits[:0], n, 10)
	for i, c := range d {
		if i > 0 && (len(d)-i)%3 == 0 {
			b = append(b, l.group...)
		}
		b = append(b, c)
	}
	return b
}

// Int writes n with separators.
func (l *Locale) Int(n int64) string { return string(l.AppendInt(nil, n)) }

// AppendBytes appends a size with a binary unit: 512 B, 14.4 KiB, 6.35 GiB.
func (l *Locale) AppendBytes(b []byte, n int64) []byte {
	const units = "KMGTPE"
	if n < 1024 && n > -1024 {
		return append(strconv.AppendInt(b, n, 10), " B"...)
	}
	v, u := float64(n)/1024, 0
	for (v >= 1023.95 || v <= -1023.95) && u < len(units)-1 {
		v /= 1024
		u++
	}
	decimals := 1
	if u >= 2 {
		decimals = 2
	}
	b = l.AppendFixed(b, v, decimals)
	return append(b, ' ', units[u], 'i', 'B')
}

// Bytes writes a size with a binary unit.
func (l *Locale) Bytes(n int64) string { return string(l.AppendBytes(nil, n)) }

// AppendRate appends bytes per second.
func (l *Locale) AppendRate(b []byte, n int64) []byte {
	return append(l.AppendBytes(b, n), "/s"...)
}

// Rate writes bytes per second.
func (l *Locale) Rate(n int64) string { return string(l.AppendRate(nil, n)) }

// Limit writes a rate limit; 0 is «unlimited».
func (l *Locale) Limit(n int64) string {
	if n <= 0 {
		return l.T("limit.none")
	}
	return l.Rate(n)
}

// AppendPercent appends a fraction 0..1 as a percentage with one decimal. Less
// than everything is never written as 100 %.
func (l *Locale) AppendPercent(b []byte, f float64) []byte {
	p := f * 100
	if p < 100 && p > 99.9 {
		p = 99.9
	}
	return append(l.AppendFixed(b, p, 1), " %"...)
}

// Percent writes a fraction 0..1 as a percentage.
func (l *Locale) Percent(f float64) string { return string(l.AppendPercent(nil, f)) }

// AppendRatio appends thousandths as a number with three decimals.
func (l *Locale) AppendRatio(b []byte, thousandths int64) []byte {
	return l.AppendFixed(b, float64(thousandths)/1000, 3)
}

// AppendDuration appends d in its two largest units: 45s, 12m 5s, 3h 12m, 2d 4h.
// Less than a second is 0s, a negative duration too.
func (l *Locale) AppendDuration(b []byte, d time.Duration) []byte {
	type unit struct {
		s   int64
		key string
	}
	units := [...]unit{{365 * 86400, "unit.year"}, {7 * 86400, "unit.week"}, {86400, "unit.day"}, {3600, "unit.hour"}, {60, "unit.minute"}, {1, "unit.second"}}
	s := int64(max(0, d) / time.Second)
	for i, u := range units {
		if s < u.s && u.s > 1 {
			continue
		}
		b = append(strconv.AppendInt(b, s/u.s, 10), l.T(u.key)...)
		if rest := s % u.s; i+1 < len(units) && rest >= units[i+1].s {
			b = append(b, ' ')
			b = append(strconv.AppendInt(b, rest/units[i+1].s, 10), l.T(units[i+1].key)...)
		}
		return b
	}
	return b
}

// Duration writes d in its two largest units.
func (l *Locale) Duration(d time.Duration) string { return string(l.AppendDuration(nil, d)) }

// AppendTime appends t to the minute; the zero time is nothing.
func (l *Locale) AppendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	if l.zone != nil {
		t = t.In(l.zone)
	} else {
		t = t.UTC()
	}
	return t.AppendFormat(b, l.date)
}

// Time writes t to the minute.
func (l *Locale) Time(t time.Time) string { return string(l.AppendTime(nil, t)) }

// Day writes a date of the form 2006-01-02, without the time; what is none stays as it
// is.
func (l *Locale) Day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	layout, _, _ := strings.Cut(l.date, " ")
	return t.Format(layout)
}

// AppendOf appends "12 (345)": connected and in the swarm, which is left out
// when it is negative, that is unknown.
func (l *Locale) AppendOf(b []byte, connected, swarm int) []byte {
	b = strconv.AppendInt(b, int64(connected), 10)
	if swarm < 0 {
		return b
	}
	b = append(b, " ("...)
	return append(strconv.AppendInt(b, int64(swarm), 10), ')')
}
