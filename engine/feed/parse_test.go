package feed

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"swarmbid/engine/swarm"
)

const rss = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:torrent="http://xmlns.ezrss.it/0.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>  Free
 Films </title><atom:link href="http://x.example/self" rel="self"/>
<item><media:title>wrong</media:title><title>Sintel &amp; friends S01E02 720p</title><guid>g1</guid><link>http://x.example/page/1</link>
 <enclosure url="/dl/1.torrent" type="application/x-bittorrent" length="1234"/><pubDate>Fri, 20 Nov 2026 10:00:00 +0100</pubDate></item>
<item><title>Magnet</title><link>http://x.example/page/2</link><torrent:magnetURI><![CDATA[magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567]]></torrent:magnetURI><torrent:contentLength>99</torrent:contentLength></item>
<item><title>Script</title><guid>g3</guid><link>javascript:alert(1)</link><enclosure url="file:///etc/passwd" type="application/x-bittorrent"/></item>
<item><title>Twice</title><guid>g1</guid><link>http://x.example/3.torrent</link></item>
<item><guid>no title</guid><link>http://x.example/4.torrent</link></item>
</channel></rss>`

const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">News &eacute;</title>
<entry><title>One</title><id>urn:1</id><link rel="alternate" href="http://x.example/p"/><link rel="enclosure" type="application/x-bittorrent" href="http://x.example/a" length="7"/><updated>2026-11-20T09:00:00Z</updated></entry>
</feed>`

func base(t testing.TB) *url.URL {
	t.Helper()
	u, err := url.Parse("https://x.example/feeds/rss.xml")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestParse(t *testing.T) {
	title, items, err := Parse([]byte(rss), base(t))
	if err != nil || title != "Free Films" || len(items) != 3 {
		t.Fatalf("%q, %d items, %v", title, len(items), err)
	}
	want := swarm.FeedItem{
		Key: "g1", Title: "Sintel & friends S01E02 720p", Source: swarm.Source{URL: "https://x.example/dl/1.torrent"}, Size: 1234,
		At: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
	}
	if got := items[0]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v", got)
	}
	if m := items[1]; !strings.HasPrefix(m.Source.Magnet, "magnet:?xt=") || m.Size != 99 || m.Key != m.Source.Magnet {
		t.Errorf("%+v", m)
	}
	title, items, err = Parse([]byte(atom), base(t))
	if err != nil || title != "News é" || len(items) != 1 || items[0].Source.URL != "http://x.example/a" || items[0].Size != 7 || items[0].At.Hour() != 9 {
		t.Errorf("%q, %+v, %v", title, items, err)
	}
	rdf := `<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/" xmlns:dc="d"><channel><title>Old</title></channel><item><title>x</title><link>http://x.example/x.torrent</link><dc:date>2026-11-20</dc:date></item></rdf:RDF>`
	if title, items, err := Parse([]byte(rdf), nil); err != nil || title != "Old" || len(items) != 1 || items[0].At.IsZero() {
		t.Errorf("%q, %+v, %v", title, items, err)
	}
	latin := "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><rss><channel><title>\xfc</title></channel></rss>"
	if title, _, err := Parse([]byte(latin), nil); err != nil || title != "ü" {
		t.Errorf("%q, %v", title, err)
	}
	for _, bad := range []string{"", "hello", "<html><body>x</body></html>", "<rss><channel>", "{}"} {
		if _, _, err := Parse([]byte(bad), nil); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	var many strings.Builder
	for i := range 2 * maxItems {
		fmt.Fprintf(&many, "<item><title>%s</title><guid>%d</guid></item>", strings.Repeat("ü", 500), i)
	}
	_, items, err = Parse([]byte("<rss><channel>"+many.String()+"</channel></rss>"), nil)
	if err != nil || len(items) != maxItems || len(items[0].Title) > maxTitle {
		t.Errorf("%d items, %v", len(items), err)
	}
}

func TestOnlyTorrents(t *testing.T) {
	for _, link := range []string{"javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://x.example/a", "", "magnet:", "http://", "\\\\host\\share", strings.Repeat("x", maxLink+1)} {
		if src, ok := sourceOf(link, nil); ok {
			t.Errorf("%.40q is %+v", link, src)
		}
	}
	_, items, err := Parse([]byte(rss), base(t))
	if err != nil || items[2].Title != "Script" || items[2].Source.URL+items[2].Source.Magnet+items[2].Source.File != "" {
		t.Errorf("%+v, %v", items, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(rss))
	f.Add([]byte(atom))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, items, err := Parse(b, base(t))
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, x := range items {
			u, perr := url.Parse(x.Source.URL)
			web := x.Source.URL == "" || perr == nil && (u.Scheme == "http" || u.Scheme == "https")
			if x.Title == "" || x.Key == "" || seen[x.Key] || !web || x.Source.File != "" || len(x.Title) > maxTitle || strings.ContainsAny(x.Title, "\n\r\x00") {
				t.Fatalf("%+v", x)
			}
			seen[x.Key] = true
		}
	})
}

