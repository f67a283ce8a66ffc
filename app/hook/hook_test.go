package hook

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

const echoEnv = "SWARMBID_HOOK_ECHO"

// TestMain lets the test binary be the program that is started: it writes its
// arguments into a file.
func TestMain(m *testing.M) {
	if path := os.Getenv(echoEnv); path != "" {
		b, err := json.Marshal(os.Args[1:])
		if err == nil {
			err = os.WriteFile(path+".tmp", b, 0o600)
		}
		if err == nil {
			err = os.Rename(path+".tmp", path)
		}
		if err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		`a b  c`:                          {"a", "b", "c"},
		`  "a b" c"d e"f ""`:              {"a b", "cd ef", ""},
		`"C:\Program Files\x.exe" \n 'q'`: {`C:\Program Files\x.exe`, `\n`, "'q'"},
		"a\tb":                            {"a", "b"},
	} {
		if got, err := Split(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
	for line, want := range map[string]error{"": ErrEmpty, "  ": ErrEmpty, `"" x`: ErrEmpty, `a "b`: ErrQuote} {
		if _, err := Split(line); !errors.Is(err, want) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func fact() *Fact {
	return &Fact{File: "f.iso", Dir: "/d/x", Name: "na me", Label: "la", Tracker: "tr", InfoHash: "00ff", State: "seeding", Before: "downloading", Message: "msg"}
}

func TestArgs(t *testing.T) {
	c, err := Parse(`prog %F "%D/%F" %N %L %T %I %S %P %M %K 100%% %x %`, "linux")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"prog", "f.iso", "/d/x/f.iso", "na me", "la", "tr", "00ff", "seeding", "downloading", "msg", "single", "100%", "%x", "%"}
	if got := c.Args(fact()); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	f := fact()
	f.Multi = true
	if got := c.Args(f); got[10] != "multi" {
		t.Errorf("%q", got[10])
	}
	for line, want := range map[string]error{"%N x": ErrPlaceholder, `"%D/run" x`: ErrPlaceholder, `run.BAT %N`: ErrBatch, `"a\run.cmd. " "%D"`: ErrBatch, `"`: ErrQuote} {
		if _, err := Parse(line, "windows"); !errors.Is(err, want) {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, line := range []string{"run.bat all", "run.exe %N", "100%/x"} {
		if _, err := Parse(line, "windows"); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestHostileNames: names that a shell, a command line or an option parser would
// take for more than a name.
func TestHostileNames(t *testing.T) {
	names := []string{
		`$(touch /tmp/x)`, "`id`", `"; rm -rf ~; "`, `a" "b`, "a b\tc", "-rf", "--output=/etc/passwd", "/s", "& calc &", "%N%D%F", "%", "a\x00b", "new\nline", "\xff\xfe", "", "…", "' '", `\`,
	}
	c, err := Parse(`prog "%N" %N x%N %F %D %L --name=%N`, "linux")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		f := &Fact{File: n, Dir: "/dir/" + n, Name: n, Label: n}
		got := c.Args(f)
		if len(got) != 8 || got[0] != "prog" || got[7] != "--name="+clean(n) || got[3] != "x"+clean(n) {
			t.Fatalf("%q: %q", n, got)
		}
		for i, a := range got[:7] {
			if strings.HasPrefix(a, "-") || i != 5 && strings.HasPrefix(a, "/") || strings.ContainsAny(a, "\x00\n") {
				t.Errorf("%q: word %d is %q", n, i, a)
			}
		}
	}
	if got := c.Args(&Fact{File: "-rf", Name: "%D", Dir: "/d"}); got[4] != "./-rf" || got[1] != "%D" {
		t.Errorf("%q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`prog "%N" %F`, "-x", "windows")
	f.Add(`a"b" %D%N`, "$(x)", "linux")
	f.Fuzz(func(t *testing.T, line, name, goos string) {
		c, err := Parse(line, goos)
		if err != nil {
			return
		}
		words, err := Split(line)
		if err != nil {
			t.Fatal(err)
		}
		got := c.Args(&Fact{Name: name, File: name, Label: name, Message: name, Dir: "/d/" + name})
		if len(got) != len(words) || got[0] != words[0] && !strings.Contains(words[0], "%%") {
			t.Fatalf("%q and %q make %q", line, name, got)
		}
		for i, a := range got {
			if strings.HasPrefix(words[i], "%N") && (strings.HasPrefix(a, "-") || strings.HasPrefix(a, "/") && clean(name) != "") { // %N%D of no name is a folder
				t.Fatalf("%q and %q make %q", line, name, a)
			}
		}
	})
}

func TestOnce(t *testing.T) {
	start := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	w := NewWatch(start)
	old := swarm.Torrent{InfoHash: swarm.InfoHash{1}, Name: "old", State: swarm.Queued, Added: start.Add(-time.Hour), Done: start.Add(-time.Minute)}
	look := func(ts ...swarm.Torrent) []Change { return w.Look(&swarm.Snapshot{Torrents: ts}) }
	if got := look(); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
	if got := look(old); len(got) != 0 {
		t.Fatalf("the start is news: %+v", got)
	}
	old.State = swarm.Seeding
	if got := look(old); len(got) != 1 || got[0].Finished || got[0].Before != swarm.Queued || got[0].Torrent.State != swarm.Seeding {
		t.Fatalf("%+v", got)
	}
	added := swarm.Torrent{InfoHash: swarm.InfoHash{2}, Name: "new", State: swarm.Downloading, Added: start.Add(time.Second)}
	if got := look(old, added); len(got) != 1 || got[0].Torrent.Name != "new" || got[0].Finished {
		t.Fatalf("%+v", got)
	}
	added.State, added.Done = swarm.Seeding, start.Add(2*time.Second)
	got := look(added, old)
	if len(got) != 2 || !got[0].Finished || got[1].Finished || got[0].Before != swarm.Downloading {
		t.Fatalf("%+v", got)
	}
	if got := look(added, old); len(got) != 0 {
		t.Fatalf("told twice: %+v", got)
	}
	quick := swarm.Torrent{InfoHash: swarm.InfoHash{3}, State: swarm.Seeding, Added: start.Add(3 * time.Second), Done: start.Add(3 * time.Second)}
	if got := look(quick); len(got) != 2 || !got[0].Finished {
		t.Fatalf("one that was there between two looks: %+v", got)
	}
}

// TestRunner starts a real program with a hostile name and reads what it got.
func TestRunner(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "args.json")
	t.Setenv(echoEnv, out)
	c, err := Parse(`"`+self+`" %N "%D" end`, "linux")
	if err != nil {
		t.Fatal(err)
	}
	r := NewRunner(slog.New(slog.NewTextHandler(t.Output(), nil)))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	if err := r.Start([]string{filepath.Join(t.TempDir(), "no such program")}); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(c.Args(&Fact{Name: `"; touch x; $(y)`, Dir: "/a b"})); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	var b []byte
	for b == nil {
		select {
		case <-tick.C:
			if got, err := os.ReadFile(out); err == nil {
				b = got
			}
		case <-deadline:
			t.Fatal("the program has not run")
		}
	}
	var got []string
	if err := json.Unmarshal(b, &got); err != nil || !slices.Equal(got, []string{`"; touch x; $(y)`, "/a b", "end"}) {
		t.Errorf("%q, %v", got, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for err = nil; err == nil; {
		err = r.Start([]string{"x"})
	}
	if !errors.Is(err, ErrTooMany) {
		t.Error(err)
	}
}
