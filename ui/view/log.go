package view

import "time"

// LogLine is one line of the Log tab.
type LogLine struct {
	N    int // its number since the start
	At   time.Time
	Tone Tone // Plain, Working for a warning, Broken for an error
	Text string
}

// Log builds the list of the Log tab, newest line last.
func Log(f *Format, lines []LogLine, show []string) *List[LogLine] {
	items := make([]*LogLine, len(lines))
	for i := range lines {
		items[i] = &lines[i]
	}
	return Build(f, LogColumns(), show, items)
}

// LogColumns describes the Log tab.
func LogColumns() []Column[LogLine] {
	return []Column[LogLine]{
		{ID: "at", Title: "log.time", Width: 124, Text: func(b []byte, f *Format, l *LogLine) []byte {
			t := l.At.UTC()
			if f.zone != nil {
				t = l.At.In(f.zone)
			}
			return t.AppendFormat(b, "2006-01-02 15:04:05")
		}},
		{
			ID: "text", Title: "log.text", Width: 500, Fill: true, Text: func(b []byte, _ *Format, l *LogLine) []byte { return append(b, l.Text...) },
			Mark: func(l *LogLine, c *Cell) { c.Ink = l.Tone },
		},
	}
}
