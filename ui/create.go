package ui

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
)

// askCreate asks of what to make a torrent, and makes it.
func (u *UI) askCreate() {
	if u.busy() {
		return
	}
	u.host().Create("", u.create)
}

// create makes a torrent beside the main goroutine and shows how far it is. Closing
// the dialog cancels it.
func (u *UI) create(c swarm.Create) {
	own, cancel := context.WithCancel(context.Background())
	p := u.host().Progress(u.loc.T("create.title"), c.Path, cancel)
	var done, total atomic.Int64
	var pending atomic.Bool
	progress := func(n, all int64) {
		done.Store(n)
		total.Store(all)
		if pending.CompareAndSwap(false, true) { // the last figure counts, not each
			fyne.Do(func() {
				pending.Store(false)
				p.Set(done.Load(), total.Load())
			})
		}
	}
	u.enqueue(u.slow, func(ctx context.Context) {
		stop := context.AfterFunc(ctx, cancel)
		defer stop()
		made, err := u.p.Engine.Create(own, c, progress)
		if ctx.Err() != nil {
			return
		}
		fyne.Do(func() { u.created(p, c, made, err) })
	})
}

// created says what became of it.
func (u *UI) created(p *dialogs.Progress, c swarm.Create, made swarm.Created, err error) {
	there := p.End()
	switch {
	case errors.Is(err, context.Canceled) || !there && err != nil:
		u.say(u.loc.T("create.cancelled"))
	case err != nil:
		u.fail("create.title", err)
	default:
		key := "create.saved"
		if c.Seed {
			key = "create.seeding"
		}
		u.host().Message(u.loc.T("create.title"), view.Advice{
			What: u.loc.T(key, filepath.Base(made.Out)),
			Do:   u.loc.T("create.pieces", u.loc.Bytes(made.Size), u.loc.Int(int64(made.Pieces)), u.loc.Bytes(made.PieceLength)),
		})
	}
	u.nudge()
}
