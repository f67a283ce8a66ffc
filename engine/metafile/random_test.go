package metafile

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/anacrolix/torrent/bencode"
)

// value writes a random bencoded value.
func value(r *rand.Rand, b []byte, depth int) []byte {
	switch k := r.IntN(6); {
	case k < 2 || depth == 0:
		return appendInt(b, r.Int64N(1000)-500)
	case k < 4:
		return appendString(b, strings.Repeat("x", r.IntN(12)))
	case k == 4:
		b = append(b, 'l')
		for range r.IntN(4) {
			b = value(r, b, depth-1)
		}
	default:
		b = append(b, 'd')
		for i := range r.IntN(4) {
			b = value(r, appendString(b, string(rune('a'+i))), depth-1)
		}
	}
	return append(b, 'e')
}

// TestCheckAgainstTheLibrary holds the checker against the library's decoder, on
// random values and on such with a few bytes changed: what is well-formed is
// accepted, and what is accepted the library can read.
func TestCheckAgainstTheLibrary(t *testing.T) {
	accepted, refused := 0, 0
	for seed := range uint64(20000) {
		r := rand.New(rand.NewPCG(seed, 3))
		b := value(r, nil, 5)
		if got, ordered, err := check(b); err != nil || !ordered || len(got) != len(b) {
			t.Fatalf("seed %d: %q: %d of %d bytes, ordered %v, %v", seed, b, len(got), len(b), ordered, err)
		}
		if c := (cursor{b: b}); len(c.skip()) != len(b) {
			t.Fatalf("seed %d: skip stopped at %d of %q", seed, c.pos, b)
		}
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] = "ild0123456789e:-ax"[r.IntN(18)]
		}
		got, ordered, err := check(b)
		if err != nil {
			refused++
			continue
		}
		accepted++
		var v any // the library wants the keys of what it does not know in order
		if err := bencode.Unmarshal(got, &v); err != nil && ordered {
			t.Fatalf("seed %d: accepted %q, the library does not: %v", seed, got, err)
		}
		if c := (cursor{b: got}); len(c.skip()) != len(got) {
			t.Fatalf("seed %d: skip stopped at %d of %q", seed, c.pos, got)
		}
	}
	if accepted < 1000 || refused < 1000 {
		t.Errorf("%d accepted and %d refused: the changes prove little", accepted, refused)
	}
}

// TestPathsNeverMeet gives random files of few names and compares each pair.
func TestPathsNeverMeet(t *testing.T) {
	names := []string{"a", "A", "a.1", "b", "..", "", "é", "e\u0301", "É", "x\xff"}
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 4))
		var files []dict
		for range 1 + r.IntN(12) {
			path := make([]string, 1+r.IntN(3))
			for i := range path {
				path[i] = names[r.IntN(len(names))]
			}
			files = append(files, file(1, path...))
		}
		b := torrentBytes(t, multi(files...), nil)
		rules := Rules(r.IntN(2))
		m, err := ParseWith(b, rules)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		again, err := ParseWith(b, rules)
		if err != nil || !slices.EqualFunc(m.Files, again.Files, func(a, b File) bool { return a.Path == b.Path }) {
			t.Fatalf("seed %d: read twice, named twice: %v", seed, err)
		}
		n := newNamer(rules, "")
		u := unique{n: n}
		for i, f := range m.Files {
			if !safePath(f.Path) || !strings.HasPrefix(f.Path, "temp/") {
				t.Fatalf("seed %d: path %q", seed, f.Path)
			}
			alone := true
			for j, g := range m.Files {
				mine, other := u.key(f.Path), u.key(g.Path)
				if i != j && (mine == other || strings.HasPrefix(other, mine+"/")) {
					t.Fatalf("seed %d: %q and %q meet", seed, f.Path, g.Path)
				}
				raw, rawOther := u.key("temp/"+n.join(&m.Files[i])), u.key("temp/"+n.join(&m.Files[j]))
				met := raw == rawOther || strings.HasPrefix(rawOther, raw+"/") || strings.HasPrefix(raw, rawOther+"/")
				alone = alone && (i == j || !met)
			}
			// A number is only given to a name that meets another one, before or after numbering.
			if want := "temp/" + n.join(&m.Files[i]); alone && f.Path != want && !strings.Contains(want, "a.1") {
				t.Fatalf("seed %d: %q became %q for no reason", seed, want, f.Path)
			}
		}
	}
}
