package broker

import (
	"sync"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/bidding/wire"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// Standing is what the allocator has to know of a peer: the fields of bidding.Peer
// of the same name. The zero value is that of a peer without the extension.
type Standing struct {
	Account voucher.Address // proved; zero if not
	Bid     btt.Rate
	Cap     int64 // bytes per second
	Good    bool  // it may buy now
	Quote   bidding.Quote
	Charged int64      // bytes it was sent that are charged, on this connection
	Phase   lane.Phase // of what it buys from us
	Sells   bool       // it may be bid to
	Buying  lane.Phase // of what we buy from it
	Price   btt.Rate   // that we pay it; 0 if none
	Rate    int64      // bytes per second, as it said with the price
	Bought  int64      // verified bytes that we were charged for, on this connection
}

// board has the standings, for readers of any goroutine.
type board struct {
	mu  sync.Mutex
	all map[bidding.PeerKey]Standing
}

func newBoard() board { return board{all: map[bidding.PeerKey]Standing{}} }

func (b *board) get(peer bidding.PeerKey) Standing {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all[peer]
}

func (b *board) set(peer bidding.PeerKey, s Standing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all[peer] = s
}

func (b *board) remove(peer bidding.PeerKey) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.all, peer)
}

// maxFacts is how many facts wait for their reader.
const maxFacts = 256

// Fact is one of the types below.
type Fact interface{ fact() }

type (
	// FactMet says that a peer has proved its account. Provided: it can pay us, and
	// wants its deposit looked up and said with Funded.
	FactMet struct {
		Peer    bidding.PeerKey
		Account voucher.Address
		Way     lane.Way
		Payer   bool
	}
	// FactMoved says that a promise was given (Paid) or received (not Paid), or as much
	// set off, of which both are said.
	FactMoved struct {
		Account voucher.Address
		Torrent bidding.TorrentKey
		Amount  btt.Amount
		Paid    bool
	}
	// FactLane is news of a lane.
	FactLane struct {
		Account voucher.Address
		What    lane.Fact
		Amount  btt.Amount
		Bytes   int64
	}
	// FactQuoted says that a peer named its price.
	FactQuoted struct {
		Peer  bidding.PeerKey
		Price btt.Rate
		Rate  int64 // bytes per second
	}
	// FactReserve says what a peer's torrent costs at least, and what it asks about.
	FactReserve struct {
		Peer    bidding.PeerKey
		Reserve wire.Reserve
	}
	// FactProof is a peer's answer to such a question.
	FactProof struct {
		Peer  bidding.PeerKey
		Proof wire.Proof
	}
	// FactSettle says that a transfer to a peer's account is worth its fee. The ledger
	// says the same.
	FactSettle struct {
		Peer   bidding.PeerKey
		To     voucher.Address
		Amount btt.Amount
	}
	// FactCheck asks whether a transaction pays us from an account.
	FactCheck struct {
		Peer   bidding.PeerKey
		From   voucher.Address
		Tx     [32]byte
		Amount btt.Amount // as it says
		Off    btt.Amount // what it proposes to set off
	}
	// FactEnded says that the extension ended for a connection, which goes on.
	FactEnded struct {
		Peer bidding.PeerKey
		Why  error
	}
)

func (FactMet) fact()     {}
func (FactMoved) fact()   {}
func (FactLane) fact()    {}
func (FactQuoted) fact()  {}
func (FactReserve) fact() {}
func (FactProof) fact()   {}
func (FactSettle) fact()  {}
func (FactCheck) fact()   {}
func (FactEnded) fact()   {}
