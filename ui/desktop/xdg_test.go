package desktop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func testFolders(t *testing.T) xdg {
	t.Helper()
	dir := t.TempDir()
	return xdg{data: filepath.Join(dir, "share"), config: filepath.Join(dir, "config")}
}

// tree is every file below a folder with what it holds.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		out[path] = string(b)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return out
}

func TestOnlyOursOnTheDesktop(t *testing.T) {
	for name, list := range map[string]string{
		"no list":       "",
		"another group": "[Added Associations]\nimage/png=gimp.desktop;\n",
		"others": "# mine\n[Default Applications]\ntext/html=firefox.desktop\n" + torrentMIME + "=other.desktop\n" + magnetMIME + "=other.desktop;\n\n" +
			"[Added Associations]\n" + torrentMIME + "=other.desktop;\n",
		"one other": "[Default Applications]\n" + magnetMIME + "=other.desktop\n",
	} {
		t.Run(name, func(t *testing.T) {
			x := testFolders(t)
			if list != "" {
				if err := writeFile(x.defaultsFile(), list); err != nil {
					t.Fatal(err)
				}
			}
			others := strings.Contains(list, magnetMIME)
			for range 2 {
				if err := x.associate(testProgram); err != nil {
					t.Fatal(err)
				}
			}
			a, err := x.check(testProgram)
			if want := (Associations{Registered: true, Torrent: !strings.Contains(list, torrentMIME), Magnet: !others}); err != nil || a != want {
				t.Errorf("associated: %+v, %v; want %+v", a, err, want)
			}
			if err := x.autostart(testProgram, true); err != nil {
				t.Fatal(err)
			}
			if a, err := x.check(testProgram); err != nil || !a.Autostart {
				t.Errorf("autostart: %+v, %v", a, err)
			}
			if err := x.dissociate(testProgram); err != nil {
				t.Fatal(err)
			}
			if a, err := x.check(testProgram); err != nil || a != (Associations{}) {
				t.Errorf("after: %+v, %v", a, err)
			}
			left := tree(t, filepath.Dir(x.data))
			for path, content := range left {
				got := strings.TrimSuffix(content, "[Default Applications]\n") // an empty group says nothing
				if path != x.defaultsFile() || got != list {
					t.Errorf("left %s:\n%s\nwant\n%s", path, content, list)
				}
			}
		})
	}
}

func TestChosenAmongOthers(t *testing.T) {
	x := testFolders(t)
	ours := testProgram.ID + ".desktop"
	if err := writeFile(x.defaultsFile(), "[Default Applications]\n"+torrentMIME+"=a.desktop;"+ours+";b.desktop;\n"); err != nil {
		t.Fatal(err)
	}
	if a, err := x.check(testProgram); err != nil || a.Torrent {
		t.Errorf("second in the list is not the default: %+v, %v", a, err)
	}
	if err := x.dissociate(testProgram); err != nil {
		t.Fatal(err)
	}
	got, err := readFile(x.defaultsFile())
	if want := "[Default Applications]\n" + torrentMIME + "=a.desktop;b.desktop;\n"; err != nil || got != want {
		t.Errorf("left %q, %v; want %q", got, err, want)
	}
}

// A moved program is registered anew; the icons are those of the program.
func TestRepairOnTheDesktop(t *testing.T) {
	x := testFolders(t)
	old := testProgram
	old.Exe = "/opt/old/swarmbid"
	if err := x.associate(old); err != nil {
		t.Fatal(err)
	}
	if a, err := x.check(testProgram); err != nil || a.Registered {
		t.Errorf("moved: %+v, %v", a, err)
	}
	if err := x.associate(testProgram); err != nil {
		t.Fatal(err)
	}
	if a, err := x.check(testProgram); err != nil || !a.Registered || !a.Torrent {
		t.Errorf("repaired: %+v, %v", a, err)
	}
	for file, want := range x.iconFiles(testProgram) {
		if got, err := readFile(file); err != nil || got != string(want) {
			t.Errorf("%s: %q, %v", file, got, err)
		}
	}
}

// unquoteExec reads an Exec line as the specification says: first the escapes of
// string values, then the quotes, then the field codes.
func unquoteExec(t *testing.T, line string) []string {
	t.Helper()
	var plain strings.Builder
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' && i+1 < len(line) {
			i++
			if line[i] != '\\' {
				t.Fatalf("%q: unknown escape \\%c", line, line[i])
			}
		}
		plain.WriteByte(line[i])
	}
	var args []string
	var arg strings.Builder
	inside, some := false, false
	s := plain.String()
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			inside, some = !inside, true
		case inside && c == '\\':
			i++
			arg.WriteByte(s[i])
		case inside && strings.ContainsRune("`$", rune(c)):
			t.Fatalf("%q: %c is not escaped", s, c)
		case c == ' ' && !inside:
			args, some = append(args, arg.String()), false
			arg.Reset()
		default:
			arg.WriteByte(c)
			some = true
		}
	}
	if some {
		args = append(args, arg.String())
	}
	return args
}

func TestExecLine(t *testing.T) {
	for _, path := range []string{"/usr/bin/swarmbid", "/home/jörg/my programs/swarm bid", `/a"b\c` + "`d$e%f'g;h&i|j", "/50% off/%U"} {
		p := testProgram
		p.Exe = path
		_, line, _ := strings.Cut(desktopEntry(p, false), "\nExec=")
		line, _, _ = strings.Cut(line, "\n")
		args := unquoteExec(t, line)
		if len(args) != 3 || strings.ReplaceAll(args[0], "%%", "%") != path || args[1] != "--" || args[2] != "%U" {
			t.Errorf("Exec=%s starts %q, want %q", line, args, path)
		}
	}
}

func FuzzKeyFile(f *testing.F) {
	f.Add("[Default Applications]\na=b\n", "a", "c")
	f.Add("a=b\n[x]\n\n[Default Applications]", "k", "v")
	f.Fuzz(func(t *testing.T, file, key, value string) {
		if strings.ContainsAny(key+value, "=[]\n\r") || strings.TrimSpace(key) != key || strings.TrimSpace(value) != value || key == "" {
			return
		}
		k := parseKeyFile(defaultGroup, file)
		others := parseKeyFile("other", file).get(key)
		k.set(key, value)
		if k.get(key) != value {
			t.Fatalf("set %q to %q in %q, read %q", key, value, file, k.get(key))
		}
		if again := parseKeyFile(defaultGroup, k.String()); again.get(key) != value {
			t.Fatalf("%q reads differently when written: %q", file, k)
		}
		if got := parseKeyFile("other", k.String()).get(key); got != others {
			t.Fatalf("%q: another group's %q was %q and is %q", file, key, others, got)
		}
	})
}
