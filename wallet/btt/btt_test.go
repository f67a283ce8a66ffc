package btt

import (
	"errors"
	"math"
	"math/big"
	"testing"
)

// edges are the operands where 64-bit arithmetic goes wrong.
var edges = []int64{
	math.MinInt64, math.MinInt64 + 1, -1 << 53, -1_000_001, -1, 0, 1, 2, 999_999, 1_000_000, 1<<20 - 1, 1 << 20, 1<<20 + 1,
	1 << 32, 1 << 43, 1<<43 + 1, 1 << 44, 1<<62 - 1, 1 << 62, math.MaxInt64 / 1000, math.MaxInt64/1000 + 1, math.MaxInt64 - 1, math.MaxInt64,
}

// check compares got, err with want computed without bounds.
func check(t *testing.T, op string, got int64, err error, want *big.Int) {
	t.Helper()
	if !want.IsInt64() {
		if !errors.Is(err, ErrOverflow) {
			t.Fatalf("%s = %d, %v; want ErrOverflow (%s)", op, got, err, want)
		}
		return
	}
	if err != nil || got != want.Int64() {
		t.Fatalf("%s = %d, %v; want %s", op, got, err, want)
	}
}

func testExact(t *testing.T, a, b int64) {
	t.Helper()
	x, y := big.NewInt(a), big.NewInt(b)
	sum, err := Amount(a).Add(Amount(b))
	check(t, "Add", int64(sum), err, new(big.Int).Add(x, y))
	diff, err := Amount(a).Sub(Amount(b))
	check(t, "Sub", int64(diff), err, new(big.Int).Sub(x, y))

	old, err := FromOld(a)
	if a < 0 {
		if !errors.Is(err, ErrNegative) {
			t.Fatalf("FromOld(%d): %v, want ErrNegative", a, err)
		}
	} else {
		check(t, "FromOld", int64(old), err, new(big.Int).Mul(x, big.NewInt(1000)))
	}

	cost, err := Rate(a).Cost(b)
	n, errBytes := Rate(a).Bytes(Amount(b))
	if a < 0 || b < 0 {
		if !errors.Is(err, ErrNegative) || !errors.Is(errBytes, ErrNegative) {
			t.Fatalf("Cost, Bytes(%d, %d): %v, %v; want ErrNegative", a, b, err, errBytes)
		}
		return
	}
	product := new(big.Int).Mul(x, y)
	ceil := product.Add(product, big.NewInt(1<<20-1)).Rsh(product, 20)
	check(t, "Cost", int64(cost), err, ceil)

	want := big.NewInt(math.MaxInt64)
	if a > 0 {
		if q := new(big.Int).Div(new(big.Int).Lsh(y, 20), x); q.IsInt64() {
			want = q
		}
	}
	check(t, "Bytes", n, errBytes, want)
}

func TestExact(t *testing.T) {
	for _, a := range edges {
		for _, b := range edges {
			testExact(t, a, b)
		}
	}
}

func FuzzExact(f *testing.F) {
	f.Add(int64(1), int64(1))
	f.Add(int64(1<<40), int64(1<<43))
	f.Add(int64(math.MaxInt64), int64(1<<20))
	f.Fuzz(testExact)
}

// TestCostCumulative delivers the same bytes in one step and in many: summing
// the increments of the cumulative price is the price, summing prices is not.
func TestCostCumulative(t *testing.T) {
	const r, block, blocks = Rate(7), 16 << 10, 1000
	var last, paid, naive Amount
	for i := int64(1); i <= blocks; i++ {
		c, err := r.Cost(i * block)
		if err != nil {
			t.Fatal(err)
		}
		paid, last = paid+c-last, c
		one, err := r.Cost(block)
		if err != nil {
			t.Fatal(err)
		}
		naive += one
	}
	whole, err := r.Cost(blocks * block)
	if err != nil || whole != 110 || paid != whole {
		t.Errorf("in steps %d, at once %d, %v; want 110", int64(paid), int64(whole), err)
	}
	if naive != 1000 {
		t.Errorf("block by block %d: the example no longer shows the leak", int64(naive))
	}
}

