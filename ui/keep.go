package ui

import (
	"context"
	"reflect"
	"sync"
)

// keeper keeps the layout of the window while the window is open, so that a
// program that is killed has lost none of it. The zero value is ready.
type keeper struct {
	seen State // of the frame before; main goroutine only
	last State // handed over last; main goroutine only
	turn int   // of last; main goroutine only

	mu   sync.Mutex
	done int // the turn that was kept last
}

// keepLayout hands the layout over to be kept if it changed and has settled: what
// is being dragged differs from frame to frame. It never waits.
func (u *UI) keepLayout() {
	k := &u.keeper
	u.capture()
	settled := reflect.DeepEqual(u.state, k.seen)
	k.seen = u.state
	if !settled || reflect.DeepEqual(u.state, k.last) {
		return
	}
	k.last = u.state
	k.turn++
	st, turn := u.state, k.turn
	u.enqueue(u.jobs, func(context.Context) { u.keep(st, turn) })
}

// keep keeps a layout unless a later one was kept meanwhile.
func (u *UI) keep(st State, turn int) {
	k := &u.keeper
	k.mu.Lock()
	defer k.mu.Unlock()
	if turn < k.done {
		return
	}
	k.done = turn
	if err := u.p.Settings.SaveState(st); err != nil {
		u.p.Log.Error("layout of the window not kept", "err", err)
	}
}

// SaveState keeps the layout of the window before it returns. It is called when
// the window closes; while it is open Follow keeps what changes.
func (u *UI) SaveState() {
	u.capture()
	k := &u.keeper
	k.turn++
	u.keep(u.state, k.turn)
}
