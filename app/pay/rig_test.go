package pay

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmbid/bidding"
	"swarmbid/bidding/broker"
	"swarmbid/engine"
	"swarmbid/engine/lab"
	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

const testChain = 0x2b6653dc

var testEscrow = voucher.Address{9}

// pen signs with the key of a name; it can be locked.
type pen struct {
	key    [32]byte
	at     voucher.Address
	locked atomic.Bool
	signed atomic.Int64
}

func newPen(name string) *pen {
	p := &pen{key: sha256.Sum256([]byte("pay " + name))}
	p.at, _ = voucher.AddressOf(p.key[:])
	return p
}

var errLocked = errors.New("locked")

// Sign implements broker.Signer.
func (p *pen) Sign(d voucher.Digest) (voucher.Signature, error) {
	if p.locked.Load() {
		return voucher.Signature{}, errLocked
	}
	p.signed.Add(1)
	return voucher.Sign(d, p.key[:])
}

// ear is a counter that counts the bytes of the messages that it hears, as they are on
// the wire.
type ear struct {
	*Counter
	heard atomic.Int64
}

// Arrived implements engine.Broker.
func (e *ear) Arrived(k bidding.PeerKey, payload []byte, pos int64) {
	e.heard.Add(int64(len(payload)) + 6)
	e.Counter.Arrived(k, payload, pos)
}

// station is one program without a window: engine, counter, ledger and key.
type station struct {
	*engine.Engine
	Counter
	ear   ear
	pen   *pen
	book  *ledger.Ledger
	dir   string
	stop  context.CancelFunc
	ended chan error
}

// setup is what a station is made of.
type setup struct {
	name   string
	dir    string
	caps   broker.Caps
	funds  func(context.Context, voucher.Address) (btt.Amount, error)
	change func(*engine.Config)
	closed bool // the counter is not opened
	told   bool // the log has what happens in lanes too
}

func plenty() broker.Caps { return broker.Caps{Torrent: 1 << 50, Day: 1 << 50, Peer: 1 << 50} }

// open starts a station.
func open(ctx context.Context, s setup) (*station, error) {
	x := &station{pen: newPen(s.name), dir: filepath.Join(s.dir, s.name), ended: make(chan error, 1)}
	if err := os.MkdirAll(filepath.Join(x.dir, "files"), 0o755); err != nil {
		return nil, err
	}
	var err error
	if x.book, err = ledger.Open(ctx, filepath.Join(x.dir, "ledger.db")); err != nil {
		return nil, err
	}
	c := engine.DefaultConfig()
	c.DataDir, c.DownloadDir, c.Version = filepath.Join(x.dir, "data"), filepath.Join(x.dir, "files"), "0.1.0"
	c.Listen = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	c.DHT, c.LSD, c.UPnP, c.NATPMP, c.IPv6, c.PEX, c.SubnetSlots = false, false, false, false, false, false, 0
	x.ear.Counter = &x.Counter
	c.Broker, c.Market.On = &x.ear, true
	if s.change != nil {
		s.change(&c)
	}
	if x.Engine, err = engine.New(c); err != nil {
		return nil, errors.Join(err, x.book.Close())
	}
	x.Join(x.Engine)
	if s.funds == nil {
		s.funds = func(context.Context, voucher.Address) (btt.Amount, error) { return 1_000_000 * btt.One, nil }
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	x.stop = stop
	level := slog.LevelWarn
	if s.told {
		level = slog.LevelInfo
	}
	opened := make(chan struct{})
	g, running := errgroup.WithContext(running)
	g.Go(func() error {
		if s.closed {
			close(opened)
			<-running.Done()
			return nil
		}
		return x.Counter.Run(running, Config{
			Ledger: x.book, Signer: x.pen, Account: x.pen.at, Chain: testChain, Escrow: testEscrow, Funds: s.funds,
			Own: func() btt.Amount { return 1_000_000 * btt.One }, Caps: func() broker.Caps { return s.caps },
			Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
		}, func() { close(opened) })
	})
	g.Go(func() error {
		<-opened
		return x.Engine.Run(running)
	})
	go func() { x.ended <- g.Wait() }()
	return x, lab.Until(ctx, func() (bool, error) {
		select {
		case err := <-x.ended:
			x.ended <- err
			return false, fmt.Errorf("%s ended: %w", s.name, err)
		default:
			return x.Snapshot().Totals.ListenPort > 0, nil
		}
	})
}

// close ends a station; its books must be in order.
func (x *station) close() error {
	x.stop()
	err := <-x.ended
	return errors.Join(err, x.book.Audit(context.Background()), x.book.Close())
}

func (x *station) addr() string { return fmt.Sprintf("127.0.0.1:%d", x.Snapshot().Totals.ListenPort) }

// start is open for a test.
func start(t *testing.T, s setup) *station {
	t.Helper()
	if s.dir == "" {
		s.dir = t.TempDir()
	}
	x, err := open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.close(); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
	})
	return x
}

// payload makes a file to share.
func payload(t *testing.T, size int64) *lab.Payload {
	t.Helper()
	p, err := lab.OneFile(t.TempDir(), size).Make()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// seed gives a station the whole payload.
func (x *station) seed(ctx context.Context, p *lab.Payload) error {
	if _, err := x.Add(ctx, swarm.Add{Source: swarm.Source{File: p.File}, SavePath: filepath.Dir(p.File)}); err != nil {
		return err
	}
	return lab.Until(ctx, func() (bool, error) { return x.row(p).State == swarm.Seeding, nil })
}

// load begins to load the payload from somebody.
func (x *station) load(ctx context.Context, p *lab.Payload, from string) error {
	if _, err := x.Add(ctx, swarm.Add{Source: swarm.Source{File: p.File}}); err != nil {
		return err
	}
	return x.AddPeer(ctx, p.InfoHash, from)
}

func (x *station) row(p *lab.Payload) swarm.Torrent {
	for _, t := range x.Snapshot().Torrents {
		if t.InfoHash == p.InfoHash {
			return t
		}
	}
	return swarm.Torrent{}
}

// lane is a station's side of what payer owes payee.
func (x *station) lane(payer, payee *station) ledger.Lane {
	l, err := x.book.Lane(context.Background(), ledger.LaneKey{
		Chain: testChain, Escrow: testEscrow, Payer: payer.pen.at, Payee: payee.pen.at, Paid: x == payee,
	})
	if err != nil {
		panic(err) //nolint:forbidigo // a broken test
	}
	return l
}

// bids has a station bid up to price in µBTT per MiB.
func bids(price btt.Rate) func(*engine.Config) {
	return func(c *engine.Config) {
		c.Market.AutoBid = bidding.AutoBid{Mode: bidding.Fast, MaxPrice: price, PerTorrent: 100_000 * btt.One, PerDay: 100_000 * btt.One}
	}
}

// asks has a station sell at a fixed reserve price, with an upload limit.
func asks(price btt.Rate, limit int64) func(*engine.Config) {
	return func(c *engine.Config) {
		c.Market.Reserve, c.UpLimit = bidding.Reserve{Price: price}, limit
	}
}

// until waits for a condition, or fails the test.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	if err := lab.Until(ctx, func() (bool, error) { return ok(), nil }); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
