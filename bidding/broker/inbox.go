package broker

import (
	"sync"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// The bounds of the inbox.
const (
	maxQueue = 4096 // events of all peers
	maxPeer  = 256  // messages of one
)

// Peer is a connection on which both ends speak the extension.
type Peer struct {
	Key      bidding.PeerKey // never used again for another
	Torrent  bidding.TorrentKey
	InfoHash [32]byte // see voucher.Session
	Dialler  bool     // we opened the connection
	Piece    int64    // length of the torrent's pieces, in bytes
}

// The events that are not those of a machine.
type (
	connected struct{ peer Peer }
	arrived   struct {
		payload []byte
		pos     int64
	}
	tell    struct{ message wire.Message }
	flooded struct{}
)

// entry is one event of a peer.
type entry struct {
	peer  bidding.PeerKey
	event any // of this file or of package lane
}

// inbox is what waits for the broker's goroutine.
type inbox struct {
	wake chan struct{} // capacity one

	mu     sync.Mutex
	queue  []entry
	held   map[bidding.PeerKey]int     // messages of a peer in queue
	pieces map[bidding.PeerKey]int     // where in queue its last Verified is
	served map[bidding.PeerKey]int64   // latest positions
	offers map[bidding.PeerKey]offered // latest
	grants []bidding.Grant             // latest
	caps   *Caps                       // latest; nil = as before

	terms   *Terms                         // latest; nil = as before
	moves   []any                          // ours and theirs
	funds   map[voucher.Address]btt.Amount // latest
	redeems map[pair]btt.Amount            // latest
	full    map[bidding.PeerKey]bool       // peers that had too many; they are heard no more
}

func newInbox() inbox {
	return inbox{
		wake: make(chan struct{}, 1), held: map[bidding.PeerKey]int{}, pieces: map[bidding.PeerKey]int{}, served: map[bidding.PeerKey]int64{},
		offers: map[bidding.PeerKey]offered{}, full: map[bidding.PeerKey]bool{},
		funds: map[voucher.Address]btt.Amount{}, redeems: map[pair]btt.Amount{},
	}
}

// put adds an event of a peer. Where there is no room the peer loses the extension.
func (in *inbox) put(peer bidding.PeerKey, e any) {
	in.mu.Lock()
	defer in.mu.Unlock()
	_, ends := e.(lane.Down)
	_, said := e.(arrived)
	switch {
	case ends:
	case in.full[peer]:
		return
	case said && in.held[peer] >= maxPeer || len(in.queue) >= maxQueue:
		in.full[peer] = true
		e = flooded{}
	case said:
		in.held[peer]++
	}
	if v, ok := e.(lane.Verified); ok {
		if i, ok := in.pieces[peer]; ok && in.join(i, v) {
			return
		}
		in.pieces[peer] = len(in.queue)
	}
	in.queue = append(in.queue, entry{peer, e})
	in.signal()
}

// join makes what was verified one with what waits, if there is no gap between the
// two.
func (in *inbox) join(i int, v lane.Verified) bool {
	last, ok := in.queue[i].event.(lane.Verified)
	if !ok || last.Pos+last.Bytes != v.Pos {
		return false
	}
	last.Bytes += v.Bytes
	in.queue[i].event = last
	return true
}

func (in *inbox) signal() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// latest does f, which replaces what is not yet read.
func (in *inbox) latest(f func()) {
	in.mu.Lock()
	defer in.mu.Unlock()
	f()
	in.signal()
}

// batch is all that waited.
type batch struct {
	served map[bidding.PeerKey]int64
	queue  []entry
	offers map[bidding.PeerKey]offered
	grants []bidding.Grant
	caps   *Caps

	terms   *Terms
	moves   []any
	funds   map[voucher.Address]btt.Amount
	redeems map[pair]btt.Amount
}

// pair is who pays whom.
type pair struct{ payer, payee voucher.Address }

func (in *inbox) take() batch {
	in.mu.Lock()
	defer in.mu.Unlock()
	b := batch{in.served, in.queue, in.offers, in.grants, in.caps, in.terms, in.moves, in.funds, in.redeems}
	in.served, in.offers, in.caps = map[bidding.PeerKey]int64{}, map[bidding.PeerKey]offered{}, nil
	in.funds, in.redeems = map[voucher.Address]btt.Amount{}, map[pair]btt.Amount{}
	in.queue, in.grants, in.terms, in.moves = nil, nil, nil, nil
	clear(in.held)
	clear(in.pieces)
	for _, e := range b.queue {
		if _, ends := e.event.(lane.Down); ends {
			delete(in.full, e.peer)
		}
	}
	return b
}

// Connected begins the extension with a peer.
func (b *Broker) Connected(p Peer) { b.inbox.put(p.Key, connected{p}) }

// Gone ends it: the connection is closed. Blocks that it sent may still be verified.
func (b *Broker) Gone(peer bidding.PeerKey) { b.inbox.put(peer, lane.Down{Conn: lane.Conn(peer)}) }

// Arrived takes the payload of an extension message, which becomes the broker's,
// and the number of payload bytes of blocks that came before it.
func (b *Broker) Arrived(peer bidding.PeerKey, payload []byte, pos int64) {
	b.inbox.put(peer, arrived{payload, pos})
}

// Served says that the stream to a peer has come to pos, paid and free. It is to be
// said when a block is put into the stream, not later, because promises for it may
// follow at once.
func (b *Broker) Served(peer bidding.PeerKey, pos int64) {
	b.inbox.latest(func() { b.inbox.served[peer] = pos })
}

// Choked says that we choked a peer when its stream was at pos.
func (b *Broker) Choked(peer bidding.PeerKey, pos int64) {
	b.inbox.put(peer, choked{lane.Choked{Conn: lane.Conn(peer), Pos: pos}, true})
}

// ChokedBy says that a peer choked us when pos bytes of payload had come from it.
func (b *Broker) ChokedBy(peer bidding.PeerKey, pos int64) {
	b.inbox.put(peer, choked{lane.Choked{Conn: lane.Conn(peer), Pos: pos}, false})
}

// choked is a choke by us or by the peer.
type choked struct {
	lane.Choked
	us bool
}

// Verified says that what arrived from a peer from pos on, bytes long without a
// gap, belongs to pieces whose hash is right. It is said once for each block.
func (b *Broker) Verified(peer bidding.PeerKey, pos, bytes int64) {
	b.inbox.put(peer, lane.Verified{Conn: lane.Conn(peer), Pos: pos, Bytes: bytes})
}

// Corrupt says that a piece was wrong and that this peer is to blame.
func (b *Broker) Corrupt(peer bidding.PeerKey) {
	b.inbox.put(peer, lane.Corrupt{Conn: lane.Conn(peer)})
}

// offered is what we are ready to pay a peer.
type offered struct {
	bid  lane.Bid
	most btt.Amount
}

// Offer is what we are ready to pay a peer: the price, and the rate in bytes per
// second that we can take, 0 for any. A price of 0 withdraws the offer. most is what
// its torrent may cost in all, in place of Caps.Torrent; 0 = it has no cap of its own.
func (b *Broker) Offer(peer bidding.PeerKey, price btt.Rate, demand int64, most btt.Amount) {
	b.inbox.latest(func() { b.inbox.offers[peer] = offered{lane.Bid{Price: price, Demand: demand}, most} })
}

// SetCaps bounds from now on what is spent.
func (b *Broker) SetCaps(c Caps) error {
	cfg := Config{Caps: c}
	if err := cfg.Validate(); err != nil {
		return err
	}
	b.inbox.latest(func() { b.inbox.caps = &c })
	return nil
}

// Grants is the outcome of a rechoke.
func (b *Broker) Grants(grants []bidding.Grant) {
	b.inbox.latest(func() { b.inbox.grants = grants })
}

// Tell says something to a peer that is not about money: wire.Reserve or wire.Proof.
func (b *Broker) Tell(peer bidding.PeerKey, m wire.Message) { b.inbox.put(peer, tell{m}) }

// Funded says what the deposit of a payer has free, 0 if it is leaving.
func (b *Broker) Funded(payer voucher.Address, free btt.Amount) {
	b.inbox.latest(func() { b.inbox.funds[payer] = free })
}

// Redeemed says what was settled on the chain of the promises of payer to payee, in
// all. One of the two is us.
func (b *Broker) Redeemed(payer, payee voucher.Address, total btt.Amount) {
	b.inbox.latest(func() { b.inbox.redeems[pair{payer, payee}] = total })
}
