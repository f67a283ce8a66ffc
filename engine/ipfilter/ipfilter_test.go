package ipfilter

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func read(t *testing.T, s string) *List {
	t.Helper()
	l, err := Read(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const sample = `# a comment
// another

001.002.003.000 - 001.002.003.255 , 000 , eMule's form
10.0.0.1-10.0.0.9,100,short
10.0.1.1 - 10.0.1.9 , 200 , allowed by its level
Some: company, Inc. 1-2:192.0.2.1-192.0.2.5
198.51.100.0/24
203.0.113.7
2001:db8::/32
fd00::1-fd00::9
nonsense
5.5.5.5 - 5.5.5.4
256.0.0.1
1.2.3.4 - ::1
`

// TestForms: every form of line counts, what is no line is counted, levels from 128
// let in.
func TestForms(t *testing.T) {
	l := read(t, sample)
	for a, want := range map[string]bool{
		"1.2.3.0": true, "1.2.3.255": true, "1.2.4.0": false, "1.2.2.255": false, "10.0.0.1": true, "10.0.0.9": true, "10.0.0.10": false, "10.0.1.5": false,
		"192.0.2.1": true, "192.0.2.5": true, "192.0.2.6": false, "198.51.100.255": true, "198.51.101.0": false, "203.0.113.7": true, "203.0.113.8": false,
		"2001:db8:ffff::1": true, "2001:db9::": false, "fd00::5": true, "fd00::a": false, "::ffff:203.0.113.7": true, "0.0.0.0": false, "255.255.255.255": false,
	} {
		if got := l.Has(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %v", a, got)
		}
	}
	if l.Bad() != 4 || l.Len() != 7 {
		t.Errorf("%d bad lines, %d intervals", l.Bad(), l.Len())
	}
	if (&List{}).Has(netip.MustParseAddr("1.2.3.4")) {
		t.Error("an empty list names an address")
	}
}

func TestGzipAndLongLines(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprintf(z, "%s\r\n%s1.1.1.1-1.1.1.2", strings.Repeat("x", 200_000), strings.ReplaceAll(sample, "\n", "\r\n"))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	l, err := Read(bytes.NewReader(whole))
	if err != nil || l.Bad() != 5 || !l.Has(netip.MustParseAddr("1.1.1.2")) || !l.Has(netip.MustParseAddr("1.2.3.4")) {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := Read(bytes.NewReader(whole[:len(whole)/2])); err == nil {
		t.Error("half a file was read")
	}
}

// TestAsANaiveList: intervals that overlap and touch name what they name one by one.
func TestAsANaiveList(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 9))
		var text strings.Builder
		var in [1 << 16]bool
		for range r.IntN(200) {
			lo := r.IntN(1 << 16)
			hi := min(1<<16-1, lo+r.IntN(600))
			fmt.Fprintf(&text, "255.255.%d.%d-255.255.%d.%d\n", lo>>8, lo&255, hi>>8, hi&255)
			for i := lo; i <= hi; i++ {
				in[i] = true
			}
		}
		l := read(t, text.String())
		for i, want := range in {
			if got := l.Has(netip.AddrFrom4([4]byte{255, 255, byte(i >> 8), byte(i)})); got != want {
				t.Fatalf("seed %d: 255.255.%d.%d is %v", seed, i>>8, i&255, got)
			}
		}
	}
}

// TestMillions measures a list of a million lines: 8 bytes an interval, and far less
// than a microsecond a question.
func TestMillions(t *testing.T) {
	var text bytes.Buffer
	r := rand.New(rand.NewPCG(1, 2))
	const n = 1_000_000
	for i := range n {
		lo := uint32(i) * 4294
		fmt.Fprintf(&text, "%d.%d.%d.%d-%d.%d.%d.%d\n", lo>>24, lo>>16&255, lo>>8&255, lo&255, lo>>24, lo>>16&255, lo>>8&255, lo&255)
	}
	began := time.Now()
	l, err := Read(&text)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	began = time.Now()
	hits := 0
	for range n {
		x := r.Uint32()
		if l.Has(netip.AddrFrom4([4]byte{byte(x >> 24), byte(x >> 16), byte(x >> 8), byte(x)})) {
			hits++
		}
	}
	each := time.Since(began) / n
	t.Logf("%d intervals read in %v, %d KiB, %v a question, %d hits", l.Len(), took, cap(l.v4)*8>>10, each, hits)
	if l.Len() != n || cap(l.v4)*8 > 16*n || each > 20*time.Microsecond {
		t.Errorf("%d intervals, %d bytes, %v a question", l.Len(), cap(l.v4)*8, each)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte{0x1f, 0x8b, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		for i := 1; i < len(l.v4); i++ {
			if l.v4[i].lo <= l.v4[i-1].hi {
				t.Fatal("intervals overlap")
			}
		}
		l.Has(netip.MustParseAddr("1.2.3.4"))
	})
}
