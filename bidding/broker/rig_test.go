package broker

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

const (
	testPiece = 256 << 10
	testBlock = 16 << 10
	testPrice = btt.Rate(100_003)
	testChain = 0x2b6653dc
)

var testWay = lane.Way{Chain: testChain, Escrow: voucher.Address{9}}

func keyOf(name string) []byte {
	h := sha256.Sum256([]byte(name))
	return h[:]
}

func accountOf(name string) voucher.Address {
	a, err := voucher.AddressOf(keyOf(name))
	if err != nil {
		panic(err) //nolint:forbidigo // the hash of a name is a key
	}
	return a
}

// keys is a Signer that can be locked.
type keys struct {
	mu     sync.Mutex
	key    []byte
	locked bool
	signed int
}

func (k *keys) Sign(d voucher.Digest) (voucher.Signature, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.locked {
		return voucher.Signature{}, errors.New("locked")
	}
	k.signed++
	return voucher.Sign(d, k.key)
}

func (k *keys) lock(yes bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.locked = yes
}

// end is one program: a broker, its ledger, and connections that carry extension
// messages and blocks in one order.
type end struct {
	*Broker
	name  string
	keys  *keys
	books *ledger.Ledger

	// tamper changes or (nil) drops what is said; nil leaves all as it is.
	tamper func([]byte) []byte
	// corrupt makes every piece wrong, which blame tells the broker.
	corrupt, blame bool

	deposit  btt.Amount      // of every payer, as the chain says; 0 = plenty
	transfer chan FactSettle // gets what is asked for; nil = nobody asks
	check    chan FactCheck  // likewise

	mu       sync.Mutex
	over     int // connections that lost the extension
	links    map[bidding.PeerKey]*link
	last     bidding.PeerKey
	payload  int64           // blocks sent in all
	said     int64           // bytes of extension messages sent
	verified int64           // bytes
	partial  []lane.Verified // of the piece that is being loaded; kept when a connection ends
	idle     bool            // serves no more blocks
	pace     int             // blocks that it puts into a stream every 2 ms; 0 = no bound
}

// link is one connection of an end.
type link struct {
	end   *end
	key   bidding.PeerKey
	conn  net.Conn
	limit int64 // guarded by end.mu, as all below
	sent  int64
	out   []frame
	more  chan struct{} // capacity one: there is something to write or room to serve
	down  bool
}

// frame is an extension message, or n bytes of a block.
type frame struct {
	payload []byte
	n       int64
}

const maxOut = 16 // frames that wait to be written before blocks do

// Send implements Sender.
func (e *end) Send(peer bidding.PeerKey, payload func(pos int64) []byte) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.links[peer]
	if l == nil || l.down {
		return false
	}
	b := payload(l.sent)
	if e.tamper != nil {
		if b = e.tamper(b); b == nil {
			return true
		}
	}
	e.said += int64(len(b))
	l.out = append(l.out, frame{payload: b})
	l.signal()
	return true
}

// Limit implements Sender.
func (e *end) Limit(peer bidding.PeerKey, pos int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l := e.links[peer]; l != nil {
		l.limit = pos
		l.signal()
	}
}

func (l *link) signal() {
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// fill puts a block into the stream if it may be sent. Without a quote none is.
func (l *link) fill(most int) {
	e := l.end
	for ; most > 0 && !e.idle && len(l.out) < maxOut && l.limit != math.MaxInt64 && l.limit-l.sent >= testBlock; most-- {
		l.out = append(l.out, frame{n: testBlock})
		l.sent += testBlock
		e.payload += testBlock
		e.Served(l.key, l.sent)
	}
}

// write sends frames until the connection ends: length, kind, content.
func (l *link) write() {
	block := make([]byte, testBlock)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		most := math.MaxInt
		if l.end.pace > 0 {
			most = l.end.pace
			<-tick.C
		}
		l.end.mu.Lock()
		l.fill(most)
		out, down := l.out, l.down
		l.out = nil
		l.end.mu.Unlock()
		if down {
			return
		}
		for _, f := range out {
			head := binary.BigEndian.AppendUint32(nil, uint32(max(int64(len(f.payload)), f.n)))
			body := f.payload
			if head = append(head, 'x'); f.n > 0 {
				head[4], body = 'b', block[:f.n]
			}
			if _, err := l.conn.Write(append(head, body...)); err != nil {
				_ = l.conn.Close()
				return
			}
		}
		if len(out) == 0 && l.end.pace == 0 {
			<-l.more
		}
	}
}

// read takes frames until the connection ends.
func (l *link) read() {
	in := bufio.NewReaderSize(l.conn, 64<<10)
	for pos := int64(0); ; {
		var head [5]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[:4]))
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		if head[4] == 'x' {
			l.end.Arrived(l.key, body, pos)
			continue
		}
		l.end.block(l.key, pos, int64(len(body)))
		pos += int64(len(body))
	}
}

