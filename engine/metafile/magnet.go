package metafile

import (
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"swarmbid/engine/swarm"
)

// maxMagnet is the length of the longest link that is read, in bytes.
const maxMagnet = 256 << 10

// Magnet is a checked magnet link (BEP 9, BEP 52, BEP 53).
type Magnet struct {
	InfoHash swarm.InfoHash // V1, or the first 20 bytes of V2 when there is no v1 hash
	V1       swarm.InfoHash // zero = not given
	V2       [32]byte       // zero = not given
	Name     string         // dn, to be shown until the metadata is here; may be empty
	Size     int64          // xl, as claimed; 0 = not given
	Trackers []string       // tr, each a tier of its own
	WebSeeds []string       // ws
	Peers    []string       // x.pe, host:port
	Sources  []string       // xs and as: http addresses where the .torrent may be
	Selected []int          // so: indexes of the files to download, ascending; nil = all
}

// ParseMagnet reads a magnet link, or a bare infohash as people paste it. The
// error wraps ErrMagnet or ErrTooLarge.
func ParseMagnet(link string) (*Magnet, error) {
	m, err := parseMagnet(strings.TrimSpace(link))
	if err != nil {
		return nil, fmt.Errorf("metafile: read magnet link %.60q: %w", link, err)
	}
	return m, nil
}

func parseMagnet(link string) (*Magnet, error) {
	if len(link) > maxMagnet {
		return nil, fmt.Errorf("longer than %d bytes: %w", maxMagnet, ErrTooLarge)
	}
	m := &Magnet{}
	const scheme = "magnet:?"
	if len(link) < len(scheme) || !strings.EqualFold(link[:len(scheme)], scheme) {
		ih, err := parseBTIH(link)
		if err != nil {
			return nil, fmt.Errorf("it does not begin with %q: %w", scheme, ErrMagnet)
		}
		m.V1, m.InfoHash = ih, ih
		return m, nil
	}
	var so string
	for pair := range strings.SplitSeq(link[len(scheme):], "&") {
		key, raw, _ := strings.Cut(pair, "=")
		value, err := url.QueryUnescape(raw)
		if err != nil || !utf8.ValidString(value) {
			continue // one bad field does not spoil the others; a lost xt is noticed below
		}
		name, _, _ := strings.Cut(strings.ToLower(key), ".") // tr.1, xt.2
		if strings.EqualFold(key, "x.pe") {
			name = "x.pe"
		}
		if name == "so" {
			so = value
		} else if err := m.field(name, strings.TrimSpace(value)); err != nil {
			return nil, err
		}
	}
	var err error
	if m.Selected, err = parseSelection(so); err != nil {
		return nil, err
	}
	switch {
	case !m.V1.IsZero():
		m.InfoHash = m.V1
	case m.V2 != [32]byte{}:
		m.InfoHash = swarm.InfoHash(m.V2[:20])
	default:
		return nil, fmt.Errorf("no infohash (xt=urn:btih:… or urn:btmh:…): %w", ErrMagnet)
	}
	return m, nil
}

func (m *Magnet) field(name, value string) error {
	switch name {
	case "xt":
		return m.topic(value)
	case "dn":
		m.Name = plain(value)
	case "xl":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && n > 0 && n <= MaxSize {
			m.Size = n
		}
	case "tr":
		if len(m.Trackers) < maxTrackers && value != "" && !slices.Contains(m.Trackers, value) {
			m.Trackers = append(m.Trackers, value)
		}
	case "ws":
		m.WebSeeds = webSeeds(append(m.WebSeeds, value))
	case "xs", "as":
		if u := webSeeds([]string{value}); len(m.Sources) < maxTrackers && len(u) > 0 {
			m.Sources = append(m.Sources, u[0])
		}
	case "x.pe":
		host, port, err := net.SplitHostPort(value)
		n, perr := strconv.ParseUint(port, 10, 16)
		if err == nil && perr == nil && n > 0 && host != "" && len(m.Peers) < maxTrackers {
			m.Peers = append(m.Peers, value)
		}
	}
	return nil
}

