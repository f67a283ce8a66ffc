package sample

import (
	"context"
	"sync"
	"time"

	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/desktop"
	"swarmbid/ui/view"
)

// Tray is an icon that nobody sees. Its fields are read between Settle and the
// next thing done to the window.
type Tray struct {
	mu     sync.Mutex
	Gone   bool // the desktop shows no such icons
	Tip    string
	Menu   []desktop.MenuItem
	Menus  int // set ever
	Toasts [][2]string
}

var _ ui.Tray = (*Tray)(nil)

// SetTip implements ui.Tray.
func (t *Tray) SetTip(tip string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Tip = tip
}

// SetMenu implements ui.Tray.
func (t *Tray) SetMenu(items []desktop.MenuItem) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Menu = items
	t.Menus++
}

// ShowToast implements ui.Tray.
func (t *Tray) ShowToast(title, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Toasts = append(t.Toasts, [2]string{title, text})
}

// Available implements ui.Tray.
func (t *Tray) Available(context.Context, time.Duration) bool { return !t.Gone }

// Desk is the desktop of the sample and what the window has done to it.
type Desk struct {
	Tray     *Tray
	Opens    desktop.Associations
	Lost     bool // files are not there, or cannot be shown
	Revealed []string
	Defaults int // the page was shown
	Power    []view.Deed
	Err      error // of everything that has one
}

// desktop returns it as the window wants it.
func (d *Desk) desktop() ui.Desktop {
	return ui.Desktop{
		Tray: d.Tray, Minimises: true, Sparse: true,
		Reveal: func(path string) error {
			if d.Lost {
				return errLost
			}
			d.Revealed = append(d.Revealed, path)
			return nil
		},
		Associations: func() (desktop.Associations, error) { return d.Opens, d.Err },
		Associate: func() error {
			d.Opens.Registered, d.Opens.Magnet = true, true
			return d.Err
		},
		Defaults: func() error {
			d.Defaults++
			return d.Err
		},
		Power: func(_ context.Context, deed view.Deed) error {
			d.Power = append(d.Power, deed)
			return d.Err
		},
	}
}

const errLost = NameError("sample: no such file")

// CrashReport is what a crash leaves, shortened.
const CrashReport = `panic: runtime error: index out of range [3] with length 3

goroutine 41 [running]:
swarmbid/engine.(*Engine).rechoke(0xc0001a2000)
	swarmbid/engine/choke.go:118 +0x5a4
swarmbid/engine.(*Engine).Run.func2()
	swarmbid/engine/run.go:77 +0x25
`

// Finish ends every download, and every seed if all.
func (e *Engine) Finish(all bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range e.torrents {
		t := &e.torrents[i]
		switch t.State {
		case swarm.Queued, swarm.Checking, swarm.Metadata, swarm.Downloading, swarm.Moving:
			t.State = swarm.Seeding
		case swarm.Stopped, swarm.Paused, swarm.Finished, swarm.Errored, swarm.QueuedSeed, swarm.Seeding:
		}
		if all && (t.State == swarm.Seeding || t.State == swarm.QueuedSeed) {
			t.State = swarm.Finished
		}
	}
	e.signal()
}

// Put brings torrents into a state.
func (e *Engine) Put(s swarm.State, ihs ...swarm.InfoHash) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ih := range ihs {
		e.torrents[e.index(ih)].State = s
	}
	e.signal()
}
