package upload

import (
	"time"

	"swarmbid/engine/link"
)

// SetCountOverhead says whether the session's limit counts all bytes that leave, with
// the headers by estimate, instead of payload alone.
func (u *Upload) SetCountOverhead(on bool) {
	u.change(func() { u.all = on })
}

// FreeChanged is to be called after link.Links.SetFree.
func (u *Upload) FreeChanged() { u.change(func() {}) }

// serveFree serves the peers that the session's limit does not hold for, as far as
// the limits of their torrents allow.
func (u *Upload) serveFree() {
	for _, p := range u.free {
		for {
			size, returned := p.link.Next(p.window)
			if p.bucket != nil {
				p.bucket.take(-returned)
			}
			if size == 0 || p.bucket != nil && !p.bucket.open() {
				break
			}
			n := int64(p.link.Release())
			if n == 0 {
				break
			}
			if p.bucket != nil {
				p.bucket.take(n)
			}
			p.hit = true
		}
		if p.hit {
			p.hit = false
			p.link.Push()
		}
	}
}

const (
	// overheadEvery is how often the bytes that are not payload are looked at.
	overheadEvery = 100 * time.Millisecond
	// mostDebt is for how long they can stop payload at once: where they alone are
	// more than the limit they do not pile up.
	mostDebt = time.Second
)

// payOverhead books what is not payload with the session's limit, if that counts it.
func (u *Upload) payOverhead(now time.Time) {
	u.mu.Lock()
	all := u.all
	u.mu.Unlock()
	if !all || u.total.rate == 0 {
		u.overhead = nil
		return
	}
	if now.Sub(u.looked) < overheadEvery {
		return
	}
	u.looked = now
	next := make(map[*link.Link]int64, len(u.known))
	for _, l := range u.known {
		s := l.Stats()
		next[l] = s.OverheadOut + s.HeadersOut
		if was, ok := u.overhead[l]; ok && !l.Free() {
			u.total.take(next[l] - was)
		}
	}
	u.overhead = next
	u.total.tokens = max(u.total.tokens, -float64(u.total.rate)*mostDebt.Seconds())
}
