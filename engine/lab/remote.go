package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"

	"swarmbid/engine/swarm"
)

// Remote is a program that speaks the lab's own protocol: a JSON object a line on
// its standard input, one back on its standard output. Serve is the other end of
// it, for programs in Go. It ends with its standard input.
type Remote struct {
	Name string
	Path string // of the executable, or a name to be looked up in PATH
	Pkg  string // Debian package to name when it is missing
	Args []string
	Env  []string // in addition to the environment
}

// request is one line to a Remote. Fields that the operation does not use are
// left out.
type request struct {
	Op         string   // start, port, add, peer, progress, peers, limits; libtorrent: create
	Dir        string   `json:",omitempty"` // start: scratch; add: where the data goes
	Listen     []string `json:",omitempty"` // start: addresses with ports, 0 = any
	Encryption string   `json:",omitempty"`
	Transport  string   `json:",omitempty"`
	PEX, Quiet bool     `json:",omitempty"`
	Down, Up   int64    // start and limits
	File       string   `json:",omitempty"` // add: of these two one; create: the .torrent
	Magnet     string   `json:",omitempty"`
	IH         string   `json:",omitempty"`
	Addr       string   `json:",omitempty"` // peer: address and port
	V2         bool     `json:",omitempty"` // create: v2 only, else hybrid
	PieceLen   int64    `json:",omitempty"` // create
}

// response is one line from a Remote.
type response struct {
	OK      json.RawMessage `json:",omitempty"`
	Error   string          `json:",omitempty"`
	Unknown bool            `json:",omitempty"` // the torrent of the request
}

// remote is the Client of a Remote.
type remote struct {
	*process
	mu   sync.Mutex // one call at a time
	in   io.WriteCloser
	out  io.ReadCloser
	read *bufio.Reader
	addr netip.AddrPort
}

// StartRemote starts the program and waits until it listens.
func StartRemote(ctx context.Context, r Remote, o Options) (Client, error) {
	c := &remote{}
	p, err := start(ctx, command{
		name: r.Name, path: r.Path, pkg: r.Pkg, dir: o.Dir, args: r.Args, env: r.Env, in: &c.in, out: &c.out,
	})
	if err != nil {
		return nil, err
	}
	c.process, c.read = p, bufio.NewReader(c.out)
	if err := c.begin(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, Tail(c.Log(), 15)), c.Close())
	}
	return c, nil
}

// begin tells the program how to be and waits for its port.
func (c *remote) begin(ctx context.Context, o Options) error {
	in := request{
		Op: "start", Dir: o.Dir, Encryption: o.Encryption.String(), Transport: o.Transport.String(),
		Down: o.Down, Up: o.Up, PEX: o.PEX, Quiet: o.Quiet, Listen: []string{loopback(0).String()},
	}
	if o.IPv6 {
		port, err := freePort()
		if err != nil {
			return err
		}
		in.Listen = []string{loopback(port).String(), loopback6(port).String()}
	}
	if err := c.call(ctx, nil, in); err != nil {
		return err
	}
	return c.ready(ctx, func(ctx context.Context) error {
		var port uint16
		err := c.call(ctx, &port, request{Op: "port"})
		if err == nil && port == 0 {
			err = errors.New("no port yet")
		}
		c.addr = loopback(port)
		return err
	})
}

// call sends one line and reads the answer. A call that ctx interrupts ends the
// program, because the next answer would be the wrong one.
func (c *remote) call(ctx context.Context, into any, in request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { _ = killGroup(c.cmd) })
	defer stop()
	b, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	if _, err := c.in.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("%s: %s: %w", c.name, in.Op, errors.Join(ctx.Err(), err))
	}
	line, err := c.read.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		<-c.done // nothing else closes its output
		err = fmt.Errorf("it ended: %w", errors.Join(c.stopped, err))
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", c.name, in.Op, errors.Join(ctx.Err(), err))
	}
	var r response
	if err := json.Unmarshal(line, &r); err != nil {
		return fmt.Errorf("%s: %s: %w", c.name, in.Op, err)
	}
	switch {
	case r.Unknown:
		return fmt.Errorf("%s: %w", c.name, ErrUnknownTorrent)
	case r.Error != "":
		return fmt.Errorf("%s: %s: %s", c.name, in.Op, r.Error)
	case into == nil:
		return nil
	}
	return json.Unmarshal(r.OK, into)
}

