package link

import (
	"swarmbid/engine/peerwire"
)

// serveBatch is how many bytes of blocks are read before they are written
// together: a system call for each block would cost more than reading it.
const serveBatch = 128 << 10

// server answers released requests of one link without the library. It has a
// goroutine of its own, which lives as long as there are some, so that a slow disk
// does not hold up a choke.
type server struct {
	link  *Link
	batch []release
	bad   []bool // could not be read, as batch
	buf   []byte // frames of batch, one after the other
}

// startServer starts a server unless there is one. mu is held.
func (l *Link) startServer() {
	if l.serving || l.closed {
		return
	}
	l.serving = true
	l.links.wg.Add(1) // runWriter still counts, since the link is not closed
	s, _ := l.links.idle.Get().(*server)
	if s == nil {
		s = new(server)
	}
	s.link = l
	go s.run()
}

func (s *server) run() {
	links := s.link.links
	defer links.wg.Done()
	for s.take() {
		s.read()
		if err := s.write(); err != nil {
			_ = s.link.Close()
			return
		}
	}
	s.link = nil
	links.idle.Put(s)
}

// take takes up to serveBatch bytes of requests. It returns false, and the
// server ends, if there are none.
func (s *server) take() bool {
	l := s.link
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.toServe) == 0 {
		l.serving = false
		return false
	}
	n := 0
	for size := 0; n < len(l.toServe) && size < serveBatch; n++ {
		size += int(l.toServe[n].want)
	}
	s.batch = append(s.batch[:0], l.toServe[:n]...)
	l.toServe = append(l.toServe[:0], l.toServe[n:]...)
	return true
}

// read makes the frames. What is after the end of a piece is zeros.
func (s *server) read() {
	serve := s.link.server()
	s.buf, s.bad = s.buf[:0], s.bad[:0]
	for _, r := range s.batch {
		s.buf = peerwire.AppendPieceHead(s.buf, r.asked())
		at := len(s.buf)
		s.buf = append(s.buf, make([]byte, r.want)...)
		bad := false
		if r.Length > 0 {
			bad = serve == nil || serve(s.link.infoHash, r.Index, r.Begin, s.buf[at:at+int(r.Length)]) != nil
		}
		s.bad = append(s.bad, bad)
	}
}

// write sends the frames that were read and are still wanted, and refuses the
// others.
func (s *server) write() error {
	l := s.link
	l.wmu.Lock()
	defer l.wmu.Unlock()
	good := s.buf[:0]
	sent := s.batch[:0]
	payload := 0
	l.mu.Lock()
	for rest, i := s.buf, 0; i < len(s.bad); i++ {
		r := s.batch[i]
		frame := rest[:peerwire.PieceHead+int(r.want)]
		rest = rest[len(frame):]
		at := l.findReleased(r.asked())
		if at < 0 || s.bad[i] || (!l.unchoked && !l.fast) {
			l.forget(at)
			l.refuse(r.asked())
			continue
		}
		l.take(at)
		good = append(good, frame...)
		sent = append(sent, r)
		payload += int(r.want)
	}
	owed := l.takeOwed()
	l.placed(int64(payload))
	l.mu.Unlock()
	if err := l.writeTaken(owed); err != nil {
		return err
	}
	if len(good) > 0 {
		if err := l.writeRaw(good); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.account(int64(payload), int64(len(good)))
	l.counts.DirectOut += int64(payload)
	for _, r := range sent {
		l.settle(r, false)
	}
	return nil
}
