package settings

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// absolute is a folder that is an absolute path on every system.
func absolute(tb testing.TB) string { tb.Helper(); return tb.TempDir() }

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func openAt(tb testing.TB, path, download string) *Store {
	tb.Helper()
	st, problem, err := Open(path, Default(download))
	must(tb, errors.Join(problem, err))
	return st
}

func released() Settings {
	return Settings{
		Language: "de", Theme: "dark", FirstRunDone: true,
		Interface: Interface{
			AddStopped: true, SpeedInTitle: true, CloseToTray: true, MinimiseToTray: true, KeepAwake: true, ConfirmTrackers: true, Stripes: true, DoubleClick: "openFolder", DoubleClickSeeding: "open",
			Layout: json.RawMessage(`{"width":800}`),
		},
		Directories: Directories{Download: "/down", Completed: "/done", Watch: "/watch", WatchDelete: true, WatchEvery: 5, CompletedLabel: true, CompletedDefault: true, Suffix: true, Torrents: "/torrents", TorrentsDone: "/seeded"},
		Connection: Connection{
			Port: 6881, Listen: []string{"127.0.0.1", "::1"}, Random: true, BanFor: 2,
			FilterOn: true, FilterFile: "/lists/ipfilter.dat", Network: "tun0", Outgoing: []string{"10.8.0.2"}, Proxy: Proxy{Kind: "socks5", Host: "proxy.example.org", Port: 1081, User: "anna", Password: "s3cret", Names: true, Only: true},
		},
		Bandwidth: Bandwidth{
			DownLimit: 1, UpLimit: 2, AltDownLimit: 3, AltUpLimit: 4, AltOn: true, IdleUpOn: true, IdleUpLimit: 9,
			MaxPeers: 200, MaxPeersPerTorrent: 50, Slots: 7, SubnetSlots: 3,
		},
		BitTorrent: BitTorrent{TCP: true, Encryption: "require", Bootstrap: []string{"router.example.org:6881"}, SaveEvery: 30, Scrape: true, ToldIP: "203.0.113.9"},
		Queue: Queue{
			MaxActive: 3, MaxDownloads: 2, SlowRate: 5, SlowAfter: 30, SeedsFirst: true, GoalRatio: 1500, GoalTime: 3600, GoalAction: "limit", GoalRate: 9,
		},
		Market:   Market{On: true, FreeShare: 35, Reserve: 500_000, BidMode: "eco", MaxPrice: 2_000_000, MaxTorrent: 100_000_000, MaxDay: 250_000_000, Spending: 7},
		Pay:      Pay{On: true, PeerCap: 3_000_000, AutoRedeem: true, RedeemFee: 7, Direct: true, Floor: 8_000_000, Line: 9_000_000},
		Wallet:   Wallet{Network: "nile", LockMinutes: 15, TestNode: "127.0.0.1:50052", Escrow: "TMuA6YqfCeX8EhbfYEg5y7S4DqzSJireY9", TRXWorth: 600_000_000_000},
		Schedule: Schedule{On: true, Table: strings.Repeat("0123", 42), DownLimit: 5, UpLimit: 6, NoDHT: true},
		Programs: Programs{OnFinish: "echo %N", OnState: "log %S"},
		Feeds:    Feeds{UpdateMinutes: 30},
		Traffic:  Traffic{LimitLocal: true, LimitOverhead: true, Networks: []Network{{Net: "10.0.0.0/8", Down: 3, Up: 4}}, CapOn: true, CapCount: "up", CapAmount: 5, CapUnit: "MB", CapDays: 7},
		Notify:   Notify{Added: true, Failed: true},
		Advanced: Advanced{Allocate: true, Sparse: true, SeedlessFirst: true, BegunFirst: true, DropAfter: 60, ShowEvery: 2000, ConnectSpeed: 20, HalfOpen: 50},
	}
}

