package tracker

import (
	"bytes"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for in, want := range map[string]string{
		"i0e":                                   "i0e",
		"i-12eX":                                "i-12e",
		"0:":                                    "0:",
		"3:abcdef":                              "3:abc",
		"le":                                    "le",
		"d1:ai1e1:bl1:cee4:x":                   "d1:ai1e1:bl1:cee",
		"llleeee":                               "llleee",
		"":                                      "",
		"e":                                     "",
		"ie":                                    "",
		"i1":                                    "",
		"4:abc":                                 "",
		"99999999999:a":                         "",
		"-1:a":                                  "",
		"d1:ai1e":                               "",
		"x":                                     "",
		"i1234567890123456789012345e":           "",
		strings.Repeat("l", maxDepth+1) + "i1e": "",
		strings.Repeat("l", 1<<20):              "",
		"9999999999999999999999999999999999999:aa": "",
	} {
		v, rest, err := split([]byte(in))
		if (err == nil) != (want != "") || string(v) != want {
			t.Errorf("split(%.40q) = %q, %v, want %q", in, v, err, want)
		}
		if err == nil && string(v)+string(rest) != in {
			t.Errorf("split(%.40q) lost bytes: %q + %q", in, v, rest)
		}
	}
}

func TestValue(t *testing.T) {
	for in, want := range map[string]int64{"i42e": 42, "i-7e": -7, "4:1800": 1800} {
		if n, ok := value(in).number(); !ok || n != want {
			t.Errorf("number(%q) = %d, %v, want %d", in, n, ok, want)
		}
	}
	for _, in := range []string{"", "le", "2:xx", "i--1e", "0:", "i99999999999999999999e"} {
		if n, ok := value(in).number(); ok {
			t.Errorf("number(%q) = %d, want none", in, n)
		}
	}
	if got := value("le").text(); got != nil {
		t.Errorf("text of a list = %q", got)
	}
	if err := value("d1:a").dict(func(string, value) {}); err == nil {
		t.Error("an open dictionary passed")
	}
	if err := value("di1ei2ee").dict(func(string, value) {}); err == nil {
		t.Error("a dictionary with a number for a key passed")
	}
	var keys []string
	if err := value("d1:bi1e1:ai2ee").dict(func(k string, _ value) { keys = append(keys, k) }); err != nil {
		t.Error(err)
	}
	if got := strings.Join(keys, ""); got != "ba" {
		t.Errorf("keys %q: unsorted ones must pass in order", got)
	}
	n := 0
	if err := value("li1ei2ei3ee").list(func(value) bool { n++; return n < 2 }); err != nil || n != 2 {
		t.Errorf("list went on to %d, %v, want a stop at 2", n, err)
	}
}

// TestSplitDoesNotAllocate holds the promise that lengths in an answer cost nothing.
func TestSplitDoesNotAllocate(t *testing.T) {
	in := []byte("d1:a" + strings.Repeat("l", maxDepth-2) + "5:12345" + strings.Repeat("e", maxDepth-2) + "e")
	if n := testing.AllocsPerRun(100, func() {
		if _, _, err := split(in); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("split allocates %v times", n)
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"d1:ai1e1:bl1:cee", "i-1e", "3:abc", "lleed", "d8:intervali1800e5:peers0:e"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, rest, err := split(in)
		if err != nil {
			return
		}
		if !bytes.Equal(append(bytes.Clone(v), rest...), in) {
			t.Fatalf("split lost bytes of %q", in)
		}
		again, rest, err := split(v)
		if err != nil || len(rest) != 0 || !bytes.Equal(again, v) {
			t.Fatalf("a value does not split into itself: %q, %q, %v", again, rest, err)
		}
		v.number()
		_ = v.dict(func(_ string, v value) { v.text() })
		_ = v.list(func(v value) bool { v.text(); return true })
	})
}
