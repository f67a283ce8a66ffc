package tron

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// methods are all that this package asks a node.
func methods() []string {
	return []string{
		"GetBlock", "GetBlockByNum2", "GetAccount", "GetAccountResource", "TriggerConstantContract", "GetChainParameters",
		"GetTransactionInfoById", "GetTransactionInfoByBlockNum", "BroadcastTransaction",
	}
}

// lies are ways to answer falsely without a plausible number.
func lies() map[string]testnode.Fault {
	garbage := func(_, m proto.Message) {
		if b, err := proto.Marshal(m); err == nil && len(b) > 3 {
			b[len(b)/2] ^= 0x55
			proto.Reset(m)
			_ = proto.Unmarshal(b, m)
		}
	}
	return map[string]testnode.Fault{
		"missing fields": {Lie: testnode.Missing},
		"huge numbers":   {Lie: testnode.Huge},
		"endless lists":  {Lie: testnode.Endless},
		"garbage":        {Lie: garbage},
		"empty result":   {Lie: testnode.EmptyResult},
		"reverted":       {Lie: testnode.Reverted},
		"wrong chain":    {Lie: testnode.WrongChain},
		"error":          {Err: status.Error(codes.Internal, "boom")},
		"silence":        {Delay: time.Hour},
	}
}

// TestNoPanic and no false balance: every lie on every method, before and after
// something good was known; a payment tried meanwhile is refused or is the one
// intended.
func TestNoPanic(t *testing.T) {
	r := setup(t, func(c *Config) { c.Timeout = 20 * time.Millisecond })
	r.giveBTT(r.me.at, 5*btt.One)
	r.node.SealSolid()
	good := func() error {
		_, err := r.chain.poll(t.Context())
		return err
	}
	for err := good(); err != nil; err = good() {
		t.Log(err) // a busy computer may be slower than the timeout
	}
	for name, f := range lies() {
		for _, method := range methods() {
			what := fmt.Sprintf("%s from %s", name, method)
			f.Method = method
			before := r.chain.Snapshot().Accounts
			remove := r.node.Inject(f)
			_, _ = r.chain.poll(t.Context()) // the error is the lie's; the books are what counts
			checkUnmoved(t, what, r, before)
			r.payWhileLying(what)
			remove()
			for _, n := range r.chain.nodes {
				n.onChain.Store(false)
			}
		}
	}
	r.ledgerHolds(BTT, 5*btt.One)
}

// checkUnmoved wants a snapshot either as it was or no longer called agreed.
func checkUnmoved(t *testing.T, what string, r *rig, before []Account) {
	t.Helper()
	s := r.chain.Snapshot()
	for n, a := range s.Accounts {
		for asset, h := range a.Holding {
			if h.Solid != before[n].Holding[asset].Solid {
				t.Errorf("%s: %s became %d, trust %d", what, asset, h.Solid, s.Trust)
			}
		}
	}
}

// ledgerHolds is ledgerIs but for what is still reserved.
func (r *rig) ledgerHolds(asset Asset, want btt.Amount) {
	r.Helper()
	own, _ := asset.accounts()
	b, err := r.book.Balance(r.Context(), own)
	r.must(err)
	if b.Posted != want {
		r.Errorf("books say %d %s, want %d", b.Posted, asset, want)
	}
}

// payWhileLying tries to pay; what is signed must be what was meant.
func (r *rig) payWhileLying(what string) {
	r.Helper()
	signed := len(r.me.signed)
	r.n++
	i := Transfer(ledger.NewID("test", []byte(what)), r.me.at, r.you.at, BTT, 1)
	if err := r.send(i); err != nil {
		if len(r.me.signed) != signed {
			r.Errorf("%s: signed, then %v", what, err)
		}
		return
	}
	d, err := Decode(r.newest().stored.Raw, r.chain.cfg.Network)
	if err != nil || d.To != r.you.at || d.Amount != 1 || d.Asset != BTT || d.FeeLimit > r.chain.cfg.MaxFee {
		r.Errorf("%s: signed %+v, %v", what, d, err)
	}
}

func (r *rig) newest() *row {
	r.Helper()
	rows, err := r.chain.rows(r.Context(), false, 1)
	r.must(err)
	return rows[0]
}

