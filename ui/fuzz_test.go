package ui_test

import (
	"strings"
	"testing"

	"swarmbid/ui"
)

// FuzzSourceOf: whatever is pasted, dropped or given on the command line is one
// kind of source or none, and a magnet link or address is taken as it is.
func FuzzSourceOf(f *testing.F) {
	for _, s := range []string{"", "magnet:?xt=urn:btih:x", "http://a/b", "file:///x%zz", "a.torrent", "0123456789012345678901234567890123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "HTTPS://", "\x00.torrent"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		src, ok := ui.SourceOf(s)
		set := 0
		for _, x := range []string{src.File, src.Magnet, src.URL, string(src.Metainfo)} {
			if x != "" {
				set++
			}
		}
		if ok && set != 1 {
			t.Errorf("%q: %d fields of %+v", s, set, src)
		}
		if ok && src.URL != "" && src.URL != strings.TrimSpace(s) {
			t.Errorf("%q became %q", s, src.URL)
		}
	})
}
