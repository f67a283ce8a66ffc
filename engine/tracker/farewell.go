package tracker

import "time"

// farewell holds the stop jobs of the end of Run, by host, so that trackers which fell
// silent do not use up the time of those that listen. The zero value is empty.
type farewell struct {
	hosts []*byeHost // take turns, those with jobs
	of    map[string]*byeHost
	left  int // jobs not taken
}

type byeHost struct {
	key    string
	jobs   []job
	flying int
}

func (f *farewell) add(j job) {
	if f.of == nil {
		f.of = make(map[string]*byeHost)
	}
	h := f.of[j.to.key()]
	if h == nil {
		h = &byeHost{key: j.to.key()}
		f.of[h.key] = h
	}
	if len(h.jobs) == 0 {
		f.hosts = append(f.hosts, h)
	}
	h.jobs = append(h.jobs, j)
	f.left++
}

// head brings a host to the front whose turn it is and that has no more than three
// quarters of the workers, and returns its next job.
func (f *farewell) head(workers int) (job, bool) {
	for range f.hosts {
		if h := f.hosts[0]; h.flying < max(1, workers*3/4) {
			return h.jobs[0], true
		}
		f.hosts = append(f.hosts[1:], f.hosts[0])
	}
	return job{}, false
}

// taken notes that a worker has the job that head returned.
func (f *farewell) taken() {
	h := f.hosts[0]
	f.hosts = f.hosts[1:]
	h.jobs = h.jobs[1:]
	h.flying++
	f.left--
	if len(h.jobs) > 0 {
		f.hosts = append(f.hosts, h)
	}
}

// over notes that a job is done, also one taken before there was a farewell.
func (f *farewell) over(j job) {
	if h := f.of[j.to.key()]; h != nil && h.flying > 0 {
		h.flying--
	}
}

// close drops the announces that wait and queues a stopped event for every tracker
// that heard started and is not being asked now.
func (s *state) close(now time.Time) {
	s.closing = true
	s.ready, s.due = nil, nil
	for _, h := range s.hosts {
		h.waiting = nil
	}
	for _, j := range s.aux {
		if j.kind == stopJob {
			s.bye.add(j)
		}
	}
	s.aux = nil
	for _, t := range s.torrents {
		for _, tr := range t.all() {
			if t.busy != tr || t.stage != flying {
				s.leave(t, tr, now)
			}
		}
	}
}
