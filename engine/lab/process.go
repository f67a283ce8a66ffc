package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// process is a child in a process group of its own, whose output goes to a file.
type process struct {
	name    string
	cmd     *exec.Cmd
	logs    []string      // files that make up its log
	done    chan struct{} // closed when it has ended
	stopped error         // how it ended; read after done
}

// outputLog is the file in a scratch directory that gets a child's output.
const outputLog = "output.log"

// command is what start runs.
type command struct {
	name string // of the client, for messages
	path string // program, looked up in PATH unless absolute
	pkg  string // Debian package that has it
	dir  string // scratch directory; the output goes to output.log there
	args []string
	env  []string // in addition to the environment
	// in and out, if set, get the child's standard input and output.
	in  *io.WriteCloser
	out *io.ReadCloser
}

// start runs c until ctx ends or kill is called.
func start(ctx context.Context, c command) (*process, error) {
	path, err := exec.LookPath(c.path)
	if err != nil {
		return nil, fmt.Errorf("%w: %s; on Debian: apt-get install %s", ErrMissing, c.path, c.pkg)
	}
	out, err := os.Create(filepath.Join(c.dir, outputLog))
	if err != nil {
		return nil, fmt.Errorf("lab: log of %s: %w", c.name, err)
	}
	defer closing(out)
	p := &process{name: c.name, cmd: exec.CommandContext(ctx, path, c.args...), logs: []string{out.Name()}, done: make(chan struct{})}
	p.cmd.Dir = c.dir
	p.cmd.Env = append(os.Environ(), append(c.env, "HOME="+c.dir, "XDG_CONFIG_HOME="+c.dir, "XDG_DATA_HOME="+c.dir, "LC_ALL=C.UTF-8")...)
	p.cmd.Stderr = out
	if c.out == nil {
		p.cmd.Stdout = out
	} else if *c.out, err = p.cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("lab: %s: %w", c.name, err)
	}
	if c.in != nil {
		if *c.in, err = p.cmd.StdinPipe(); err != nil {
			return nil, fmt.Errorf("lab: %s: %w", c.name, err)
		}
	}
	ownGroup(p.cmd)
	p.cmd.Cancel = func() error { return killGroup(p.cmd) }
	p.cmd.WaitDelay = 5 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("lab: starting %s: %w", c.name, err)
	}
	go func() {
		p.stopped = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// closing closes what was only read, or failed already.
func closing(c io.Closer) { _ = c.Close() }

// PID is the child's process id.
func (p *process) PID() int { return p.cmd.Process.Pid }

// Name is the client's name.
func (p *process) Name() string { return p.name }

// kill ends the group and waits for the child.
func (p *process) kill() error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := killGroup(p.cmd); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("lab: killing %s: %w", p.name, err)
	}
	<-p.done
	return nil
}

// Log returns the contents of the log files, each cut to its last MiB.
func (p *process) Log() string {
	var all []byte
	for _, name := range p.logs {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // a log that the program has not begun
		}
		all = append(all, b[max(0, len(b)-64<<20):]...)
	}
	return string(all)
}

// ready polls probe until it succeeds. It gives up when the program ends, when
// ctx does, or after 20 seconds.
func (p *process) ready(ctx context.Context, probe func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var last error
	err := Until(ctx, func() (bool, error) {
		select {
		case <-p.done:
			return false, fmt.Errorf("ended: %w", errors.Join(p.stopped, last))
		default:
		}
		last = probe(ctx)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("lab: %s did not come up: %w (%w)\n%s", p.name, err, last, Tail(p.Log(), 15))
	}
	return nil
}

// freePort finds a port that is free for TCP and UDP on 127.0.0.1 and, where there
// is IPv6, on [::1]. Another process may take it before its user does; tests
// that meet this see a program that did not come up.
func freePort() (uint16, error) {
	for range 50 {
		l, err := net.Listen("tcp4", "127.0.0.1:0") //nolint:noctx // returns at once
		if err != nil {
			return 0, fmt.Errorf("lab: free port: %w", err)
		}
		port := l.Addr().(*net.TCPAddr).AddrPort().Port()
		free := udpFree(loopback(port)) && udpFree(loopback6(port))
		if err := l.Close(); err != nil {
			return 0, fmt.Errorf("lab: free port: %w", err)
		}
		if free {
			return port, nil
		}
	}
	return 0, errors.New("lab: no port is free for both TCP and UDP")
}

// udpFree reports whether nobody has the UDP port.
func udpFree(a netip.AddrPort) bool {
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(a))
	if err != nil {
		return a.Addr().Is6() && !hasIPv6()
	}
	return c.Close() == nil
}

// hasIPv6 reports whether [::1] can be bound.
func hasIPv6() bool {
	c, err := net.ListenUDP("udp6", net.UDPAddrFromAddrPort(loopback6(0)))
	return err == nil && c.Close() == nil
}

func loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

func loopback6(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.IPv6Loopback(), port)
}
