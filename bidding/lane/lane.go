package lane

import (
	"fmt"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// Key names a lane for ever: who pays whom, under which contract of which chain.
// The zero value is no lane.
type Key struct {
	Chain        int64           // chain id of the signing domain
	Escrow       voucher.Address // zero for payments between the two wallets
	Payer, Payee voucher.Address
}

// Back is the lane in the other direction.
func (k Key) Back() Key { k.Payer, k.Payee = k.Payee, k.Payer; return k }

// Direct reports whether k is paid by transfers between the two wallets.
func (k Key) Direct() bool { return k.Escrow == (voucher.Address{}) }

// Book is what of a lane outlives the program: one row of the ledger for each
// direction. The zero value is that of two that never met.
type Book struct {
	Cumulative btt.Amount        // the best promise held or given; never falls
	Signature  voucher.Signature // that of the promise held; zero where we are the payer, who can make it again
	Due        btt.Amount        // charged in all: payer, for verified bytes and Lost; payee, as of the last record
	Bytes      int64             // payload bytes behind Due
	Unpaid     int64             // payee: the bytes of Due that Cumulative does not cover
	Repay      int64             // payee: bytes that must be paid for until trust is whole again; payer: Bytes when it last lost something
	Lost       btt.Amount        // payee: written off; may yet be paid. Payer: paid ahead and lost by its own crashes, part of Due
	Strikes    int               // defaults not yet lived down
	Until      time.Time         // end of the back-off; zero if there is none
	Redeemed   btt.Amount        // the part of Cumulative that was settled on the chain
	Off        btt.Amount        // set off against the lane in the other direction (voucher); the same in both, kept in NetBook
}

// paid is what of Due is settled or promised.
func (b Book) paid() btt.Amount { return plus(b.Cumulative, b.Off) }

// Phase is how far a connection has come in one direction. The zero value is Idle.
type Phase uint8

// The phases, in the order in which they are passed.
const (
	Idle      Phase = iota
	Hello           // our hello is sent
	Authed          // both accounts are proved; nothing is charged
	Quoted          // a price was named, no byte has gone at it
	Active          // charged
	Stalled         // the window is used up: within the grace of a need
	Prepay          // the next bytes have to be paid first
	Defaulted       // served for free only, until the back-off is over
	Closed          // the quote was ended; a new bid begins again
)

// String returns the phase in lower case, for logs and tests.
func (p Phase) String() string {
	names := []string{"idle", "hello", "authed", "quoted", "active", "stalled", "prepay", "defaulted", "closed"}
	if int(p) < len(names) {
		return names[p]
	}
	return fmt.Sprintf("phase %d", uint8(p))
}

// counting reports whether payload is charged in this phase.
func (p Phase) counting() bool {
	return p == Quoted || p == Active || p == Stalled || p == Prepay
}

// The bounds of a lane. See design notes in doc.go.
const (
	Block       = 16 << 10            // bytes of a request; less room than this is none
	LeastWindow = 4 << 20             // W is two pieces, at least this
	MaxWindow   = 32 << 20            // and at most this, for an address
	Flush       = 1 << 20             // S: bytes served between two records
	Trust       = 2000 * btt.One      // X: unredeemed promises of a payer whose promises never were redeemed
	Crowd       = 20                  // payees that a deposit is taken to be promised to
	Regrow      = 16                  // bytes to be paid for each byte lost
	Grace       = 5 * time.Second     // of a need
	FirstBack   = time.Hour           // back-off of the first default, doubled with each
	LastBack    = 7 * 24 * time.Hour  // the longest
	Slack       = 64                  // µBTT that roundings may add up to where a piece is prepaid
	Cadence     = time.Second         // between two promises, unless half of the window is unpaid
	Spacing     = time.Second / 10    // between two promises on average, which keeps to the limit of the wire
	Burst       = 3 * time.Second     // how far promises may be ahead of that
	Retry       = 2 * time.Second     // after which a promise that was not acknowledged is sent again
	Hold        = 3 * time.Second     // how long what is proposed to be set off is not promised; less than Grace
	Patience    = 2 * time.Second     // how long a debt waits to be set off, unless something is
	Brisk       = 30 * time.Second    // for which nothing waits after that was in vain
	Rush        = 2 * time.Second     // for which nothing waits after it took too long for the window
	askAgain    = Spacing             // between two wishes to set off, where the window is used up fast
	maxConns    = 16                  // connections of one address that can be paid for
	maxRuns     = 64                  // quotes that bytes are still counted for
	maxSum      = btt.MaxAmount / 256 // no sum of a lane passes it, so that none overflows
)

// Window returns W for torrents with pieces of that length, in bytes.
func Window(piece int64) int64 { return min(max(2*piece, LeastWindow), MaxWindow) }

// backOff returns how long an address stays in the free tier after its nth default.
func backOff(n int) time.Duration {
	d := FirstBack
	for range min(n-1, 8) {
		d *= 2
	}
	return min(d, LastBack)
}

// Worth reports whether sum is worth a fee in BTT: whether the fee is at most
// permille of it. What is not worth its fee is dust, and waits.
func Worth(sum, fee btt.Amount, permille int64) bool {
	if sum <= 0 || fee < 0 || permille <= 0 {
		return false
	}
	return fee/btt.Amount(permille) < sum/1000 || fee <= btt.MaxAmount/1000 && sum <= btt.MaxAmount/btt.Amount(permille) && fee*1000 <= sum*btt.Amount(permille)
}

// Conn names one live connection; the broker chooses it and never uses it again.
type Conn uint64

// Torrent names what a connection is about, by the infohash of the wire.
type Torrent [20]byte

// Effect is one thing to be done. Effects are done in the order in which Step
// returns them: what is recorded is durable before what follows is signed, what is
// signed is what was recorded, and only then is it sent. If one cannot be done,
// those after it must not be.
type Effect interface{ effect() }

// Record makes the book durable, together with the transfer of Moved between the
// two: new promises given (payer) or received (payee), for Torrent. Moved may be 0.
type Record struct {
	Book    Book
	Moved   btt.Amount
	Torrent Torrent
	Tx      [32]byte   // direct: the transaction behind it, to be counted once; else zero
	Sent    btt.Amount // direct: what Tx paid, where we are the payer
	// Off is what was set off against the lane in the other direction (direct): that is
	// to be told SetOff, and what it records is recorded together with this.
	Off btt.Amount
}

// Sign makes the signature of the Pay that follows.
type Sign struct{ Voucher voucher.Voucher }

// Send tells the peer something on Conn.
type Send struct {
	Conn    Conn
	Message Message
}

// Place is Send for what has its place between the payload: the position at
// which it was put into the stream comes back as [Placed] before anything else.
type Place struct {
	Conn     Conn
	Message  Message // a Quote or a Stop
	sent     int64
	counting bool
}

// At returns the message for its position, in payload bytes sent before it on the
// connection: a Quote names the bytes that were charged before it.
func (p Place) At(pos int64) Message {
	if q, ok := p.Message.(Quote); ok && p.counting {
		q.Served += max(pos-p.sent, 0)
		return q
	}
	return p.Message
}

// Limit is how far the stream of Conn may be served: up to Pos bytes of payload,
// until the next Limit. Free bytes are not limited: Pos is then math.MaxInt64.
type Limit struct {
	Conn Conn
	Pos  int64
}

// Settle asks for a transfer on the chain, by the user's leave (direct).
type Settle struct{ Amount btt.Amount }

// Check asks whether the transaction is final and pays us what it says (direct).
type Check struct {
	Conn   Conn
	Tx     [32]byte
	Amount btt.Amount
	Off    btt.Amount // what its payer proposes to set off
}

// Tell is news for the user's eyes and for tests.
type Tell struct {
	Fact   Fact
	Conn   Conn
	Amount btt.Amount // what it is about, if money
	Bytes  int64      // likewise
}

// Fact says what happened in a lane.
type Fact uint8

// The facts.
const (
	FactWrittenOff Fact = iota + 1 // Bytes, worth Amount, will not be paid
	FactDefaulted                  // the address is in the free tier for a while
	FactForged                     // a promise did not verify
	FactInsolvent                  // promises beyond what the deposit covers
	FactLimit                      // a cap of the user is reached
	FactRefused                    // a quote that was not taken
	FactBadData                    // blocks that did not verify
	FactOverclaim                  // the peer says that it holds or needs more than is due
	FactHeld                       // direct: the peer says that it holds Amount in all
)

// String returns the fact in lower case, for logs and tests.
func (f Fact) String() string {
	names := []string{"none", "written off", "defaulted", "forged", "insolvent", "limit", "refused", "bad data", "overclaim", "held"}
	if int(f) < len(names) {
		return names[f]
	}
	return fmt.Sprintf("fact %d", uint8(f))
}

func (Record) effect() {}
func (Sign) effect()   {}
func (Send) effect()   {}
func (Place) effect()  {}
func (Limit) effect()  {}
func (Settle) effect() {}
func (Check) effect()  {}
func (Tell) effect()   {}
