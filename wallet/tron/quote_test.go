package tron

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// TestQuoteIsWhatIsBurnt sends each kind of transaction and compares the receipt
// with the quote, with free bandwidth and without.
func TestQuoteIsWhatIsBurnt(t *testing.T) {
	r := setup(t, nil)
	r.giveBTT(r.me.at, 100*btt.One)
	_, err := r.node.GiveBTTOLD(r.me.at, 100_000_000)
	r.must(err)
	_, err = r.node.GiveTRX(r.you.at, 1)
	r.must(err)
	r.node.SealSolid()
	r.run()
	r.agreed()
	free, burnt := 0, 0
	for n := range 9 {
		asset := Assets()[n%3]
		i := Transfer(r.id(), r.me.at, r.you.at, asset, 1_000_000)
		q, err := r.chain.Quote(t.Context(), i)
		r.must(err)
		v, err := r.chain.Prepare(t.Context(), q)
		r.must(err)
		r.must(r.chain.Send(t.Context(), v, r.me))
		r.reaches(outbox.Broadcast)
		r.node.SealSolid()
		tx := r.ends(outbox.SolidOK)
		if tx.Fee != q.Fee || q.MaxFee < q.Fee {
			t.Errorf("%s: burnt %v, quoted %v at most %v", asset, tx.Fee, q.Fee, q.MaxFee)
		}
		if q.Bandwidth == 0 {
			free++
		} else {
			burnt++
			if q.Bandwidth != btt.Sun(q.Bytes)*1000 {
				t.Errorf("%s: %d bytes cost %v", asset, q.Bytes, q.Bandwidth)
			}
		}
		if (q.Energy > 0) != (asset == BTT) || q.EnergyFee != btt.Sun(q.Energy)*100 || q.Activation != 0 {
			t.Errorf("%s: %+v", asset, q)
		}
	}
	if free == 0 || burnt == 0 {
		t.Errorf("%d with free bandwidth, %d without", free, burnt)
	}
}

func TestQuoteWithPlentyAndWithLittle(t *testing.T) {
	r := setup(t, nil)
	poor := newKey("poor")
	r.giveBTT(poor.at, 10*btt.One)
	_, err := r.node.GiveTRX(poor.at, 2_900_000)
	r.must(err)
	r.giveBTT(r.me.at, 10*btt.One)
	r.node.SealSolid()
	rich, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, BTT, 1))
	r.must(err)
	if margin := rich.FeeLimit - rich.EnergyFee; margin < rich.EnergyFee/4 || rich.MaxFee < rich.FeeLimit || rich.Total() != rich.MaxFee {
		t.Errorf("with plenty: %+v", rich)
	}
	// Just enough: the margin shrinks to what is there, and nothing more is reserved.
	tight, err := r.chain.Quote(t.Context(), Transfer(r.id(), poor.at, r.you.at, BTT, 1))
	r.must(err)
	if tight.Fee != rich.Fee || tight.FeeLimit != 2_900_000 || tight.MaxFee != 2_900_000 {
		t.Errorf("with little: fee %v, limit %v, at most %v", tight.Fee, tight.FeeLimit, tight.MaxFee)
	}
	if _, err := r.chain.Quote(t.Context(), Transfer(r.id(), poor.at, r.you.at, TRX, 2_000_000)); !errors.Is(err, ErrNotEnoughTRX) {
		t.Errorf("2.0 of 2.9 TRX to a new account, which costs 1.1: %v", err)
	}
	q, err := r.chain.Quote(t.Context(), Transfer(r.id(), poor.at, r.you.at, TRX, 1_800_000))
	if err != nil || q.Total() != 2_900_000 || q.Activation != btt.TRX || q.Bandwidth != btt.TRX/10 {
		t.Errorf("all there is: %+v, %v", q, err)
	}
}

func TestQuoteCountsWhatIsStaked(t *testing.T) {
	r := setup(t, nil)
	r.giveBTT(r.me.at, 10*btt.One)
	r.node.SealSolid()
	r.node.Inject(testnode.Fault{Method: "GetAccountResource", Lie: func(_, m proto.Message) {
		m.(*api.AccountResourceMessage).EnergyLimit = 20_000
		m.(*api.AccountResourceMessage).EnergyUsed = 5_000
	}})
	q, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, BTT, 1))
	if err != nil || q.Staked != 15_000 || q.EnergyFee != btt.Sun(q.Energy-15_000)*100 {
		t.Errorf("%+v, %v", q, err)
	}
}