// block takes a block of the piece that is being loaded; when that is complete, it
// is verified.
func (e *end) block(peer bidding.PeerKey, pos, n int64) {
	e.mu.Lock()
	if i := len(e.partial) - 1; i >= 0 && e.partial[i].Conn == lane.Conn(peer) {
		e.partial[i].Bytes += n
	} else {
		e.partial = append(e.partial, lane.Verified{Conn: lane.Conn(peer), Pos: pos, Bytes: n})
	}
	sum := int64(0)
	for _, v := range e.partial {
		sum += v.Bytes
	}
	if sum < testPiece {
		e.mu.Unlock()
		return
	}
	all := e.partial
	if e.partial = nil; !e.corrupt {
		e.verified += sum
	}
	e.mu.Unlock()
	for _, v := range all {
		switch {
		case !e.corrupt:
			e.Verified(bidding.PeerKey(v.Conn), v.Pos, v.Bytes)
		case e.blame:
			e.Corrupt(bidding.PeerKey(v.Conn))
		}
	}
}

// serve makes a connection of conn and works until it ends.
func (e *end) serve(conn net.Conn, dialler bool) {
	e.mu.Lock()
	e.last++
	l := &link{end: e, key: e.last, conn: conn, limit: math.MaxInt64, more: make(chan struct{}, 1)}
	e.links[l.key] = l
	e.mu.Unlock()
	e.Connected(Peer{Key: l.key, Torrent: bidding.TorrentKey{1}, InfoHash: [32]byte{1}, Dialler: dialler, Piece: testPiece})
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.write()
	}()
	l.read()
	e.mu.Lock()
	l.down = true
	delete(e.links, l.key)
	l.signal()
	e.mu.Unlock()
	_ = conn.Close()
	<-done
	e.Gone(l.key)
}

// market does what the engine does with every connection: offers and grants.
func (e *end) market(ctx context.Context, offer, price btt.Rate) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case f := <-e.Facts():
			e.news(f)
			continue
		}
		e.mu.Lock()
		var all []bidding.PeerKey
		for k := range e.links {
			all = append(all, k)
		}
		e.mu.Unlock()
		var grants []bidding.Grant
		for _, k := range all {
			if offer > 0 {
				e.Offer(k, offer, 0, 0)
			}
			if s := e.Standing(k); s.Good && s.Bid > 0 && s.Quote.At.IsZero() && price > 0 {
				grants = append(grants, bidding.Grant{Key: k, Slot: bidding.Paid, Price: price, Rate: 1 << 20, Requote: true})
			}
		}
		if len(grants) > 0 {
			e.Grants(grants)
		}
	}
}

// news does what the rest of the program does about a fact.
func (e *end) news(f Fact) {
	switch f := f.(type) {
	case FactMet:
		free := 1_000_000 * btt.One
		if e.deposit > 0 {
			free = e.deposit
		}
		if f.Payer {
			e.Funded(f.Account, free)
		}
	case FactEnded:
		e.mu.Lock()
		e.over++
		e.mu.Unlock()
	case FactSettle:
		if e.transfer != nil {
			e.transfer <- f
		}
	case FactCheck:
		if e.check != nil {
			e.check <- f
		}
	}
}

// plenty is more than a test spends.
var plenty = Caps{Torrent: 1 << 50, Day: 1 << 50, Peer: 1 << 50}

func payerConfig(name string) Config {
	return Config{Account: accountOf(name), Ways: []lane.Way{testWay}, Pays: true, Caps: plenty}
}

func payeeConfig(name string) Config {
	return Config{Account: accountOf(name), Ways: []lane.Way{testWay}, Serves: true}
}

// newEnd opens an end in a directory.
func newEnd(ctx context.Context, name, dir string, cfg Config) (*end, error) {
	l, err := ledger.Open(ctx, filepath.Join(dir, name+".db"))
	if err != nil {
		return nil, err
	}
	e := &end{name: name, keys: &keys{key: keyOf(name)}, books: l, links: map[bidding.PeerKey]*link{}}
	e.Broker, err = New(cfg, l, e.keys, e)
	return e, err
}

// start runs a new end until the test is over.
func start(t *testing.T, name, dir string, cfg Config, offer, price btt.Rate) *end {
	t.Helper()
	e, err := newEnd(t.Context(), name, dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := e.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() { e.market(ctx, offer, price) })
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		if err := e.books.Audit(context.Background()); err != nil {
			t.Error(err)
		}
		if err := e.books.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// join connects two ends over loopback until the test is over, or hang up is called.
func join(t *testing.T, dialler, listener *end) (hangUp func()) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	a, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{a, b} {
		narrow(c)
	}
	var wg sync.WaitGroup
	wg.Go(func() { dialler.serve(a, true) })
	wg.Go(func() { listener.serve(b, false) })
	hangUp = sync.OnceFunc(func() {
		_ = a.Close()
		_ = b.Close()
		wg.Wait()
	})
	t.Cleanup(hangUp)
	return hangUp
}

// narrow keeps what is on its way small. Less than two segments of the loopback
// would stop it.
func narrow(c net.Conn) {
	_ = c.(*net.TCPConn).SetWriteBuffer(64 << 10)
	_ = c.(*net.TCPConn).SetReadBuffer(128 << 10)
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// row is an end's side of the lane from payer to payee.
func (e *end) row(t testing.TB, payer, payee string, paid bool) ledger.Lane {
	t.Helper()
	l, err := e.books.Lane(context.Background(), rowKey(lane.Key{
		Chain: testWay.Chain, Escrow: testWay.Escrow, Payer: accountOf(payer), Payee: accountOf(payee),
	}, paid))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (e *end) figures() (payload, said, verified int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.payload, e.said, e.verified
}

func leaks(m *testing.M) { goleak.VerifyTestMain(m) }
