package escrow

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// user is an account with its key.
type user struct {
	key [32]byte
	at  voucher.Address
}

func newUser(name string) *user {
	u := &user{key: sha256.Sum256([]byte(name))}
	u.at, _ = voucher.AddressOf(u.key[:])
	return u
}

// rig is a test chain with the escrow on it.
type rig struct {
	*testing.T
	n                 *testnode.Node
	at                voucher.Address
	domain            voucher.Domain
	alice, bob, carol *user
}

// setup gives alice, bob and carol TRX, and alice 1,000,000 BTT of which she has
// put 1,000 into her deposit.
func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, alice: newUser("alice"), bob: newUser("bob"), carol: newUser("carol")}
	n, err := testnode.New(testnode.Config{Accounts: map[[20]byte]int64{
		r.alice.at: 1e12, r.bob.at: 1e12, r.carol.at: 1e12,
	}})
	r.must(err)
	r.n = n
	code, err := InitCode(n.BTT())
	r.must(err)
	made, err := n.Deploy(code)
	if err != nil || !made.OK {
		t.Fatalf("deploy: %+v, %v", made, err)
	}
	if made.Energy > 800_000 {
		t.Errorf("deployment costs %d energy", made.Energy)
	}
	r.at = made.Contract
	r.domain = voucher.NewDomain(n.ChainID(), r.at)
	_, err = n.GiveBTT(r.alice.at, units(1_000_000*btt.One))
	r.must(err)
	n.Seal(1)
	r.approve(r.alice, 1_000_000*btt.One)
	r.deposit(r.alice, r.alice.at, 1000*btt.One)
	return r
}

func units(a btt.Amount) *big.Int { return new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(1e12)) }

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// call sends a call of the escrow that may fail on the chain.
func (r *rig) call(u *user, data []byte) testnode.Receipt {
	r.Helper()
	got, err := r.n.Call(u.key[:], r.at, data)
	r.must(err)
	return got
}

// ok is call and wants success; it returns the events.
func (r *rig) ok(u *user, data []byte, err error) (testnode.Receipt, []Event) {
	r.Helper()
	r.must(err)
	got := r.call(u, data)
	if !got.OK {
		r.Fatalf("%s: %q", got.Result, got.Return)
	}
	return got, r.events(got)
}

func (r *rig) events(got testnode.Receipt) []Event {
	var logs []Log
	for _, l := range got.Logs {
		logs = append(logs, Log{l.Address, l.Topics, l.Data})
	}
	return Events(r.at, logs)
}

// reverts wants the call to revert.
func (r *rig) reverts(why string, u *user, data []byte, err error) {
	r.Helper()
	r.must(err)
	if got := r.call(u, data); got.Result != "REVERT" || len(got.Logs) != 0 {
		r.Errorf("%s: %s", why, got.Result)
	}
}

func (r *rig) approve(u *user, a btt.Amount) testnode.Receipt {
	r.Helper()
	data, err := Approve(r.at, a)
	r.must(err)
	got, err := r.n.Call(u.key[:], r.n.BTT(), data)
	if err != nil || !got.OK {
		r.Fatalf("approve: %+v, %v", got, err)
	}
	return got
}

func (r *rig) deposit(u *user, account voucher.Address, a btt.Amount) testnode.Receipt {
	r.Helper()
	data, err := Deposit(account, a)
	got, events := r.ok(u, data, err)
	if want := []Event{Deposited{u.at, account, a}}; !slices.Equal(events, want) {
		r.Errorf("events %+v, want %+v", events, want)
	}
	return got
}

func (r *rig) claim(payer, payee *user, cumulative btt.Amount) Claim {
	r.Helper()
	v := voucher.Voucher{Payer: payer.at, Payee: payee.at, Cumulative: cumulative}
	d, err := v.Digest(r.domain)
	r.must(err)
	sig, err := voucher.Sign(d, payer.key[:])
	r.must(err)
	return Claim{v, sig}
}

func (r *rig) redeem(u *user, withdraw bool, claims ...Claim) (testnode.Receipt, []Event) {
	r.Helper()
	data, err := Redeem(claims, withdraw)
	return r.ok(u, data, err)
}

func (r *rig) stateIs(u *user, free, exiting btt.Amount) State {
	r.Helper()
	ret, err := r.n.View(r.at, StateOf(u.at))
	r.must(err)
	s, err := ParseState(ret)
	r.must(err)
	if s.Free != free || s.Exiting != exiting {
		r.Errorf("account has %v free and %v exiting, want %v and %v", s.Free, s.Exiting, free, exiting)
	}
	return s
}

