package resume

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

const (
	crashEnv      = "SWARMBID_RESUME_CRASH_DIR"
	crashTorrents = 4
	crashPieces   = 64
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashEnv); dir != "" {
		err := crashChild(dir)
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(ownEnd)
	}
	os.Exit(m.Run())
}

// crashChild writes without an end and says what was acknowledged, after it was.
// Torrent i gets the numbers i, i+crashTorrents, …; number n is saved as
// Downloaded, in the metainfo and, as piece n mod crashPieces, in the journal.
func crashChild(dir string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	loaded, _, err := s.LoadAll()
	if err != nil {
		return err
	}
	n := 0
	for _, l := range loaded {
		n = max(n, int(l.Downloaded))
	}
	n = max(n, int(s.Session().Uploaded)) + 1
	var journals [crashTorrents]*Journal
	for ; ; n++ {
		i := n % crashTorrents
		t := &Torrent{InfoHash: hashOf(i), Downloaded: int64(n), Name: strings.Repeat("x", n%3000)}
		if n%41 < crashTorrents {
			if j := journals[i]; j != nil {
				journals[i] = nil
				if err := j.Close(); err != nil {
					return err
				}
			}
			if err := s.Delete(t.InfoHash); err != nil {
				return err
			}
			fmt.Fprintln(os.Stdout, "deleted", i, n)
		}
		if err := s.SaveMetainfo(t.InfoHash, fmt.Append(nil, n)); err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "metainfo", i, n)
		if err := s.Save(t); err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "record", i, n)
		if journals[i] == nil {
			if journals[i], err = s.Journal(t.InfoHash, crashPieces); err != nil {
				return err
			}
		}
		if err := errors.Join(journals[i].Begun(n%crashPieces), journals[i].Verified([]int{n % crashPieces})); err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "piece", i, n)
		if err := s.SaveSession(Session{Uploaded: int64(n)}); err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, "session", i, n)
	}
}

// acked is what the child was told is durable, by torrent.
type acked struct {
	metainfo, record int
	pieces           map[int]bool
}

// ownEnd is how a child ends that was not killed.
const ownEnd = 3

// killed tells a process that was killed from one that ended by itself. Windows
// has no signals: Process.Kill gives it the exit status 1.
func killed(e *exec.ExitError) bool {
	return !e.Exited() || runtime.GOOS == "windows" && e.ExitCode() == 1
}

// TestAcknowledged kills a writing process a hundred times and looks each time.
func TestAcknowledged(t *testing.T) {
	kills := 100
	if testing.Short() {
		kills = 10
	}
	dir := t.TempDir()
	var want [crashTorrents]acked
	session := 0
	r := seeded(uint64(os.Getpid()))
	t.Logf("seed %d", os.Getpid())
	for round := range kills {
		session = max(session, crashRound(t, dir, 1+r.IntN(20), &want))
		s := open(t, dir)
		if got := s.Session().Uploaded; got < int64(session) {
			t.Fatalf("round %d: session %d, acknowledged %d", round, got, session)
		}
		checkCrash(t, round, s, &want)
	}
}

// crashRound runs the child until it has said so many things, and kills it.
func crashRound(t *testing.T, dir string, lines int, want *[crashTorrents]acked) (session int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	sc := bufio.NewScanner(out)
	said := 0
	for sc.Scan() { // after the kill, too: what is in the pipe was acknowledged
		var what string
		var i, n int
		if _, err := fmt.Sscan(sc.Text(), &what, &i, &n); err != nil {
			continue // cut off by the kill
		}
		w := &want[i]
		switch what {
		case "deleted":
			*w = acked{}
		case "metainfo":
			w.metainfo = n
		case "record":
			w.record = n
		case "piece":
			if w.pieces == nil {
				w.pieces = map[int]bool{}
			}
			w.pieces[n%crashPieces] = true
		case "session":
			session = n
		}
		if said++; said == lines {
			must(t, cmd.Process.Kill())
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); said < lines || !errors.As(err, &exit) || !killed(exit) {
		t.Fatalf("the child ended by itself after %d lines: %v", said, err)
	}
	return session
}

// checkCrash compares what is there with what was acknowledged. The child may
// have done one thing more that it could not say: the thing it was killed at.
func checkCrash(t *testing.T, round int, s *Store, want *[crashTorrents]acked) {
	t.Helper()
	loaded, problems, err := s.LoadAll()
	must(t, err)
	for _, p := range problems {
		// Killed between metainfo and record of a new torrent: its record is missing.
		var problem *FileError
		if !errors.As(p, &problem) || !strings.HasSuffix(problem.File, extRecord) || !strings.Contains(p.Error(), "record is missing") {
			t.Fatalf("round %d: %v", round, p)
		}
	}
	byHash := map[string]*Loaded{}
	for i := range loaded {
		byHash[loaded[i].InfoHash.String()] = &loaded[i]
	}
	for i := range want {
		w, l := &want[i], byHash[hashOf(i).String()]
		if l == nil || len(l.Metainfo) == 0 {
			// Nothing acknowledged, or killed while deleting it.
			l = &Loaded{}
			*w = acked{}
			if _, err := os.Stat(fileOf(s, i, extRecord)); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("round %d: torrent %d has a record and no metainfo: %v", round, i, err)
			}
		}
		var metainfo int
		_, _ = fmt.Sscan(string(l.Metainfo), &metainfo)
		if int(l.Downloaded) < w.record {
			t.Fatalf("round %d: torrent %d: record %d, acknowledged %d", round, i, l.Downloaded, w.record)
		}
		if metainfo < w.metainfo {
			t.Fatalf("round %d: torrent %d: metainfo %d, acknowledged %d", round, i, metainfo, w.metainfo)
		}
		for p := range w.pieces {
			if !bit(l.Have, p) && !bit(l.Begun, p) { // begun once more, perhaps
				t.Fatalf("round %d: torrent %d: piece %d was acknowledged", round, i, p)
			}
		}
	}
}
