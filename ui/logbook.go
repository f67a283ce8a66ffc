package ui

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"swarmbid/ui/view"
)

// LogBook is an slog.Handler that keeps the last lines for the Log tab. It may
// be used from any goroutine.
type LogBook struct {
	shared *logLines
	attrs  string
	group  string
}

type logLines struct {
	mu    sync.Mutex
	most  int
	lines []view.LogLine
	n     int // lines ever
}

// NewLogBook makes a book of at most n lines.
func NewLogBook(n int) *LogBook { return &LogBook{shared: &logLines{most: max(1, n)}} }

// Enabled implements slog.Handler: what is for people, not for debugging.
func (b *LogBook) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// Handle implements slog.Handler.
func (b *LogBook) Handle(_ context.Context, r slog.Record) error {
	var s strings.Builder
	s.WriteString(r.Message)
	s.WriteString(b.attrs)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&s, "  %s%s=%v", b.group, a.Key, a.Value)
		return true
	})
	b.shared.mu.Lock()
	defer b.shared.mu.Unlock()
	l := b.shared
	l.n++
	l.lines = append(l.lines, view.LogLine{N: l.n, At: r.Time, Tone: toneOf(r.Level), Text: oneLine(s.String())})
	if len(l.lines) > l.most {
		l.lines = append(l.lines[:0], l.lines[len(l.lines)-l.most:]...)
	}
	return nil
}

// oneLine keeps what comes from peers and trackers from breaking out of its row.
func oneLine(s string) string {
	const most = 500
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

// WithAttrs implements slog.Handler.
func (b *LogBook) WithAttrs(as []slog.Attr) slog.Handler {
	c := *b
	for _, a := range as {
		c.attrs += fmt.Sprintf("  %s%s=%v", b.group, a.Key, a.Value)
	}
	return &c
}

// WithGroup implements slog.Handler.
func (b *LogBook) WithGroup(name string) slog.Handler {
	c := *b
	c.group += name + "."
	return &c
}

// Lines returns the lines kept, oldest first.
func (b *LogBook) Lines() []view.LogLine {
	b.shared.mu.Lock()
	defer b.shared.mu.Unlock()
	return slices.Clone(b.shared.lines)
}

func toneOf(l slog.Level) view.Tone {
	switch {
	case l >= slog.LevelError:
		return view.Broken
	case l >= slog.LevelWarn:
		return view.Working
	}
	return view.Plain
}
