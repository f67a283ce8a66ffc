package wire

import (
	"encoding/hex"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// talk is a dialogue in the making. The charge is computed from its definition.
type talk struct {
	*testing.T
	steps        []step
	domain       voucher.Domain
	keys         [2][]byte // of the requester and the provider
	accounts     [2]voucher.Address
	before       btt.Amount // charged under earlier quotes
	price        btt.Rate
	under, total int64 // bytes under this quote, in all
	number       int64
	held         btt.Amount
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newTalk(t *testing.T, s session) *talk {
	t.Helper()
	k := &talk{T: t, domain: voucher.NewDomain(uint64(s.Chain), voucher.Address(unhex(t, s.Escrow)))}
	for i, key := range []string{s.Requester, s.Provider} {
		k.keys[i] = unhex(t, key)
		a, err := voucher.AddressOf(k.keys[i])
		if err != nil {
			t.Fatal(err)
		}
		k.accounts[i] = a
	}
	return k
}

func (k *talk) say(from string, m Message, comment string) {
	k.steps = append(k.steps, step{From: from, Payload: encode(k.T, m), Comment: comment})
}

func (k *talk) charged() btt.Amount {
	return k.before + btt.Amount((int64(k.price)*k.under+1<<20-1)>>20)
}

func (k *talk) deliver(n int64, comment string) {
	k.under, k.total = k.under+n, k.total+n
	k.steps = append(k.steps, step{From: "provider", Bytes: n, Charged: k.charged(), Comment: comment})
}

func (k *talk) quote(p btt.Rate, comment string) {
	k.before, k.under, k.price = k.charged(), 0, p
	k.number++
	k.say("provider", Quote{
		Price: p, Rate: 1 << 20, Number: k.number, Window: 4 << 20, Increment: 1, Served: k.total, Held: k.held,
	}, comment)
}

func (k *talk) sign(who int, d voucher.Digest) [SignatureSize]byte {
	k.Helper()
	s, err := voucher.Sign(d, k.keys[who])
	if err != nil {
		k.Fatal(err)
	}
	return s
}

func (k *talk) auth(s session, nonces [32]byte, me, peer int) Auth {
	k.Helper()
	v := voucher.Session{Nonces: nonces, Me: k.accounts[me], Peer: k.accounts[peer]}
	copy(v.InfoHash[:], unhex(k.T, s.InfoHash))
	return Auth{Signature: k.sign(me, v.Digest(k.domain))}
}

func (k *talk) pay(comment string) {
	k.Helper()
	k.held = k.charged()
	d, err := voucher.Voucher{Payer: k.accounts[0], Payee: k.accounts[1], Cumulative: k.held}.Digest(k.domain)
	if err != nil {
		k.Fatal(err)
	}
	k.say("requester", Pay{Cumulative: k.held, Signature: k.sign(0, d), Verified: k.total}, comment)
	k.say("provider", Ack{Cumulative: k.held}, "kept")
}

// dialogue is one session in which the price changes twice, with vouchers, a need
// and a stop.
func dialogue(t *testing.T, s session) []step {
	t.Helper()
	k := newTalk(t, s)
	way := []Instrument{{Kind: Voucher, Chain: s.Chain, Escrow: [20]byte(unhex(t, s.Escrow))}}
	dialled, answered := [16]byte(pattern(16, 0x10)), [16]byte(pattern(16, 0x50))
	k.say("requester", Hello{Version: 1, Nonce: dialled, Account: k.accounts[0], Roles: Requester, Instruments: way}, "the requester dialled")
	k.say("provider", Hello{Version: 1, Nonce: answered, Account: k.accounts[1], Roles: Provider, Instruments: way}, "an instrument in common")
	nonces := voucher.Nonces(dialled, answered)
	k.say("requester", k.auth(s, nonces, 0, 1), "")
	k.say("provider", k.auth(s, nonces, 1, 0), "")
	k.say("provider", Reserve{Price: 1_000_000}, "the least that this torrent takes")
	k.say("requester", Bid{Price: 3_000_001, Demand: 2 << 20, Most: 100_000_000}, "")
	k.quote(1_000_000, "a lone bidder pays the reserve; the requester's next request accepts")
	k.deliver(1<<20+1, "rounded up: one byte more than a MiB")
	k.deliver(100, "the rounding is on the sum of the quote, not on each block")
	k.pay("")
	k.quote(2_500_001, "first change: a rival has come; y is the first byte at this price")
	k.deliver(1<<19+7, "")
	k.say("provider", Need{Cumulative: k.charged(), Grace: 5 * time.Second}, "the window is nearly used up")
	k.pay("in time")
	k.quote(1_234_567, "second change: the rival has left")
	k.deliver(3<<20, "")
	k.pay("")
	k.say("requester", Stop{Reason: Done}, "it needs nothing more from here; its bid is taken back with it")
	k.deliver(1<<14, "was on its way, and is charged")
	k.say("provider", Stop{Reason: Done}, "its place in the stream is where both end the quote")
	k.pay("what was still due")
	return k.steps
}

// TestDialogueCharge adds the charges of the dialogue up from the definition: for
// each quote, its price times its bytes, rounded up once.
func TestDialogueCharge(t *testing.T) {
	var sum btt.Amount
	var price btt.Rate
	var bytes, served int64
	for _, s := range read(t).Dialogue {
		if s.Bytes > 0 {
			bytes, served = bytes+s.Bytes, served+s.Bytes
			if due, err := price.Cost(bytes); err != nil || sum+due != s.Charged {
				t.Errorf("%s: %v, want %v", s.Comment, sum+due, s.Charged)
			}
			continue
		}
		b, _ := hex.DecodeString(s.Payload)
		m, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if q, ok := m.(Quote); ok {
			due, err := price.Cost(bytes)
			if err != nil || q.Served != served {
				t.Errorf("%s: first byte %d, want %d", s.Comment, q.Served, served)
			}
			sum, price, bytes = sum+due, q.Price, 0
		}
	}
}

// TestDialogueSigned: the signatures of the dialogue are those of the accounts of
// its hellos.
func TestDialogueSigned(t *testing.T) {
	v := read(t)
	domain := voucher.NewDomain(uint64(v.Session.Chain), voucher.Address(unhex(t, v.Session.Escrow)))
	var hellos []Hello
	auths, pays := 0, 0
	for _, s := range v.Dialogue {
		if s.Payload == "" {
			continue
		}
		m, err := Decode(unhex(t, s.Payload))
		if err != nil {
			t.Fatal(err)
		}
		switch m := m.(type) {
		case Hello:
			hellos = append(hellos, m)
		case Auth:
			me, peer := hellos[auths], hellos[1-auths]
			said := voucher.Session{Nonces: voucher.Nonces(hellos[0].Nonce, hellos[1].Nonce), Me: me.Account, Peer: peer.Account}
			copy(said.InfoHash[:], unhex(t, v.Session.InfoHash))
			if err := voucher.Verify(said.Digest(domain), m.Signature, me.Account); err != nil {
				t.Errorf("auth %d: %v", auths, err)
			}
			auths++
		case Pay:
			d, err := voucher.Voucher{Payer: hellos[0].Account, Payee: hellos[1].Account, Cumulative: m.Cumulative}.Digest(domain)
			if err != nil || voucher.Verify(d, m.Signature, hellos[0].Account) != nil {
				t.Errorf("pay of %v does not verify", m.Cumulative)
			}
			pays++
		}
	}
	if len(hellos) != 2 || auths != 2 || pays != 4 {
		t.Errorf("%d hellos, %d auths, %d pays", len(hellos), auths, pays)
	}
}
