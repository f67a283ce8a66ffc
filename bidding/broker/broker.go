package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// ErrConfig means that a Config cannot be worked with.
var ErrConfig = errors.New("broker: configuration")

// Signer signs for the spending account. An error, such as that of a locked wallet,
// delays what was to be signed.
type Signer interface {
	Sign(d voucher.Digest) (voucher.Signature, error)
}

// Sender is the connections. Its methods do not block and may be called from the
// broker's goroutine only.
type Sender interface {
	// Send puts one extension message into the stream of a peer. It calls payload
	// once, with the number of payload bytes (of blocks, in piece messages) that are
	// before the message in the stream we send to it, and no block may come between
	// the two. It reports false, without calling, if the connection is gone.
	Send(peer bidding.PeerKey, payload func(pos int64) []byte) bool
	// Limit says up to which position of the stream blocks may be sent to a peer
	// while a quote is in force; math.MaxInt64 if there is none.
	Limit(peer bidding.PeerKey, pos int64)
}

// Caps bounds what the user spends, in µBTT. The zero value allows nothing.
type Caps struct {
	Torrent btt.Amount // for one torrent in all
	Day     btt.Amount // for one day of the calendar
	Peer    btt.Amount // promised to one address in all
}

// Terms is what is owed and lent where payments are transfers, in µBTT. The zero value
// owes and lends nothing, but for the window of bytes that each address has.
type Terms struct {
	Least btt.Amount // the smallest net sum that is worth a transfer
	Line  btt.Amount // what is lent to each address
	Purse btt.Amount // what our debts may come to in all
}

// Config is what a broker works by. Its zero value is payments off.
type Config struct {
	Account  voucher.Address // the spending account
	Ways     []lane.Way      // in order of preference; empty = off
	Pays     bool            // we may be a requester
	Serves   bool            // we may be a provider
	Nets     bool            // what is due in both directions is set off, with peers that do so too (voucher)
	Caps     Caps
	Terms    Terms
	Location *time.Location // of the calendar's day; nil = UTC
}

// Validate returns ErrConfig for one that cannot be worked with.
func (c Config) Validate() error {
	switch {
	case c.Caps.Torrent < 0 || c.Caps.Day < 0 || c.Caps.Peer < 0 || c.Terms.Least < 0 || c.Terms.Line < 0 || c.Terms.Purse < 0:
		return fmt.Errorf("%w: negative amount", ErrConfig)
	case len(c.Ways) > maxWays:
		return fmt.Errorf("%w: more than %d ways to pay", ErrConfig, maxWays)
	case len(c.Ways) > 0 && c.Account == (voucher.Address{}):
		return fmt.Errorf("%w: no account", ErrConfig)
	}
	return nil
}

// maxWays is how many ways to pay a hello has room for.
const maxWays = 8

// Broker pays and is paid. Its zero value is not usable; see [New]. All methods
// but Run return at once and may be called from anywhere.
type Broker struct {
	cfg    Config
	ledger *ledger.Ledger
	signer Signer
	sender Sender
	inbox  inbox
	board  board
	facts  chan Fact
}

// New returns a broker that does nothing until Run.
func New(cfg Config, l *ledger.Ledger, signer Signer, sender Sender) (*Broker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Broker{
		cfg: cfg, ledger: l, signer: signer, sender: sender,
		inbox: newInbox(), board: newBoard(), facts: make(chan Fact, maxFacts),
	}, nil
}

// Run works until ctx is done, then returns nil. An error is one of the ledger:
// what it could not record was neither signed nor sent.
func (b *Broker) Run(ctx context.Context) error {
	c, err := newCore(ctx, b, time.Now())
	if err != nil {
		return stopped(ctx, err)
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			err = c.tick(ctx, time.Now())
		case <-b.inbox.wake:
			err = c.drain(ctx, time.Now())
		}
		if err != nil {
			return stopped(ctx, err)
		}
	}
}

// stopped hides what goes wrong because ctx is done.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return fmt.Errorf("broker: %w", err)
	}
	return nil
}

// Facts is what happened, for one reader. When it does not keep up, news is lost;
// the ledger has all.
func (b *Broker) Facts() <-chan Fact { return b.facts }

// Standing says what the allocator has to know of a peer.
func (b *Broker) Standing(peer bidding.PeerKey) Standing { return b.board.get(peer) }
