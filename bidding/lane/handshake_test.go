package lane

import (
	"testing"

	"swarmbid/wallet/voucher"
)

// end is one end of a handshake with the key it signs with.
type end struct {
	Handshake
	key  string
	said []Message // in order, signed
}

func newEnd(name string, dialler bool, nonce byte, ways ...Way) *end {
	return &end{key: name, Handshake: Handshake{
		InfoHash: [32]byte{1}, Dialler: dialler,
		Mine: Greeting{Nonce: [16]byte{nonce}, Account: addressOf(name), Ways: ways, Pays: true, Serves: true},
	}}
}

// do takes the result of a step and signs what it asks for.
func (e *end) do(t *testing.T) func(h Handshake, out []Effect) {
	return func(h Handshake, out []Effect) {
		t.Helper()
		e.Handshake = h
		for _, f := range out {
			switch f := f.(type) {
			case Send:
				e.said = append(e.said, f.Message)
			case Prove:
				s, err := voucher.Sign(f.Session.Digest(voucher.NewDomain(uint64(f.Way.Chain), f.Way.Escrow)), keyOf(e.key))
				if err != nil {
					t.Fatal(err)
				}
				e.said = append(e.said, Auth{Signature: s})
			}
		}
	}
}

// talk lets both say all they have; between changes what b hears of a.
func talk(t *testing.T, a, b *end, between func(Message) Message) {
	t.Helper()
	a.do(t)(a.Open())
	b.do(t)(b.Open())
	for i, j := 0, 0; i < len(a.said) || j < len(b.said); {
		if i < len(a.said) {
			m := a.said[i]
			i++
			if between != nil {
				m = between(m)
			}
			b.do(t)(b.Step(m))
		}
		if j < len(b.said) {
			m := b.said[j]
			j++
			a.do(t)(a.Step(m))
		}
	}
}

func TestHandshake(t *testing.T) {
	one, two, wallets := Way{Chain: 1, Escrow: voucher.Address{5}}, Way{Chain: 2, Escrow: voucher.Address{5}}, Way{Chain: 1}
	for name, c := range map[string]struct {
		a, b  []Way
		want  Way
		phase Phase
	}{
		"the dialler prefers":    {[]Way{one, two}, []Way{two, one}, one, Authed},
		"only one in common":     {[]Way{one, wallets}, []Way{two, wallets}, wallets, Authed},
		"none in common":         {[]Way{one}, []Way{two}, Way{}, Closed},
		"payments off at one":    {[]Way{one}, nil, Way{}, Closed},
		"another contract":       {[]Way{one}, []Way{{1, voucher.Address{6}}}, Way{}, Closed},
		"vouchers are not coins": {[]Way{one}, []Way{wallets}, Way{}, Closed},
	} {
		a, b := newEnd("a", true, 1, c.a...), newEnd("b", false, 2, c.b...)
		talk(t, a, b, nil)
		if len(c.b) == 0 {
			if b.Phase != Closed || len(b.said) != 0 {
				t.Errorf("%s: %v, said %v", name, b.Phase, b.said)
			}
			continue
		}
		if a.Phase != c.phase || b.Phase != c.phase || a.Way != c.want && c.phase == Authed || a.Way != b.Way {
			t.Errorf("%s: %v %v, %v %v", name, a.Phase, a.Way, b.Phase, b.Way)
		}
	}
}

func TestLanes(t *testing.T) {
	w := Way{Chain: 3, Escrow: voucher.Address{5}}
	a, b := newEnd("a", true, 1, w), newEnd("b", false, 2, w)
	a.Mine.Serves = false
	talk(t, a, b, nil)
	pay, paid := a.Lanes()
	pay2, paid2 := b.Lanes()
	want := Key{3, w.Escrow, addressOf("a"), addressOf("b")}
	if pay != want || paid2 != want || paid != (Key{}) || pay2 != (Key{}) {
		t.Errorf("%v %v %v %v", pay, paid, pay2, paid2)
	}
}