// TestAbsurdPricesAreNoQuote changes each parameter to what it cannot be.
func TestAbsurdPricesAreNoQuote(t *testing.T) {
	r := setup(t, nil)
	for _, key := range []string{"getEnergyFee", "getTransactionFee", "getCreateAccountFee", "getCreateNewAccountFeeInSystemContract"} {
		for _, value := range []int64{0, -1, math.MaxInt64, 1_000_000_000_000} {
			remove := r.node.Inject(testnode.Fault{Method: "GetChainParameters", Lie: func(_, m proto.Message) {
				for _, kv := range m.(*core.ChainParameters).ChainParameter {
					if kv.Key == key {
						kv.Value = value
					}
				}
			}})
			if q, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 1)); !errors.Is(err, ErrAnswer) {
				t.Errorf("%s %d: %+v, %v", key, value, q, err)
			}
			remove()
		}
		remove := r.node.Inject(testnode.Fault{Method: "GetChainParameters", Lie: func(_, m proto.Message) {
			p := m.(*core.ChainParameters)
			var keep []*core.ChainParameters_ChainParameter
			for _, kv := range p.ChainParameter {
				if kv.Key != key {
					keep = append(keep, kv)
				}
			}
			p.ChainParameter = keep
		}})
		if _, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 1)); !errors.Is(err, ErrAnswer) {
			t.Errorf("without %s: %v", key, err)
		}
		remove()
	}
}

// TestFailoverInTheMiddle has the first endpoint fail at every question of a
// payment in turn; the second carries on.
func TestFailoverInTheMiddle(t *testing.T) {
	r := setup(t, nil)
	bad, host := testnode.Start(t, testnode.Config{Accounts: map[[20]byte]int64{r.me.at: 100_000_000}})
	bad.SealSolid()
	cfg := r.chain.cfg
	cfg.Network.Endpoints = append([]Endpoint{{Full: host}}, cfg.Network.Endpoints...)
	c, err := Open(t.Context(), cfg)
	r.must(err)
	defer c.Close()
	for _, method := range methods() {
		for name, f := range map[string]testnode.Fault{
			"error": {Method: method, Err: status.Error(codes.Unavailable, "down")}, "nothing": {Method: method, Lie: testnode.Missing},
		} {
			remove := bad.Inject(f)
			q, err := c.Quote(t.Context(), Transfer(r.id(), r.me.at, r.you.at, TRX, 5))
			if method == "GetAccount" && name == "nothing" { // which is how a node says that there is no account
				remove()
				continue
			}
			if err != nil || q.Fee != 1_100_000 {
				t.Errorf("%s from %s: quote %+v, %v", name, method, q, err)
			}
			if _, err := c.Prepare(t.Context(), q); err != nil {
				t.Errorf("%s from %s: %v", name, method, err)
			}
			remove()
		}
	}
}

func TestOneNodeIsShownAsClaimed(t *testing.T) {
	r := setup(t, nil)
	cfg := r.chain.cfg
	cfg.Network.Endpoints = append(cfg.Network.Endpoints, Endpoint{Full: "127.0.0.1:1"})
	cfg.Timeout = 200 * time.Millisecond
	c, err := Open(t.Context(), cfg)
	r.must(err)
	defer c.Close()
	if _, err := c.poll(t.Context()); err == nil {
		t.Error("the dead endpoint is no error")
	}
	s := c.Snapshot()
	if s.Trust != OneNode || len(s.Accounts) != 0 || len(s.Claimed) != 1 || s.Claimed[0].Holding[TRX].Solid != start {
		t.Errorf("snapshot %+v", s)
	}
	r.ledgerIs(TRX, 0)
}

func TestEventsThatNobodyTakesAreCounted(t *testing.T) {
	c := &Chain{events: make(chan Event, 2)}
	c.snap.Store(&Snapshot{})
	for range 5 {
		c.tell(Left{})
	}
	c.publish(func(*Snapshot) {})
	if s := c.Snapshot(); s.Lost != 3 {
		t.Errorf("%d lost", s.Lost)
	}
}

func TestIntentComesBackFromTheOutbox(t *testing.T) {
	for _, i := range []Intent{
		Transfer(ledger.ID{1}, voucher.Address{1}, voucher.Address{2}, BTT, math.MaxInt64),
		{
			ID: ledger.ID{2}, From: voucher.Address{1}, To: voucher.Address{3}, Data: []byte{0, 255, 1, 2}, Kind: "deposit", Note: "ü «x»",
			Bookings: []Booking{{ledger.Deposit, ledger.Onchain, 7}, {ledger.TronFee, ledger.TRX, 1}},
		},
	} {
		b, err := sent{i, 12}.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeSent(i.ID, b)
		if err != nil || got.MaxFee != 12 || !reflect.DeepEqual(got.Intent, i) {
			t.Errorf("%+v became %+v, %v", i, got, err)
		}
	}
	for _, b := range []string{"", "{}", `{"From":"x","To":"y"}`, `{"From":"TAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp4","To":"TAFj"}`} {
		if got, err := decodeSent(ledger.ID{}, []byte(b)); err == nil {
			t.Errorf("%q became %+v", b, got)
		}
	}
}

