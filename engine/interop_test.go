package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// needsPrograms leaves a test out of `make unit`.
func needsPrograms(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs other BitTorrent programs")
	}
}

// begin starts a program and closes it with the test.
func begin(t *testing.T, start func(context.Context, lab.Options) (lab.Client, error), o lab.Options) lab.Client {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	c, err := start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("%s: close: %v", c.Name(), err)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", c.Name(), lab.Tail(c.Log(), 30))
		}
	})
	return c
}

// transfer is one kind of exchange between our session and another program.
type transfer struct {
	other     lab.Program
	oursSeeds bool
	lab.Options
	magnet bool
}

// dialled reports whether our session dials. Over the whole table it does both
// with every program that can dial; Transmission dials no loopback address.
func (c transfer) dialled() bool {
	return !c.other.Dials || (c.Encryption == lab.Require) != c.oursSeeds
}

func (c transfer) name() string {
	from, to := c.other.Name, "ours"
	if c.oursSeeds {
		from, to = to, from
	}
	what := c.Encryption.String()
	if c.Transport == lab.UTP {
		what = "utp"
	}
	return fmt.Sprintf("%s to %s %s", from, to, what)
}

// TestInterop has our session and each other program exchange a torrent with
// everything that clients trip over, both ways: TCP plain, TCP under RC4 by magnet
// link, and uTP where the other one has it. What the connection is like is taken
// from the other program, and then compared with what our session says.
func TestInterop(t *testing.T) {
	needsPrograms(t)
	p, err := lab.MixedFiles(t.TempDir()).Make()
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range lab.Programs() {
		if other.Name == "anacrolix" {
			continue // it is inside
		}
		for _, oursSeeds := range []bool{false, true} {
			cases := []transfer{
				{other, oursSeeds, lab.Options{Encryption: lab.Off}, false},
				{other, oursSeeds, lab.Options{Encryption: lab.Require}, true},
			}
			if other.UTP {
				cases = append(cases, transfer{other, oursSeeds, lab.Options{Transport: lab.UTP}, false})
			}
			for _, c := range cases {
				t.Run(c.name(), func(t *testing.T) {
					t.Parallel()
					c.run(t, p)
				})
			}
		}
	}
}

// run moves p and checks what both ends saw.
func (c transfer) run(t *testing.T, p *lab.Payload) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 180*time.Second)
	defer cancel()
	slow := c.Options
	slow.Up = 24 << 20 // of the seed, so that the connection can be looked at
	ourOptions, otherOptions := c.Options, slow
	if c.oursSeeds {
		ourOptions, otherOptions = slow, c.Options
	}
	mine, theirs := begin(t, startOurs, ourOptions), begin(t, c.other.Start, otherOptions)
	seed, leech := theirs, mine
	if c.oursSeeds {
		seed, leech = mine, theirs
	}
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
	if err := ready(ctx, leech, p); err != nil {
		t.Fatal(err)
	}
	dialler, dialled := theirs, mine
	if c.dialled() {
		dialler, dialled = mine, theirs
	}
	var seen, seenByOurs, wrong []lab.Peer
	var told time.Time
	err := lab.Until(ctx, func() (bool, error) {
		// Another program is told again of a peer that it is not connected to, as a
		// tracker would; our session tries again by itself: qBittorrent takes no
		// connection for a second after its check, and Transmission drops all when it
		// has got the metadata.
		now, err := mine.Peers(ctx, p.InfoHash)
		if err == nil && len(now) == 0 && time.Since(told) > 2*time.Second && (told.IsZero() || !c.dialled()) {
			told = time.Now()
			if err := dialler.AddPeer(ctx, p.InfoHash, dialled.Addr()); err != nil {
				return false, err
			}
		}
		g, err := leech.Progress(ctx, p.InfoHash)
		if err != nil && !errors.Is(err, lab.ErrUnknownTorrent) {
			return false, err
		}
		seen = append(seen, c.look(ctx, theirs, p, &wrong)...)
		seenByOurs = append(seenByOurs, c.look(ctx, mine, p, &wrong)...)
		return g.Complete, nil
	})
	if err != nil {
		t.Fatalf("%v; %s sees %+v, ours sees %+v", lab.Complete(ctx, leech, p.InfoHash), theirs.Name(), seen, seenByOurs)
	}
	if len(seen) == 0 || len(seenByOurs) == 0 || len(wrong) > 0 {
		t.Errorf("%s sees %d connections as asked for, ours sees %d, others were %+v", theirs.Name(), len(seen), len(seenByOurs), wrong)
	}
	if err := p.Compare(dir, !c.oursSeeds || c.other.Empties); err != nil {
		t.Error(err)
	}
}

// ready waits until a leecher takes connections for the torrent: some programs add
// it in the background and look at the disk first.
func ready(ctx context.Context, e lab.Client, p *lab.Payload) error {
	return lab.Until(ctx, func() (bool, error) {
		g, err := e.Progress(ctx, p.InfoHash)
		if errors.Is(err, lab.ErrUnknownTorrent) {
			return e.Name() == "aria2", nil // it tells of a magnet link when it has the metadata
		}
		return !strings.Contains(g.State, "check"), err
	})
}

// look returns the connections of e that are as c wants them, and adds the others
// to wrong.
func (c transfer) look(ctx context.Context, e lab.Client, p *lab.Payload, wrong *[]lab.Peer) []lab.Peer {
	peers, err := e.Peers(ctx, p.InfoHash)
	if err != nil {
		return nil // not known yet
	}
	return slices.DeleteFunc(peers, func(v lab.Peer) bool {
		bad := v.UTP != (c.Transport == lab.UTP) || c.Encryption != lab.Prefer && v.Encrypted != (c.Encryption == lab.Require)
		if bad && v.Up+v.Down > 0 {
			*wrong = append(*wrong, v)
		}
		return bad
	})
}
