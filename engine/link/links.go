package link

import (
	"fmt"
	"sync"
	"sync/atomic"

	"swarmbid/engine/swarm"
)

// Links are the peer connections of the session. All methods may be called from
// any goroutine and return at once, but Close.
type Links struct {
	cfg    Config
	policy atomic.Uint32 // Policy
	serve  atomic.Pointer[ServeFunc]
	down   *pacer
	ready  chan struct{}
	done   chan struct{}
	wg     sync.WaitGroup // the links' goroutines
	idle   sync.Pool      // of *server, for their buffers

	// least is the least weight of a torrent that has links.
	least atomic.Int64

	freeLocal, freeUTP, countAll atomic.Bool // see SetFree, SetCountOverhead

	nextKey atomic.Uint64
	pending atomic.Int64
	most    atomic.Int64 // see SetMost
	oneEach atomic.Bool  // see SetOneEach
	up      atomic.Pointer[[]*Link]

	mu       sync.Mutex
	links    map[swarm.PeerKey]*Link // also those in the handshake
	gone     Traffic                 // of links that are closed
	torrents map[swarm.InfoHash]*torrent
	closed   bool
}

// torrent is what the links of one torrent share. It lives while it has links or
// a setting.
type torrent struct {
	down   *pacer
	own    flow         // at down
	flow   flow         // at Links.down
	weight atomic.Int64 // there
	paused atomic.Bool
	noPex  atomic.Bool // peers are not exchanged
	links  int         // guarded by Links.mu
}

// ServeFunc reads len(buf) bytes of a verified piece. An error refuses the block.
type ServeFunc func(ih swarm.InfoHash, piece, begin uint32, buf []byte) error

// New returns Links without a connection.
func New(cfg Config) *Links {
	ls := &Links{
		cfg:      cfg.withDefaults(),
		down:     newPacer(),
		ready:    make(chan struct{}, 1),
		done:     make(chan struct{}),
		links:    make(map[swarm.PeerKey]*Link),
		torrents: make(map[swarm.InfoHash]*torrent),
	}
	ls.policy.Store(uint32(cfg.Encryption))
	ls.up.Store(new([]*Link))
	return ls
}

// All returns the links whose handshake is complete, in no order. The slice is
// shared: do not change it.
func (ls *Links) All() []*Link { return *ls.up.Load() }

// Ready signals that a request came in or that a link can take more: upload
// should look. It has room for one signal and one reader.
func (ls *Links) Ready() <-chan struct{} { return ls.ready }

func (ls *Links) wake() {
	select {
	case ls.ready <- struct{}{}:
	default:
	}
}

// SetServe makes released requests be answered by f instead of the library; nil
// ends that. It concerns requests that are released from then on.
func (ls *Links) SetServe(f ServeFunc) {
	if f == nil {
		ls.serve.Store(nil)
		return
	}
	ls.serve.Store(&f)
}

// SetEncryption sets the policy for connections made from now on.
func (ls *Links) SetEncryption(p Policy) { ls.policy.Store(uint32(p)) }

// SetMost bounds the connections of all torrents together, those in the handshake
// included; 0 = no bound. Connections above it that are there already stay. It may be
// called from anywhere.
func (ls *Links) SetMost(n int) { ls.most.Store(int64(n)) }

// SetOneEach refuses a second connection of an address in a torrent from now on, as
// soon as its handshake has said which torrent it is about. It may be called from
// anywhere.
func (ls *Links) SetOneEach(on bool) { ls.oneEach.Store(on) }

// second reports whether the address of l has another link in its torrent. mu is held.
func (ls *Links) second(l *Link) bool {
	for _, o := range *ls.up.Load() {
		if o != l && o.infoHash == l.infoHash && o.addr.Addr() == l.addr.Addr() {
			return true
		}
	}
	return false
}

// full reports whether there is no room for another connection. mu is held.
func (ls *Links) full() bool {
	n := ls.most.Load()
	return n > 0 && int64(len(ls.links)) >= n
}

// SetDownLimit sets the limit of received payload, all torrents together, in
// bytes per second; 0 = none.
func (ls *Links) SetDownLimit(n int64) { ls.down.setRate(n) }

