//go:build unix

package upload

import (
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/anacrolix/torrent"

	"swarmbid/engine/link"
	"swarmbid/engine/swarm"
)

// cpu is the processor time of this process, both ends of a copy included.
func cpu(tb testing.TB) time.Duration {
	tb.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkCopy copies 128 MiB from a seed to a leecher over loopback, both in
// this process: with the library alone, through links, and with blocks served
// from storage. cpu-s/GiB is of both ends together.
func BenchmarkCopy(b *testing.B) {
	const size = 128 << 20
	dir := b.TempDir()
	mi := payload(b, dir, size, 1<<20)
	var seedTorrent *torrent.Torrent
	serve := func(_ swarm.InfoHash, piece, begin uint32, buf []byte) error {
		_, err := seedTorrent.Piece(int(piece)).Storage().ReadAt(buf, int64(begin))
		return err
	}
	run := func(b *testing.B, seed, leech func(testing.TB, string) *house) {
		b.Helper()
		s := seed(b, dir)
		seedTorrent = s.add(b, mi)
		var spent time.Duration
		for b.Loop() {
			b.StopTimer()
			l := leech(b, b.TempDir())
			lt := l.add(b, mi)
			b.StartTimer()
			start := cpu(b)
			lt.DownloadAll()
			lt.AddPeers(peerAt(s.addr))
			granted := s.links == nil
			until(b, "complete", func() bool {
				if !granted && len(s.links.All()) > 0 {
					s.serveAll()
					granted = true
				}
				return lt.BytesMissing() == 0
			})
			spent += cpu(b) - start
			b.StopTimer()
			l.client.Close()
			until(b, "gone", func() bool { return s.links == nil || len(s.links.All()) == 0 })
			b.StartTimer()
		}
		b.SetBytes(size)
		b.ReportMetric(spent.Seconds()/float64(b.N)/(size/float64(1<<30)), "cpu-s/GiB")
	}
	linked := func(tb testing.TB, dir string) *house {
		tb.Helper()
		return newHouse(tb, dir, link.Config{Encryption: link.Off}, Config{})
	}
	direct := func(tb testing.TB, dir string) *house {
		tb.Helper()
		return newHouse(tb, dir, link.Config{Encryption: link.Off}, Config{Serve: serve})
	}
	b.Run("plain", func(b *testing.B) { run(b, plainHouse, plainHouse) })
	b.Run("seed-linked", func(b *testing.B) { run(b, linked, plainHouse) })
	b.Run("leech-linked", func(b *testing.B) { run(b, plainHouse, linked) })
	b.Run("seed-direct", func(b *testing.B) { run(b, direct, plainHouse) })
}

// plainHouse is the library on bare sockets.
func plainHouse(tb testing.TB, dir string) *house {
	tb.Helper()
	cfg := baseConfig(dir)
	client, err := torrent.NewClient(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	client.AddListener(l)
	client.AddDialer(tcp{})
	tb.Cleanup(func() {
		client.Close()
		l.Close()
	})
	return &house{client: client, addr: l.Addr().String()}
}

// BenchmarkUplink measures how much of an upload limit is used over 5 s of the
// clock of the wall, with a library client as seed and scripted leechers.
func BenchmarkUplink(b *testing.B) {
	const limit, window = 8 << 20, 5 * time.Second
	for _, peers := range []int{1, 10} {
		b.Run(strconv.Itoa(peers), func(b *testing.B) {
			dir := b.TempDir()
			mi := payload(b, dir, 32<<20, 1<<20)
			seed := newHouse(b, dir, link.Config{}, Config{Limit: limit})
			seed.add(b, mi)
			for range peers {
				c, err := net.Dial("tcp4", seed.addr)
				if err != nil {
					b.Fatal(err)
				}
				startFake(b, c, swarm.InfoHash(mi.HashInfoBytes()), &fake{pieces: 32, pieceLen: 1 << 20, pipeline: 32, fast: true})
			}
			until(b, "connected", func() bool { return len(seed.links.All()) == peers })
			seed.serveAll()
			sent := func() (n int64) {
				for _, l := range seed.links.All() {
					n += l.Stats().PayloadOut
				}
				return n
			}
			until(b, "payload", func() bool { return sent() > 0 })
			b.ResetTimer()
			used := 0.0
			for b.Loop() {
				start, before, spent := time.Now(), sent(), cpu(b)
				<-time.After(window)
				used = float64(sent()-before) / (limit * time.Since(start).Seconds()) * 100
				b.ReportMetric(float64(cpu(b)-spent)/float64(time.Since(start))*100, "cpu-%")
			}
			b.ReportMetric(used, "used-%")
			b.ReportMetric(0, "ns/op")
		})
	}
}
