package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
)

// Store holds the settings and their file. It is safe for concurrent use.
type Store struct {
	path    string
	now     atomic.Pointer[Settings] // immutable
	changed chan struct{}

	mu    sync.Mutex // one Update at a time
	tree  tree       // the file as it is, with what this version does not know
	bytes []byte     // the file as it is; nil = there is none
}

// Open reads the settings of path, or takes def if there is no file. def must be
// valid. problem is not nil when something in the file could not be used and was
// replaced, for the user to know; err wraps ErrNewer or is of the system, and
// then there is no store.
func Open(path string, def Settings) (st *Store, problem, err error) {
	if err := def.Validate(); err != nil {
		return nil, nil, fmt.Errorf("settings: defaults: %w", err)
	}
	st = &Store{path: path, changed: make(chan struct{}, 1)}
	s, problem, err := st.load(def.clone())
	if err != nil {
		return nil, nil, fmt.Errorf("settings: read %s: %w", path, err)
	}
	if problem != nil {
		problem = fmt.Errorf("settings: read %s: %w", path, problem)
	}
	st.now.Store(s)
	return st, problem, nil
}

// load reads the file, the backup or nothing, in this order.
func (st *Store) load(def Settings) (s *Settings, problem, err error) {
	b, err := readFile(st.path)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing && !errors.Is(err, ErrDamaged) {
		return nil, nil, err
	}
	if err == nil {
		var t tree
		if t, err = parse(b); err == nil {
			st.tree, st.bytes = t, b
			def.FirstRunDone = true // unless the file says that it is not
			return decode(t, def)
		}
	}
	if errors.Is(err, ErrNewer) {
		return nil, nil, err
	}
	if !missing {
		if err := os.Rename(st.path, st.path+".bad"); err != nil {
			return nil, nil, fmt.Errorf("put the damaged file aside: %w", err)
		}
	}
	if old, berr := readFile(st.path + ".bak"); berr == nil {
		t, berr := parse(old)
		if errors.Is(berr, ErrNewer) {
			return nil, nil, berr
		}
		if berr == nil {
			st.tree = t
			s, problem, derr := decode(t, def)
			return s, errors.Join(fmt.Errorf("the settings before these are used: %w", err), problem), derr
		}
	}
	if missing {
		return &def, nil, nil
	}
	return &def, fmt.Errorf("the default settings are used: %w", err), nil
}

// Get returns the present settings. The caller may change what it gets.
func (st *Store) Get() Settings { return st.now.Load().clone() }

// Update changes the settings: f gets a copy, which is validated, saved and then
// published. If f or a later step fails nothing has changed. f must not call the
// Store.
func (st *Store) Update(f func(*Settings) error) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	s := st.Get()
	if err := f(&s); err != nil {
		return err
	}
	s = s.clone() // f may have kept slices
	if err := s.Validate(); err != nil {
		return fmt.Errorf("settings: not changed: %w", err)
	}
	t, b, err := encode(st.tree, &s)
	if err == nil && !bytes.Equal(b, st.bytes) {
		err = writeFile(st.path, b)
	}
	if err != nil {
		return fmt.Errorf("settings: save %s: %w", st.path, err)
	}
	st.tree, st.bytes = t, b
	st.now.Store(&s)
	select {
	case st.changed <- struct{}{}:
	default:
	}
	return nil
}

// Changed has a value after a change that was not looked at yet. It is for one
// reader, which then calls Get.
func (st *Store) Changed() <-chan struct{} { return st.changed }