// SetTorrentDownLimit sets the limit of received payload of one torrent in bytes
// per second; 0 = none of its own.
func (ls *Links) SetTorrentDownLimit(ih swarm.InfoHash, n int64) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	t := ls.torrent(ih)
	t.down.setRate(n)
	ls.tidy(ih, t)
}

// SetPaused chokes every peer of a torrent, or lets upload decide again.
func (ls *Links) SetPaused(ih swarm.InfoHash, paused bool) {
	ls.mu.Lock()
	t := ls.torrent(ih)
	t.paused.Store(paused)
	ls.tidy(ih, t)
	ls.mu.Unlock()
	for _, l := range ls.All() {
		if l.infoHash == ih {
			l.mu.Lock()
			l.applyChoke()
			l.mu.Unlock()
		}
	}
	ls.wake()
}

// torrent returns the shared state of ih, made if need be. mu is held.
func (ls *Links) torrent(ih swarm.InfoHash) *torrent {
	t := ls.torrents[ih]
	if t == nil {
		t = &torrent{down: newPacer()}
		t.weight.Store(NormalWeight)
		ls.torrents[ih] = t
	}
	return t
}

// tidy forgets a torrent that says nothing. mu is held.
func (ls *Links) tidy(ih swarm.InfoHash, t *torrent) {
	if t.links == 0 && !t.paused.Load() && !t.noPex.Load() && t.down.limit() == 0 && t.weight.Load() == NormalWeight {
		delete(ls.torrents, ih)
	}
}

// Drop closes a connection and reports reason through Config.OnDrop. It does
// nothing if the connection is gone.
func (ls *Links) Drop(key swarm.PeerKey, reason string) {
	ls.mu.Lock()
	l := ls.links[key]
	ls.mu.Unlock()
	if l != nil {
		l.drop(fmt.Errorf("%w: %s", ErrDropped, reason), reason)
	}
}

// Close closes every connection, lets Accept return and waits for the links'
// goroutines. Close the library's client first: it accepts again and again
// without a pause from listeners that fail.
func (ls *Links) Close() {
	ls.mu.Lock()
	if !ls.closed {
		ls.closed = true
		close(ls.done)
	}
	all := make([]*Link, 0, len(ls.links))
	for _, l := range ls.links {
		all = append(all, l)
	}
	ls.mu.Unlock()
	for _, l := range all {
		_ = l.Close()
	}
	ls.wg.Wait()
}

// add takes in a new connection. ok is false when it has to be closed.
func (ls *Links) add(l *Link) (ok bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.closed || ls.full() {
		return false
	}
	if l.incoming && ls.pending.Add(1) > int64(ls.cfg.MaxPending) {
		ls.pending.Add(-1)
		return false
	}
	ls.links[l.key] = l
	return true
}

// joined publishes a link whose handshake is complete and starts its goroutine.
func (ls *Links) joined(l *Link) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.closed || ls.links[l.key] != l || ls.oneEach.Load() && ls.second(l) {
		return false
	}
	if l.incoming {
		ls.pending.Add(-1)
	}
	l.torrent = ls.torrent(l.infoHash)
	l.torrent.links++
	ls.weigh()
	l.joined = true
	ls.publish()
	ls.wg.Add(1)
	go l.runWriter()
	return true
}

// remove forgets a link that is closed.
func (ls *Links) remove(l *Link) {
	last := l.traffic()
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.links[l.key] != l {
		return
	}
	delete(ls.links, l.key)
	ls.gone = ls.gone.plus(last)
	if !l.joined {
		if l.incoming {
			ls.pending.Add(-1)
		}
		return
	}
	l.torrent.links--
	ls.weigh()
	ls.tidy(l.infoHash, l.torrent)
	ls.publish()
}

// publish renews the list of All and lets upload see it. mu is held.
func (ls *Links) publish() {
	list := make([]*Link, 0, len(ls.links))
	for _, l := range ls.links {
		if l.joined {
			list = append(list, l)
		}
	}
	ls.up.Store(&list)
	ls.wake()
}
