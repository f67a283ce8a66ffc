package desktop

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const testName = "SwarmbidTest"

// acquire makes this process the program of dir and runs it until the test ends.
func acquire(t *testing.T, dir string) *Instance {
	t.Helper()
	i, err := Acquire(t.Context(), testName, dir, Message{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- i.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, i.Close()); err != nil {
			t.Error(err)
		}
	})
	return i
}

// next is the next message, which must come soon.
func next(t *testing.T, i *Instance) Message {
	t.Helper()
	select {
	case m := <-i.Messages():
		return m
	case <-time.After(20 * time.Second):
		t.Fatal("no message came")
		return Message{}
	}
}

func TestHandOff(t *testing.T) {
	dir := t.TempDir()
	i := acquire(t, dir)
	for _, m := range []Message{
		{},
		{Dir: dir, Args: []string{"magnet:?xt=urn:btih:0123&dn=a b", `C:\Users\Jörg\test äö.torrent`}},
		{Dir: "/", Args: []string{"-quit", "--", "", "line\nbreak", `"; rm -rf "`, "\u202eexe.tnerrot"}},
		{Args: []string{strings.Repeat("x", maxMessage-100)}},
	} {
		if _, err := Acquire(t.Context(), testName, dir, m); !errors.Is(err, ErrHandedOff) {
			t.Fatalf("second start: %v", err)
		}
		if got := next(t, i); !reflect.DeepEqual(got, m) {
			t.Errorf("got %.200v, want %.200v", got, m)
		}
	}
	if _, err := Acquire(t.Context(), testName, dir, Message{Args: []string{strings.Repeat("x", maxMessage)}}); !errors.Is(err, ErrMessage) {
		t.Errorf("too long a message: %v", err)
	}
}

func TestOtherFolderIsAnotherProgram(t *testing.T) {
	acquire(t, t.TempDir())
	acquire(t, t.TempDir())
}

// Many starts in one process, where the system is the only judge between them.
func TestOneProgram(t *testing.T) {
	const starts = 24
	dir := t.TempDir()
	var mu sync.Mutex
	var programs []*Instance
	handed := 0
	var g sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for n := range starts {
		g.Go(func() {
			i, err := Acquire(ctx, testName, dir, Message{Args: []string{fmt.Sprint(n)}})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				programs = append(programs, i)
				running.Go(func() {
					if err := i.Run(ctx); err != nil {
						t.Error(err)
					}
				})
			case errors.Is(err, ErrHandedOff):
				handed++
			default:
				t.Error(err)
			}
		})
	}
	g.Wait()
	if len(programs) != 1 || handed != starts-1 {
		t.Fatalf("%d programs, %d handed over, want 1 and %d", len(programs), handed, starts-1)
	}
	seen := map[string]bool{}
	for range handed {
		m := next(t, programs[0])
		seen[m.Args[0]] = true
	}
	if len(seen) != handed {
		t.Errorf("%d different messages, want %d", len(seen), handed)
	}
	cancel()
	running.Wait()
	if err := programs[0].Close(); err != nil {
		t.Error(err)
	}
	if len(programs[0].Messages()) != 0 {
		t.Error("a message came twice")
	}
}

// started is another process that is the program.
type started struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func childCommand(t *testing.T, role string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childEnv+"="+role)
	cmd.Stderr = os.Stderr
	return cmd
}

func startProgram(t *testing.T, dir string) *started {
	t.Helper()
	s := &started{cmd: childCommand(t, "start", dir)}
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewScanner(out)
	if m := s.read(t); m.Dir != "ready" {
		t.Fatalf("the program says %v", m)
	}
	return s
}

