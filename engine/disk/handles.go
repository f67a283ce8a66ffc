package disk

import (
	"container/list"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Handles is a cache of open files shared by all torrents of a session, so that
// ten thousand files do not need ten thousand descriptors. The zero value is not
// usable; see NewHandles. It is safe for concurrent use.
type Handles struct {
	mu   sync.Mutex
	max  int
	open map[string]*handle
	lru  *list.List // of *handle, most recent first; only those with no user

	sparse atomic.Bool // files made from now on take only the room of what is written
}

type handle struct {
	f        *os.File
	path     string
	writable bool
	users    int
	stale    bool // not in the cache any more: close when the last user leaves
	at       *list.Element
}

// NewHandles returns a cache that keeps at most limit idle files open.
func NewHandles(limit int) *Handles {
	return &Handles{max: max(1, limit), open: map[string]*handle{}, lru: list.New()}
}

// SetSparse says whether files made from now on take only the room of what is written.
// It matters on Windows alone: elsewhere every file does.
func (h *Handles) SetSparse(on bool) { h.sparse.Store(on) }

// thinIfNew makes a file sparse that has nothing in it yet.
func thinIfNew(f *os.File) error {
	st, err := f.Stat()
	if err != nil || st.Size() > 0 {
		return err
	}
	return thin(f)
}

// use calls f with the file at path open for reading, or also for writing. root
// must exist when a file or a folder below it has to be created.
func (h *Handles) use(root, path string, write bool, f func(*os.File) error) error {
	x, err := h.acquire(root, path, write)
	if err != nil {
		return err
	}
	defer h.release(x)
	return f(x.f)
}

func (h *Handles) acquire(root, path string, write bool) (*handle, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if x, ok := h.open[path]; ok && (x.writable || !write) {
		h.take(x)
		return x, nil
	} else if ok {
		h.forget(x)
	}
	f, err := openFile(root, path, write)
	if err != nil {
		return nil, err
	}
	if write && h.sparse.Load() {
		if err := thinIfNew(f); err != nil {
			return nil, errors.Join(fmt.Errorf("make %s sparse: %w", path, err), f.Close())
		}
	}
	x := &handle{f: f, path: path, writable: write, users: 1}
	h.open[path] = x
	return x, nil
}

func (h *Handles) take(x *handle) {
	if x.users == 0 {
		h.lru.Remove(x.at)
	}
	x.users++
}

func (h *Handles) release(x *handle) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x.users--
	if x.users > 0 {
		return
	}
	if x.stale {
		_ = x.f.Close() // writes were checked and synced one by one
		return
	}
	x.at = h.lru.PushFront(x)
	for h.lru.Len() > h.max {
		h.forget(h.lru.Back().Value.(*handle))
	}
}

// forget takes x out of the cache; called with mu held.
func (h *Handles) forget(x *handle) {
	delete(h.open, x.path)
	if x.users > 0 {
		x.stale = true
		return
	}
	h.lru.Remove(x.at)
	_ = x.f.Close() // writes were checked and synced one by one
}

// Release closes the files at the given paths as soon as nobody reads or writes
// them, so that they can be moved or deleted also on Windows.
func (h *Handles) Release(paths ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range paths {
		if x, ok := h.open[p]; ok {
			h.forget(x)
		}
	}
}

// Close closes every idle file.
func (h *Handles) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range h.open {
		h.forget(x)
	}
	return nil
}

// openFile creates folders below root as needed, but never root itself: a drive
// that is not there must not be replaced by a folder of the same name.
func openFile(root, path string, write bool) (*os.File, error) {
	if !write {
		return os.Open(path)
	}
	const flag, perm = os.O_RDWR | os.O_CREATE, 0o644
	f, err := os.OpenFile(path, flag, perm)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if _, err := os.Stat(root); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(path, flag, perm)
}
