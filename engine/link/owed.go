package link

import (
	"swarmbid/engine/peerwire"
)

// owe makes frames, which is l.owed with something appended, what the peer is
// sent next. It does not block. mu is held.
func (l *Link) owe(frames []byte) {
	l.owed = frames
	l.wakeWriter()
}

func (l *Link) wakeWriter() {
	select {
	case l.writeUp <- struct{}{}:
	default:
	}
}

// runWriter sends what we owe and the blocks we serve ourselves, until the link
// is closed. It is the one goroutine of a link.
func (l *Link) runWriter() {
	defer l.links.wg.Done()
	var buf []byte
	for {
		select {
		case <-l.done:
			return
		case <-l.writeUp:
		}
		var err error
		if buf, err = l.writeAll(buf); err != nil {
			_ = l.Close()
			return
		}
	}
}

// writeAll sends everything there is to send. buf is its scratch.
func (l *Link) writeAll(buf []byte) ([]byte, error) {
	for {
		l.wmu.Lock()
		err := l.writeOwed()
		l.wmu.Unlock()
		if err != nil {
			return buf, err
		}
		r, ok := l.takeServe()
		if !ok {
			return buf, nil
		}
		if buf, err = l.serveBlock(r, buf); err != nil {
			return buf, err
		}
	}
}

// writeOwed sends the control frames. wmu is held.
func (l *Link) writeOwed() error {
	l.mu.Lock()
	b := l.owed
	l.owed = l.out.spare[:0]
	l.counts.OverheadOut += int64(len(b))
	l.mu.Unlock()
	l.out.spare = b
	if len(b) == 0 {
		return nil
	}
	return l.writeRaw(b)
}

func (l *Link) takeServe() (r release, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.toServe) == 0 {
		return release{}, false
	}
	r = l.toServe[0]
	l.toServe = append(l.toServe[:0], l.toServe[1:]...)
	return r, true
}

// serveBlock reads a block and sends it. buf is scratch and returned for reuse.
func (l *Link) serveBlock(r release, buf []byte) ([]byte, error) {
	size := peerwire.PieceHead + int(r.want)
	if cap(buf) < size {
		buf = make([]byte, size)
	}
	asked := peerwire.Block{Index: r.Index, Begin: r.Begin, Length: r.want}
	frame := peerwire.AppendPieceHead(buf[:0], asked)[:size]
	clear(frame[peerwire.PieceHead+int(r.Length):])
	var err error
	if serve := l.links.serve.Load(); r.Length > 0 && serve != nil {
		err = (*serve)(l.infoHash, r.Index, r.Begin, frame[peerwire.PieceHead:peerwire.PieceHead+int(r.Length)])
	}
	l.wmu.Lock()
	defer l.wmu.Unlock()
	l.mu.Lock()
	i := l.findReleased(asked)
	if i < 0 || err != nil || (!l.unchoked && !l.fast) {
		l.forget(i, true)
		l.refuse(asked)
		l.mu.Unlock()
		return buf, l.writeOwed()
	}
	l.mu.Unlock()
	if err := l.writeOwed(); err != nil {
		return buf, err
	}
	if err := l.writeRaw(frame); err != nil {
		return buf, err
	}
	l.mu.Lock()
	l.account([]release{r}, int64(size))
	l.mu.Unlock()
	return buf, nil
}
