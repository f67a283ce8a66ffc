package feed

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"swarmbid/engine/swarm"
)

// ErrQuality means that a filter names a quality that there is not.
var ErrQuality = errors.New("feed: no such quality")

// quality is one that titles name, and how they write it in lower case; words of one
// way stand one after the other.
type quality struct {
	name string
	ways [][]string
}

func qualities() []quality {
	return []quality{
		{"HDTV", [][]string{{"hdtv"}, {"hdtvrip"}}},
		{"TVRip", [][]string{{"tvrip"}, {"tv", "rip"}}},
		{"DVDRip", [][]string{{"dvdrip"}, {"dvd", "rip"}}},
		{"SVCD", [][]string{{"svcd"}}},
		{"DSRip", [][]string{{"dsrip"}, {"dsr"}}},
		{"DVBRip", [][]string{{"dvbrip"}, {"dvb", "rip"}}},
		{"PDTV", [][]string{{"pdtv"}}},
		{"HR.HDTV", [][]string{{"hr", "hdtv"}, {"hrhdtv"}}},
		{"HR.PDTV", [][]string{{"hr", "pdtv"}, {"hrpdtv"}}},
		{"DVDScr", [][]string{{"dvdscr"}, {"dvd", "scr"}, {"screener"}}},
		{"SatRip", [][]string{{"satrip"}, {"sat", "rip"}}},
		{"WEBRip", [][]string{{"webrip"}, {"web", "rip"}}},
		{"WEB-DL", [][]string{{"webdl"}, {"web", "dl"}, {"web"}}},
		{"BluRay", [][]string{{"bluray"}, {"blu", "ray"}, {"bdrip"}, {"brrip"}}},
		{"480p", [][]string{{"480p"}}},
		{"720p", [][]string{{"720p"}}},
		{"1080i", [][]string{{"1080i"}}},
		{"1080p", [][]string{{"1080p"}}},
		{"2160p", [][]string{{"2160p"}, {"4k"}, {"uhd"}}},
	}
}

// Qualities names every quality that a filter can ask for.
func Qualities() (names []string) {
	for _, q := range qualities() {
		names = append(names, q.name)
	}
	return names
}

// words are the parts of a title between anything that is no letter and no digit.
func words(title string) []string {
	return strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// qualitiesOf are those a title names.
func qualitiesOf(title string) (names []string) {
	ws := words(title)
	for _, q := range qualities() {
		if slices.ContainsFunc(q.ways, func(way []string) bool { return hasRun(ws, way) }) {
			names = append(names, q.name)
		}
	}
	return names
}

// hasRun reports whether way stands in ws, one word after the other.
func hasRun(ws, way []string) bool {
	for i := 0; i+len(way) <= len(ws); i++ {
		if slices.Equal(ws[i:i+len(way)], way) {
			return true
		}
	}
	return false
}

// wantedQualities reads a list with commas; the case does not matter.
func wantedQualities(list string) (names []string, err error) {
	all := Qualities()
	for x := range strings.SplitSeq(list, ",") {
		if x = strings.TrimSpace(x); x == "" {
			continue
		}
		i := slices.IndexFunc(all, func(n string) bool { return strings.EqualFold(n, x) })
		if i < 0 {
			return nil, fmt.Errorf("%w: %.40q, there are %s", ErrQuality, x, strings.Join(all, ", "))
		}
		names = append(names, all[i])
	}
	return names, nil
}

// fitsQuality reports whether a title names one of the qualities; none asked for is
// any.
func fitsQuality(list, title string) bool {
	names, err := wantedQualities(list)
	if err != nil || len(names) == 0 {
		return err == nil
	}
	has := qualitiesOf(title)
	return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(has, n) })
}

// pauseOver reports whether a filter may add again that did so at last; the zero time
// is never.
func pauseOver(f *swarm.FeedFilter, last, now time.Time) bool {
	switch {
	case last.IsZero() || f.PauseHours == 0:
		return true
	case f.PauseHours < 0:
		return false
	}
	return now.Sub(last) >= time.Duration(f.PauseHours)*time.Hour
}

// pauseKey is what the history knows the last find of a filter by.
func pauseKey(f *swarm.FeedFilter) string { return pausePrefix + f.Name }

const pausePrefix = "filter "
