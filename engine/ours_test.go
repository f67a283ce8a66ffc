package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"swarmbid/engine"
	"swarmbid/engine/lab"
	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

// childEnv makes the test binary a session under the lab's protocol; see
// startChild.
const childEnv = "SWARMBID_TEST_CHILD"

// unwantedEnv tells the child which files it is not to download.
const unwantedEnv = "SWARMBID_TEST_UNWANTED"

// TestChildSession is no test of its own: startChild runs it in a process that can
// be killed and measured.
func TestChildSession(t *testing.T) {
	if os.Getenv(childEnv) == "" {
		return
	}
	if err := lab.Serve(context.Background(), os.Stdin, os.Stdout, startOurs); err != nil {
		t.Fatal(err)
	}
}

// startChild starts our session in a process of its own. A second one with the
// same Options.Dir finds what the first one left.
func startChild(ctx context.Context, o lab.Options) (lab.Client, error) {
	return startChildWithout(ctx, o, "")
}

// startChildWithout is startChild for one that wants no file of a path with that
// text in it; "" = all are wanted.
func startChildWithout(ctx context.Context, o lab.Options, unwanted string) (lab.Client, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return lab.StartRemote(ctx, lab.Remote{
		Name: "ours", Path: self, Args: []string{"-test.run=^TestChildSession$"}, Env: []string{childEnv + "=1", unwantedEnv + "=" + unwanted},
	}, o)
}

// ours drives our own session as one more program of the lab.
type ours struct {
	*engine.Engine
	cancel  context.CancelFunc
	ended   chan error
	addr    netip.AddrPort
	log     *os.File
	done    sync.Map // swarm.InfoHash of what has completed: known before the next snapshot
	reasons sync.Map // string → true: why peers were dropped
	once    sync.Once
	err     error // of Close
}

// startOurs runs a session in this process.
func startOurs(ctx context.Context, o lab.Options) (lab.Client, error) {
	log, err := os.OpenFile(filepath.Join(o.Dir, "ours.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	c := engine.DefaultConfig()
	c.DataDir, c.DownloadDir, c.Version = filepath.Join(o.Dir, "data"), filepath.Join(o.Dir, "files"), "0.1.0"
	c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	c.Listen = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	if o.IPv6 {
		c.Listen = append(c.Listen, netip.IPv6Loopback())
	}
	c.IPv6, c.PEX, c.DHT, c.LSD, c.UPnP, c.NATPMP = o.IPv6, o.PEX, false, false, false, false
	c.TCP, c.UTP = o.Transport != lab.UTP, o.Transport != lab.TCP
	c.Encryption = map[lab.Encryption]link.Policy{lab.Prefer: link.Prefer, lab.Off: link.Off, lab.Require: link.Require}[o.Encryption]
	c.DownLimit, c.UpLimit = o.Down, o.Up
	c.SubnetSlots = 0 // everybody is at 127.0.0.1
	e, err := engine.New(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &ours{Engine: e, cancel: cancel, ended: make(chan error, 1), log: log}
	go func() {
		s.ended <- e.Run(ctx)
		close(s.ended)
	}()
	go func() {
		for {
			select {
			case ev := <-e.Events():
				switch ev := ev.(type) {
				case swarm.TorrentDone:
					s.done.Store(ev.InfoHash, true)
				case swarm.PeerDropped:
					s.reasons.Store(ev.Reason, true)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	for e.Snapshot().Totals.ListenPort == 0 {
		select {
		case <-e.Changed():
		case err := <-s.ended:
			return nil, fmt.Errorf("the session ended: %w", err)
		}
	}
	s.addr = netip.AddrPortFrom(c.Listen[0], uint16(e.Snapshot().Totals.ListenPort))
	return s, nil
}

// Name is «ours».
func (s *ours) Name() string { return "ours" }

// Addr is where it accepts peers.
func (s *ours) Addr() netip.AddrPort { return s.addr }

// PID is this process.
func (s *ours) PID() int { return os.Getpid() }

// Log is what the session logged.
func (s *ours) Log() string {
	b, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Add adds a .torrent file.
func (s *ours) Add(ctx context.Context, file, saveDir string) error {
	a := swarm.Add{Source: swarm.Source{File: file}, SavePath: saveDir}
	if unwanted := os.Getenv(unwantedEnv); unwanted != "" {
		p, err := s.Preview(ctx, a.Source)
		if err != nil {
			return err
		}
		for _, f := range p.Files {
			prio := swarm.Normal
			if strings.Contains(f.Path, unwanted) {
				prio = swarm.Skip
			}
			a.Priorities = append(a.Priorities, prio)
		}
	}
	_, err := s.Engine.Add(ctx, a)
	return err
}

// AddMagnet adds a magnet link.
func (s *ours) AddMagnet(ctx context.Context, link, saveDir string) error {
	_, err := s.Engine.Add(ctx, swarm.Add{Source: swarm.Source{Magnet: link}, SavePath: saveDir})
	return err
}

// AddPeer connects to a peer.
func (s *ours) AddPeer(ctx context.Context, ih swarm.InfoHash, peer netip.AddrPort) error {
	return s.Engine.AddPeer(ctx, ih, peer.String())
}

// Progress reports the torrent by the snapshot.
func (s *ours) Progress(_ context.Context, ih swarm.InfoHash) (lab.Progress, error) {
	for _, r := range s.Snapshot().Torrents {
		if r.InfoHash == ih {
			p := lab.Progress{
				Size: r.Size, Done: r.Completed, Complete: r.State == swarm.Seeding && r.Complete(),
				Downloaded: r.Downloaded, Uploaded: r.Uploaded, State: r.State.String(), Error: r.Error,
			}
			if _, ok := s.done.Load(ih); ok {
				p.Done, p.Complete = p.Size, true
			}
			return p, nil
		}
	}
	return lab.Progress{}, lab.ErrUnknownTorrent
}

// Peers reports the connections of ih.
func (s *ours) Peers(ctx context.Context, ih swarm.InfoHash) ([]lab.Peer, error) {
	d, err := s.Details(ctx, ih, swarm.PartPeers)
	if errors.Is(err, engine.ErrUnknown) {
		err = lab.ErrUnknownTorrent
	}
	if err != nil {
		return nil, err
	}
	var out []lab.Peer
	for _, p := range d.Peers {
		out = append(out, lab.Peer{
			Addr: p.Addr, Client: p.Client, Down: p.Down, Up: p.Up, Flags: fmt.Sprintf("%b", p.Flags),
			ChokesUs: p.Flags.Has(swarm.ChokingUs), Choked: p.Flags.Has(swarm.Choked),
			Encrypted: p.Flags.Has(swarm.Encrypted), UTP: p.Flags.Has(swarm.UTP),
		})
	}
	return out, nil
}

// SetLimits sets the session's limits.
func (s *ours) SetLimits(ctx context.Context, down, up int64) error {
	return s.SetRateLimits(ctx, down, up)
}

// Close ends the session in order.
func (s *ours) Close() error {
	s.once.Do(func() {
		s.cancel()
		s.err = errors.Join(<-s.ended, s.log.Close())
	})
	return s.err
}