// bttOf is the token balance outside the escrow, or of it.
func (r *rig) bttOf(a voucher.Address) btt.Amount {
	r.Helper()
	ret, err := r.n.View(r.n.BTT(), call("70a08231", address(a)))
	r.must(err)
	whole, _, err := btt.FromWord(btt.Word(ret))
	r.must(err)
	return whole
}

func TestDigest(t *testing.T) {
	r := setup(t)
	for _, sum := range []btt.Amount{0, 1, 1234 * btt.One, btt.MaxAmount} {
		v := voucher.Voucher{Payer: r.alice.at, Payee: r.bob.at, Cumulative: sum}
		data, err := Digest(v)
		r.must(err)
		ret, err := r.n.View(r.at, data)
		r.must(err)
		want, err := v.Digest(r.domain)
		r.must(err)
		if !slices.Equal(ret, want[:]) {
			t.Errorf("%v: contract %x, voucher %x", sum, ret, want)
		}
	}
}

func TestReplay(t *testing.T) {
	r := setup(t)
	first := r.claim(r.alice, r.bob, 100*btt.One)
	_, events := r.redeem(r.bob, false, first)
	if want := []Event{Redeemed{r.alice.at, r.bob.at, 100 * btt.One}}; !slices.Equal(events, want) {
		t.Errorf("events %+v", events)
	}
	for name, c := range map[string]Claim{"the same": first, "an older": r.claim(r.alice, r.bob, 99*btt.One), "an empty": r.claim(r.alice, r.bob, 0)} {
		if _, events := r.redeem(r.bob, false, c); len(events) != 0 {
			t.Errorf("%s paid: %+v", name, events)
		}
	}
	// A stale one beside a good one spoils nothing.
	r.deposit(r.alice, r.carol.at, 50*btt.One)
	_, events = r.redeem(r.bob, false, first, r.claim(r.carol, r.bob, 20*btt.One))
	if len(events) != 1 {
		t.Errorf("events %+v", events)
	}
	r.redeem(r.bob, true, r.claim(r.alice, r.bob, 130*btt.One))
	r.stateIs(r.alice, 870*btt.One, 0)
	r.stateIs(r.bob, 120*btt.One, 0)
	if got := r.bttOf(r.bob.at); got != 30*btt.One {
		t.Errorf("bob's wallet has %v", got)
	}
	ret, err := r.n.View(r.at, Paid(r.alice.at, r.bob.at))
	r.must(err)
	if paid, err := ParsePaid(ret); err != nil || paid != 130*btt.One {
		t.Errorf("settled %v, %v", paid, err)
	}
}

func TestTheft(t *testing.T) {
	r := setup(t)
	stolen := r.claim(r.alice, r.bob, 100*btt.One)
	data, err := Redeem([]Claim{stolen}, true)
	r.reverts("carol redeems bob's voucher", r.carol, data, err)
	r.stateIs(r.alice, 1000*btt.One, 0)
	r.redeem(r.bob, true, stolen)
	r.stateIs(r.alice, 900*btt.One, 0)
}

func TestForgery(t *testing.T) {
	r := setup(t)
	forge := func(edit func(*Claim)) Claim {
		c := r.claim(r.alice, r.bob, 100*btt.One)
		edit(&c)
		return c
	}
	other := voucher.NewDomain(r.n.ChainID()+1, r.at)
	elsewhere := voucher.NewDomain(r.n.ChainID(), r.bob.at)
	under := func(d voucher.Domain) func(*Claim) {
		return func(c *Claim) {
			digest, _ := c.Voucher.Digest(d)
			c.Signature, _ = voucher.Sign(digest, r.alice.key[:])
		}
	}
	good := r.claim(r.carol, r.bob, btt.One)
	for name, c := range map[string]Claim{
		"signed by the payee": forge(func(c *Claim) {
			d, _ := c.Voucher.Digest(r.domain)
			c.Signature, _ = voucher.Sign(d, r.bob.key[:])
		}),
		"a greater sum":    forge(func(c *Claim) { c.Voucher.Cumulative++ }),
		"another payer":    forge(func(c *Claim) { c.Voucher.Payer = r.carol.at }),
		"payer zero":       forge(func(c *Claim) { c.Voucher.Payer = voucher.Address{}; c.Signature = voucher.Signature{64: 27} }),
		"no signature":     forge(func(c *Claim) { c.Signature = voucher.Signature{64: 27} }),
		"other parity":     forge(func(c *Claim) { c.Signature[64] = 27 + 28 - c.Signature[64] }),
		"another chain":    forge(under(other)),
		"another contract": forge(under(elsewhere)),
	} {
		data, err := Redeem([]Claim{c}, false)
		r.reverts(name, r.bob, data, err)
		if c.Voucher.Payer != r.carol.at {
			data, err = Redeem([]Claim{good, c}, false)
			r.reverts(name+", beside a good one", r.bob, data, err)
		}
	}
	// The high form of a good signature has no place for its parity and is never encoded.
	c := r.claim(r.alice, r.bob, 100*btt.One)
	order, _ := new(big.Int).SetString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)
	new(big.Int).Sub(order, new(big.Int).SetBytes(c.Signature[32:64])).FillBytes(c.Signature[32:64])
	if _, err := Redeem([]Claim{c}, false); !errors.Is(err, voucher.ErrSignature) {
		t.Errorf("high s: %v", err)
	}
	r.stateIs(r.alice, 1000*btt.One, 0)
}

