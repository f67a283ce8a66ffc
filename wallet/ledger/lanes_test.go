package ledger

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

func sampleLane(payer byte) Lane {
	return Lane{
		LaneKey:    LaneKey{Chain: 7, Escrow: [20]byte{9}, Payer: [20]byte{payer}, Payee: [20]byte{200}, Paid: true},
		Cumulative: 10, Signature: [65]byte{1}, Due: 12, Bytes: 13, Unpaid: 14, Repay: 15, Lost: 16, Strikes: 2,
		Until: epoch.Add(time.Hour), Redeemed: 3, Changed: epoch,
	}
}

func putLane(t *testing.T, l *Ledger, lane Lane) error {
	t.Helper()
	return l.Update(t.Context(), func(tx *Tx) error { return tx.PutLane(t.Context(), lane) })
}

func TestLane(t *testing.T) {
	l, want := openNew(t), sampleLane(1)
	if got, err := l.Lane(t.Context(), want.LaneKey); err != nil || got != (Lane{LaneKey: want.LaneKey}) {
		t.Errorf("before: %+v, %v", got, err)
	}
	for range 2 {
		if err := putLane(t, l, want); err != nil {
			t.Fatal(err)
		}
		if got, err := l.Lane(t.Context(), want.LaneKey); err != nil || got != want {
			t.Errorf("got %+v, %v\nwant %+v", got, err, want)
		}
	}
	want.Cumulative, want.Signature, want.Due, want.Bytes, want.Until, want.Redeemed = 20, [65]byte{2}, 5, 6, time.Time{}, 20
	if err := putLane(t, l, want); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Lane(t.Context(), want.LaneKey); err != nil || got != want {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	for what, k := range map[string]LaneKey{
		"chain":     {8, want.Escrow, want.Payer, want.Payee, true},
		"escrow":    {7, [20]byte{}, want.Payer, want.Payee, true},
		"payer":     {7, want.Escrow, want.Payee, want.Payer, true},
		"direction": {7, want.Escrow, want.Payer, want.Payee, false},
	} {
		if got, err := l.Lane(t.Context(), k); err != nil || got.Cumulative != 0 {
			t.Errorf("another %s: %+v, %v", what, got, err)
		}
	}
}

func TestLaneNeverFalls(t *testing.T) {
	l, lane := openNew(t), sampleLane(1)
	if err := putLane(t, l, lane); err != nil {
		t.Fatal(err)
	}
	for what, f := range map[string]func(*Lane){
		"promise":         func(l *Lane) { l.Cumulative = 9 },
		"redeemed":        func(l *Lane) { l.Redeemed = 2 },
		"other signature": func(l *Lane) { l.Signature[3] = 1 },
	} {
		bad := lane
		f(&bad)
		if err := putLane(t, l, bad); !errors.Is(err, ErrFalls) {
			t.Errorf("%s: %v, want ErrFalls", what, err)
		}
	}
	for what, f := range map[string]func(*Lane){
		"redeemed above promise": func(l *Lane) { l.Redeemed = 11 },
		"negative":               func(l *Lane) { l.Due = -1 },
		"oneself":                func(l *Lane) { l.Payer = l.Payee },
		"strikes":                func(l *Lane) { l.Strikes = 65 },
	} {
		bad := lane
		f(&bad)
		if err := putLane(t, l, bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", what, err)
		}
	}
	for _, q := range []string{
		`DELETE FROM lane`, `UPDATE lane SET payer = payee`, `UPDATE lane SET direction = 'out'`, `UPDATE lane SET cumulative = 1`,
		`REPLACE INTO lane SELECT chain, escrow, payer, payee, direction, 1, signature, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM lane`,
		`INSERT INTO settled VALUES (1, randomblob(31), 1, 1)`,
	} {
		if _, err := l.write.ExecContext(t.Context(), q); err == nil {
			t.Errorf("done: %s", q)
		}
	}
	if got, err := l.Lane(t.Context(), lane.LaneKey); err != nil || got != lane {
		t.Errorf("after: %+v, %v", got, err)
	}
}

func TestLanes(t *testing.T) {
	l := openNew(t)
	for i := range byte(5) {
		lane := sampleLane(i + 1)
		lane.Cumulative = btt.Amount(10 + int(i)*7%5)
		lane.Paid = i != 4
		if err := putLane(t, l, lane); err != nil {
			t.Fatal(err)
		}
	}
	in, err := l.Lanes(t.Context(), true)
	if err != nil || len(in) != 4 {
		t.Fatalf("%d lanes, %v", len(in), err)
	}
	for i := range in[1:] {
		if in[i].Cumulative < in[i+1].Cumulative {
			t.Errorf("not in order: %v before %v", in[i].Cumulative, in[i+1].Cumulative)
		}
	}
	if out, err := l.Lanes(t.Context(), false); err != nil || len(out) != 1 || out[0].Payer != [20]byte{5} {
		t.Errorf("%+v, %v", out, err)
	}
}

// TestSettle counts a transaction once, and all or nothing with what is booked.
func TestSettle(t *testing.T) {
	l := openNew(t)
	settle := func(chain int64, txid ID, amount btt.Amount) error {
		return l.Update(t.Context(), func(tx *Tx) error {
			lane := sampleLane(1)
			lane.Cumulative = 100 * amount
			lane.Signature = [65]byte{byte(amount)}
			if err := tx.PutLane(t.Context(), lane); err != nil {
				return err
			}
			return tx.Settle(t.Context(), chain, txid, amount, epoch)
		})
	}
	if err := settle(1, id(5), 1); err != nil {
		t.Fatal(err)
	}
	if err := settle(1, id(5), 2); !errors.Is(err, ErrSettled) {
		t.Errorf("twice: %v", err)
	}
	if got, _ := l.Lane(t.Context(), sampleLane(1).LaneKey); got.Cumulative != 100 {
		t.Errorf("the lane is at %v", got.Cumulative)
	}
	if err := settle(1, id(6), 3); err != nil {
		t.Errorf("another: %v", err)
	}
	if err := settle(2, id(5), 4); err != nil {
		t.Errorf("another chain: %v", err)
	}
}

// TestVouchers: a backup has what can still be redeemed, and nothing else.
func TestVouchers(t *testing.T) {
	l := openNew(t)
	for i := range byte(4) {
		lane := sampleLane(i + 1)
		switch i {
		case 1:
			lane.Redeemed = lane.Cumulative
		case 2:
			lane.Escrow = [20]byte{} // a transfer, which is on the chain already
		case 3:
			lane.Paid, lane.Signature = false, [65]byte{} // given
		}
		if err := putLane(t, l, lane); err != nil {
			t.Fatal(err)
		}
	}
	b, err := l.Vouchers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	if err := json.Unmarshal(b, &all); err != nil || len(all) != 1 {
		t.Fatalf("%s, %v", b, err)
	}
	v, zeros := all[0], strings.Repeat("0", 38)
	if v["payer"] != "01"+zeros || v["escrow"] != "09"+zeros || v["cumulative"] != "10" || v["redeemed"] != "3" || v["chain"] != 7.0 ||
		v["signature"] != "01"+strings.Repeat("0", 128) {
		t.Errorf("%s", b)
	}
}