func TestReleased(t *testing.T) {
	want := released()
	if !filepath.IsAbs(want.Directories.Download) {
		t.Skip("testdata has paths of another system")
	}
	b, err := os.ReadFile(filepath.Join("testdata", "v1.json"))
	must(t, err)
	path := filepath.Join(t.TempDir(), "settings.json")
	must(t, os.WriteFile(path, b, 0o600))
	st := openAt(t, path, absolute(t))
	got := st.Get()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// What is written now is what was released: no key changed its name.
	must(t, st.Update(func(s *Settings) error { *s = want; return nil }))
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, b) {
		t.Errorf("written %s, %v", now, err)
	}
}

func TestUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "settings.json")
	st := openAt(t, path, absolute(t))
	if _, err := os.Stat(path); err == nil {
		t.Error("opening wrote a file")
	}
	must(t, st.Update(func(s *Settings) error { s.Theme = "dark"; s.Connection.Listen = []string{"::1"}; return nil }))
	select {
	case <-st.Changed():
	default:
		t.Error("no signal")
	}
	fail := errors.New("no")
	if err := st.Update(func(s *Settings) error { s.Theme = "light"; return fail }); !errors.Is(err, fail) {
		t.Errorf("error of f: %v", err)
	}
	if err := st.Update(func(s *Settings) error { s.Theme = "pink"; return nil }); !errors.Is(err, ErrInvalid) {
		t.Errorf("invalid: %v", err)
	}
	must(t, os.MkdirAll(filepath.Join(path+".tmp", "x"), 0o700)) // no write gets through
	if err := st.Update(func(s *Settings) error { s.Theme = "light"; return nil }); err == nil {
		t.Error("saved through a folder")
	}
	select {
	case <-st.Changed():
		t.Error("a failed change was published")
	default:
	}
	got := st.Get()
	got.Connection.Listen[0] = "changed by the reader"
	if now := st.Get(); now.Theme != "dark" || now.Connection.Listen[0] != "::1" {
		t.Errorf("got %+v", now)
	}
	if again := openAt(t, path, absolute(t)).Get(); !reflect.DeepEqual(again, st.Get()) {
		t.Errorf("read back %+v", again)
	}
}

func TestConcurrentUpdates(t *testing.T) {
	st := openAt(t, filepath.Join(t.TempDir(), "settings.json"), absolute(t))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := st.Update(func(s *Settings) error { s.Bandwidth.UpLimit++; return nil }); err != nil {
				t.Error(err)
			}
			_ = st.Get()
		})
	}
	wg.Wait()
	if got := st.Get().Bandwidth.UpLimit; got != 20 {
		t.Errorf("%d of 20 updates", got)
	}
}

func TestFuture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	future := []byte(`{"version":2,"theme":7}`)
	must(t, os.WriteFile(path, future, 0o600))
	if st, _, err := Open(path, Default(absolute(t))); st != nil || !errors.Is(err, ErrNewer) {
		t.Errorf("got %v, %v", st, err)
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, future) {
		t.Errorf("changed to %s, %v", b, err)
	}
}

func TestOpenSaysWhatIsWrongWithTheFile(t *testing.T) {
	dir := absolute(t)
	path := filepath.Join(dir, "settings.json")
	must(t, os.Mkdir(path, 0o700))
	if st, _, err := Open(path, Default(dir)); st != nil || err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("a folder in place of the file: %v, %v", st, err)
	}
	must(t, os.Remove(path))
	// Without the file the one before it counts: a crash never leaves only that.
	must(t, os.WriteFile(path+".bak", []byte(`{"version":1,"theme":"dark"}`), 0o600))
	st, problem, err := Open(path, Default(dir))
	must(t, err)
	if st.Get().Theme != "dark" || !errors.Is(problem, os.ErrNotExist) {
		t.Errorf("theme %q, problem %v", st.Get().Theme, problem)
	}
	must(t, os.WriteFile(path+".bak", []byte(`{"version":99}`), 0o600))
	if _, _, err := Open(path, Default(dir)); !errors.Is(err, ErrNewer) {
		t.Errorf("only a newer version's backup: %v", err)
	}
	// A mark that some editors put first is no damage.
	must(t, os.WriteFile(path, []byte("\xef\xbb\xbf{\"version\":1,\"theme\":\"light\"}"), 0o600))
	if got := openAt(t, path, dir).Get(); got.Theme != "light" {
		t.Errorf("theme %q", got.Theme)
	}
}

