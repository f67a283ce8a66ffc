package tracker

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	for in, want := range map[string]string{
		"http://Tracker.Example/announce":                 "tracker.example:80",
		"https://tracker.example/a/announce?x=":           "tracker.example:443",
		" http://t.example:8080/announce ":                "t.example:8080",
		"UDP://t.example:6969":                            "t.example:6969",
		"udp://[2001:db8::1]:6969/announce":               "[2001:db8::1]:6969",
		"http://t.example/announce#part":                  "t.example:80",
		"udp://t.example/announce":                        "",
		"udp://t.example:0/announce":                      "",
		"udp://t.example:99999/announce":                  "",
		"udp://:6969":                                     "",
		"wss://t.example/announce":                        "",
		"file:///etc/passwd":                              "",
		"http:///announce":                                "",
		"announce":                                        "",
		"http://t.example:x/":                             "",
		"http://t.example/\x00":                           "",
		"":                                                "",
		"http://t.example/" + strings.Repeat("a", maxURL): "",
	} {
		got, err := parseURL(in)
		if want == "" {
			if !errors.Is(err, errURL) {
				t.Errorf("%.60q: %v, %v, want %v", in, got.url, err, errURL)
			}
			continue
		}
		if err != nil || got.key() != want || got.url.Fragment != "" {
			t.Errorf("%.60q: %v, %v, want %s", in, got.url, err, want)
		}
	}
}

func TestParseURLKeepsPasskeysBack(t *testing.T) {
	for _, in := range []string{"wss://t.example/secret", "http://t.example:x/secret", "http://t.example/secret\x00", "udp://t.example/secret"} {
		if _, err := parseURL(in); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// TestScrapeURL is the table of BEP 48.
func TestScrapeURL(t *testing.T) {
	for in, want := range map[string]string{
		"http://example.com/announce":           "http://example.com/scrape",
		"http://example.com/x/announce":         "http://example.com/x/scrape",
		"http://example.com/announce.php":       "http://example.com/scrape.php",
		"http://example.com/a":                  "",
		"http://example.com/announce?x2%0644":   "http://example.com/scrape?x2%0644",
		"http://example.com/announce?x=2/4":     "http://example.com/scrape?x=2/4",
		"http://example.com/x%064announce":      "",
		"http://example.com":                    "",
		"udp://example.com:1/whatever":          "udp://example.com:1/whatever",
		"https://example.com/p4ss/announce/new": "",
	} {
		u, err := parseURL(in)
		if err != nil {
			t.Fatal(in, err)
		}
		got, ok := u.scrape()
		if ok != (want != "") || ok && got.url.String() != want {
			t.Errorf("%s: %v, %v, want %q", in, got.url, ok, want)
		}
	}
}

func TestUsable(t *testing.T) {
	for in, want := range map[string]bool{
		"1.2.3.4:5": true, "127.0.0.1:1": true, "[2001:db8::1]:1": true,
		"1.2.3.4:0": false, "0.0.0.0:1": false, "224.0.0.1:1": false, "255.255.255.255:1": false,
		"[::]:1": false, "[ff02::1]:1": false, "[fe80::1]:1": false,
	} {
		if got := usable(netip.MustParseAddrPort(in)); got != want {
			t.Errorf("usable(%s) = %v", in, got)
		}
	}
	if usable(netip.AddrPort{}) {
		t.Error("the zero address is usable")
	}
	for in, want := range map[string]bool{
		"127.0.0.1": true, "10.1.1.1": true, "::1": true, "fe80::1": true, "0.0.0.0": true,
		"::ffff:192.168.0.1": true, "fd00::1": true, "8.8.8.8": false, "2001:db8::1": false,
	} {
		if got := local(netip.MustParseAddr(in)); got != want {
			t.Errorf("local(%s) = %v", in, got)
		}
	}
}
