package main

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/app/hook"
	"swarmbid/app/settings"
	"swarmbid/engine"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
)

const programEnv = "SWARMBID_TEST_PROGRAM"

// TestProgramChild is the program that TestPrograms has started: it writes its
// arguments into a file of its own.
func TestProgramChild(t *testing.T) {
	dir := os.Getenv(programEnv)
	if dir == "" {
		return
	}
	b, err := json.Marshal(flag.Args())
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.CreateTemp(dir, "*.part")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(f.Name(), strings.TrimSuffix(f.Name(), ".part")+".args"); err != nil {
		t.Fatal(err)
	}
}

// loopback is a session that talks to nobody unasked.
func loopback(t *testing.T) *engine.Engine {
	t.Helper()
	c := engine.DefaultConfig()
	c.DataDir, c.DownloadDir = t.TempDir(), t.TempDir()
	c.Listen = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	c.DHT, c.PEX, c.LSD, c.UPnP, c.NATPMP, c.IPv6 = false, false, false, false, false, false
	e, err := engine.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestPrograms: a download that finishes starts the user's programs, for its end and
// for each change of its state, with what they ask for.
func TestPrograms(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	t.Setenv(programEnv, out)
	run := `"` + self + `" -test.run=^TestProgramChild$ -- `
	st, _, err := settings.Open(filepath.Join(t.TempDir(), "settings.json"), settings.Default(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Update(func(s *settings.Settings) error {
		s.Programs = settings.Programs{OnFinish: run + "finish %N %F %D %K %I", OnState: run + "state %S %P"}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	p, err := lab.OneFile(t.TempDir(), 1<<20).Make()
	if err != nil {
		t.Fatal(err)
	}
	a, from := &App{settings: st, engine: loopback(t), log: slog.New(slog.NewTextHandler(t.Output(), nil))}, loopback(t)
	ctx, cancel := context.WithCancel(t.Context())
	var g errgroup.Group
	for _, f := range []func(context.Context) error{a.engine.Run, from.Run, a.runPrograms} {
		g.Go(func() error { return f(ctx) })
	}
	t.Cleanup(func() {
		cancel()
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
	if _, err := from.Add(ctx, swarm.Add{Source: swarm.Source{File: p.File}, SavePath: p.Dir}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.engine.Add(ctx, swarm.Add{Source: swarm.Source{File: p.File}}); err != nil {
		t.Fatal(err)
	}
	until(t, "the other session listens", func() bool { return from.Snapshot().Totals.ListenPort != 0 })
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(from.Snapshot().Totals.ListenPort))
	if err := a.engine.AddPeer(ctx, p.InfoHash, addr.String()); err != nil {
		t.Fatal(err)
	}
	var got [][]string
	until(t, "both programs have run", func() bool {
		got = nil
		names, err := filepath.Glob(filepath.Join(out, "*.args"))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			var args []string
			if b, err := os.ReadFile(n); err != nil || json.Unmarshal(b, &args) != nil {
				t.Fatal(err)
			}
			got = append(got, args)
		}
		return slices.ContainsFunc(got, func(a []string) bool { return a[0] == "finish" }) &&
			slices.ContainsFunc(got, func(a []string) bool { return a[0] == "state" && a[1] == "seeding" })
	})
	row := a.engine.Snapshot().Torrents[0]
	want := []string{"finish", row.Name, p.Files[0].Path, row.SavePath, "single", row.InfoHash.String()}
	if n := slices.IndexFunc(got, func(a []string) bool { return a[0] == "finish" }); !slices.Equal(got[n], want) {
		t.Errorf("%q, want %q", got[n], want)
	}
}

// until waits for a condition that has no signal of its own.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick, deadline := time.NewTicker(20*time.Millisecond), time.After(60*time.Second)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: never", what)
		}
	}
}

// TestProgramsAreChecked: a command line that cannot be run is refused when it is
// set, with words.
func TestProgramsAreChecked(t *testing.T) {
	st, _, err := settings.Open(filepath.Join(t.TempDir(), "settings.json"), settings.Default(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	w := &windowSettings{store: st, log: slog.New(slog.DiscardHandler)}
	p := w.Prefs()
	for line, want := range map[string]string{`"open`: "hook.ErrQuote", "%N": "hook.ErrPlaceholder"} {
		p.RunOnFinish = line
		if err := w.SavePrefs(p); errName(err) != want || st.Get().Programs.OnFinish != "" {
			t.Errorf("%s: %v, kept %q", line, err, st.Get().Programs.OnFinish)
		}
	}
	if _, err := hook.Parse(`"open`, "linux"); errName(err) != "hook.ErrQuote" {
		t.Error(err)
	}
}