func TestUnknown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	must(t, os.WriteFile(path, []byte(`{"version":1,"theme":"dark","plugin":{"a":[1]},"queue":{"maxActive":3,"mine":"x"},
		"interface":{"layout":{"old":1}}}`), 0o600))
	st := openAt(t, path, absolute(t))
	must(t, st.Update(func(s *Settings) error {
		s.Queue.MaxActive = 4
		s.Interface.Layout = json.RawMessage(`{"new":2}`)
		return nil
	}))
	var got struct {
		Plugin struct{ A []int }
		Queue  struct {
			MaxActive int
			Mine      string
		}
		Interface struct{ Layout map[string]int }
	}
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, json.Unmarshal(b, &got))
	if len(got.Plugin.A) != 1 || got.Queue.Mine != "x" || got.Queue.MaxActive != 4 || len(got.Interface.Layout) != 1 {
		t.Errorf("got %s", b)
	}
	// Keys that are missing have their defaults.
	if s := st.Get(); s.Queue.MaxDownloads != 5 || !s.Interface.ConfirmRemove || s.Theme != "dark" {
		t.Errorf("got %+v", s)
	}
}

func TestDamaged(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "cut": `{"version":1,"the`, "list": "[]", "null": "null", "no version": "{}",
		"version 0": `{"version":0}`, "version text": `{"version":"1"}`, "huge": strings.Repeat(" ", maxFile+1),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "settings.json")
			st := openAt(t, path, absolute(t))
			for _, theme := range []string{"dark", "light"} {
				must(t, st.Update(func(s *Settings) error { s.Theme = theme; return nil }))
			}
			must(t, os.WriteFile(path, []byte(content), 0o600))
			st, problem, err := Open(path, Default(absolute(t)))
			must(t, err)
			if !errors.Is(problem, ErrDamaged) || st.Get().Theme != "dark" {
				t.Errorf("theme %q, problem %v", st.Get().Theme, problem)
			}
			if b, err := os.ReadFile(path + ".bad"); err != nil || string(b) != content {
				t.Errorf("the damaged file is not kept: %v", err)
			}
			must(t, st.Update(func(s *Settings) error { s.Language = "de"; return nil }))
			if got := openAt(t, path, absolute(t)).Get(); got.Theme != "dark" || got.Language != "de" {
				t.Errorf("after a change: %+v", got)
			}
			must(t, os.WriteFile(path, []byte(content), 0o600))
			must(t, os.WriteFile(path+".bak", []byte("x"), 0o600))
			st, problem, err = Open(path, Default(absolute(t)))
			must(t, err)
			if !errors.Is(problem, ErrDamaged) || st.Get().Theme != "" {
				t.Errorf("without a backup: theme %q, problem %v", st.Get().Theme, problem)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "settings.json")
	must(t, os.WriteFile(path, []byte(`{"version":1,"theme":"dark","bandwidth":{"slots":-1},"queue":{"maxActive":"x"},"bittorrent":{"dht":false}}`), 0o600))
	st, problem, err := Open(path, Default(absolute(t)))
	must(t, err)
	s := st.Get()
	if !errors.Is(problem, ErrInvalid) || s.Theme != "dark" || s.Bandwidth.Slots != 4 || s.Queue.MaxActive != 8 || s.BitTorrent.DHT {
		t.Errorf("problem %v, %+v", problem, s)
	}
}

