package tracker

import (
	"context"
	"errors"
	"time"

	"swarmbid/engine/swarm"
)

// jobKind is what a worker is to do.
type jobKind uint8

const (
	announceJob jobKind = iota
	stopJob
	scrapeJob
)

// leaveTimeout bounds a stopped event while the program goes on.
const leaveTimeout = 10 * time.Second

// job is one errand. t and tr belong to the owner: workers hand them back unread.
type job struct {
	kind   jobKind
	t      *torrent
	tr     *tracker
	to     target
	source string // the URL as the torrent has it
	ih     swarm.InfoHash
	key    uint32
	totals func() Totals
	done   bool           // the download was completed since Add
	told   [families]told // by address family
	skip   [families]bool // families that fail while the other works
}

// result is a job that was tried. err is set when no family was.
type result struct {
	job
	err error
	out [families]outcome
}

// outcome is the result over one address family.
type outcome struct {
	tried bool
	event event
	err   error
	ans   answer
}

// event is what the tracker hears next over a family: started before anything else,
// completed once.
func (j *job) event(slot int) event {
	switch {
	case j.kind == stopJob:
		return eventStopped
	case !j.told[slot].started:
		return eventStarted
	case j.done && !j.told[slot].completed:
		return eventCompleted
	}
	return eventNone
}

// do carries out a job over each address family in turn. It runs on a worker.
func (a *Announcer) do(ctx context.Context, j job) result {
	r := result{job: j}
	if j.to.udp && a.policy.Load().NoUDP { // the policy changed while the job waited
		r.err = errNoUDP
		return r
	}
	limit := a.cfg.Timeout
	if j.kind == stopJob {
		limit = min(limit, leaveTimeout)
	}
	lookCtx, cancel := context.WithTimeoutCause(ctx, limit, errSilent)
	fams, err := a.client.families(lookCtx, j.to)
	cancel()
	if err != nil {
		r.err = err
		return r
	}
	for _, f := range fams {
		slot := f.slot()
		if len(fams) > 1 && j.skip[slot] || j.kind == stopJob && !j.told[slot].started {
			continue
		}
		r.out[slot] = a.try(ctx, limit, &j, f)
	}
	return r
}

func (a *Announcer) try(ctx context.Context, limit time.Duration, j *job, f family) outcome {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errSilent)
	defer cancel()
	o := outcome{tried: true}
	if j.kind == scrapeJob {
		o.ans, o.err = a.client.scrape(ctx, j.to, f, j.ih)
		return o
	}
	o.event = j.event(f.slot())
	r := &request{
		infoHash: j.ih, peerID: a.cfg.PeerID(), port: a.cfg.Port(), key: j.key,
		event: o.event, totals: j.totals(), trackerID: j.told[f.slot()].id, ip: a.policy.Load().IP,
	}
	switch {
	case o.event == eventStopped || r.totals.Want < 0:
	case r.totals.Want == 0:
		r.want = a.cfg.NumWant
	default:
		r.want = min(r.totals.Want, maxPeers)
	}
	o.ans, o.err = a.client.announce(ctx, j.to, f, r)
	if o.err == nil && len(o.ans.peers) > 0 && o.event != eventStopped {
		a.cfg.OnPeers(j.ih, o.ans.peers, j.source)
	}
	return o
}

// failure returns why the job failed over every family that was tried, nil if it
// did not; silent says that the host is to blame and not this torrent.
func (r *result) failure() (err error, silent bool) {
	if r.err != nil {
		return r.err, !errors.Is(r.err, errNoUDP)
	}
	silent = true
	for _, o := range r.out {
		if !o.tried {
			continue
		}
		if o.err == nil {
			return nil, false
		}
		var no *refusal
		if errors.As(o.err, &no) || errors.Is(o.err, errURL) {
			silent = false
			err = o.err // its words say more than a dead family
		}
		if err == nil {
			err = o.err
		}
	}
	return err, silent && err != nil
}

// merged joins the answers of the families: the most seeds, the longest intervals.
func (r *result) merged() answer {
	m := noAnswer()
	for _, o := range r.out {
		if !o.tried || o.err != nil {
			continue
		}
		m.interval = max(m.interval, o.ans.interval)
		m.minInterval = max(m.minInterval, o.ans.minInterval)
		m.seeds = max(m.seeds, o.ans.seeds)
		m.leeches = max(m.leeches, o.ans.leeches)
		m.downloads = max(m.downloads, o.ans.downloads)
		m.peers = append(m.peers, o.ans.peers...)
		if m.warning == "" {
			m.warning = o.ans.warning
		}
	}
	return m
}