func TestSelf(t *testing.T) {
	r := setup(t)
	data, err := Redeem([]Claim{r.claim(r.alice, r.alice, btt.One)}, true)
	r.reverts("to oneself", r.alice, data, err)
}

func TestOverspend(t *testing.T) {
	r := setup(t)
	_, events := r.redeem(r.bob, false, r.claim(r.alice, r.bob, 700*btt.One))
	if len(events) != 1 {
		t.Errorf("events %+v", events)
	}
	claim := r.claim(r.alice, r.carol, 500*btt.One)
	_, events = r.redeem(r.carol, true, claim)
	want := []Event{Bounced{r.alice.at, r.carol.at, 200 * btt.One}, Redeemed{r.alice.at, r.carol.at, 300 * btt.One}}
	if !slices.Equal(events, want) {
		t.Errorf("events %+v, want %+v", events, want)
	}
	_, events = r.redeem(r.carol, true, claim)
	if want := []Event{Bounced{r.alice.at, r.carol.at, 200 * btt.One}}; !slices.Equal(events, want) {
		t.Errorf("nothing left: %+v", events)
	}
	r.deposit(r.alice, r.alice.at, 250*btt.One)
	_, events = r.redeem(r.carol, true, claim)
	if want := []Event{Redeemed{r.alice.at, r.carol.at, 200 * btt.One}}; !slices.Equal(events, want) {
		t.Errorf("after topping up: %+v", events)
	}
	r.stateIs(r.alice, 50*btt.One, 0)
	if got := r.bttOf(r.carol.at); got != 500*btt.One {
		t.Errorf("carol has %v", got)
	}
}

func TestExit(t *testing.T) {
	r := setup(t)
	data, err := StartExit(1001 * btt.One)
	r.reverts("more than there is", r.alice, data, err)
	r.reverts("finish what was not started", r.alice, FinishExit(), nil)
	r.reverts("cancel what was not started", r.alice, CancelExit(), nil)
	data, err = StartExit(900 * btt.One)
	_, events := r.ok(r.alice, data, err)
	started, ok := events[0].(ExitStarted)
	if !ok || started.Exiting != 900*btt.One || started.Ready.Sub(r.n.Now()) != 7*24*time.Hour {
		t.Errorf("events %+v at %v", events, r.n.Now())
	}
	if s := r.stateIs(r.alice, 100*btt.One, 900*btt.One); !s.Ready.Equal(started.Ready) {
		t.Errorf("ready %v, event %v", s.Ready, started.Ready)
	}
	r.reverts("at once", r.alice, FinishExit(), nil)
	// The race: a voucher reaches what is free, then what is leaving.
	r.redeem(r.bob, true, r.claim(r.alice, r.bob, 250*btt.One))
	r.stateIs(r.alice, 0, 750*btt.One)
	r.n.Advance(7*24*time.Hour - 30*time.Second)
	r.reverts("seconds early", r.alice, FinishExit(), nil)
	r.redeem(r.bob, true, r.claim(r.alice, r.bob, 300*btt.One)) // in the last moment
	r.n.Advance(time.Minute)
	before := r.bttOf(r.alice.at)
	_, events = r.ok(r.alice, FinishExit(), nil)
	if want := []Event{ExitFinished{r.alice.at, 700 * btt.One}}; !slices.Equal(events, want) {
		t.Errorf("events %+v", events)
	}
	if got := r.bttOf(r.alice.at) - before; got != 700*btt.One {
		t.Errorf("alice got %v", got)
	}
	r.reverts("twice", r.alice, FinishExit(), nil)
	_, events = r.redeem(r.bob, true, r.claim(r.alice, r.bob, 400*btt.One))
	if want := []Event{Bounced{r.alice.at, r.bob.at, 100 * btt.One}}; !slices.Equal(events, want) {
		t.Errorf("too late: %+v", events)
	}
}

