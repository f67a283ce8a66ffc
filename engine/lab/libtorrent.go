package lab

import (
	"bufio"
	"context"
	_ "embed" // the script
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"sync"

	"swarmbid/engine/swarm"
)

//go:embed libtorrent.py
var libtorrentScript []byte

// libtorrent drives a libtorrent-rasterbar session in a Python script, by lines of
// JSON on its standard streams. Alerts are its log.
type libtorrent struct {
	*process
	mu   sync.Mutex // one call at a time
	in   io.WriteCloser
	out  io.ReadCloser
	read *bufio.Reader
	addr netip.AddrPort
}

// StartLibtorrent starts the script with the system's Python (Debian package
// python3-libtorrent).
func StartLibtorrent(ctx context.Context, o Options) (Client, error) {
	script := filepath.Join(o.Dir, "session.py")
	if err := os.WriteFile(script, libtorrentScript, 0o600); err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	l := &libtorrent{}
	p, err := start(ctx, command{
		name: "libtorrent", path: "/usr/bin/python3", pkg: "python3-libtorrent", dir: o.Dir,
		args: []string{"-X", "faulthandler", script}, in: &l.in, out: &l.out,
	})
	if err != nil {
		return nil, err
	}
	l.process, l.read = p, bufio.NewReader(l.out)
	listen := "127.0.0.1:0"
	if o.IPv6 {
		port, err := freePort()
		if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		listen = loopback(port).String() + "," + loopback6(port).String()
	}
	err = l.call(ctx, nil, map[string]any{
		"op": "start", "listen": listen, "encryption": o.Encryption.String(), "transport": o.Transport.String(),
		"down": o.Down, "up": o.Up, "pex": o.PEX,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w; on Debian: apt-get install python3-libtorrent\n%s", err, Tail(l.Log(), 5)), l.Close())
	}
	err = p.ready(ctx, func(ctx context.Context) error {
		var got struct{ Port uint16 }
		if err := l.call(ctx, &got, map[string]any{"op": "port"}); err != nil {
			return err
		}
		l.addr = loopback(got.Port)
		if got.Port == 0 {
			return errors.New("no port yet")
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// call sends one line and reads the answer. A call that ctx interrupts ends the
// program, because the next answer would be the wrong one.
func (l *libtorrent) call(ctx context.Context, into any, in map[string]any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { _ = killGroup(l.cmd) })
	defer stop()
	b, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("libtorrent: %w", err)
	}
	if _, err := l.in.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("libtorrent: %v: %w", in["op"], errors.Join(ctx.Err(), err))
	}
	line, err := l.read.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		<-l.done // nothing else closes its output
		err = fmt.Errorf("it ended: %w", errors.Join(l.stopped, err))
	}
	if err != nil {
		return fmt.Errorf("libtorrent: %v: %w", in["op"], errors.Join(ctx.Err(), err))
	}
	var answer struct {
		OK      json.RawMessage
		Error   string
		Unknown bool // the torrent of the call
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return fmt.Errorf("libtorrent: %v: %w", in["op"], err)
	}
	switch {
	case answer.Unknown:
		return fmt.Errorf("libtorrent: %w", ErrUnknownTorrent)
	case answer.Error != "":
		return fmt.Errorf("libtorrent: %v: %s", in["op"], answer.Error)
	case into == nil:
		return nil
	}
	return json.Unmarshal(answer.OK, into)
}

// Addr is where it accepts peers.
func (l *libtorrent) Addr() netip.AddrPort { return l.addr }

// Add adds a .torrent file.
func (l *libtorrent) Add(ctx context.Context, file, saveDir string) error {
	return l.call(ctx, nil, map[string]any{"op": "add", "file": file, "dir": saveDir})
}

// AddMagnet adds a magnet link.
func (l *libtorrent) AddMagnet(ctx context.Context, link, saveDir string) error {
	return l.call(ctx, nil, map[string]any{"op": "add", "magnet": link, "dir": saveDir})
}

// AddPeer connects to a peer.
func (l *libtorrent) AddPeer(ctx context.Context, ih swarm.InfoHash, peer netip.AddrPort) error {
	return l.call(ctx, nil, map[string]any{"op": "peer", "ih": ih.String(), "ip": peer.Addr().String(), "port": peer.Port()})
}

// Progress reports the torrent.
func (l *libtorrent) Progress(ctx context.Context, ih swarm.InfoHash) (p Progress, err error) {
	err = l.call(ctx, &p, map[string]any{"op": "progress", "ih": ih.String()})
	return p, err
}

// Peers reports the connections of ih that have shaken hands.
func (l *libtorrent) Peers(ctx context.Context, ih swarm.InfoHash) ([]Peer, error) {
	var got struct {
		Peers []struct {
			Peer
			IP   netip.Addr
			Port uint16
		}
	}
	if err := l.call(ctx, &got, map[string]any{"op": "peers", "ih": ih.String()}); err != nil {
		return nil, err
	}
	var out []Peer
	for _, p := range got.Peers {
		p.Addr = netip.AddrPortFrom(p.IP, p.Port)
		out = append(out, p.Peer)
	}
	return out, nil
}

// SetLimits sets the session's limits.
func (l *libtorrent) SetLimits(ctx context.Context, down, up int64) error {
	return l.call(ctx, nil, map[string]any{"op": "limits", "down": down, "up": up})
}

// Close ends the script.
func (l *libtorrent) Close() error { return l.kill() }
