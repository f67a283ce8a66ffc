package tracker

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxBody    = 1 << 20 // bytes of an HTTP answer, after decompression
	maxPeers   = 2000    // addresses taken from one answer
	maxMessage = 200     // bytes of a tracker's words that are kept
	maxID      = 256     // bytes of a tracker id that are sent back
	maxCount   = 1 << 30 // a seed or peer count above it is nonsense
)

var (
	errAnswer = errors.New("the tracker's answer makes no sense")
	errSilent = errors.New("the tracker does not answer")
)

// answer is what a tracker said to an announce or scrape.
type answer struct {
	peers                 []netip.AddrPort // usable, without duplicates
	interval, minInterval time.Duration    // 0 = not said
	seeds, leeches        int              // -1 = not said
	downloads             int              // -1 = not said
	warning               string           // printable
	trackerID             string           // "" = keep the one before
}

// noAnswer is an answer that says nothing.
func noAnswer() answer { return answer{seeds: -1, leeches: -1, downloads: -1} }

// refusal is a tracker's «failure reason», or a status that means the same. It is
// not a fault of the host: other torrents may go on.
type refusal struct {
	reason string        // printable, for people
	retry  time.Duration // BEP 31 «retry in» or HTTP Retry-After; 0 = not said
	never  bool          // BEP 31 «retry in: never»
}

func (r *refusal) Error() string { return r.reason }

// parseAnnounce reads the body of an HTTP announce (BEP 3, 7, 23, 31). Bytes after
// the dictionary are ignored, as are entries of a wrong type.
func parseAnnounce(body []byte) (answer, error) {
	v, _, err := split(body)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	a := noAnswer()
	var fail *refusal
	var retry value
	said, found := false, make(peerSet)
	err = v.dict(func(key string, v value) {
		switch key {
		case "failure reason":
			fail = &refusal{reason: printable(v.text())}
		case "retry in":
			retry = v
		case "warning message":
			a.warning = printable(v.text())
		case "interval":
			a.interval, said = seconds(v), true
		case "min interval":
			a.minInterval = seconds(v)
		case "tracker id":
			if id := v.text(); len(id) <= maxID {
				a.trackerID = string(id)
			}
		case "complete":
			a.seeds = count(v)
		case "incomplete":
			a.leeches = count(v)
		case "downloaded":
			a.downloads = count(v)
		case "peers":
			found.parse(v, 6)
			said = true
		case "peers6":
			found.parse(v, 18)
			said = true
		}
	})
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	if fail != nil {
		fail.retryIn(retry)
		return answer{}, fail
	}
	if !said {
		return answer{}, fmt.Errorf("%w: nothing in it", errAnswer)
	}
	a.peers = found.slice()
	return a, nil
}

// retryIn applies BEP 31: a number of minutes or the word never.
func (r *refusal) retryIn(v value) {
	if r.reason == "" {
		r.reason = "refused without a reason"
	}
	if string(v.text()) == "never" {
		r.never = true
	} else if n, ok := v.number(); ok && n > 0 {
		r.retry = time.Duration(min(n, int64(maxInterval/time.Minute))) * time.Minute
	}
}

// parseScrape reads the body of an HTTP scrape for one torrent (BEP 48).
func parseScrape(body []byte, ih [20]byte) (answer, error) {
	v, _, err := split(body)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	var files value
	var fail *refusal
	if err := v.dict(func(key string, v value) {
		switch key {
		case "files":
			files = v
		case "failure reason":
			fail = &refusal{reason: printable(v.text())}
		}
	}); err != nil {
		return answer{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	if fail != nil {
		fail.retryIn(nil)
		return answer{}, fail
	}
	a, known := noAnswer(), false
	read := func(key string, v value) {
		switch key {
		case "complete":
			a.seeds = count(v)
		case "incomplete":
			a.leeches = count(v)
		case "downloaded":
			a.downloads = count(v)
		}
	}
	err = files.dict(func(key string, v value) {
		if key == string(ih[:]) && v.dict(read) == nil {
			known = true
		}
	})
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	if !known {
		return answer{}, &refusal{reason: "the tracker does not know this torrent"}
	}
	return a, nil
}

// peerSet keeps usable addresses, each once, maxPeers at most. The value is the
// place in the answer.
type peerSet map[netip.AddrPort]int

func (s peerSet) add(a netip.Addr, port uint16) bool {
	p := netip.AddrPortFrom(a.Unmap(), port)
	if _, known := s[p]; !known && usable(p) {
		s[p] = len(s)
	}
	return len(s) < maxPeers
}

// compact reads addresses of size 6 (BEP 23) or 18 (BEP 7) bytes; a rest that is
// no whole address is ignored.
func (s peerSet) compact(b []byte, size int) {
	for ; len(b) >= size; b = b[size:] {
		a, _ := netip.AddrFromSlice(b[:size-2])
		if !s.add(a, uint16(b[size-2])<<8|uint16(b[size-1])) {
			return
		}
	}
}

// parse reads a «peers» value: a compact string, or a list of dictionaries with
// literal addresses (BEP 3). Host names are not looked up.
func (s peerSet) parse(v value, size int) {
	if b := v.text(); b != nil {
		s.compact(b, size)
		return
	}
	_ = v.list(func(v value) bool { // a broken list gives what it gave until then
		var addr netip.Addr
		var port int64
		_ = v.dict(func(key string, v value) {
			switch key {
			case "ip":
				addr, _ = netip.ParseAddr(string(v.text()))
			case "port":
				port, _ = v.number()
			}
		})
		if port < 0 || port > 1<<16-1 {
			port = 0
		}
		return s.add(addr, uint16(port))
	})
}

func (s peerSet) slice() []netip.AddrPort {
	out := make([]netip.AddrPort, len(s))
	for p, i := range s {
		out[i] = p
	}
	return out
}

func seconds(v value) time.Duration {
	n, _ := v.number()
	return clampSeconds(n)
}

// clampSeconds makes a number of seconds a duration between 0 and maxInterval.
func clampSeconds(n int64) time.Duration {
	return time.Duration(min(max(n, 0), int64(maxInterval/time.Second))) * time.Second
}

func count(v value) int {
	n, ok := v.number()
	if !ok || n < 0 || n > maxCount {
		return -1
	}
	return int(n)
}

// printable makes a tracker's words fit to be shown: valid UTF-8, one line, no
// control or direction characters, maxMessage bytes.
func printable(b []byte) string {
	s := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(b[:min(len(b), 4*maxMessage)]), ""))
	for len(s) > maxMessage {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return strings.TrimSpace(s)
}