func TestExitAgainWaitsAgainAndCancel(t *testing.T) {
	r := setup(t)
	exit := func(a btt.Amount) {
		data, err := StartExit(a)
		r.ok(r.alice, data, err)
	}
	exit(400 * btt.One)
	r.n.Advance(6 * 24 * time.Hour)
	exit(100 * btt.One)
	r.n.Advance(2 * 24 * time.Hour)
	r.reverts("eight days after the first, two after the second", r.alice, FinishExit(), nil)
	_, events := r.ok(r.alice, CancelExit(), nil)
	if want := []Event{ExitCancelled{r.alice.at, 500 * btt.One}}; !slices.Equal(events, want) {
		t.Errorf("events %+v", events)
	}
	r.stateIs(r.alice, 1000*btt.One, 0)
}

func TestDepositFailsWhole(t *testing.T) {
	r := setup(t)
	data, err := Deposit(r.bob.at, btt.One)
	r.reverts("without approval", r.bob, data, err)
	data, err = Deposit(voucher.Address{}, btt.One)
	r.reverts("for nobody", r.alice, data, err)
	r.stateIs(r.bob, 0, 0)
	for _, a := range []btt.Amount{0, -1} {
		for name, f := range map[string]func() ([]byte, error){
			"approve": func() ([]byte, error) { return Approve(r.at, a) },
			"deposit": func() ([]byte, error) { return Deposit(r.bob.at, a) },
			"exit":    func() ([]byte, error) { return StartExit(a) },
		} {
			if data, err := f(); !errors.Is(err, ErrAmount) || data != nil {
				t.Errorf("%s %d: %x, %v", name, a, data, err)
			}
		}
	}
}

// TestBudget measures what the constants of cost.go promise.
func TestBudget(t *testing.T) {
	r := setup(t)
	var payers []*user
	for n := range MaxBatch {
		p := newUser(fmt.Sprint("payer ", n))
		payers = append(payers, p)
		r.deposit(r.alice, p.at, 100*btt.One)
	}
	batch := func(sum btt.Amount, withdraw bool) int64 {
		var claims []Claim
		for _, p := range payers {
			claims = append(claims, r.claim(p, r.bob, sum))
		}
		got, events := r.redeem(r.bob, withdraw, claims...)
		if len(events) != MaxBatch {
			t.Fatalf("%d events", len(events))
		}
		return got.Energy
	}
	within := func(what string, got, most int64) {
		t.Helper()
		t.Logf("%-48s %8d energy, at most %8d", what, got, most)
		if got > most || got < most*7/10 {
			t.Errorf("%s: %d energy, the constant says %d", what, got, most)
		}
	}
	fresh, known := batch(10*btt.One, false), batch(20*btt.One, false)
	within("50 new pairs to the deposit", fresh, RedeemEnergy(0, 50, false))
	within("50 known pairs to the deposit", known, RedeemEnergy(50, 0, false))
	within("50 known pairs to a new wallet", batch(30*btt.One, true), RedeemEnergy(50, 0, true))
	if fresh/MaxBatch > 31_000 || known/MaxBatch > 19_000 { // the design's budget, with the share in the call
		t.Errorf("per voucher: %d new, %d known", fresh/MaxBatch, known/MaxBatch)
	}
	one, _ := r.redeem(r.carol, false, r.claim(r.alice, r.carol, btt.One))
	within("one new pair to the deposit", one.Energy, RedeemEnergy(0, 1, false))
	dave := newUser("dave")
	_, err := r.n.GiveTRX(dave.at, 1e9)
	r.must(err)
	_, err = r.n.GiveBTT(dave.at, units(10*btt.One))
	r.must(err)
	r.n.Seal(1)
	within("approve", r.approve(dave, 10*btt.One).Energy, EnergyApprove)
	within("first deposit", r.deposit(dave, dave.at, 10*btt.One).Energy, EnergyDeposit)
	data, err := StartExit(10 * btt.One)
	exit, _ := r.ok(dave, data, err)
	within("startExit", exit.Energy, EnergyStartExit)
	r.n.Advance(8 * 24 * time.Hour)
	fin, _ := r.ok(dave, FinishExit(), nil)
	within("finishExit", fin.Energy, EnergyFinish)
}
