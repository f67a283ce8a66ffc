package tracker

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"
)

// Policy is what may change while an Announcer runs. The zero value asks every
// tracker, scrapes nothing and leaves our address to the trackers.
type Policy struct {
	NoUDP  bool   // UDP trackers are not asked, and hear no farewell either
	Scrape bool   // what an announce does not tell is asked for by a scrape
	IP     string // address or host name told to trackers as ours; "" = they take what they see
}

// scrapeEvery is the least time between two scrapes after announces of a torrent.
const scrapeEvery = 30 * time.Minute

// errNoUDP is why a UDP tracker is disabled.
var errNoUDP = errors.New("UDP trackers are switched off")

// SetPolicy changes the policy. Pauses after failures end, since what caused them
// may have gone with the change: torrents without a working tracker ask again now.
func (a *Announcer) SetPolicy(ctx context.Context, p Policy) error {
	return a.command(ctx, func(s *state) {
		a.policy.Store(&p)
		s.policy = p
		s.pardon(time.Now())
	})
}

// pardon ends the pauses after failures and marks the trackers that may be asked.
func (s *state) pardon(now time.Time) {
	for _, h := range s.hosts {
		h.fails, h.dead, h.err, h.broken = 0, time.Time{}, nil, [families]time.Time{}
	}
	for _, t := range s.torrents {
		s.mark(t)
		for _, tr := range t.all() {
			tr.after, tr.fails = time.Time{}, 0
		}
		if t.current != nil && t.current.off {
			t.current = nil
		}
		if t.stage == idle && t.current == nil {
			s.schedule(t, now)
		}
	}
}

// mark switches the trackers of a torrent on or off by the policy.
func (s *state) mark(t *torrent) {
	for _, tr := range t.all() {
		tr.off = s.policy.NoUDP && tr.to.udp
	}
}

// wantScrape queues a scrape after an announce, which does not tell how often the
// torrent was downloaded and need not tell the rest.
func (s *state) wantScrape(t *torrent, tr *tracker, now time.Time) {
	_, can := tr.to.scrape()
	if !s.policy.Scrape || !can || tr.scraping || now.Sub(tr.scraped) < scrapeEvery || len(s.aux) >= maxAux {
		return
	}
	tr.scraped, tr.scraping = now, true
	s.aux = append(s.aux, s.job(scrapeJob, t, tr))
}

// ip4 is the IPv4 address in p.IP, zero if it is none: BEP 15 has room for no other.
func ip4(s string) (out [4]byte) {
	if a, err := netip.ParseAddr(strings.TrimSpace(s)); err == nil && a.Unmap().Is4() {
		out = a.Unmap().As4()
	}
	return out
}