func TestValidate(t *testing.T) {
	dir := absolute(t)
	good := Default(dir)
	must(t, good.Validate())
	for name, spoil := range map[string]func(*Settings){
		"theme":        func(s *Settings) { s.Theme = "pink" },
		"language":     func(s *Settings) { s.Language = strings.Repeat("x", 36) },
		"double click": func(s *Settings) { s.Interface.DoubleClick = "" },
		"layout":       func(s *Settings) { s.Interface.Layout = json.RawMessage("{") },
		"big layout":   func(s *Settings) { s.Interface.Layout = bytes.Repeat([]byte(" "), maxLayout+1) },
		"no download":  func(s *Settings) { s.Directories.Download = "" },
		"relative":     func(s *Settings) { s.Directories.Download = "x" },
		"completed":    func(s *Settings) { s.Directories.Completed = "x" },
		"watch":        func(s *Settings) { s.Directories.Watch = "x" },
		"watches self": func(s *Settings) { s.Directories.Watch = dir },
		"copies":       func(s *Settings) { s.Directories.Torrents = "x" },
		"drop after":   func(s *Settings) { s.Advanced.DropAfter = 29 },
		"speed":        func(s *Settings) { s.Advanced.ConnectSpeed = 0 },
		"half-open":    func(s *Settings) { s.Advanced.HalfOpen = 0 },
		"show every":   func(s *Settings) { s.Advanced.ShowEvery = 499 },
		"copies done":  func(s *Settings) { s.Directories.TorrentsDone = "x" },
		"watch copies": func(s *Settings) { s.Directories.Watch, s.Directories.Torrents = dir+"/w", dir+"/w" },
		"listen":       func(s *Settings) { s.Connection.Listen = []string{"localhost"} },
		"many listen":  func(s *Settings) { s.Connection.Listen = make([]string, 65) },
		"down":         func(s *Settings) { s.Bandwidth.DownLimit = -1 },
		"alt up":       func(s *Settings) { s.Bandwidth.AltUpLimit = -1 },
		"peers":        func(s *Settings) { s.Bandwidth.MaxPeers = 0 },
		"per torrent":  func(s *Settings) { s.Bandwidth.MaxPeersPerTorrent = 1 << 20 },
		"slots":        func(s *Settings) { s.Bandwidth.Slots = 1001 },
		"transport":    func(s *Settings) { s.BitTorrent.TCP, s.BitTorrent.UTP = false, false },
		"encryption":   func(s *Settings) { s.BitTorrent.Encryption = "maybe" },
		"active":       func(s *Settings) { s.Queue.MaxActive = -1 },
		"slow":         func(s *Settings) { s.Queue.SlowRate = -1 },
		"goal action":  func(s *Settings) { s.Queue.GoalAction = "explode" },
		"goal rate":    func(s *Settings) { s.Queue.GoalAction, s.Queue.GoalRate = "limit", 0 },
		"ban":          func(s *Settings) { s.Connection.BanFor = 0 },
		"save":         func(s *Settings) { s.BitTorrent.SaveEvery = 0 },
		"bootstrap":    func(s *Settings) { s.BitTorrent.Bootstrap = []string{"host"} },
		"watch every":  func(s *Settings) { s.Directories.WatchEvery = 0 },
		"idle":         func(s *Settings) { s.Bandwidth.IdleUpLimit = -1 },
		"subnet":       func(s *Settings) { s.Bandwidth.SubnetSlots = -1 },
		"seeding":      func(s *Settings) { s.Interface.DoubleClickSeeding = "x" },
		"table":        func(s *Settings) { s.Schedule.Table = "012" },
		"hours":        func(s *Settings) { s.Schedule.UpLimit = -1 },
		"program":      func(s *Settings) { s.Programs.OnFinish = "a\nb" },
		"feeds":        func(s *Settings) { s.Feeds.UpdateMinutes = 0 },
		"long program": func(s *Settings) { s.Programs.OnState = strings.Repeat("x", maxCommand+1) },
		"goal":         func(s *Settings) { s.Queue.GoalTime = 1 << 60 },
	} {
		s := Default(dir)
		spoil(&s)
		if err := s.Validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.repair(&good); err == nil || s.Validate() != nil {
			t.Errorf("%s: repaired with %v to %v", name, err, s.Validate())
		}
	}
	if _, _, err := Open("x", Settings{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("invalid defaults: %v", err)
	}
}

func TestLocate(t *testing.T) {
	exe, conf, data := t.TempDir(), t.TempDir(), t.TempDir()
	get := func(p Places) Paths {
		t.Helper()
		paths, err := Locate(p)
		must(t, err)
		return paths
	}
	if got := get(Places{Executable: exe, UserConfig: conf}); got.Root != filepath.Join(conf, "Swarmbid") || got.Portable {
		t.Errorf("user's: %+v", got)
	}
	must(t, os.WriteFile(filepath.Join(exe, "settings.json"), []byte("{}"), 0o600))
	if got := get(Places{Executable: exe, UserConfig: conf}); got.Root != exe || !got.Portable || got.Session != filepath.Join(exe, "session") {
		t.Errorf("portable: %+v", got)
	}
	if got := get(Places{Data: data, Executable: exe, UserConfig: conf}); got.Root != data || got.Portable {
		t.Errorf("told: %+v", got)
	}
	t.Chdir(data)
	if got := get(Places{Data: "sub"}); !filepath.IsAbs(got.Root) || filepath.Base(got.Root) != "sub" {
		t.Errorf("relative: %+v", got)
	}
}

const crashEnv = "SWARMBID_SETTINGS_CRASH"

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		fmt.Fprintln(os.Stderr, "child:", crashChild(path))
		os.Exit(ownEnd)
	}
	os.Exit(m.Run())
}