// TestBytesInverse: n bytes are affordable exactly if they cost no more than a.
func TestBytesInverse(t *testing.T) {
	for _, r := range []Rate{1, 3, 1 << 20, 4_000_000, math.MaxInt64} {
		for _, a := range []Amount{0, 1, 17, One, 1 << 40} {
			n, err := r.Bytes(a)
			if err != nil {
				t.Fatal(err)
			}
			if c, err := r.Cost(n); err != nil || c > a {
				t.Errorf("%v buys %d bytes at %v, which cost %v, %v", a, n, r, c, err)
			}
			if c, err := r.Cost(n + 1); err == nil && c <= a {
				t.Errorf("%v buys more than %d bytes at %v", a, n, r)
			}
		}
	}
}

func TestPerGiB(t *testing.T) {
	r, err := RatePerGiB(4000 * One)
	if err != nil || r != 3_906_250 {
		t.Fatalf("RatePerGiB = %v, %v", r, err)
	}
	if a, err := r.PerGiB(); err != nil || a != 4000*One {
		t.Errorf("PerGiB = %v, %v", a, err)
	}
	if _, err := Rate(math.MaxInt64).PerGiB(); !errors.Is(err, ErrOverflow) {
		t.Errorf("PerGiB of the highest rate: %v", err)
	}
	if _, err := RatePerGiB(-1); !errors.Is(err, ErrNegative) {
		t.Errorf("RatePerGiB(-1): %v", err)
	}
}

func TestString(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{Amount(0).String(), "0.000000 BTT"},
		{Amount(-1).String(), "-0.000001 BTT"},
		{(12*One + 345_678).String(), "12.345678 BTT"},
		{Amount(math.MinInt64).String(), "-9223372036854.775808 BTT"},
		{(3*TRX + 1).String(), "3.000001 TRX"},
		{Rate(5).String(), "5 µBTT/MiB"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func testWord(t *testing.T, b []byte) {
	t.Helper()
	var w Word
	copy(w[max(0, 32-len(b)):], b)
	q, r := new(big.Int).DivMod(new(big.Int).SetBytes(w[:]), big.NewInt(basePerMicro), new(big.Int))
	whole, rest, err := FromWord(w)
	check(t, "FromWord", int64(whole), err, q)
	if err != nil {
		return
	}
	if rest != r.Uint64() {
		t.Fatalf("FromWord(%x): rest %d, want %d", w, rest, r)
	}
	back, err := whole.Word()
	want := new(big.Int).Mul(q, big.NewInt(basePerMicro))
	if err != nil || new(big.Int).SetBytes(back[:]).Cmp(want) != 0 {
		t.Fatalf("Word(%d) = %x, %v; want %x", int64(whole), back, err, want)
	}
}

func TestWord(t *testing.T) {
	for _, v := range edges {
		w, err := Amount(v).Word()
		if v < 0 {
			if !errors.Is(err, ErrNegative) {
				t.Errorf("Word(%d): %v, want ErrNegative", v, err)
			}
			continue
		}
		if whole, rest, errBack := FromWord(w); err != nil || errBack != nil || int64(whole) != v || rest != 0 {
			t.Errorf("%d becomes %d rest %d, %v, %v", v, int64(whole), rest, err, errBack)
		}
		testWord(t, w[:])
	}
	supply, _ := new(big.Int).SetString("990000000000000000000000000000000", 10) // all BTT there is: 990·10¹²
	if _, _, err := FromWord(Word(supply.FillBytes(make([]byte, 32)))); !errors.Is(err, ErrOverflow) {
		t.Errorf("the whole supply: %v, want ErrOverflow", err)
	}
}

func FuzzWord(f *testing.F) {
	f.Add([]byte{1})
	f.Add([]byte("\x0d\xe0\xb6\xb3\xa7\x64\x00\x00"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) <= 32 {
			testWord(t, b)
		}
	})
}