// TestNoFalseBalance has one of two endpoints lie in plausible numbers.
func TestNoFalseBalance(t *testing.T) {
	r := setup(t, nil)
	liar, host := testnode.Start(t, testnode.Config{Accounts: map[[20]byte]int64{r.me.at: 100_000_000}})
	liar.SealSolid()
	r.chain.Close()
	cfg := r.chain.cfg
	cfg.Network.Endpoints = append(cfg.Network.Endpoints, Endpoint{Full: host})
	var err error
	r.chain, err = Open(t.Context(), cfg)
	r.must(err)
	r.run()
	if h := r.holding(TRX); h.Solid != start {
		t.Fatalf("holding %+v", h)
	}
	remove := liar.Inject(testnode.Fault{Method: "GetAccount", Lie: func(_, m proto.Message) {
		if a, ok := m.(*core.Account); ok {
			a.Balance += 1000
		}
	}})
	r.until("disputed", func() bool { return r.chain.Snapshot().Trust == Disputed })
	if s := r.chain.Snapshot(); !errors.Is(s.Err, ErrDisagree) || s.Accounts[0].Holding[TRX].Solid != start {
		t.Errorf("disputed: %+v", s)
	}
	remove()
	r.agreed()
	word, _ := (1000 * btt.One).Word()
	remove = liar.Inject(testnode.Fault{Method: "TriggerConstantContract", Lie: func(_, m proto.Message) {
		m.(*api.TransactionExtention).ConstantResult = [][]byte{word[:]}
	}})
	r.until("disputed", func() bool { return r.chain.Snapshot().Trust == Disputed })
	remove()
	r.agreed()
	liar.Inject(testnode.Fault{Err: status.Error(codes.Unavailable, "gone")})
	r.until("one node left", func() bool { return r.chain.Snapshot().Trust == OneNode })
	r.giveBTT(r.me.at, btt.One)
	r.node.SealSolid()
	_, solid := r.node.Height()
	r.until("polled", func() bool { return r.chain.Snapshot().Solid >= solid })
	r.ledgerIs(BTT, 0) // one of two is not enough
	r.ledgerIs(TRX, start)
	if n := count[Received](r); n != 1 {
		t.Errorf("%d top-ups told", n)
	}
}

// TestOneWordIsNotEnoughToPayAgain has one endpoint claim that a transaction
// failed or expired while the other is away.
func TestOneWordIsNotEnoughToPayAgain(t *testing.T) {
	r := setup(t, nil)
	second := testnode.Listen(t, r.node)
	r.chain.Close()
	cfg := r.chain.cfg
	cfg.Network.Endpoints = append(cfg.Network.Endpoints, Endpoint{Full: second, Solid: "127.0.0.1:1"})
	cfg.Timeout = 200 * time.Millisecond
	var err error
	r.chain, err = Open(t.Context(), cfg)
	r.must(err)
	r.run()
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, TRX, 5)))
	r.reaches(outbox.Broadcast)
	r.node.Inject(testnode.Fault{Method: "GetTransactionInfoById", Lie: func(_, m proto.Message) {
		if i := m.(*core.TransactionInfo); len(i.Id) > 0 {
			i.Result, i.Receipt.Result = core.TransactionInfo_FAILED, core.Transaction_Result_REVERT
		}
	}})
	r.node.SealSolid()
	r.node.SealSolid()
	_, solid := r.node.Height()
	r.until("polled twice", func() bool { return r.chain.Snapshot().Solid >= solid })
	if tx := r.tx(); !tx.State.Live() {
		t.Errorf("ended as %v on one node's word", tx.State)
	}
}

func TestFailover(t *testing.T) {
	r := setup(t, nil)
	other, wrong := testnode.Start(t, testnode.Config{Name: "another chain"})
	other.SealSolid()
	for name, e := range map[string]Endpoint{"a dead host": {Full: "127.0.0.1:1"}, "another chain": {Full: wrong}} {
		cfg := r.chain.cfg
		cfg.Network.Endpoints = append([]Endpoint{e}, cfg.Network.Endpoints...)
		cfg.Timeout = time.Second
		c, err := Open(t.Context(), cfg)
		r.must(err)
		q, err := c.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 5))
		if err != nil || q.Fee != 1_100_000 {
			t.Errorf("%s first: %+v, %v", name, q, err)
		}
		_, err = c.poll(t.Context())
		if s := c.Snapshot(); s.Trust != OneNode || err == nil || (name == "another chain") != errors.Is(s.Err, ErrWrongChain) {
			t.Errorf("%s: trust %d, %v", name, s.Trust, err)
		}
		c.Close()
	}
}

func TestOfflineSaysSoAndChangesNothing(t *testing.T) {
	r := setup(t, nil)
	r.run()
	r.agreed()
	remove := r.node.Inject(testnode.Fault{Err: status.Error(codes.Unavailable, "no network")})
	r.until("offline", func() bool { return r.chain.Snapshot().Trust == Offline })
	s := r.chain.Snapshot()
	if !errors.Is(s.Err, ErrOffline) || s.Accounts[0].Holding[TRX].Solid != start {
		t.Errorf("offline: %+v", s)
	}
	if _, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 5)); !errors.Is(err, ErrOffline) {
		t.Errorf("quote: %v", err)
	}
	remove()
	r.chain.Refresh()
	r.agreed()
}