func (s *started) read(t *testing.T) (m Message) {
	t.Helper()
	if !s.out.Scan() {
		t.Fatalf("the program ended: %v", s.out.Err())
	}
	if err := json.Unmarshal(s.out.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// Six processes started at once while the program runs: six messages arrive.
func TestSixStartsAtOnce(t *testing.T) {
	dir := t.TempDir()
	p := startProgram(t, dir)
	var cmds []*exec.Cmd
	for _, n := range numbered(6) {
		cmd := childCommand(t, "start", dir, n)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	var got []string
	for range cmds {
		got = append(got, p.read(t).Args...)
	}
	for _, c := range cmds {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, numbered(6)) {
		t.Errorf("got %v", got)
	}
	if err := QuitRunning(t.Context(), testName, dir); err != nil {
		t.Fatal(err)
	}
	if m := p.read(t); !m.Quit {
		t.Errorf("the program was told %v, want to quit", m)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// A program that is killed leaves nothing that keeps the next one from starting.
func TestKilledProgramIsReplaced(t *testing.T) {
	dir := t.TempDir()
	p := startProgram(t, dir)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	acquire(t, dir)
}

func TestClosedProgramIsReplaced(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		i, err := Acquire(t.Context(), testName, dir, Message{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := errors.Join(i.Run(ctx), i.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHungProgram(t *testing.T) {
	dir := t.TempDir()
	i, err := Acquire(t.Context(), testName, dir, Message{}) // Run is never called
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := Acquire(ctx, testName, dir, Message{}); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("start beside a program that hangs: %v", err)
	}
	if err := QuitRunning(ctx, testName, dir); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("ask a program that hangs to quit: %v", err)
	}
}

// Peers that send nonsense, nothing or no end cost a moment.
func TestBadPeers(t *testing.T) {
	dir := t.TempDir()
	i := acquire(t, dir)
	end, err := newEndpoint(testName, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []string{"", "nonsense\n", "{}x", `{"args":[1]}` + "\n", strings.Repeat("[", 2*maxMessage), `{"args":["` + strings.Repeat("x", 2*maxMessage)} {
		c, err := dialSoon(t, end)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, b)
		_ = c.Close()
	}
	if _, err := Acquire(t.Context(), testName, dir, Message{Args: []string{"after"}}); !errors.Is(err, ErrHandedOff) {
		t.Fatalf("start after bad peers: %v", err)
	}
	for m := next(t, i); !slices.Equal(m.Args, []string{"after"}); m = next(t, i) {
		if m.Args != nil || m.Quit {
			t.Errorf("nonsense became the message %v", m)
		}
	}
}

// dialSoon dials again while the one end of a pipe is taken.
func dialSoon(t *testing.T, e endpoint) (io.ReadWriteCloser, error) {
	t.Helper()
	for {
		c, err := e.dial(time.Now().Add(talkTime))
		if err == nil || wait(t.Context(), retryTime) != nil {
			return c, err
		}
	}
}

func TestSilentPeer(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the time of one conversation")
	}
	t.Parallel()
	dir := t.TempDir()
	i := acquire(t, dir)
	end, err := newEndpoint(testName, dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := dialSoon(t, end)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := Acquire(t.Context(), testName, dir, Message{Args: []string{"after"}}); !errors.Is(err, ErrHandedOff) {
		t.Fatalf("start behind a silent peer: %v", err)
	}
	if m := next(t, i); !slices.Equal(m.Args, []string{"after"}) {
		t.Errorf("got %v", m)
	}
}

// More messages than the program takes are refused, not lost in silence.
func TestFullProgramRefuses(t *testing.T) {
	dir := t.TempDir()
	i := acquire(t, dir)
	for range maxWaiting {
		if _, err := Acquire(t.Context(), testName, dir, Message{}); !errors.Is(err, ErrHandedOff) {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := Acquire(ctx, testName, dir, Message{}); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("start beside a full program: %v", err)
	}
	next(t, i)
	if _, err := Acquire(t.Context(), testName, dir, Message{}); !errors.Is(err, ErrHandedOff) {
		t.Errorf("start when there is room again: %v", err)
	}
}