// topic reads one xt. Topics that are no torrent are passed over; two different
// torrents in one link are refused, because either guess may be the wrong one.
func (m *Magnet) topic(urn string) error {
	lower := strings.ToLower(urn)
	if s, ok := strings.CutPrefix(lower, "urn:btih:"); ok {
		ih, err := parseBTIH(s)
		if err != nil {
			return err
		}
		if !m.V1.IsZero() && m.V1 != ih {
			return fmt.Errorf("two infohashes, %s and %s: %w", m.V1, ih, ErrMagnet)
		}
		m.V1 = ih
	}
	if s, ok := strings.CutPrefix(lower, "urn:btmh:"); ok {
		b, err := hex.DecodeString(s)
		// A multihash: 0x12 is SHA-256, 0x20 its length (BEP 52).
		if err != nil || len(b) != 34 || b[0] != 0x12 || b[1] != 0x20 {
			return fmt.Errorf("btmh %.80q is no SHA-256 multihash: %w", s, ErrMagnet)
		}
		v2 := [32]byte(b[2:])
		if m.V2 != [32]byte{} && m.V2 != v2 {
			return fmt.Errorf("two v2 infohashes: %w", ErrMagnet)
		}
		m.V2 = v2
	}
	return nil
}

// parseBTIH reads 40 hexadecimal or 32 base32 characters.
func parseBTIH(s string) (ih swarm.InfoHash, err error) {
	var n int
	switch len(s) {
	case 40:
		n, err = hex.Decode(ih[:], []byte(s))
	case 32:
		n, err = base32.StdEncoding.Decode(ih[:], []byte(strings.ToUpper(s)))
	}
	if err != nil || n != len(ih) || ih.IsZero() {
		return swarm.InfoHash{}, fmt.Errorf("infohash %.80q is neither 40 hexadecimal nor 32 base32 characters: %w", s, ErrMagnet)
	}
	return ih, nil
}

// span is a closed range of file indexes.
type span struct{ from, to int }

// parseSelection reads «0,2,4-6» (BEP 53).
func parseSelection(s string) ([]int, error) {
	if s == "" {
		return nil, nil
	}
	var spans []span
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(first)
		to := from
		if err == nil && isRange {
			to, err = strconv.Atoi(last)
		}
		if err != nil || from < 0 || to < from || to >= MaxFiles {
			return nil, fmt.Errorf("field so: %.40q is no file index or range: %w", part, ErrMagnet)
		}
		spans = append(spans, span{from, to})
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	var all []int
	for next, i := 0, 0; i < len(spans); i++ {
		for next = max(next, spans[i].from); next <= spans[i].to; next++ {
			all = append(all, next)
		}
	}
	return all, nil
}

// String writes m as a magnet link that ParseMagnet reads back.
func (m *Magnet) String() string {
	var b strings.Builder
	b.WriteString("magnet:?")
	sep := ""
	add := func(key, value string) {
		b.WriteString(sep + key + "=" + value)
		sep = "&"
	}
	if !m.V1.IsZero() {
		add("xt", "urn:btih:"+m.V1.String())
	}
	if m.V2 != [32]byte{} {
		add("xt", "urn:btmh:1220"+hex.EncodeToString(m.V2[:]))
	}
	if m.Name != "" {
		add("dn", url.QueryEscape(m.Name))
	}
	if m.Size > 0 {
		add("xl", strconv.FormatInt(m.Size, 10))
	}
	for _, list := range []struct {
		key    string
		values []string
	}{{"tr", m.Trackers}, {"ws", m.WebSeeds}, {"xs", m.Sources}, {"x.pe", m.Peers}} {
		for _, v := range list.values {
			add(list.key, url.QueryEscape(v))
		}
	}
	if len(m.Selected) > 0 {
		add("so", formatSelection(m.Selected))
	}
	return b.String()
}

func formatSelection(all []int) string {
	var parts []string
	for i := 0; i < len(all); {
		j := i
		for j+1 < len(all) && all[j+1] == all[j]+1 {
			j++
		}
		part := strconv.Itoa(all[i])
		if j > i {
			part += "-" + strconv.Itoa(all[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ",")
}

// Magnet returns a link to m with its trackers and web seeds.
func (m *Metafile) Magnet() *Magnet {
	link := &Magnet{
		InfoHash: m.InfoHash, V1: m.V1, V2: m.V2, Name: m.Name, Size: m.Size,
		WebSeeds: slices.Clone(m.WebSeeds),
	}
	for _, tier := range m.Trackers {
		link.Trackers = append(link.Trackers, tier...)
	}
	return link
}