func TestClockAndStaleness(t *testing.T) {
	r := setup(t, nil)
	for name, c := range map[string]struct {
		now  time.Duration
		want error
	}{"an hour fast": {time.Hour, ErrClock}, "an hour slow": {-time.Hour, ErrClock}, "the node stands still": {time.Hour, ErrStaleNode}} {
		cfg := r.chain.cfg
		cfg.Now = func() time.Time { return r.node.Now().Add(c.now) }
		ch, err := Open(t.Context(), cfg)
		r.must(err)
		if _, err := ch.poll(t.Context()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		q := Quote{Intent: Transfer(r.id(), r.me.at, r.you.at, TRX, 5)}
		if _, err := ch.Prepare(t.Context(), q); !errors.Is(err, c.want) {
			t.Errorf("%s: prepared, %v", name, err)
		}
		ch.Close()
	}
}

// TestFalseReceipts has the node show receipts that do not fit.
func TestFalseReceipts(t *testing.T) {
	for name, lie := range map[string]func(*core.TransactionInfo){
		"another id":       func(i *core.TransactionInfo) { i.Id[0]++ },
		"a huge fee":       func(i *core.TransactionInfo) { i.Fee = 1 << 60 },
		"a negative fee":   func(i *core.TransactionInfo) { i.Fee = -1 },
		"no block":         func(i *core.TransactionInfo) { i.BlockNumber = 0 },
		"a block to come":  func(i *core.TransactionInfo) { i.BlockNumber += 1_000_000 },
		"a negative block": func(i *core.TransactionInfo) { i.BlockNumber = -5 },
	} {
		r := setup(t, nil)
		r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, TRX, 5)))
		_, err := r.chain.poll(t.Context())
		r.must(err)
		r.node.SealSolid()
		remove := r.node.Inject(testnode.Fault{Service: "WalletSolidity", Method: "GetTransactionInfoById", Lie: func(_, m proto.Message) {
			if i := m.(*core.TransactionInfo); len(i.Id) > 0 {
				lie(i)
			}
		}})
		_, _ = r.chain.poll(t.Context())
		if tx := r.tx(); !tx.State.Live() {
			t.Errorf("%s: ended as %v", name, tx.State)
		}
		remove()
		_, err = r.chain.poll(t.Context())
		r.must(err)
		if tx := r.tx(); tx.State != outbox.SolidOK {
			t.Errorf("%s: the truth later: %v", name, tx.State)
		}
	}
}

// TestTokenThatLies wants the log of the token and not the word SUCCESS alone.
func TestTokenThatLies(t *testing.T) {
	r := setup(t, nil)
	r.giveBTT(r.me.at, 5*btt.One)
	r.node.SealSolid()
	r.run()
	r.agreed()
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, BTT, btt.One)))
	r.reaches(outbox.Broadcast)
	r.node.Inject(testnode.Fault{Method: "GetTransactionInfoById", Lie: func(_, m proto.Message) { m.(*core.TransactionInfo).Log = nil }})
	r.node.SealSolid()
	if tx := r.ends(outbox.SolidFailed); !errors.Is(tx.Err(), ErrReverted) || !strings.Contains(tx.Reason, "moved nothing") {
		t.Errorf("ended %+v", tx)
	}
}

func TestTokenTransfers(t *testing.T) {
	btts := Testnode("x").BTT
	topic := func(a voucher.Address) []byte { return append(make([]byte, 12), a[:]...) }
	one, _ := btt.One.Word()
	good := func() *core.TransactionInfo_Log {
		return &core.TransactionInfo_Log{
			Address: btts[:], Data: one[:], Topics: [][]byte{selector(topicTransfer), topic(voucher.Address{1}), topic(voucher.Address{2})},
		}
	}
	if got := tokenTransfers([]*core.TransactionInfo_Log{good()}, btts); len(got) != 1 || got[0] != (tokenTransfer{voucher.Address{1}, voucher.Address{2}, btt.One}) {
		t.Errorf("got %v", got)
	}
	for name, edit := range map[string]func(*core.TransactionInfo_Log){
		"other token":  func(l *core.TransactionInfo_Log) { l.Address = make([]byte, 20) },
		"other event":  func(l *core.TransactionInfo_Log) { l.Topics[0] = make([]byte, 32) },
		"few topics":   func(l *core.TransactionInfo_Log) { l.Topics = l.Topics[:2] },
		"short topic":  func(l *core.TransactionInfo_Log) { l.Topics[1] = l.Topics[1][:20] },
		"dirty topic":  func(l *core.TransactionInfo_Log) { l.Topics[2][3] = 1 },
		"short data":   func(l *core.TransactionInfo_Log) { l.Data = l.Data[:31] },
		"beyond all":   func(l *core.TransactionInfo_Log) { l.Data = new(big.Int).Lsh(big.NewInt(1), 255).Bytes() },
		"nothing left": func(l *core.TransactionInfo_Log) { l.Reset() },
	} {
		l := good()
		edit(l)
		if got := tokenTransfers([]*core.TransactionInfo_Log{nil, l}, btts); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