func TestWild(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "x", false},
		{"sint", "Der SINTEL", true},
		{"sintel*720p", "Sintel 720p", true},
		{"sintel*720p", "Sintel 720p x", false},
		{"*sintel*720p*", "a Sintel b 720p c", true},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"x|*y*", "zyz", true},
		{"x| |", "z", false},
		{"*", "", true},
		{"[a]", "b [a] c", true},
		{"ü*", "Über", true},
	} {
		if got := Wild(c.pattern, c.text); got != c.want {
			t.Errorf("%q in %q: %v", c.pattern, c.text, got)
		}
	}
	// A pattern that makes careless matchers slow.
	began := time.Now()
	if Wild(strings.Repeat("a*", 400)+"b", strings.Repeat("a", 5000)) || time.Since(began) > 5*time.Second {
		t.Errorf("it took %v", time.Since(began))
	}
}

func TestEpisodes(t *testing.T) {
	for title, want := range map[string]string{"Show S01E02 720p": "1x02", "show.s2e3.x": "2x03", "Show 3x14": "3x14", "Show 1920x1080": "", "x265": ""} {
		e, ok := EpisodeOf(title)
		if ok != (want != "") || ok && e.String() != want {
			t.Errorf("%q: %v %v", title, e, ok)
		}
	}
	for text, has := range map[string][]int{"1x12": {12}, "1x12-14": {12, 13, 14}, "1x14-": {14, 15, 99}} {
		r, err := ParseEpisodes(text)
		if err != nil || r.Has(Episode{2, has[0]}) || r.Has(Episode{1, 11}) {
			t.Errorf("%s: %v", text, err)
		}
		for _, n := range has {
			if !r.Has(Episode{1, n}) {
				t.Errorf("%s lacks %d", text, n)
			}
		}
	}
	for _, bad := range []string{"", "x", "1x", "1x5-3", "S01E02", "1x12-14-15"} {
		if _, err := ParseEpisodes(bad); !errors.Is(err, ErrEpisodes) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestFinds(t *testing.T) {
	x := swarm.FeedItem{Feed: "1", Title: "Show S01E05 720p HDTV", Source: swarm.Source{URL: "http://x"}}
	good := swarm.FeedFilter{On: true, Match: "show*"}
	for name, c := range map[string]struct {
		change func(*swarm.FeedFilter, *swarm.FeedItem)
		want   bool
	}{
		"as it is":     {func(*swarm.FeedFilter, *swarm.FeedItem) {}, true},
		"off":          {func(f *swarm.FeedFilter, _ *swarm.FeedItem) { f.On = false }, false},
		"no pattern":   {func(f *swarm.FeedFilter, _ *swarm.FeedItem) { f.Match = "" }, false},
		"not":          {func(f *swarm.FeedFilter, _ *swarm.FeedItem) { f.Not = "hdtv" }, false},
		"not other":    {func(f *swarm.FeedFilter, _ *swarm.FeedItem) { f.Not = "1080p" }, true},
		"this feed":    {func(f *swarm.FeedFilter, _ *swarm.FeedItem) { f.Feed = "1" }, true},
		"other feed":   {func(f *swarm.FeedFilter, _ *swarm.FeedItem) { f.Feed = "2" }, false},
		"episode":      {func(f *swarm.FeedFilter, _ *swarm.FeedItem) { f.Episodes = "1x4-6" }, true},
		"other season": {func(f *swarm.FeedFilter, _ *swarm.FeedItem) { f.Episodes = "2x4-6" }, false},
		"no episode":   {func(f *swarm.FeedFilter, x *swarm.FeedItem) { f.Episodes, x.Title = "1x4-6", "show" }, false},
		"no torrent":   {func(_ *swarm.FeedFilter, x *swarm.FeedItem) { x.Source = swarm.Source{} }, false},
	} {
		f, y := good, x
		c.change(&f, &y)
		if got := Finds(&f, &y); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
