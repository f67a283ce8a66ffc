package metafile

import (
	"fmt"
	"path"
	"runtime"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"

	"swarmbid/engine/swarm"
)

// Rules say which names are safe. Under both, no name holds a separator, a
// control or direction character or invalid UTF-8, none is «.» or «..», none is
// longer than 255 bytes, and two names that differ only in case or in Unicode
// form get different numbers, because the folder may be on a drive that takes
// them for one.
type Rules uint8

// The rules. The zero value is Posix. What both change is changed as the most
// used clients do, so that data which is already there is found.
const (
	Posix   Rules = iota
	Windows       // also: no <>:"|?*, no dot or space at the end, no device names
)

// HostRules are those of the system the program runs on.
func HostRules() Rules {
	if runtime.GOOS == "windows" {
		return Windows
	}
	return Posix
}

// Limits on names.
const (
	maxName   = 255  // bytes of a component, the least that file systems agree on
	maxEqual  = 1000 // numbers tried for one name
	maxExt    = 32   // bytes of an extension that is kept when a name is cut
	filler    = "_"
	padFolder = ".pad"
)

// namer makes the names of one torrent safe.
type namer struct {
	rules Rules
	enc   encoding.Encoding // of names that are not UTF-8; nil = unknown
	fold  cases.Caser       // makes names equal that differ in case only
}

func newNamer(rules Rules, enc string) *namer {
	n := &namer{rules: rules, fold: cases.Fold()}
	if e, err := htmlindex.Get(enc); err == nil {
		n.enc = e
	}
	return n
}

// title is the name of the torrent; if nothing of it can be used, its infohash.
func (n *namer) title(in *info, ih swarm.InfoHash) string {
	raw, isUTF8 := in.name, false
	if in.nameUTF8 != "" {
		raw, isUTF8 = in.nameUTF8, true
	}
	s := n.component(raw, isUTF8)
	if strings.Trim(s, filler+" ") == "" {
		return ih.String()
	}
	return s
}

// paths sets File.Path of every file.
func (n *namer) paths(m *Metafile) error {
	u := unique{n: n, taken: make(map[string]bool, len(m.Files)), folders: map[string]bool{}, next: map[string]int{}}
	for i := range m.Files {
		f := &m.Files[i]
		want := m.Name
		if !m.Single {
			want = path.Join(m.Name, n.join(f))
		}
		got, err := u.add(want)
		if err != nil {
			return fmt.Errorf("file %d, %.200q: %w", i, want, err)
		}
		f.Path = got
		f.Renamed = !f.Pad && !m.Single && got != m.Name+"/"+strings.Join(f.Raw, "/")
	}
	return nil
}

func (n *namer) join(f *File) string {
	if len(f.Raw) == 0 { // a pad file may come without a path (BEP 47)
		return path.Join(padFolder, strconv.FormatInt(f.Size, 10))
	}
	parts := make([]string, len(f.Raw))
	for i, c := range f.Raw {
		parts[i] = n.component(c, false)
	}
	return strings.Join(parts, "/")
}

// component makes one path component safe.
func (n *namer) component(s string, isUTF8 bool) string {
	if !utf8.ValidString(s) {
		s = n.decode(s, isUTF8)
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '/' || r == '\\' || invisible(r):
			return -1
		case r < ' ' || r >= 0x7f && r < 0xa0 || n.rules == Windows && strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, s)
	if n.rules == Windows {
		s = strings.TrimRight(s, ". ")
		if device(s) {
			s = filler + s
		}
	}
	if s == "" || s == "." || s == ".." {
		return filler
	}
	if len(s) > maxName {
		ext := path.Ext(s)
		if len(ext) > maxExt {
			ext = ""
		}
		s = shorten(strings.TrimSuffix(s, ext), maxName-len(ext)) + ext
		if n.rules == Windows {
			s = strings.TrimRight(s, ". ")
		}
	}
	return s
}

// decode turns bytes of the torrent's encoding into UTF-8; what cannot be
// decoded becomes the filler.
func (n *namer) decode(s string, isUTF8 bool) string {
	if n.enc != nil && !isUTF8 {
		out, err := n.enc.NewDecoder().String(s)
		if err == nil && !strings.ContainsRune(out, unicode.ReplacementChar) {
			return out
		}
	}
	return strings.ToValidUTF8(s, filler)
}

// shorten cuts s to at most limit bytes at a character.
func shorten(s string, limit int) string {
	if limit = max(limit, 1); len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// invisible reports characters that change the direction of text and so make a
// name read as another one.
func invisible(r rune) bool {
	return r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// device reports names that Windows keeps for devices, with any extension.
func device(s string) bool {
	stem, _, _ := strings.Cut(s, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		port, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.ContainsAny(port, "0123456789¹²³")
}
