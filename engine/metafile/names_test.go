package metafile

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

// safePath says, in other words than the code, that a path stays below its folder.
func safePath(p string) bool {
	for part := range strings.SplitSeq(p, "/") {
		if part == "" || part == "." || part == ".." || len(part) > 255 || !utf8.ValidString(part) ||
			strings.ContainsAny(part, "\\\x00\n\u202e") {
			return false
		}
	}
	return true
}

func TestComponent(t *testing.T) {
	long := strings.Repeat("ä", 200)
	for _, c := range []struct{ in, posix, windows string }{
		{"plain.txt", "plain.txt", "plain.txt"},
		{"", "_", "_"},
		{".", "_", "_"},
		{"..", "_", "_"},
		{"...", "...", "_"},
		{"/etc/passwd", "etcpasswd", "etcpasswd"},
		{`..\..\x`, "....x", "....x"},
		{"a\x00b\x1fc\x7f", "a_b_c_", "a_b_c_"},
		{"what?.mkv", "what?.mkv", "what_.mkv"},
		{`<>:"|?*`, `<>:"|?*`, "_______"},
		{"trailing. .", "trailing. .", "trailing"},
		{"   ", "   ", "_"},
		{"CON", "CON", "_CON"},
		{"con.txt", "con.txt", "_con.txt"},
		{"nul .tar.gz", "nul .tar.gz", "_nul .tar.gz"},
		{"COM1", "COM1", "_COM1"},
		{"lpt³.x", "lpt³.x", "_lpt³.x"},
		{"COM10", "COM10", "COM10"},
		{"console", "console", "console"},
		{"photo\u202egpj.exe", "photogpj.exe", "photogpj.exe"},
		{"bad\xffbyte", "bad_byte", "bad_byte"},
		{long + ".mkv", strings.Repeat("ä", 125) + ".mkv", strings.Repeat("ä", 125) + ".mkv"},
		{"x." + strings.Repeat("e", 300), "x." + strings.Repeat("e", 253), "x." + strings.Repeat("e", 253)},
	} {
		if got := newNamer(Posix, "").component(c.in, false); got != c.posix {
			t.Errorf("posix %q: got %q, want %q", c.in, got, c.posix)
		}
		if got := newNamer(Windows, "").component(c.in, false); got != c.windows {
			t.Errorf("windows %q: got %q, want %q", c.in, got, c.windows)
		}
	}
}

func TestEncodings(t *testing.T) {
	sjis, err := japanese.ShiftJIS.NewEncoder().String("日本語")
	if err != nil {
		t.Fatal(err)
	}
	russian, err := charmap.Windows1251.NewEncoder().String("Привет")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ enc, raw, want string }{
		{"Shift_JIS", sjis, "日本語"},
		{"windows-1251", russian, "Привет"},
		{"UTF-8", "ü\xfc", "ü_"},
		{"no such thing", "\xfc\xfc.txt", "_.txt"},
		{"shift_jis", "plain", "plain"},
	} {
		m, err := ParseWith(torrentBytes(t, multi(file(1, c.raw)), dict{"encoding": c.enc}), Posix)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Files[0].Path; got != "temp/"+c.want {
			t.Errorf("%s: got %q, want %q", c.enc, got, c.want)
		}
	}
}

func TestUTF8FieldsWin(t *testing.T) {
	info := edit(multi(edit(file(1, "\xfc"), dict{"path.utf-8": []any{"ü"}})), dict{"name": "\xfc", "name.utf-8": "Büro"})
	m, err := ParseWith(torrentBytes(t, info, nil), Posix)
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "Büro" || m.Files[0].Path != "Büro/ü" || m.Files[0].Renamed {
		t.Errorf("got %+v", m.Files[0])
	}
}

func TestNamelessTorrentIsNamedByItsHash(t *testing.T) {
	for _, name := range []string{"", "..", "/", "\u202e"} {
		m, err := ParseWith(torrentBytes(t, single(dict{"name": name}), nil), Posix)
		if err != nil {
			t.Fatal(err)
		}
		if m.Name != m.InfoHash.String() || m.Files[0].Path != m.Name {
			t.Errorf("%q: named %q", name, m.Name)
		}
	}
}

func TestEqualPathsAreNumbered(t *testing.T) {
	for name, c := range map[string]struct {
		in, want [][]string
	}{
		"same":             {[][]string{{"a.b.txt"}, {"a.b.txt"}, {"a.b.txt"}}, [][]string{{"a.b.txt"}, {"a.b.1.txt"}, {"a.b.2.txt"}}},
		"case":             {[][]string{{"Straße"}, {"STRASSE"}}, [][]string{{"Straße"}, {"STRASSE.1"}}},
		"unicode form":     {[][]string{{"\u00e9"}, {"e\u0301"}}, [][]string{{"\u00e9"}, {"e\u0301.1"}}},
		"number is taken":  {[][]string{{"a"}, {"a.1"}, {"a"}}, [][]string{{"a"}, {"a.1"}, {"a.2"}}},
		"file, folder":     {[][]string{{"a"}, {"a", "b"}, {"A", "c"}}, [][]string{{"a"}, {"a.1", "b"}, {"A.1", "c"}}},
		"folder, file":     {[][]string{{"a", "b"}, {"a"}}, [][]string{{"a", "b"}, {"a.1"}}},
		"made equal":       {[][]string{{".."}, {"_"}}, [][]string{{"_"}, {"_.1"}}},
		"long":             {[][]string{{strings.Repeat("x", 251) + ".txt"}, {strings.Repeat("x", 300) + ".txt"}}, [][]string{{strings.Repeat("x", 251) + ".txt"}, {strings.Repeat("x", 249) + ".1.txt"}}},
		"folders may meet": {[][]string{{"d", "a"}, {"d", "b"}, {"D", "c"}}, [][]string{{"d", "a"}, {"d", "b"}, {"D", "c"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var files []dict
			for _, p := range c.in {
				files = append(files, file(1, p...))
			}
			m, err := ParseWith(torrentBytes(t, multi(files...), nil), Posix)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range m.Files {
				want := "temp/" + strings.Join(c.want[i], "/")
				if f.Path != want || f.Renamed == slices.Equal(c.in[i], c.want[i]) {
					t.Errorf("file %d: got %q (renamed %v), want %q", i, f.Path, f.Renamed, want)
				}
			}
		})
	}
}

func TestPadFilesWithoutPath(t *testing.T) {
	m, err := ParseWith(torrentBytes(t, multi(file(5, "a"), dict{"length": 7, "attr": "p"}, dict{"length": 7, "attr": "xp"}), nil), Posix)
	if err != nil {
		t.Fatal(err)
	}
	if m.Size != 5 || !m.Files[1].Pad || m.Files[1].Path != "temp/.pad/7" || m.Files[2].Path != "temp/.pad/7.1" {
		t.Errorf("got %+v", m.Files)
	}
}
