package lab_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"swarmbid/engine/lab"

	"go.uber.org/goleak"
)

// serveEnv makes the test binary a program that TestServe starts.
const serveEnv = "LAB_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) != "" {
		if err := lab.Serve(context.Background(), os.Stdin, os.Stdout, lab.StartAnacrolix); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// The tests wait for other programs' timers, not for the processor.
	flag.Parse()
	if err := flag.Set("test.parallel", "10"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	// The library's connection pool and its global rate counters outlive its client.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/anacrolix/torrent.init.2.func1"))
}

// needsPrograms leaves a test out of `make unit`.
func needsPrograms(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs other BitTorrent programs")
	}
}

// program finds a program by name.
func program(t *testing.T, name string) lab.Program {
	t.Helper()
	for _, p := range lab.Programs() {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no program %q", name)
	return lab.Program{}
}

// run starts a program and closes it with the test.
func run(t *testing.T, p lab.Program, o lab.Options) lab.Client {
	t.Helper()
	o.Dir = t.TempDir()
	c, err := p.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("%s: close: %v", c.Name(), err)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", c.Name(), lab.Tail(c.Log(), 40))
		}
	})
	return c
}

// pair is one direction between two programs.
type pair struct {
	seed, leech string
	enc         lab.Encryption
	via         lab.Transport
	magnet      bool
}

// TestPrograms has every program seed to and leech from another one, over each
// kind of connection, and believes only what both ends say of it.
func TestPrograms(t *testing.T) {
	needsPrograms(t)
	mixed, err := lab.MixedFiles(t.TempDir()).Make()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []pair{
		{"libtorrent", "aria2", lab.Off, lab.TCP, false},
		{"aria2", "libtorrent", lab.Require, lab.TCP, true},
		{"libtorrent", "transmission", lab.Require, lab.UTP, false},
		{"transmission", "qbittorrent", lab.Off, lab.TCP, false},
		{"aria2", "transmission", lab.Require, lab.TCP, false},
		{"qbittorrent", "libtorrent", lab.Require, lab.UTP, false},
		{"qbittorrent", "aria2", lab.Require, lab.TCP, true},
		{"aria2", "qbittorrent", lab.Prefer, lab.TCP, false},
		{"anacrolix", "libtorrent", lab.Off, lab.UTP, true},
		{"libtorrent", "anacrolix", lab.Require, lab.TCP, false},
	} {
		t.Run(fmt.Sprintf("%s to %s %v %v", c.seed, c.leech, c.enc, c.via), func(t *testing.T) {
			t.Parallel()
			transfer(t, mixed, c)
		})
	}
}

// transfer moves the payload and checks what both ends saw.
func transfer(t *testing.T, p *lab.Payload, c pair) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 75*time.Second)
	defer cancel()
	o := lab.Options{Encryption: c.enc, Transport: c.via}
	seedKind, leechKind := program(t, c.seed), program(t, c.leech)
	leech := run(t, leechKind, o)
	o.Up = 32 << 20 // slow enough to be looked at
	seed := run(t, seedKind, o)
	if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	add, from := leech.Add, p.File
	if c.magnet {
		add, from = leech.AddMagnet, p.Magnet(nil)
	}
	if err := add(ctx, from, dir); err != nil {
		t.Fatal(err)
	}
	dialler, other := leech, seed
	if !leechKind.Dials {
		dialler, other = seed, leech
	}
	if err := dialler.AddPeer(ctx, p.InfoHash, other.Addr()); err != nil {
		t.Fatal(err)
	}
	var seenBySeed, seenByLeech bool
	err := lab.Until(ctx, func() (bool, error) {
		g, err := leech.Progress(ctx, p.InfoHash)
		if err := known(err); err != nil {
			return false, err
		}
		seenBySeed = seenBySeed || sees(ctx, seed, seedKind, p, c)
		seenByLeech = seenByLeech || sees(ctx, leech, leechKind, p, c)
		return g.Complete, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !seenBySeed || !seenByLeech {
		t.Errorf("a connection as asked for was seen by the seed: %t, by the leecher: %t", seenBySeed, seenByLeech)
	}
	if err := p.Compare(dir, leechKind.Empties); err != nil {
		t.Error(err)
	}
}

// sees reports whether the program has a connection with the encryption and the
// transport of c, as far as it tells.
func sees(ctx context.Context, e lab.Client, kind lab.Program, p *lab.Payload, c pair) bool {
	peers, err := e.Peers(ctx, p.InfoHash)
	return err == nil && slices.ContainsFunc(peers, func(v lab.Peer) bool {
		enc := !kind.Views || c.enc == lab.Prefer || v.Encrypted == (c.enc == lab.Require)
		return enc && v.UTP == (c.via == lab.UTP)
	})
}

// known drops the error of a torrent that is not known yet.
func known(err error) error {
	if errors.Is(err, lab.ErrUnknownTorrent) {
		return nil
	}
	return err
}
