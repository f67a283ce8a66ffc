package feed

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"swarmbid/engine/swarm"
)

// ErrEpisodes means that a range of episodes cannot be read.
var ErrEpisodes = errors.New("feed: episodes are written 1x12, 1x12-14 or 1x12-")

// maxPause bounds the pause of a filter, in hours.
const maxPause = 366 * 24

// maxPattern bounds a pattern, in bytes.
const maxPattern = 1000

// Wild reports whether a text fits a pattern, whatever the case: * stands for any
// characters, ? for one, and | for one of several patterns. A pattern with neither *
// nor ? only has to be in the text somewhere.
func Wild(pattern, s string) bool {
	s = strings.ToLower(s)
	for p := range strings.SplitSeq(strings.ToLower(pattern), "|") {
		p = strings.TrimSpace(p)
		switch {
		case p == "":
		case !strings.ContainsAny(p, "*?"):
			if strings.Contains(s, p) {
				return true
			}
		case glob([]rune(p), []rune(s)):
			return true
		}
	}
	return false
}

// glob matches by going back to the last * only, so that its time is bounded by the
// product of both lengths.
func glob(p, s []rune) bool {
	i, k, star, mark := 0, 0, -1, 0
	for k < len(s) {
		switch {
		case i < len(p) && (p[i] == '?' || p[i] == s[k] && p[i] != '*'):
			i, k = i+1, k+1
		case i < len(p) && p[i] == '*':
			star, mark = i, k
			i++
		case star >= 0:
			mark++
			i, k = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// Episode is an episode of a series.
type Episode struct{ Season, Number int }

// String writes it as 1x02.
func (e Episode) String() string { return fmt.Sprintf("%dx%02d", e.Season, e.Number) }

// EpisodeOf finds the episode in a title: S01E02, s1e2 or 1x02.
func EpisodeOf(title string) (e Episode, ok bool) {
	m := regexp.MustCompile(`(?i)\bS(\d{1,3})\s?E(\d{1,4})|\b(\d{1,2})x(\d{2,3})\b`).FindStringSubmatch(title)
	if m == nil {
		return e, false
	}
	a, b := m[1], m[2]
	if a == "" {
		a, b = m[3], m[4]
	}
	e.Season, e.Number = atoi(a), atoi(b)
	return e, true
}

// atoi reads digits; there are at most four.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// Episodes is a range of episodes of one season. The zero value holds none.
type Episodes struct{ season, from, to int }

// ParseEpisodes reads 1x12, 1x12-14 or 1x12-, the last of which has no end.
func ParseEpisodes(s string) (r Episodes, err error) {
	m := regexp.MustCompile(`^\s*(\d{1,3})x(\d{1,4})(-(\d{0,4}))?\s*$`).FindStringSubmatch(s)
	if m == nil {
		return r, fmt.Errorf("%w: %.40q", ErrEpisodes, s)
	}
	r = Episodes{atoi(m[1]), atoi(m[2]), atoi(m[2])}
	if m[3] != "" {
		r.to = 1 << 20
		if m[4] != "" {
			r.to = atoi(m[4])
		}
	}
	if r.to < r.from {
		return Episodes{}, fmt.Errorf("%w: %.40q", ErrEpisodes, s)
	}
	return r, nil
}

// Has reports whether an episode is in the range.
func (r Episodes) Has(e Episode) bool {
	return e.Season == r.season && e.Number >= r.from && e.Number <= r.to
}

// Check reports what is wrong with a filter.
func Check(f *swarm.FeedFilter) error {
	if f.Episodes != "" {
		if _, err := ParseEpisodes(f.Episodes); err != nil {
			return err
		}
	}
	if _, err := wantedQualities(f.Quality); err != nil {
		return err
	}
	if f.PauseHours < -1 || f.PauseHours > maxPause {
		return fmt.Errorf("feed: a pause of %d hours", f.PauseHours)
	}
	if max(len(f.Match), len(f.Not), len(f.Name), len(f.Label)) > maxPattern {
		return fmt.Errorf("feed: the filter %.40q is longer than %d bytes", f.Name, maxPattern)
	}
	return nil
}

// Finds reports whether a filter wants an item.
func Finds(f *swarm.FeedFilter, x *swarm.FeedItem) bool {
	if !f.On || x.Source.Magnet == "" && x.Source.URL == "" || f.Feed != "" && f.Feed != x.Feed {
		return false
	}
	if !Wild(f.Match, x.Title) || f.Not != "" && Wild(f.Not, x.Title) {
		return false
	}
	if !fitsQuality(f.Quality, x.Title) {
		return false
	}
	if f.Episodes == "" {
		return true
	}
	r, err := ParseEpisodes(f.Episodes)
	e, ok := EpisodeOf(x.Title)
	return err == nil && ok && r.Has(e)
}
