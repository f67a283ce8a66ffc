package metafile

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// outer reads one key beside the info dictionary. Nothing here is needed to run
// a torrent, so a value of the wrong type is passed over.
func (m *Metafile) outer(c *cursor, key string) error {
	switch key {
	case "announce":
		// announce-list, if it has anything, replaces announce (BEP 12); its key
		// may come before or after.
		if s, ok := c.str(); ok && len(m.Trackers) == 0 {
			m.Trackers = tiers([][]string{{s}})
		}
	case "announce-list":
		if t := tiers(c.stringLists()); len(t) > 0 {
			m.Trackers = t
		}
	case "url-list":
		m.WebSeeds = webSeeds(c.strings())
	case "nodes":
		m.Nodes = c.nodes()
	case "comment", "comment.utf-8":
		if s, ok := c.str(); ok && (m.Comment == "" || key == "comment.utf-8") {
			m.Comment = plain(s)
		}
	case "created by":
		s, _ := c.str()
		m.CreatedBy = plain(s)
	case "creation date":
		if n, ok := c.number(); ok && n > 0 && n < 1<<40 {
			m.Created = time.Unix(n, 0).UTC()
		}
	}
	return nil
}

// strings reads a list of strings or, as some files have it, a single one.
func (c *cursor) strings() (all []string) {
	if c.kind() == 's' {
		s, _ := c.str()
		return []string{s}
	}
	_, _ = c.list(func() error { // cannot fail: the function does not
		if s, ok := c.str(); ok && len(all) < maxTrackers {
			all = append(all, s)
		}
		return nil
	})
	return all
}

// stringLists reads a list of lists of strings; a string in place of a list
// counts as a list of one.
func (c *cursor) stringLists() (all [][]string) {
	_, _ = c.list(func() error {
		if l := c.strings(); len(all) < maxTrackers {
			all = append(all, l)
		}
		return nil
	})
	return all
}

// nodes reads [[host, port], …].
func (c *cursor) nodes() (all []string) {
	_, _ = c.list(func() error {
		host, port, i := "", int64(0), 0
		_, _ = c.list(func() error {
			switch i++; i {
			case 1:
				host, _ = c.str()
			case 2:
				port, _ = c.number()
			}
			return nil
		})
		if host != "" && len(host) < 256 && utf8.ValidString(host) && port > 0 && port < 1<<16 && len(all) < maxTrackers {
			all = append(all, net.JoinHostPort(host, strconv.Itoa(int(port))))
		}
		return nil
	})
	return all
}

// tiers trims addresses and drops empty, overlong and repeated ones. The order
// inside a tier is kept: shuffling (BEP 12) is the announcer's business.
func tiers(in [][]string) (out [][]string) {
	seen := make(map[string]bool)
	for _, tier := range in {
		var kept []string
		for _, s := range tier {
			s = strings.TrimSpace(s)
			if s == "" || len(s) > maxText || !utf8.ValidString(s) || seen[s] || len(seen) == maxTrackers {
				continue
			}
			seen[s] = true
			kept = append(kept, s)
		}
		if len(kept) > 0 {
			out = append(out, kept)
		}
	}
	return out
}

// webSeeds keeps addresses that can be fetched from, with spaces escaped.
func webSeeds(in []string) (out []string) {
	for _, s := range in {
		s = strings.ReplaceAll(strings.TrimSpace(s), " ", "%20")
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || len(s) > maxText || len(out) == maxTrackers {
			continue
		}
		switch u.Scheme {
		case "http", "https", "ftp":
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// plain makes a text of a stranger fit to be shown: valid, bounded, without
// control characters other than line ends and tabs.
func plain(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if r < ' ' || r == 0x7f || invisible(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
