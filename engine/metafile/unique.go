package metafile

import (
	"path"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// unique gives each file of a torrent a path of its own. Paths are compared
// folded, because the drive may do so.
type unique struct {
	n       *namer
	taken   map[string]bool // folded paths of files
	folders map[string]bool // folded paths of folders
	next    map[string]int  // by folded path: the number to try next
}

// key is equal for paths that some file system takes for one.
func (u *unique) key(p string) string {
	if ascii(p) {
		return strings.ToLower(p)
	}
	return norm.NFC.String(u.n.fold.String(norm.NFC.String(p)))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// add takes p, or p with a number before its extension when p is a file or a
// folder already, and with a folder renamed that is a file already.
func (u *unique) add(p string) (string, error) {
	p, err := u.underFolders(p)
	if err != nil {
		return "", err
	}
	p, err = u.free(p, true)
	if err != nil {
		return "", err
	}
	u.taken[u.key(p)] = true
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		k := u.key(dir)
		if u.folders[k] {
			break
		}
		u.folders[k] = true
	}
	return p, nil
}

// underFolders renames the folders of p that are files already.
func (u *unique) underFolders(p string) (string, error) {
	done := 0 // bytes of p that are known to be folders
	for {
		slash := strings.IndexByte(p[done:], '/')
		if slash < 0 {
			return p, nil
		}
		dir := p[:done+slash]
		if u.taken[u.key(dir)] {
			moved, err := u.free(dir, false)
			if err != nil {
				return "", err
			}
			p, dir = moved+p[len(dir):], moved
		}
		done = len(dir) + 1
	}
}

// free returns p or the first numbered form of it that is no file and, for a
// file, no folder either.
func (u *unique) free(p string, file bool) (string, error) {
	ok := func(k string) bool { return !u.taken[k] && (!file || !u.folders[k]) }
	want := u.key(p)
	if ok(want) {
		return p, nil
	}
	dir, base := path.Split(p)
	ext := path.Ext(base)
	if len(ext) > maxExt {
		ext = ""
	}
	stem := strings.TrimSuffix(base, ext)
	start := 1
	if file {
		start = u.next[want] + 1
	}
	for i := start; i <= maxEqual; i++ {
		number := "." + strconv.Itoa(i)
		try := dir + shorten(stem, maxName-len(ext)-len(number)) + number + ext
		if ok(u.key(try)) {
			if file {
				u.next[want] = i
			}
			return try, nil
		}
	}
	return "", ErrDuplicates
}
