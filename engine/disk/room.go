package disk

import (
	"errors"
	"fmt"
	"os"
)

// ErrNoRoom means that the drive has not the room that files are to take at once.
var ErrNoRoom = errors.New("disk: not enough room on the drive")

// errNoAllocate means that a file system gives no room without data.
var errNoAllocate = errors.New("disk: the file system allocates nothing in advance")

// fillUnit is how many zeros are written at once where room cannot be had otherwise.
const fillUnit = 1 << 20

// reserve reports whether all wanted files can have their room, before any takes it:
// a drive filled to the brim by half of them would stop every other torrent, too.
func (t *Torrent) reserve(skip []bool) error {
	if !t.p.Allocate || t.p.Free == nil {
		return nil
	}
	var need int64
	for i := range skip {
		f := &t.p.Files[i]
		if f.Pad || skip[i] || t.verified(i) {
			continue
		}
		need += f.Size
		if st, err := os.Stat(t.path(i)); err == nil {
			need -= min(f.Size, taken(st))
		}
	}
	if free := t.p.Free(); free > 0 && need > free {
		return fmt.Errorf("%w: %d bytes are needed below %s, %d are free", ErrNoRoom, need, t.p.Root, free)
	}
	return nil
}

// allocate gives a wanted file its room.
func (t *Torrent) allocate(file int) error {
	f := &t.p.Files[file]
	if !t.p.Allocate || f.Size == 0 || t.verified(file) {
		return nil
	}
	t.names.RLock()
	err := t.p.Handles.use(t.p.Root, f.Path, true, func(h *os.File) error { return allocate(h, f.Size) })
	t.names.RUnlock()
	if errors.Is(err, errNoAllocate) {
		err = t.fill(file)
	}
	if err != nil {
		return fmt.Errorf("take room for %s: %w", t.path(file), err)
	}
	return nil
}

// fill writes zeros behind the end of a file until it has its size. Nobody writes to
// the torrent while one portion is written, so none covers data.
func (t *Torrent) fill(file int) error {
	zeros := make([]byte, fillUnit)
	for size := t.p.Files[file].Size; !t.closing.Load(); {
		more, err := t.fillOnce(file, size, zeros)
		if !more || err != nil {
			return err
		}
	}
	return nil
}

func (t *Torrent) fillOnce(file int, size int64, zeros []byte) (more bool, err error) {
	t.names.Lock()
	defer t.names.Unlock()
	err = t.p.Handles.use(t.p.Root, t.p.Files[file].Path, true, func(h *os.File) error {
		st, err := h.Stat()
		if err != nil || st.Size() >= size {
			return err
		}
		more = true
		_, err = h.WriteAt(zeros[:min(int64(len(zeros)), size-st.Size())], st.Size())
		return err
	})
	return more, err
}
