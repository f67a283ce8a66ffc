package ui

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"

	"swarmbid/engine/swarm"
)

// Bounds of the names of peers.
const (
	maxHosts    = 4096 // names kept; then all are asked for anew
	hostBatch   = 32   // addresses of one job
	hostTimeout = 2 * time.Second
)

// hosts are the names of peers by reverse DNS. It is safe for concurrent use.
type hosts struct {
	mu    sync.Mutex
	names map[netip.Addr]string // "" = it has none
	busy  bool                  // a job is under way: never more than one, so that pickers have workers
}

// fill gives peers their names as far as they are known, and returns the addresses
// to ask for; those are being asked for from then on.
func (h *hosts) fill(peers []swarm.Peer) (ask []netip.Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range peers {
		a := peers[i].Addr.Addr()
		name, known := h.names[a]
		peers[i].Host = name
		if !known && !h.busy && len(ask) < hostBatch {
			ask = append(ask, a)
		}
	}
	h.busy = h.busy || len(ask) > 0
	return ask
}

// put keeps a name.
func (h *hosts) put(a netip.Addr, name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.names == nil || len(h.names) >= maxHosts {
		h.names = map[netip.Addr]string{}
	}
	h.names[a] = name
}

func (h *hosts) done() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy = false
}

// nameHosts names the peers of the Peers tab if the user wants it. It runs beside
// the main goroutine and never waits: what is not known yet comes with a later frame.
func (u *UI) nameHosts(a *ask, peers []swarm.Peer) {
	if !a.resolve || u.p.Lookup == nil {
		return
	}
	ask := u.hosts.fill(peers)
	if len(ask) == 0 {
		return
	}
	j := func(ctx context.Context) {
		defer u.nudge()
		defer u.hosts.done()
		for _, addr := range ask {
			one, cancel := context.WithTimeout(ctx, hostTimeout)
			name, err := u.p.Lookup(one, addr)
			cancel()
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				name = "" // most have none
			}
			u.hosts.put(addr, cleanHost(name))
		}
	}
	select {
	case u.slow <- j:
	default: // the next frame asks again
		u.hosts.done()
	}
}

// cleanHost is a name as it may be shown: whoever has the address chose it.
func cleanHost(s string) string {
	s = strings.TrimSuffix(strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return -1
		}
		return r
	}, s), ".")
	return s[:min(len(s), 253)]
}

// toggleResolve asks for the names of peers from now on, or no more.
func (u *UI) toggleResolve() {
	u.state.Resolve = !u.state.Resolve
	u.parts.tabs.peers.table.ShowColumn("host", u.state.Resolve)
	u.publish()
}