func TestIntentsThatCannotBeMeant(t *testing.T) {
	good := Call(ledger.ID{1}, voucher.Address{1}, voucher.Address{2}, []byte{1, 2, 3, 4}, "approve")
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*Intent){
		"no ID":          func(i *Intent) { i.ID = ledger.ID{} },
		"no sender":      func(i *Intent) { i.From = voucher.Address{} },
		"no recipient":   func(i *Intent) { i.To = voucher.Address{} },
		"no kind":        func(i *Intent) { i.Kind = "" },
		"a loud kind":    func(i *Intent) { i.Kind = "Approve" },
		"a long kind":    func(i *Intent) { i.Kind = strings.Repeat("a", maxKind+1) },
		"a long note":    func(i *Intent) { i.Note = strings.Repeat("ü", maxNote+1) },
		"short data":     func(i *Intent) { i.Data = i.Data[:3] },
		"long data":      func(i *Intent) { i.Data = make([]byte, maxData+1) },
		"call of amount": func(i *Intent) { i.Amount = 1 },
		"transfer with data": func(i *Intent) {
			i.Asset, i.Amount = TRX, 1
		},
		"transfer with bookings": func(i *Intent) {
			i.Asset, i.Amount, i.Data, i.Bookings = TRX, 1, nil, []Booking{{ledger.Deposit, ledger.Onchain, 7}}
		},
	} {
		i := good
		edit(&i)
		if err := i.Validate(); !errors.Is(err, ErrIntent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRowsThatCannotBeRead stops: what was signed and cannot be read must not be
// paid again.
func TestRowsThatCannotBeRead(t *testing.T) {
	r := setup(t, nil)
	err := r.book.Update(t.Context(), func(tx *ledger.Tx) error {
		_, err := tx.AddOutgoing(t.Context(), ledger.Outgoing{
			Intent: ledger.ID{1}, Chain: r.chain.cfg.Network.Genesis, Owner: "x", Body: []byte("rubbish"), Created: r.node.Now(), Changed: r.node.Now(),
		})
		return err
	})
	r.must(err)
	if _, err := r.chain.poll(t.Context()); !errors.Is(err, errLedger) {
		t.Errorf("poll: %v", err)
	}
	if err := r.chain.Run(t.Context()); !errors.Is(err, errLedger) {
		t.Errorf("Run: %v", err)
	}
	if _, err := Open(t.Context(), r.chain.cfg); !errors.Is(err, errLedger) {
		t.Errorf("Open: %v", err)
	}
}

func TestVerdicts(t *testing.T) {
	r := setup(t, nil)
	i := Transfer(r.id(), r.me.at, r.you.at, TRX, 5)
	q, err := r.chain.Quote(t.Context(), i)
	r.must(err)
	v, err := r.chain.Prepare(t.Context(), q)
	r.must(err)
	sig, err := r.me.Sign(t.Context(), r.me.at, v.Decoded.TxID)
	r.must(err)
	answer := func(code api.ReturnResponseCode, result bool) verdict {
		t.Helper()
		defer r.node.Inject(testnode.Fault{Method: "BroadcastTransaction", Lie: func(_, m proto.Message) {
			m.(*api.Return).Code, m.(*api.Return).Result, m.(*api.Return).Message = code, result, []byte("words")
		}})()
		got, words, err := r.chain.nodes[0].broadcast(t.Context(), v.raw, sig[:])
		if err != nil || got == refused && words == "" {
			t.Errorf("%v: %q, %v", code, words, err)
		}
		return got
	}
	for code := range api.ReturnResponseCode_name {
		want := unsure
		switch c := api.ReturnResponseCode(code); {
		case c == api.Return_DUP_TRANSACTION_ERROR:
			want = accepted
		case c > api.Return_SUCCESS && c < api.Return_SERVER_BUSY:
			want = refused
		}
		if got := answer(api.ReturnResponseCode(code), false); got != want {
			t.Errorf("%v: %d, want %d", api.ReturnResponseCode(code), got, want)
		}
	}
	if got := answer(api.Return_SUCCESS, true); got != accepted {
		t.Errorf("success: %d", got)
	}
	if got, _, err := r.chain.nodes[0].broadcast(t.Context(), []byte("rubbish"), sig[:]); got != refused || !errors.Is(err, ErrDiffers) {
		t.Errorf("rubbish: %d, %v", got, err)
	}
}

// TestDetailIsBounded gives up explaining a top-up that came long ago, and books
// it as one sum.
func TestDetailIsBounded(t *testing.T) {
	r := setup(t, nil)
	_, err := r.chain.poll(t.Context())
	r.must(err)
	_, err = r.node.GiveTRX(r.me.at, 5)
	r.must(err)
	_, err = r.node.GiveTRX(r.me.at, 6)
	r.must(err)
	r.node.Seal(maxScan + 30)
	_, err = r.chain.poll(t.Context())
	r.must(err)
	if n := count[Received](r); n != 2 { // the opening balance and one sum
		t.Errorf("%d top-ups: %+v", n, r.events)
	}
	last := r.events[len(r.events)-1].(Received)
	if last.Amount != 11 || last.TxID != (ledger.ID{}) {
		t.Errorf("booked as %+v", last)
	}
	_, err = r.node.GiveTRX(r.me.at, 7)
	r.must(err)
	r.node.SealSolid()
	remove := r.node.Inject(testnode.Fault{Service: "WalletSolidity", Method: "GetBlockByNum2", Lie: testnode.Endless})
	_, err = r.chain.poll(t.Context())
	r.must(err)
	remove()
	if last := r.events[len(r.events)-1]; count[Received](r) != 3 || r.events[len(r.events)-1].(Received).Amount != 7 {
		t.Errorf("with endless blocks: %+v", last)
	}
	r.ledgerIs(TRX, start+18)
}

// TestMaxCanBeSent quotes the maximum, to a new account and a known one, with
// free bandwidth and without; a little more is too much.
func TestMaxCanBeSent(t *testing.T) {
	r := setup(t, nil)
	r.giveBTT(r.me.at, 10*btt.One)
	_, err := r.node.GiveTRX(r.you.at, 1)
	r.must(err)
	r.node.SealSolid()
	fresh := newKey("fresh").at
	check := func(what string) {
		t.Helper()
		for _, to := range []voucher.Address{r.you.at, fresh} {
			for _, asset := range []Asset{TRX, BTT} {
				q, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, to, asset, 1))
				r.must(err)
				if _, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, to, asset, q.Max())); err != nil {
					t.Errorf("%s, %s: the maximum of %v: %v", what, asset, q.Max(), err)
				}
				if _, err := r.chain.Quote(t.Context(), Transfer(r.id(), r.me.at, to, asset, q.Max()+10_000)); err == nil {
					t.Errorf("%s, %s: more than the maximum of %v", what, asset, q.Max())
				}
			}
		}
	}
	check("free bandwidth")
	for range 3 {
		r.elsewhere(Transfer(r.id(), r.me.at, r.you.at, TRX, 1))
		r.n++
		r.node.Seal(1)
	}
	check("bandwidth burnt")
	if q := (Quote{Intent: Call(r.id(), r.me.at, r.you.at, []byte{1, 2, 3, 4}, "x"), Have: map[Asset]btt.Amount{BTT: 5}}); q.Max() != 0 {
		t.Errorf("of a call: %v", q.Max())
	}
}

