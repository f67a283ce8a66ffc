package tracker

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func addrs(s ...string) []netip.AddrPort {
	var out []netip.AddrPort
	for _, a := range s {
		out = append(out, netip.MustParseAddrPort(a))
	}
	return out
}

func TestParseAnnounce(t *testing.T) {
	const v4 = "\x7f\x00\x00\x01\x1a\xe1"
	const v6 = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x1a\xe2"
	tests := map[string]struct {
		in    string
		want  answer
		peers []netip.AddrPort
	}{
		"compact": {
			"d8:completei3e10:incompletei4e8:intervali1800e12:min intervali60e5:peers6:" + v4 + "6:peers618:" + v6 + "10:tracker id2:xye",
			answer{interval: 1800 * time.Second, minInterval: time.Minute, seeds: 3, leeches: 4, downloads: -1, trackerID: "xy"},
			addrs("127.0.0.1:6881", "[2001:db8::1]:6882"),
		},
		"dictionaries": {
			"d8:intervali60e5:peersld2:ip9:127.0.0.17:peer id2:xx4:porti6881eed2:ip11:2001:db8::14:porti6882eed2:ip7:example4:porti1eei5eee",
			answer{interval: time.Minute, seeds: -1, leeches: -1, downloads: -1},
			addrs("127.0.0.1:6881", "[2001:db8::1]:6882"),
		},
		"unusable peers": {
			"d5:peers30:" + v4 + v4 + "\x7f\x00\x00\x01\x00\x00" + "\x00\x00\x00\x00\x00\x01" + "\xff\xff\xff\xff\x00\x01" + "e",
			answer{seeds: -1, leeches: -1, downloads: -1},
			addrs("127.0.0.1:6881"),
		},
		"a rest of an address": {
			"d5:peers8:" + v4 + "abe", answer{seeds: -1, leeches: -1, downloads: -1}, addrs("127.0.0.1:6881"),
		},
		"unsorted, with words and trailing bytes": {
			"d5:peers0:8:interval2:901:zd1:b0:1:a0:e15:warning message6:a\x00b\n\xffce\r\n",
			answer{interval: 90 * time.Second, seeds: -1, leeches: -1, downloads: -1, warning: "ab c"},
			nil,
		},
		"nonsense figures": {
			"d8:completei-5e10:incompletei9999999999e8:intervali-1e12:min intervali99999999e5:peersi5ee",
			answer{minInterval: maxInterval, seeds: -1, leeches: -1, downloads: -1},
			nil,
		},
	}
	for name, tt := range tests {
		got, err := parseAnnounce([]byte(tt.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		tt.want.peers = append([]netip.AddrPort{}, tt.peers...)
		if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", tt.want); g != w {
			t.Errorf("%s:\n got %s\nwant %s", name, g, w)
		}
	}
}

func TestParseAnnounceRefusal(t *testing.T) {
	for in, want := range map[string]refusal{
		"d14:failure reason4:full8:retry ini5ee":     {"full", 5 * time.Minute, false},
		"d14:failure reason4:full8:retry in5:nevere": {"full", 0, true},
		"d8:retry in2:1014:failure reason0:e":        {"refused without a reason", 10 * time.Minute, false},
		"d14:failure reason4:full8:retry ini-5ee":    {"full", 0, false},
		"d14:failure reason1:x8:intervali9e":         {},
	} {
		_, err := parseAnnounce([]byte(in))
		var no *refusal
		if want.reason == "" {
			if !errors.Is(err, errAnswer) {
				t.Errorf("%q: %v, want %v", in, err, errAnswer)
			}
			continue
		}
		if !errors.As(err, &no) || *no != want {
			t.Errorf("%q: %v, want %+v", in, err, want)
		}
	}
}

func TestParseAnnounceRejects(t *testing.T) {
	for _, in := range []string{"", "<html>", "le", "i5e", "de", "d", "d1:xi1ee", "d8:intervali60e", "4:abcd"} {
		if a, err := parseAnnounce([]byte(in)); !errors.Is(err, errAnswer) {
			t.Errorf("%q: %+v, %v, want %v", in, a, err, errAnswer)
		}
	}
}

func TestAnswerIsBounded(t *testing.T) {
	raw := []byte(nil)
	for i := range 100_000 {
		raw = append(raw, byte(1+i>>16), byte(i>>8), byte(i), 1, 0x1a, 0xe1)
	}
	a, err := parseAnnounce(fmt.Appendf(nil, "d5:peers%d:%se", len(raw), raw))
	if err != nil || len(a.peers) != maxPeers {
		t.Errorf("%d peers, %v, want %d", len(a.peers), err, maxPeers)
	}
	words := strings.Repeat("é\u202e", 10*maxMessage)
	_, err = parseAnnounce(fmt.Appendf(nil, "d14:failure reason%d:%se", len(words), words))
	if s := err.Error(); len(s) > maxMessage || !utf8.ValidString(s) || strings.ContainsRune(s, '\u202e') {
		t.Errorf("failure of %d bytes: %q", len(s), s)
	}
	a, err = parseAnnounce(fmt.Appendf(nil, "d8:intervali9e10:tracker id%d:%se", maxID+1, strings.Repeat("x", maxID+1)))
	if err != nil || a.trackerID != "" {
		t.Errorf("tracker id of %d bytes kept, %v", len(a.trackerID), err)
	}
}

func TestParseScrape(t *testing.T) {
	ih := [20]byte{1, 2, 3}
	in := fmt.Appendf(nil, "d5:filesd20:%sd8:completei5e10:downloadedi50e10:incompletei10eeee", ih[:])
	a, err := parseScrape(in, ih)
	if err != nil || a.seeds != 5 || a.downloads != 50 || a.leeches != 10 {
		t.Errorf("%+v, %v", a, err)
	}
	var no *refusal
	if _, err := parseScrape(in, [20]byte{9}); !errors.As(err, &no) {
		t.Errorf("a torrent that is not listed: %v, want a refusal", err)
	}
	if _, err := parseScrape([]byte("d14:failure reason2:noe"), ih); !errors.As(err, &no) || no.reason != "no" {
		t.Errorf("failure: %v", err)
	}
	for _, bad := range []string{"", "de", "d5:filesi5ee", "d5:filesle"} {
		if _, err := parseScrape([]byte(bad), ih); !errors.Is(err, errAnswer) {
			t.Errorf("%q: %v, want %v", bad, err, errAnswer)
		}
	}
}

func TestParseUDP(t *testing.T) {
	head := "\x00\x00\x07\x08\x00\x00\x00\x04\x00\x00\x00\x03"
	a, err := parseUDPAnnounce([]byte(head+"\x7f\x00\x00\x01\x1a\xe1\x00"), true)
	if err != nil || a.interval != 1800*time.Second || a.leeches != 4 || a.seeds != 3 || len(a.peers) != 1 {
		t.Errorf("IPv4: %+v, %v", a, err)
	}
	a, err = parseUDPAnnounce([]byte(head+"\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x1a\xe1"), false)
	if err != nil || len(a.peers) != 1 || a.peers[0] != netip.MustParseAddrPort("[2001:db8::1]:6881") {
		t.Errorf("IPv6: %+v, %v", a, err)
	}
	a, err = parseUDPAnnounce([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), true)
	if err != nil || a.interval != maxInterval || a.seeds != -1 || a.leeches != -1 {
		t.Errorf("nonsense: %+v, %v", a, err)
	}
	if _, err := parseUDPAnnounce([]byte(head[:11]), true); !errors.Is(err, errAnswer) {
		t.Errorf("short announce: %v", err)
	}
	a, err = parseUDPScrape([]byte("\x00\x00\x00\x05\x00\x00\x00\x32\x00\x00\x00\x0a"))
	if err != nil || a.seeds != 5 || a.downloads != 50 || a.leeches != 10 {
		t.Errorf("scrape: %+v, %v", a, err)
	}
	if _, err := parseUDPScrape([]byte("\x00")); !errors.Is(err, errAnswer) {
		t.Errorf("short scrape: %v", err)
	}
}

// bounded fails unless a keeps the limits of the package.
func bounded(t *testing.T, a answer, err error) {
	t.Helper()
	var no *refusal
	if errors.As(err, &no) && (len(no.reason) > maxMessage || no.retry > maxInterval || !utf8.ValidString(no.reason)) {
		t.Fatalf("refusal out of bounds: %+v", no)
	}
	if err != nil {
		return
	}
	seen := make(map[netip.AddrPort]bool)
	for _, p := range a.peers {
		if !usable(p) || seen[p] || p.Addr().Is4In6() {
			t.Fatalf("peer %v", p)
		}
		seen[p] = true
	}
	if len(a.peers) > maxPeers || len(a.warning) > maxMessage || len(a.trackerID) > maxID ||
		a.interval < 0 || a.interval > maxInterval || a.minInterval < 0 || a.minInterval > maxInterval ||
		a.seeds < -1 || a.leeches < -1 || a.downloads < -1 {
		t.Fatalf("answer out of bounds: %+v", a)
	}
}

func FuzzParseAnnounce(f *testing.F) {
	f.Add([]byte("d8:completei3e10:incompletei4e8:intervali1800e5:peers6:\x7f\x00\x00\x01\x1a\xe16:peers60:e"))
	f.Add([]byte("d5:peersld2:ip9:127.0.0.14:porti6881eeee"))
	f.Add([]byte("d14:failure reason4:full8:retry in5:nevere"))
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := parseAnnounce(in)
		bounded(t, a, err)
	})
}

func FuzzParseScrape(f *testing.F) {
	f.Add([]byte("d5:filesd20:aaaaaaaaaaaaaaaaaaaad8:completei5e10:downloadedi50e10:incompletei10eeee"))
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := parseScrape(in, [20]byte([]byte("aaaaaaaaaaaaaaaaaaaa")))
		bounded(t, a, err)
	})
}

func FuzzUDPAnswer(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01abcd\x00\x00\x07\x08\x00\x00\x00\x04\x00\x00\x00\x03\x7f\x00\x00\x01\x1a\xe1"), true)
	f.Add([]byte("\x00\x00\x00\x03abcdno"), false)
	f.Fuzz(func(t *testing.T, in []byte, is4 bool) {
		tid := [4]byte([]byte("abcd"))
		for _, act := range []action{actionAnnounce, actionScrape} {
			b, ours, err := unpack(in, act, tid)
			if !ours || err != nil {
				bounded(t, answer{}, err)
				continue
			}
			a, err := parseUDPAnnounce(b, is4)
			bounded(t, a, err)
			a, err = parseUDPScrape(b)
			bounded(t, a, err)
		}
	})
}
