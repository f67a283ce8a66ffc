package hook

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// The reasons why a command line is refused.
var (
	// ErrQuote means that a quotation mark is not closed.
	ErrQuote = errors.New("a quotation mark is not closed")
	// ErrEmpty means that there is no program in the line.
	ErrEmpty = errors.New("no program is named")
	// ErrPlaceholder means that the program itself would be named by a torrent.
	ErrPlaceholder = errors.New("the program may not be named by a placeholder")
	// ErrBatch means that a batch file of Windows would get facts of a torrent: its
	// shell reads them again.
	ErrBatch = errors.New("a batch file may not be given facts of a torrent")
)

// Fact is what a command line may say of a torrent.
type Fact struct {
	File     string // name of its file; "" if it has several
	Dir      string // the folder that holds its file or files, absolute
	Name     string
	Label    string
	Tracker  string
	InfoHash string // 40 hexadecimal digits
	State    string
	Before   string // the state before
	Message  string // why it was stopped; "" = by no fault
	Multi    bool   // it has several files
}

// value is what stands for a letter; ok is false for one that means nothing.
func (f *Fact) value(letter byte) (s string, ok bool) {
	switch letter {
	case 'F':
		return f.File, true
	case 'D':
		return f.Dir, true
	case 'N':
		return f.Name, true
	case 'L':
		return f.Label, true
	case 'T':
		return f.Tracker, true
	case 'M':
		return f.Message, true
	case 'I':
		return f.InfoHash, true
	case 'S':
		return f.State, true
	case 'P':
		return f.Before, true
	case 'K':
		if f.Multi {
			return "multi", true
		}
		return "single", true
	case '%':
		return "%", true
	}
	return "", false
}

// Split cuts a line into words at spaces and tabs, but for those within double
// quotes. A backslash is a character like any other, for the paths of Windows.
func Split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	in, quoted := false, false
	for _, r := range line {
		switch {
		case r == '"':
			quoted, in = !quoted, true
		case !quoted && (r == ' ' || r == '\t'):
			if in {
				words, in = append(words, word.String()), false
				word.Reset()
			}
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if quoted {
		return nil, ErrQuote
	}
	if in {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, ErrEmpty
	}
	return words, nil
}

// Command is a command line that was read, ready for any number of facts.
type Command struct{ words []string }

// Parse reads a command line as it is for goos.
func Parse(line, goos string) (Command, error) {
	words, err := Split(line)
	if err != nil {
		return Command{}, fmt.Errorf("hook: read %.80q: %w", line, err)
	}
	if expand(words[0], &Fact{Name: "x", File: "x", Dir: "/x", Label: "x", Tracker: "x", InfoHash: "x", State: "x", Before: "x", Message: "x"}) != words[0] {
		return Command{}, fmt.Errorf("hook: read %.80q: %w", line, ErrPlaceholder)
	}
	ext := strings.ToLower(filepath.Ext(strings.TrimRight(words[0], ". ")))
	batch := goos == "windows" && (ext == ".bat" || ext == ".cmd")
	if batch && slices.ContainsFunc(words[1:], func(w string) bool { return strings.Contains(w, "%") }) {
		return Command{}, fmt.Errorf("hook: read %.80q: %w", line, ErrBatch)
	}
	return Command{words}, nil
}

// Args returns the program and its arguments for a torrent.
func (c Command) Args(f *Fact) []string {
	out := make([]string, len(c.words))
	for i, w := range c.words {
		out[i] = expand(w, f)
	}
	return out
}

// expand puts the facts into one word. What begins with a fact must not be read as
// an option: a file gets «./» before its name, anything else loses its first
// character to «_».
func expand(word string, f *Fact) string {
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		if word[i] != '%' || i+1 == len(word) {
			b.WriteByte(word[i])
			continue
		}
		v, ok := f.value(word[i+1])
		if !ok {
			b.WriteByte('%')
			continue
		}
		i++
		v = clean(v)
		if b.Len() == 0 && word[i] != '%' && word[i] != 'D' {
			v = harmless(v, word[i] == 'F')
		}
		b.WriteString(v)
	}
	return b.String()
}

func harmless(v string, file bool) string {
	switch {
	case !strings.HasPrefix(v, "-") && !strings.HasPrefix(v, "/"):
		return v
	case file:
		return "./" + v
	}
	return "_" + v[1:]
}

// clean takes out what no system passes on or what would break a line of a log.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
