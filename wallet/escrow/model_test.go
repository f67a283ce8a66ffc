package escrow

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// model is the contract in a dozen lines of arithmetic.
type model struct {
	free, exiting map[voucher.Address]btt.Amount
	ready         map[voucher.Address]time.Time
	paid          map[[2]voucher.Address]btt.Amount
	held          btt.Amount
}

func (m *model) redeem(payer, payee voucher.Address, sum btt.Amount, withdraw bool) {
	pair := [2]voucher.Address{payer, payee}
	pay := min(max(0, sum-m.paid[pair]), m.free[payer]+m.exiting[payer])
	fromFree := min(pay, m.free[payer])
	m.free[payer] -= fromFree
	m.exiting[payer] -= pay - fromFree
	m.paid[pair] += pay
	if withdraw {
		m.held -= pay
	} else {
		m.free[payee] += pay
	}
}

// TestSolvent plays random calls against the model: every account is as the
// model says, and the contract holds the sum.
func TestSolvent(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	r := setup(t)
	m := &model{
		free: map[voucher.Address]btt.Amount{r.alice.at: 1000 * btt.One}, exiting: map[voucher.Address]btt.Amount{},
		ready: map[voucher.Address]time.Time{}, paid: map[[2]voucher.Address]btt.Amount{}, held: 1000 * btt.One,
	}
	users := []*user{r.alice, r.bob, r.carol}
	for range 300 {
		u, v := users[rng.IntN(3)], users[rng.IntN(3)]
		a := btt.Amount(1 + rng.Int64N(200_000_000))
		switch rng.IntN(6) {
		case 0:
			r.deposit(r.alice, u.at, a)
			m.free[u.at] += a
			m.held += a
		case 1, 2:
			if u != v {
				withdraw, sum := rng.IntN(3) == 0, m.paid[[2]voucher.Address{u.at, v.at}]+a-50_000_000
				if sum >= 0 {
					r.redeem(v, withdraw, r.claim(u, v, sum))
					m.redeem(u.at, v.at, sum, withdraw)
				}
			}
		case 3:
			data, err := StartExit(a)
			r.must(err)
			if got := r.call(u, data); got.OK != (a <= m.free[u.at]) {
				t.Fatalf("exit with %v of %v: %s", a, m.free[u.at], got.Result)
			} else if got.OK {
				m.free[u.at] -= a
				m.exiting[u.at] += a
				m.ready[u.at] = r.n.Now().Add(7 * 24 * time.Hour)
			}
		case 4:
			got := r.call(u, FinishExit())
			if want := m.exiting[u.at] > 0 && !r.n.Now().Before(m.ready[u.at]); got.OK != want {
				t.Fatalf("finish %v at %v: %s", m.ready[u.at], r.n.Now(), got.Result)
			} else if want {
				m.held -= m.exiting[u.at]
				m.exiting[u.at] = 0
			}
		case 5:
			if rng.IntN(2) == 0 {
				r.n.Advance(time.Duration(rng.IntN(5*24)) * time.Hour)
			} else if got := r.call(u, CancelExit()); got.OK != (m.exiting[u.at] > 0) {
				t.Fatalf("cancel: %s", got.Result)
			} else {
				m.free[u.at] += m.exiting[u.at]
				m.exiting[u.at] = 0
			}
		}
		sum := btt.Amount(0)
		for _, u := range users {
			r.stateIs(u, m.free[u.at], m.exiting[u.at])
			sum += m.free[u.at] + m.exiting[u.at]
		}
		if held := r.bttOf(r.at); held != m.held || held < sum {
			t.Fatalf("seed %d: the contract holds %v, the model %v, accounts sum to %v", seed, held, m.held, sum)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
}

func TestRedeemRefusesWhatIsNoBatch(t *testing.T) {
	a, b, c := newUser("a"), newUser("b"), newUser("c")
	claim := func(payer, payee *user) Claim {
		return Claim{voucher.Voucher{Payer: payer.at, Payee: payee.at, Cumulative: 1}, voucher.Signature{64: 27}}
	}
	many := make([]Claim, MaxBatch+1)
	for n := range many {
		many[n] = claim(a, b)
		many[n].Voucher.Payer[0] = byte(n)
	}
	negative := claim(a, b)
	negative.Voucher.Cumulative = -1
	bad := claim(a, b)
	bad.Signature[64] = 1
	for name, x := range map[string]struct {
		claims []Claim
		want   error
	}{
		"none":           {nil, ErrBatch},
		"too many":       {many, ErrBatch},
		"several payees": {[]Claim{claim(a, b), claim(b, c)}, ErrBatch},
		"a payer twice":  {[]Claim{claim(a, b), claim(a, b)}, ErrBatch},
		"negative":       {[]Claim{negative}, btt.ErrNegative},
		"v of 1":         {[]Claim{bad}, voucher.ErrSignature},
	} {
		if data, err := Redeem(x.claims, false); !errors.Is(err, x.want) || data != nil {
			t.Errorf("%s: %x, %v", name, data, err)
		}
	}
	if _, err := Redeem(many[:MaxBatch], true); err != nil {
		t.Errorf("a full batch: %v", err)
	}
}

// TestSelectors holds the constants against what the compiler says.
func TestSelectors(t *testing.T) {
	var c struct{ Methods map[string]string }
	if err := json.Unmarshal(compiled, &c); err != nil {
		t.Fatal(err)
	}
	for method, sel := range map[string]string{
		"deposit(address,uint128)": selDeposit, "redeem((address,uint256,bytes32,bytes32)[],bool)": selRedeem, "startExit(uint128)": selStartExit,
		"cancelExit()": selCancelExit, "finishExit()": selFinishExit, "stateOf(address)": selStateOf, "paid(address,address)": selPaid,
		"digest(address,address,uint256)": selDigest,
	} {
		if c.Methods[method] != sel {
			t.Errorf("%s: %s, compiler says %s", method, sel, c.Methods[method])
		}
	}
}

func TestIsOurs(t *testing.T) {
	token := newUser("token").at
	code, err := InitCode(token)
	if err != nil || !IsOurs(code, token) {
		t.Fatalf("our own code is not ours: %v", err)
	}
	if IsOurs(code, newUser("other").at) || IsOurs(code[:len(code)-1], token) || IsOurs(nil, token) {
		t.Error("other code is ours")
	}
	code[100]++
	if IsOurs(code, token) {
		t.Error("changed code is ours")
	}
}

func TestParsersRefuseRubbish(t *testing.T) {
	ones := make([]byte, 96)
	for n := range ones {
		ones[n] = 0xff
	}
	for _, ret := range [][]byte{nil, make([]byte, 95), ones} {
		if _, err := ParseState(ret); !errors.Is(err, ErrReturn) {
			t.Errorf("state from %x: %v", ret, err)
		}
	}
	for _, ret := range [][]byte{nil, make([]byte, 31), ones[:32]} {
		if _, err := ParsePaid(ret); !errors.Is(err, ErrReturn) {
			t.Errorf("paid from %x: %v", ret, err)
		}
	}
}

func FuzzEvents(f *testing.F) {
	text, err := os.ReadFile("events.go")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text[:96], uint8(3))
	f.Add([]byte{}, uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, topics uint8) {
		for _, first := range []string{topicDeposited, topicRedeemed, topicBounced, topicExitStarted, topicExitCancelled, topicExitFinished} {
			l := Log{Topics: make([][32]byte, topics%6), Data: data}
			if len(l.Topics) > 0 {
				copy(l.Topics[0][:], call(first))
			}
			for _, e := range Events(l.Address, []Log{l}) {
				if len(data)%32 != 0 || e == nil {
					t.Fatalf("%x became %+v", data, e)
				}
			}
		}
		if got := Events(voucher.Address{1}, []Log{{Data: data}}); got != nil {
			t.Fatalf("a log of another contract became %+v", got)
		}
	})
}
