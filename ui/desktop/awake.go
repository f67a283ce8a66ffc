package desktop

import "sync"

// Awake keeps the computer from going to sleep by itself. The zero value is ready
// and keeps nothing. Its methods may be called from any goroutine.
type Awake struct {
	mu     sync.Mutex
	system awakeSystem
	kept   bool
}

// Keep starts or ends it; to ask for what is so already costs nothing. Why is
// shown to users who ask the system what keeps it awake. The error wraps
// ErrUnsupported where nothing can be done.
func (a *Awake) Keep(on bool, why string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if on == a.kept {
		return nil
	}
	var err error
	if on {
		err = a.system.begin(why)
	} else {
		err = a.system.end()
	}
	a.kept = on && err == nil
	return err
}
