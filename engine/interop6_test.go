package engine_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// TestInteropIPv6 exchanges a torrent with libtorrent over [::1], by TCP and uTP,
// dialling and dialled.
func TestInteropIPv6(t *testing.T) {
	needsPrograms(t)
	p, err := lab.OneFile(t.TempDir(), 9<<20+1).Make()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		via       lab.Transport
		oursSeeds bool
	}{
		{"libtorrent to ours tcp", lab.TCP, false},
		{"ours to libtorrent tcp", lab.TCP, true},
		{"libtorrent to ours utp", lab.UTP, false},
		{"ours to libtorrent utp", lab.UTP, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			o := lab.Options{IPv6: true, Transport: c.via, Up: 4 << 20}
			mine, theirs := begin(t, startOurs, o), begin(t, lab.StartLibtorrent, o)
			seed, leech := theirs, mine
			if c.oursSeeds {
				seed, leech = mine, theirs
			}
			if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := leech.Add(ctx, p.File, dir); err != nil {
				t.Fatal(err)
			}
			if err := ready(ctx, leech, p); err != nil {
				t.Fatal(err)
			}
			to := netip.AddrPortFrom(netip.IPv6Loopback(), seed.Addr().Port())
			if err := leech.AddPeer(ctx, p.InfoHash, to); err != nil {
				t.Fatal(err)
			}
			six := false
			err := lab.Until(ctx, func() (bool, error) {
				peers, err := theirs.Peers(ctx, p.InfoHash)
				if err != nil {
					return false, err
				}
				for _, v := range peers {
					six = six || v.Addr.Addr().Is6() && v.UTP == (c.via == lab.UTP)
				}
				g, err := leech.Progress(ctx, p.InfoHash)
				return g.Complete, err
			})
			if err != nil || !six {
				t.Fatalf("libtorrent saw a connection over IPv6: %t; %v", six, err)
			}
			if err := p.Compare(dir, true); err != nil {
				t.Error(err)
			}
		})
	}
}
