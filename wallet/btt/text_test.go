package btt

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
)

func TestFormat(t *testing.T) {
	for _, tt := range []struct {
		a      Amount
		en, de string
	}{
		{0, "0.00", "0,00"},
		{1, "0.000001", "0,000001"},
		{100_000, "0.10", "0,10"},
		{999 * One, "999.00", "999,00"},
		{1234 * One, "1,234.00", "1.234,00"},
		{1_234_567*One + 120_000, "1,234,567.12", "1.234.567,12"},
		{-1234*One - 500, "-1,234.0005", "-1.234,0005"},
		{math.MinInt64, "-9,223,372,036,854.775808", "-9.223.372.036.854,775808"},
	} {
		if en, de := tt.a.Format(EN), tt.a.Format(DE); en != tt.en || de != tt.de {
			t.Errorf("Format(%d) = %q, %q; want %q, %q", int64(tt.a), en, de, tt.en, tt.de)
		}
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in     string
		en, de Amount // valid where the error below is nil
		errEN  error
		errDE  error
	}{
		{"0", 0, 0, nil, nil},
		{"12", 12 * One, 12 * One, nil, nil},
		{" 12 BTT ", 12 * One, 12 * One, nil, nil},
		{"-12", -12 * One, -12 * One, nil, nil},
		{"−12", -12 * One, -12 * One, nil, nil},
		{"1234567", 1_234_567 * One, 1_234_567 * One, nil, nil},
		{"0.5", One / 2, 0, nil, ErrSyntax},
		{"0,5", 0, One / 2, ErrSyntax, nil},
		{"1.234", One + 234_000, 0, nil, ErrAmbiguous},
		{"1,234", 0, One + 234_000, ErrAmbiguous, nil},
		{"1,234.0", 1234 * One, 0, nil, ErrSyntax},
		{"1.234,0", 0, 1234 * One, ErrSyntax, nil},
		{"1,234,567", 1_234_567 * One, 0, nil, ErrSyntax},
		{"1.234.567", 0, 1_234_567 * One, ErrSyntax, nil},
		{"0.0000001", 0, 0, ErrPrecision, ErrSyntax},
		{"0.0000000", 0, 0, ErrPrecision, ErrSyntax},
		{"9223372036854.775807", MaxAmount, 0, nil, ErrSyntax},
		{"-9223372036854.775808", math.MinInt64, 0, nil, ErrSyntax},
		{"9223372036854.775808", 0, 0, ErrOverflow, ErrSyntax},
		{"-9223372036854,775809", 0, 0, ErrSyntax, ErrOverflow},
		{"99999999999999999999999", 0, 0, ErrOverflow, ErrOverflow},
		{"", 0, 0, ErrSyntax, ErrSyntax},
		{"BTT", 0, 0, ErrSyntax, ErrSyntax},
		{".5", 0, 0, ErrSyntax, ErrSyntax},
		{"5.", 0, 0, ErrSyntax, ErrSyntax},
		{"12,34", 0, 12*One + 340_000, ErrSyntax, nil},
		{"1,2345.0", 0, 0, ErrSyntax, ErrSyntax},
		{"1234,567.0", 0, 0, ErrSyntax, ErrSyntax},
		{"1,,234.0", 0, 0, ErrSyntax, ErrSyntax},
		{"+1", 0, 0, ErrSyntax, ErrSyntax},
		{"--1", 0, 0, ErrSyntax, ErrSyntax},
		{"-−1", 0, 0, ErrSyntax, ErrSyntax},
		{"1e6", 0, 0, ErrSyntax, ErrSyntax},
		{"0x10", 0, 0, ErrSyntax, ErrSyntax},
		{"1_000", 0, 0, ErrSyntax, ErrSyntax},
		{"1 000", 0, 0, ErrSyntax, ErrSyntax},
		{"१२", 0, 0, ErrSyntax, ErrSyntax},
		{"5 TRX", 0, 0, ErrSyntax, ErrSyntax},
		{strings.Repeat("0", 65), 0, 0, ErrSyntax, ErrSyntax},
	} {
		if got, err := Parse(tt.in, EN); got != tt.en || !errors.Is(err, tt.errEN) {
			t.Errorf("Parse(%q, EN) = %d, %v; want %d, %v", tt.in, int64(got), err, int64(tt.en), tt.errEN)
		}
		if got, err := Parse(tt.in, DE); got != tt.de || !errors.Is(err, tt.errDE) {
			t.Errorf("Parse(%q, DE) = %d, %v; want %d, %v", tt.in, int64(got), err, int64(tt.de), tt.errDE)
		}
	}
}

func TestParseSun(t *testing.T) {
	if s, err := ParseSun("1.345 TRX", EN); err != nil || s != 1_345_000 {
		t.Errorf("ParseSun = %v, %v", s, err)
	}
	if _, err := ParseSun("1 BTT", EN); !errors.Is(err, ErrSyntax) {
		t.Errorf("BTT taken for TRX: %v", err)
	}
	if got := (1_345_000 * TRX).Format(DE); got != "1.345.000,00" {
		t.Errorf("Format = %q", got)
	}
}

func testRoundTrip(t *testing.T, v int64) {
	t.Helper()
	for _, l := range []Locale{EN, DE} {
		s := Amount(v).Format(l)
		if got, err := Parse(s, l); err != nil || int64(got) != v {
			t.Fatalf("%d is written %q and read %d, %v", v, s, int64(got), err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, v := range edges {
		testRoundTrip(t, v)
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add(int64(1_234_567_890))
	f.Fuzz(testRoundTrip)
}

// FuzzParse holds every accepted text against big.Rat: the value is exact, and
// what Format makes of it is read as the same value.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1,234.5", "1.234,5", "-0.000001", "1,234", "9223372036854.775807", "00012", "−1 BTT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range []Locale{EN, DE} {
			a, err := Parse(s, l)
			if err != nil {
				continue
			}
			group, decimal := l.marks()
			r := strings.NewReplacer(group, "", decimal, ".", "−", "-", "BTT", "")
			want, ok := new(big.Rat).SetString(strings.TrimSpace(strings.ReplaceAll(r.Replace(s), "- ", "-")))
			if !ok || want.Cmp(big.NewRat(int64(a), int64(One))) != 0 {
				t.Fatalf("Parse(%q, %d) = %v, want %v", s, l, a, want)
			}
			testRoundTrip(t, int64(a))
		}
	})
}