// TestEveryEndpointGetsTheBytes has the first endpoint acknowledge and forget.
func TestEveryEndpointGetsTheBytes(t *testing.T) {
	r := setup(t, nil)
	second := testnode.Listen(t, r.node)
	cfg := r.chain.cfg
	cfg.Network.Endpoints = append(cfg.Network.Endpoints, Endpoint{Full: second})
	r.chain.Close()
	var err error
	r.chain, err = Open(t.Context(), cfg)
	r.must(err)
	r.node.Lose(1) // the first of the two broadcasts
	r.must(r.send(Transfer(r.id(), r.me.at, r.you.at, TRX, 5)))
	_, err = r.chain.poll(t.Context())
	r.must(err)
	r.node.SealSolid()
	_, err = r.chain.poll(t.Context())
	r.must(err)
	if tx := r.tx(); tx.State != outbox.SolidOK {
		t.Errorf("ended %v", tx.State)
	}
}

// TestOldNodesAreAskedTheOldWay knows no GetBlock.
func TestOldNodesAreAskedTheOldWay(t *testing.T) {
	r := setup(t, nil)
	r.node.Inject(testnode.Fault{Method: "GetBlock", Err: status.Error(codes.Unimplemented, "unknown method GetBlock")})
	_, err := r.chain.poll(t.Context())
	r.must(err)
	if s := r.chain.Snapshot(); s.Trust != Agreed || s.Solid == 0 || s.Head <= s.Solid {
		t.Errorf("snapshot %+v", s)
	}
}