// crashChild counts up and says each number once it was acknowledged.
func crashChild(path string) error {
	st, problem, err := Open(path, Default(filepath.Dir(path)))
	if err := errors.Join(problem, err); err != nil {
		return err
	}
	for {
		n := st.Get().Bandwidth.UpLimit + 1
		err := st.Update(func(s *Settings) error {
			s.Bandwidth.UpLimit = n
			s.Interface.Layout = fmt.Appendf(nil, "%q", strings.Repeat("x", int(n*37%5000)))
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, n)
	}
}

// ownEnd is how a child ends that was not killed.
const ownEnd = 3

// killed tells a process that was killed from one that ended by itself. Windows
// has no signals: Process.Kill gives it the exit status 1.
func killed(e *exec.ExitError) bool {
	return !e.Exited() || runtime.GOOS == "windows" && e.ExitCode() == 1
}

func TestAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	seed := uint64(os.Getpid())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	var last int64
	for round := range 60 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), crashEnv+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		sc, lines, kill := bufio.NewScanner(out), 0, 1+r.IntN(15)
		for sc.Scan() {
			var n int64
			if _, err := fmt.Sscan(sc.Text(), &n); err == nil {
				last = n
			}
			if lines++; lines == kill {
				must(t, cmd.Process.Kill())
			}
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); lines < kill || !errors.As(err, &exit) || !killed(exit) {
			t.Fatalf("the child ended by itself: %v", err)
		}
		// openAt fails on the slightest damage.
		s := openAt(t, path, absolute(t)).Get()
		if got := s.Bandwidth.UpLimit; got != last && got != last+1 {
			t.Fatalf("round %d: %d, acknowledged %d", round, got, last)
		}
		if n := s.Bandwidth.UpLimit; len(s.Interface.Layout) != int(n*37%5000)+2 {
			t.Fatalf("round %d: a layout of %d bytes is not that of the settings it was saved with", round, len(s.Interface.Layout))
		}
	}
}

func FuzzParse(f *testing.F) {
	b, err := os.ReadFile(filepath.Join("testdata", "v1.json"))
	must(f, err)
	f.Add(b)
	f.Add([]byte(`{"version":1,"queue":null,"interface":{"layout":[1]}}`))
	def := Default(f.TempDir())
	f.Fuzz(func(t *testing.T, b []byte) {
		tr, err := parse(b)
		if err != nil {
			return
		}
		s, _, err := decode(tr, def)
		must(t, err)
		must(t, s.Validate())
		_, out, err := encode(tr, s)
		if err != nil {
			return // too long once written
		}
		again, err := parse(out)
		must(t, err)
		s2, problem, err := decode(again, def)
		must(t, errors.Join(problem, err))
		_, out2, err := encode(again, s2)
		must(t, err)
		if !bytes.Equal(out, out2) {
			t.Fatalf("%s became %s", out, out2)
		}
	})
}
