package link

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

// runWriter sends what we owe, until the link is closed. It is the one goroutine
// that every link has.
func (l *Link) runWriter() {
	defer l.links.wg.Done()
	for {
		select {
		case <-l.done:
			return
		case <-l.writeUp:
		}
		l.wmu.Lock()
		err := l.writeOwed()
		l.wmu.Unlock()
		if err != nil {
			_ = l.Close()
			return
		}
	}
}

// writeOwed sends the control frames. wmu is held.
func (l *Link) writeOwed() error {
	l.mu.Lock()
	b := l.takeOwed()
	l.mu.Unlock()
	return l.writeTaken(b)
}

// takeOwed takes what we owe, to be given to writeTaken before anything else is
// written. wmu and mu are held.
func (l *Link) takeOwed() []byte {
	b := l.owed
	l.owed = l.out.spare[:0]
	l.counts.OverheadOut += int64(len(b))
	return b
}

// writeTaken sends what takeOwed took. wmu is held.
func (l *Link) writeTaken(b []byte) error {
	l.out.spare = b
	if len(b) == 0 {
		return nil
	}
	return l.writeRaw(b)
}
