package engine_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"swarmbid/engine/lab"
)

// benchEnv is the size of BenchmarkLoopback's torrent in MiB; 1024 unless set.
const benchEnv = "SWARMBID_BENCH_MIB"

// figures are what one transfer cost.
type figures struct {
	took        time.Duration
	seed, leech lab.Usage
}

// BenchmarkLoopback moves a single file over plain TCP on loopback, each end in a
// process of its own: ours, libtorrent and aria2 as the seed of the same leecher
// and as the leecher of the same seed. CPU is user and system time of the process.
// Peak is its largest resident set, in which libtorrent counts the mapped file.
func BenchmarkLoopback(b *testing.B) {
	mib := int64(1024)
	if s := os.Getenv(benchEnv); s != "" {
		var err error
		if mib, err = strconv.ParseInt(s, 10, 64); err != nil || mib < 1 {
			b.Fatalf("%s=%q: want a number of MiB", benchEnv, s)
		}
	}
	r := lab.OneFile(b.TempDir(), mib<<20)
	r.PieceLen = 1 << 20
	p, err := r.Make()
	if err != nil {
		b.Fatal(err)
	}
	start := map[string]func(context.Context, lab.Options) (lab.Client, error){
		"ours": startChild, "libtorrent": lab.StartLibtorrent, "aria2": lab.StartAria2,
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "seed\tleecher\tMiB/s\tseed CPU s/GiB\tleecher CPU s/GiB\tseed peak MiB\tleecher peak MiB\t")
	for _, c := range [][2]string{
		{"ours", "libtorrent"},
		{"libtorrent", "libtorrent"},
		{"aria2", "libtorrent"},
		{"libtorrent", "ours"},
		{"libtorrent", "aria2"},
		{"ours", "aria2"},
		{"aria2", "ours"},
		{"ours", "ours"},
	} {
		b.Run(c[0]+"-"+c[1], func(b *testing.B) {
			var sum figures
			for range b.N {
				f := move(b, p, start[c[0]], start[c[1]])
				sum.took += f.took
				sum.seed.CPU += f.seed.CPU
				sum.leech.CPU += f.leech.CPU
				sum.seed.Peak = max(sum.seed.Peak, f.seed.Peak)
				sum.leech.Peak = max(sum.leech.Peak, f.leech.Peak)
			}
			gib := float64(p.Size) * float64(b.N) / (1 << 30)
			rate := gib * 1024 / sum.took.Seconds()
			b.ReportMetric(0, "ns/op") // of no use: it holds starts and checks
			b.ReportMetric(rate, "MiB/s")
			b.ReportMetric(sum.seed.CPU.Seconds()/gib, "seed-s/GiB")
			b.ReportMetric(sum.leech.CPU.Seconds()/gib, "leech-s/GiB")
			fmt.Fprintf(w, "%s\t%s\t%.0f\t%.2f\t%.2f\t%d\t%d\t\n", c[0], c[1], rate,
				sum.seed.CPU.Seconds()/gib, sum.leech.CPU.Seconds()/gib, sum.seed.Peak>>20, sum.leech.Peak>>20)
		})
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "%d MiB over loopback, plain TCP\n%s", mib, table.String())
}

// move transfers p once.
func move(b *testing.B, p *lab.Payload, seedKind, leechKind func(context.Context, lab.Options) (lab.Client, error)) figures {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
	defer cancel()
	ends := make([]lab.Client, 2)
	for i, start := range []func(context.Context, lab.Options) (lab.Client, error){seedKind, leechKind} {
		c, err := start(ctx, lab.Options{Dir: b.TempDir(), Encryption: lab.Off, Quiet: true})
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		ends[i] = c
	}
	seed, leech := ends[0], ends[1]
	if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
		b.Fatal(err)
	}
	save := b.TempDir()
	defer os.RemoveAll(save) // a gigabyte each
	before := usages(b, ends)
	if err := leech.Add(ctx, p.File, save); err != nil {
		b.Fatal(err)
	}
	if err := ready(ctx, leech, p); err != nil {
		b.Fatal(err)
	}
	dialler, dialled := leech, seed
	if leech.Name() == "aria2" { // it is told by its tracker, once a second
		dialler, dialled = seed, leech
	}
	began := time.Now()
	if err := dialler.AddPeer(ctx, p.InfoHash, dialled.Addr()); err != nil {
		b.Fatal(err)
	}
	if err := lab.Until(ctx, func() (bool, error) {
		g, err := leech.Progress(ctx, p.InfoHash)
		return g.Complete, err
	}); err != nil {
		b.Fatalf("%v\n%s", err, lab.Tail(leech.Log(), 10))
	}
	f := figures{took: time.Since(began)}
	after := usages(b, ends)
	f.seed = lab.Usage{CPU: after[0].CPU - before[0].CPU, Peak: after[0].Peak}
	f.leech = lab.Usage{CPU: after[1].CPU - before[1].CPU, Peak: after[1].Peak}
	return f
}

func usages(b *testing.B, ends []lab.Client) (out []lab.Usage) {
	b.Helper()
	for _, c := range ends {
		u, err := lab.UsageOf(c.PID())
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, u)
	}
	return out
}