// TestMiddleman: whoever changes what an end says about itself is found out by the
// signature of the other.
func TestMiddleman(t *testing.T) {
	w := Way{Chain: 1, Escrow: voucher.Address{5}}
	thief := addressOf("thief")
	honest := func() (*end, *end) { return newEnd("a", true, 1, w), newEnd("b", false, 2, w) }
	// What a said to b on an earlier connection, with other nonces.
	a, b := newEnd("a", true, 7, w), newEnd("b", false, 8, w)
	talk(t, a, b, nil)
	old := a.said
	for name, between := range map[string]func(Message) Message{
		"address": func(m Message) Message {
			if g, ok := m.(Greeting); ok {
				g.Account = thief
				return g
			}
			return m
		},
		"nonce": func(m Message) Message {
			if g, ok := m.(Greeting); ok {
				g.Nonce[3] ^= 1
				return g
			}
			return m
		},
		"own signature": func(m Message) Message {
			if _, ok := m.(Auth); ok {
				s, _ := voucher.Sign(voucher.Digest{1}, keyOf("thief"))
				return Auth{Signature: s}
			}
			return m
		},
		"replayed": func(m Message) Message {
			if _, ok := m.(Auth); ok {
				return old[1]
			}
			return old[0]
		},
	} {
		a, b := honest()
		talk(t, a, b, between)
		if b.Phase != Closed {
			t.Errorf("%s: b is %v", name, b.Phase)
		}
		if last := b.said[len(b.said)-1]; last != (Stop{ReasonProtocol}) {
			t.Errorf("%s: b says %v", name, last)
		}
	}
	// The account of an honest end sent back to it is refused before it signs.
	a, _ = honest()
	a.do(t)(a.Open())
	a.do(t)(a.Step(Greeting{Nonce: [16]byte{9}, Account: a.Mine.Account, Ways: []Way{w}}))
	if a.Phase != Closed || len(a.said) != 1 {
		t.Errorf("mirrored: %v, said %d", a.Phase, len(a.said))
	}
}

// TestTurn: what comes out of turn ends the handshake.
func TestTurn(t *testing.T) {
	w := Way{Chain: 1, Escrow: voucher.Address{5}}
	peer := Greeting{Nonce: [16]byte{2}, Account: addressOf("b"), Ways: []Way{w}}
	for name, messages := range map[string][]Message{
		"auth first":   {Auth{}},
		"two hellos":   {peer, peer},
		"pay at once":  {Pay{}},
		"quote early":  {peer, Quote{Price: 1, Number: 1}},
		"stop":         {peer, Stop{}},
		"after an end": {Stop{}, peer, Auth{}},
	} {
		a := newEnd("a", true, 1, w)
		a.do(t)(a.Open())
		for _, m := range messages {
			a.do(t)(a.Step(m))
		}
		if a.Phase != Closed {
			t.Errorf("%s: %v", name, a.Phase)
		}
	}
}

// TestNets: what is due is set off where both ends say so, pay and serve, by vouchers.
func TestNets(t *testing.T) {
	h := func(change func(h *Handshake)) Handshake {
		h := Handshake{Way: Way{1, voucher.Address{9}}}
		h.Mine = Greeting{Account: addressOf("a"), Pays: true, Serves: true, Nets: true}
		h.Theirs = Greeting{Account: addressOf("b"), Pays: true, Serves: true, Nets: true}
		change(&h)
		return h
	}
	if !h(func(*Handshake) {}).Nets() {
		t.Error("both: not set off")
	}
	for what, change := range map[string]func(*Handshake){
		"we do not":       func(h *Handshake) { h.Mine.Nets = false },
		"they do not":     func(h *Handshake) { h.Theirs.Nets = false },
		"we do not pay":   func(h *Handshake) { h.Mine.Pays = false },
		"we do not serve": func(h *Handshake) { h.Mine.Serves = false },
		"they only pay":   func(h *Handshake) { h.Theirs.Serves = false },
		"they only serve": func(h *Handshake) { h.Theirs.Pays = false },
		"by transfers":    func(h *Handshake) { h.Way.Escrow = voucher.Address{} },
	} {
		if h(change).Nets() {
			t.Errorf("%s: set off", what)
		}
	}
}