// Addr is where it accepts peers.
func (c *remote) Addr() netip.AddrPort { return c.addr }

// Add adds a .torrent file.
func (c *remote) Add(ctx context.Context, file, saveDir string) error {
	return c.call(ctx, nil, request{Op: "add", File: file, Dir: saveDir})
}

// AddMagnet adds a magnet link.
func (c *remote) AddMagnet(ctx context.Context, link, saveDir string) error {
	return c.call(ctx, nil, request{Op: "add", Magnet: link, Dir: saveDir})
}

// AddPeer connects to a peer.
func (c *remote) AddPeer(ctx context.Context, ih swarm.InfoHash, peer netip.AddrPort) error {
	return c.call(ctx, nil, request{Op: "peer", IH: ih.String(), Addr: peer.String()})
}

// Progress reports the torrent.
func (c *remote) Progress(ctx context.Context, ih swarm.InfoHash) (p Progress, err error) {
	err = c.call(ctx, &p, request{Op: "progress", IH: ih.String()})
	return p, err
}

// Peers reports the connections of ih that have shaken hands.
func (c *remote) Peers(ctx context.Context, ih swarm.InfoHash) (peers []Peer, err error) {
	err = c.call(ctx, &peers, request{Op: "peers", IH: ih.String()})
	return peers, err
}

// SetLimits sets the program's limits.
func (c *remote) SetLimits(ctx context.Context, down, up int64) error {
	return c.call(ctx, nil, request{Op: "limits", Down: down, Up: up})
}

// Close ends the program.
func (c *remote) Close() error { return c.kill() }

// Serve is the far end of StartRemote: it starts a client as it is told to and
// does what the lines of in say until they end, then closes the client.
func Serve(ctx context.Context, in io.Reader, out io.Writer, begin func(context.Context, Options) (Client, error)) error {
	var c Client
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var q request
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return fmt.Errorf("lab: serve: %w", err)
		}
		var got any
		var err error
		if q.Op == "start" {
			c, err = begin(ctx, q.options())
		} else {
			got, err = q.serve(ctx, c)
		}
		b, err := json.Marshal(answerTo(got, err))
		if err != nil {
			return fmt.Errorf("lab: serve: %w", err)
		}
		if _, err := out.Write(append(b, '\n')); err != nil {
			return fmt.Errorf("lab: serve: %w", err)
		}
	}
	if c == nil {
		return lines.Err()
	}
	return errors.Join(lines.Err(), c.Close())
}

// answerTo makes the line out of what was done.
func answerTo(got any, err error) (r response) {
	if err != nil {
		return response{Error: err.Error(), Unknown: errors.Is(err, ErrUnknownTorrent)}
	}
	if r.OK, err = json.Marshal(got); err != nil {
		return response{Error: err.Error()}
	}
	return r
}

// options undoes what begin made of Options.
func (q request) options() Options {
	o := Options{Dir: q.Dir, Down: q.Down, Up: q.Up, PEX: q.PEX, Quiet: q.Quiet, IPv6: len(q.Listen) > 1}
	for _, e := range []Encryption{Prefer, Off, Require} {
		if e.String() == q.Encryption {
			o.Encryption = e
		}
	}
	for _, t := range []Transport{TCP, UTP, Both} {
		if t.String() == q.Transport {
			o.Transport = t
		}
	}
	return o
}

// serve does one operation.
func (q request) serve(ctx context.Context, c Client) (any, error) {
	if c == nil {
		return nil, errors.New("not started")
	}
	switch q.Op {
	case "port":
		return c.Addr().Port(), nil
	case "limits":
		return nil, c.SetLimits(ctx, q.Down, q.Up)
	case "add":
		if q.Magnet != "" {
			return nil, c.AddMagnet(ctx, q.Magnet, q.Dir)
		}
		return nil, c.Add(ctx, q.File, q.Dir)
	}
	ih, err := swarm.ParseInfoHash(q.IH)
	if err != nil {
		return nil, err
	}
	switch q.Op {
	case "progress":
		return c.Progress(ctx, ih)
	case "peers":
		return c.Peers(ctx, ih)
	case "peer":
		addr, err := netip.ParseAddrPort(q.Addr)
		if err != nil {
			return nil, err
		}
		return nil, c.AddPeer(ctx, ih, addr)
	}
	return nil, fmt.Errorf("unknown operation %q", q.Op)
}
