package engine

import (
	"swarmbid/engine/queue"
	"swarmbid/engine/resume"
	"swarmbid/engine/swarm"
)

// goalAction is what happens to m when it reaches its seeding goal.
func (e *Engine) goalAction(m *managed) swarm.GoalAction {
	for _, a := range []swarm.GoalAction{m.rec.GoalAction, e.set.GoalAction} {
		if a != swarm.GoalAsSession {
			return a
		}
	}
	return swarm.GoalStop
}

// lookAtGoals acts on the torrents that have just reached their seeding goal, or
// no longer have one that they reached. A forced torrent has no goal.
func (e *Engine) lookAtGoals(who []*managed, items []queue.Item) {
	var gone []*managed
	for i, m := range who {
		reached := m.rec.State == resume.Started && e.set.Queue.Reached(&items[i])
		if reached == m.reached {
			continue
		}
		m.reached = reached
		if m.live != nil {
			e.upload.SetTorrentLimit(m.ih(), e.upLimit(m))
		}
		if !reached {
			continue
		}
		act := e.goalAction(m)
		e.tell(swarm.GoalReached{InfoHash: m.ih(), Name: m.name(), Action: act})
		if act == swarm.GoalRemove && !m.moving {
			gone = append(gone, m)
		}
	}
	for _, m := range gone {
		e.forget(m)
		e.deactivate(m, func() {
			e.toWorker(func() {
				if err := e.discard(m, false); err != nil {
					e.cfg.Log.Error("remove a torrent that reached its goal", "torrent", m.ih(), "err", err)
				}
			})
		})
	}
}

// upLimit is the rate m may upload with, in bytes per second; 0 = no limit of its
// own.
func (e *Engine) upLimit(m *managed) int64 {
	n := m.rec.Limits.Up
	if m.reached && e.goalAction(m) == swarm.GoalLimit && (n == 0 || e.set.GoalRate < n) {
		return max(1, e.set.GoalRate)
	}
	return n
}
