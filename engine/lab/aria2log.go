package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"sync"
)

// mseLog finds out of aria2's debug log which peers talk under RC4. aria2 numbers
// its connection attempts («CUID#15»), uses a number again when it retries without
// encryption, and logs the cipher it agreed on before the handshake that names the
// peer.
type mseLog struct {
	file string

	mu   sync.Mutex
	at   int64           // how far the file was read
	rc4  map[string]bool // by attempt
	peer map[string]bool // by peer id
}

// The lines that matter: the start of an attempt, the choice of RC4 as initiator
// or as receiver, and the handshake.
const mseLines = `CUID#(\d+) - (?:(Connecting to|This may be encrypted)|(peer prefers ARC4|peer provides ARC4)|From: \S+ handshake peerId=(\S+),)`

// update reads what is new and returns, by peer id, whether the last handshake was
// under RC4. The map is not changed later.
func (l *mseLog) update() (map[string]bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rc4 == nil {
		l.rc4, l.peer = map[string]bool{}, map[string]bool{}
	}
	f, err := os.Open(l.file)
	if errors.Is(err, fs.ErrNotExist) {
		return l.peer, nil
	}
	if err != nil {
		return nil, fmt.Errorf("aria2: %w", err)
	}
	defer closing(f)
	b, err := io.ReadAll(io.NewSectionReader(f, l.at, 64<<20))
	if err != nil {
		return nil, fmt.Errorf("aria2: reading its log: %w", err)
	}
	b = b[:bytes.LastIndexByte(b, '\n')+1] // whole lines
	l.at += int64(len(b))
	peers := map[string]bool{}
	for id, e := range l.peer {
		peers[id] = e
	}
	for _, m := range regexp.MustCompile(mseLines).FindAllSubmatch(b, -1) {
		cuid := string(m[1])
		switch {
		case m[2] != nil:
			delete(l.rc4, cuid)
		case m[3] != nil:
			l.rc4[cuid] = true
		default:
			peers[unescape(string(m[4]))] = l.rc4[cuid]
		}
	}
	l.peer = peers
	return peers, nil
}

// unescape undoes aria2's percent encoding of peer ids.
func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
