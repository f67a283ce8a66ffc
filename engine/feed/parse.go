package feed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"swarmbid/engine/swarm"
)

// ErrFormat means that a document is no feed.
var ErrFormat = errors.New("feed: neither RSS nor Atom")

// Bounds of what is read of one feed.
const (
	maxItems = 500
	maxTitle = 400  // bytes of a title
	maxLink  = 8192 // bytes of an address
)

type document struct {
	XMLName xml.Name
	Title   []text `xml:"title"` // Atom
	Items   []item `xml:"item"`  // RSS 1.0
	Entries []item `xml:"entry"` // Atom
	Channel struct {
		Title []text `xml:"title"`
		Items []item `xml:"item"`
	} `xml:"channel"`
}

type text struct {
	XMLName xml.Name
	Value   string `xml:",chardata"`
	Href    string `xml:"href,attr"` // Atom
	Rel     string `xml:"rel,attr"`
	Type    string `xml:"type,attr"`
	Length  string `xml:"length,attr"`
}

type item struct {
	Title     []text `xml:"title"`
	Links     []text `xml:"link"`
	GUID      string `xml:"guid"`
	ID        string `xml:"id"`
	PubDate   string `xml:"pubDate"`
	Date      string `xml:"date"` // Dublin Core
	Updated   string `xml:"updated"`
	Published string `xml:"published"`
	Magnet    string `xml:"magnetURI"`
	Length    string `xml:"contentLength"`
	Size      string `xml:"size"`
	Enclosure []struct {
		URL    string `xml:"url,attr"`
		Type   string `xml:"type,attr"`
		Length string `xml:"length,attr"`
	} `xml:"enclosure"`
}

// Parse reads a feed that came from base. Items without a title or a key are left
// out, and so are those beyond the first 500.
func Parse(b []byte, base *url.URL) (title string, items []swarm.FeedItem, err error) {
	var d document
	dec := xml.NewDecoder(bytes.NewReader(b))
	dec.Strict, dec.CharsetReader, dec.Entity = false, charset.NewReaderLabel, xml.HTMLEntity
	if err := dec.Decode(&d); err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	var list []item
	switch strings.ToLower(d.XMLName.Local) {
	case "rss":
		title, list = plain(d.Channel.Title), d.Channel.Items
	case "rdf":
		title, list = plain(d.Channel.Title), d.Items
	case "feed":
		title, list = plain(d.Title), d.Entries
	default:
		return "", nil, fmt.Errorf("%w: the document is <%.40s>", ErrFormat, d.XMLName.Local)
	}
	seen := map[string]bool{}
	for i := range list {
		if len(items) == maxItems {
			break
		}
		x := list[i].read(base)
		if x.Title == "" || x.Key == "" || seen[x.Key] {
			continue
		}
		seen[x.Key] = true
		items = append(items, x)
	}
	return title, items, nil
}

// plain is the first title without a name space, on one line.
func plain(ts []text) string {
	best := ""
	for i := len(ts) - 1; i >= 0; i-- {
		if space := ts[i].XMLName.Space; best == "" || space == "" || strings.HasSuffix(space, "/Atom") {
			best = ts[i].Value
		}
	}
	return oneLine(best)
}

// oneLine takes out what no list can show and cuts what is too long.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 }), " ")
	for len(s) > maxTitle {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// read makes an item of what the feed says.
func (x *item) read(base *url.URL) swarm.FeedItem {
	out := swarm.FeedItem{Title: plain(x.Title), At: x.at()}
	best := 0
	take := func(rank int, link, size string) {
		src, ok := sourceOf(strings.TrimSpace(link), base)
		if !ok || rank <= best {
			return
		}
		best, out.Source = rank, src
		if n, err := strconv.ParseInt(strings.TrimSpace(size), 10, 64); err == nil && n > 0 {
			out.Size = n
		}
	}
	for _, e := range x.Enclosure {
		take(rankOf(e.URL, e.Type, 2), e.URL, e.Length)
	}
	take(4, x.Magnet, x.Length)
	for _, l := range x.Links {
		rank := 1
		if l.Rel == "enclosure" {
			rank = 2
		}
		link := l.Href
		if link == "" {
			link = l.Value
		}
		if l.Rel == "" || l.Rel == "alternate" || l.Rel == "enclosure" {
			take(rankOf(link, l.Type, rank), link, l.Length)
		}
	}
	take(rankOf(x.GUID, "", 0), x.GUID, "")
	if out.Size == 0 {
		if n, err := strconv.ParseInt(strings.TrimSpace(x.Length+x.Size), 10, 64); err == nil && n > 0 {
			out.Size = n
		}
	}
	for _, key := range []string{x.GUID, x.ID, out.Source.Magnet, out.Source.URL} {
		if out.Key == "" && len(key) <= maxLink {
			out.Key = strings.TrimSpace(key)
		}
	}
	return out
}

// rankOf says how likely a link leads to a torrent: a magnet link and what calls
// itself one above all others.
func rankOf(link, kind string, otherwise int) int {
	low := strings.ToLower(link)
	u, err := url.Parse(low)
	switch {
	case strings.HasPrefix(strings.TrimSpace(low), "magnet:"), strings.Contains(kind, "x-bittorrent"):
		return 5
	case err == nil && path.Ext(u.Path) == ".torrent":
		return 3
	}
	return otherwise
}

// sourceOf reads a link; only magnet links and http are torrents.
func sourceOf(link string, base *url.URL) (swarm.Source, bool) {
	if link == "" || len(link) > maxLink {
		return swarm.Source{}, false
	}
	if strings.HasPrefix(strings.ToLower(link), "magnet:?") {
		return swarm.Source{Magnet: link}, true
	}
	u, err := url.Parse(link)
	if err != nil {
		return swarm.Source{}, false
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return swarm.Source{}, false
	}
	return swarm.Source{URL: u.String()}, true
}

// at is when the item was published; zero = it does not say.
func (x *item) at() time.Time {
	layouts := []string{time.RFC1123Z, time.RFC1123, time.RFC3339, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700", "2006-01-02 15:04:05", time.DateOnly}
	for _, s := range []string{x.PubDate, x.Published, x.Updated, x.Date} {
		for _, l := range layouts {
			if t, err := time.Parse(l, strings.TrimSpace(s)); err == nil {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}
