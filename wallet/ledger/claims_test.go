package ledger

import (
	"database/sql"
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// claimOf is the claim of the sample lane of a payer.
func claimOf(t *testing.T, l *Ledger, payer byte) Claim {
	t.Helper()
	all, err := l.Claims(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Payer == ([20]byte{payer}) {
			return c
		}
	}
	t.Fatalf("no claim of payer %d among %d", payer, len(all))
	return Claim{}
}

func setClaim(t *testing.T, l *Ledger, from ClaimState, c Claim) error {
	t.Helper()
	return l.Update(t.Context(), func(tx *Tx) error { return tx.SetClaim(t.Context(), from, c) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// more makes the lane of a payer promise more.
func more(t *testing.T, l *Ledger, payer byte, by btt.Amount) {
	t.Helper()
	lane, err := l.Lane(t.Context(), sampleLane(payer).LaneKey)
	must(t, err)
	lane.Cumulative += by
	lane.Signature[64]++
	must(t, putLane(t, l, lane))
}

// TestClaimBeginsWithTheLane: whoever writes the lane, a received promise is never
// without its claim, and what needs none has none.
func TestClaimBeginsWithTheLane(t *testing.T) {
	l := openNew(t)
	empty := sampleLane(1)
	empty.Cumulative, empty.Redeemed, empty.Signature = 0, 0, [65]byte{}
	direct, ours := sampleLane(2), sampleLane(3)
	direct.Escrow, ours.Paid = [20]byte{}, false
	for _, lane := range []Lane{empty, direct, ours, sampleLane(4)} {
		must(t, putLane(t, l, lane))
	}
	all, err := l.Claims(t.Context(), 7)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	lane := sampleLane(4)
	want := Claim{LaneKey: lane.LaneKey, State: Held, Settled: 3, Changed: lane.Changed, Cumulative: 10, Signature: lane.Signature}
	if all[0] != want || all[0].Open() != 7 {
		t.Errorf("%+v, want %+v", all[0], want)
	}
	more(t, l, 1, 5) // the first promise of a lane that was there
	if c := claimOf(t, l, 1); c.State != Held || c.Open() != 5 {
		t.Errorf("%+v", c)
	}
	if other, err := l.Claims(t.Context(), 8); err != nil || other != nil {
		t.Errorf("of another chain: %+v, %v", other, err)
	}
}

// TestClaimSteps takes every pair of states and lets the schema judge.
func TestClaimSteps(t *testing.T) {
	may := map[ClaimState][]ClaimState{
		Held: {Queued, Dust, Redeemed}, Queued: {Held, InTx}, InTx: {Held, Redeemed, Bounced},
		Redeemed: {Held}, Bounced: {Held, Queued, Redeemed}, Dust: {Held, Queued, Redeemed},
	}
	way := map[ClaimState][]ClaimState{
		Held: {}, Queued: {Queued}, InTx: {Queued, InTx}, Redeemed: {Redeemed}, Bounced: {Queued, InTx, Bounced}, Dust: {Dust},
	}
	in := func(c Claim, s ClaimState) Claim {
		c.State, c.Batch, c.Presented = s, ID{}, 0
		if s == Queued || s == InTx {
			c.Batch, c.Presented = id(1), 10
		}
		return c
	}
	for from, steps := range way {
		for to := range way {
			l := openNew(t)
			must(t, putLane(t, l, sampleLane(1)))
			at := Held
			for _, s := range steps {
				must(t, setClaim(t, l, at, in(claimOf(t, l, 1), s)))
				at = s
			}
			ok := from == to
			for _, s := range may[from] {
				ok = ok || s == to
			}
			err := setClaim(t, l, from, in(claimOf(t, l, 1), to))
			if ok != (err == nil) || err != nil && !errors.Is(err, ErrInvalid) {
				t.Errorf("%s to %s: %v, want allowed %v", from, to, err, ok)
			}
		}
	}
}

func TestClaimRules(t *testing.T) {
	l := openNew(t)
	must(t, putLane(t, l, sampleLane(1)))
	held := claimOf(t, l, 1)
	queued := held
	queued.State, queued.Batch, queued.Presented, queued.Auto, queued.Due = Queued, id(1), 10, true, epoch.Add(time.Hour)
	must(t, setClaim(t, l, Held, queued))
	if got := claimOf(t, l, 1); got != queued {
		t.Errorf("%+v, want %+v", got, queued)
	}
	for what, f := range map[string]func(*Claim){
		"another batch":   func(c *Claim) { c.Batch = id(2) },
		"another promise": func(c *Claim) { c.Presented = 9 },
		"another way":     func(c *Claim) { c.Withdraw = true },
		"no batch":        func(c *Claim) { c.Batch = ID{} },
		"negative rest":   func(c *Claim) { c.Rest = -1 },
		"a held batch":    func(c *Claim) { c.State = Held },
	} {
		bad := queued
		f(&bad)
		if err := setClaim(t, l, Queued, bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	less := queued
	less.Settled = 2
	if err := setClaim(t, l, Queued, less); !errors.Is(err, ErrFalls) {
		t.Errorf("less settled: %v", err)
	}
	if err := setClaim(t, l, Held, queued); !errors.Is(err, ErrStale) {
		t.Errorf("from another state: %v", err)
	}
	file := filepath.Join(t.TempDir(), "x.db")
	l = openFile(t, file)
	must(t, putLane(t, l, sampleLane(1)))
	db, err := sql.Open("sqlite3", file)
	must(t, err)
	defer db.Close()
	for _, q := range []string{`DELETE FROM claim`, `UPDATE claim SET payer = payee`, `INSERT OR REPLACE INTO claim SELECT * FROM claim`} {
		if _, err := db.ExecContext(t.Context(), q); err == nil {
			t.Errorf("%s: done", q)
		}
	}
}

// TestClaimWakes: more promised makes what was done with be held again, and leaves
// what is under way.
func TestClaimWakes(t *testing.T) {
	l := openNew(t)
	must(t, putLane(t, l, sampleLane(1)))
	c := claimOf(t, l, 1)
	c.State = Dust
	must(t, setClaim(t, l, Held, c))
	more(t, l, 1, 5)
	if c = claimOf(t, l, 1); c.State != Held || c.Cumulative != 15 {
		t.Errorf("dust: %+v", c)
	}
	c.State, c.Batch, c.Presented = Queued, id(1), 15
	must(t, setClaim(t, l, Held, c))
	more(t, l, 1, 5)
	if c = claimOf(t, l, 1); c.State != Queued || c.Presented != 15 || c.Cumulative != 20 {
		t.Errorf("queued: %+v", c)
	}
	c.State = InTx
	must(t, setClaim(t, l, Queued, c))
	c.State, c.Batch, c.Presented, c.Settled, c.Last = Redeemed, ID{}, 0, 15, 12
	must(t, setClaim(t, l, InTx, c))
	if c = claimOf(t, l, 1); c.Open() != 5 || c.Last != 12 {
		t.Errorf("redeemed: %+v", c)
	}
	more(t, l, 1, 1)
	if c = claimOf(t, l, 1); c.State != Held || c.Open() != 6 {
		t.Errorf("more: %+v", c)
	}
}

// TestClaimsOfBefore: a file of the version without claims gets them for what its
// lanes hold.
func TestClaimsOfBefore(t *testing.T) {
	scripts, err := embedded()
	must(t, err)
	file := filepath.Join(t.TempDir(), "old.db")
	db, err := connect(file, "rwc", "immediate", 1)
	must(t, err)
	must(t, migrate(t.Context(), db, scripts[:3]))
	old := &Ledger{write: db, read: db}
	must(t, old.prepare(t.Context()))
	must(t, putLane(t, old, sampleLane(1)))
	given := sampleLane(2)
	given.Paid = false
	must(t, putLane(t, old, given))
	must(t, db.Close())
	l := openFile(t, file)
	all, err := l.Claims(t.Context(), 7)
	if err != nil || len(all) != 1 || all[0].State != Held || all[0].Settled != 3 || all[0].Open() != 7 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestEscrowSeen(t *testing.T) {
	l := openNew(t)
	k := EscrowKey{7, [20]byte{9}, [20]byte{1}}
	for _, want := range []EscrowSeen{
		{EscrowKey: k, Free: 5, Allowance: 6, Seen: epoch},
		{EscrowKey: k, Exiting: 5, Ready: epoch.Add(time.Hour), Seen: epoch.Add(time.Minute)},
	} {
		must(t, l.Update(t.Context(), func(tx *Tx) error { return tx.PutEscrow(t.Context(), want) }))
		got, err := l.Escrows(t.Context(), 7)
		if err != nil || len(got) != 1 || got[k] != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	if err := l.Update(t.Context(), func(tx *Tx) error { return tx.PutEscrow(t.Context(), EscrowSeen{EscrowKey: k, Free: -1}) }); !errors.Is(err, ErrInvalid) {
		t.Errorf("a negative deposit: %v", err)
	}
	if got, err := l.Escrows(t.Context(), 8); err != nil || len(got) != 0 {
		t.Errorf("another chain: %v, %v", got, err)
	}
}

func TestDrawn(t *testing.T) {
	l, k := openNew(t), sampleLane(1).LaneKey
	set := func(before, total btt.Amount) error {
		return l.Update(t.Context(), func(tx *Tx) error { return tx.SetDrawn(t.Context(), k, before, total) })
	}
	must(t, set(0, 5))
	must(t, set(5, 9))
	if err := set(5, 10); !errors.Is(err, ErrStale) {
		t.Errorf("from another total: %v", err)
	}
	if err := set(9, 8); !errors.Is(err, ErrInvalid) {
		t.Errorf("less: %v", err)
	}
	if got, err := l.Drawn(t.Context(), k); err != nil || got != 9 {
		t.Errorf("%v, %v", got, err)
	}
	k.Chain++
	if got, err := l.Drawn(t.Context(), k); err != nil || got != 0 {
		t.Errorf("of another chain: %v, %v", got, err)
	}
}

// TestVouchersGoThereAndBack: a backup's promises are taken over once, the greater
// one counts, and the books balance.
func TestVouchersGoThereAndBack(t *testing.T) {
	from, to := openNew(t), openNew(t)
	name := func(a [20]byte) string { return "p" + string('0'+rune(a[0])) }
	full := sampleLane(3)
	full.Redeemed = full.Cumulative
	for _, lane := range []Lane{sampleLane(1), sampleLane(2), full} {
		must(t, putLane(t, from, lane))
	}
	c := claimOf(t, from, 2) // the escrow has paid more than the lane knows
	c.Settled = 6
	must(t, setClaim(t, from, Held, c))
	newer := sampleLane(1)
	newer.Cumulative, newer.Signature = 25, [65]byte{7}
	must(t, putLane(t, to, newer))
	b, err := from.Vouchers(t.Context())
	must(t, err)
	all, err := ParseVouchers(b)
	if err != nil || len(all) != 2 || all[1].Redeemed != 6 || all[0].Signature != sampleLane(1).Signature || !all[0].Paid {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, want := range []int{1, 0} {
		if n, err := to.RestoreVouchers(t.Context(), all, name, epoch); err != nil || n != want {
			t.Errorf("%d news, %v; want %d", n, err, want)
		}
	}
	if c := claimOf(t, to, 1); c.Cumulative != 25 || c.Signature != newer.Signature {
		t.Errorf("an older promise replaced a newer one: %+v", c)
	}
	if c := claimOf(t, to, 2); c.Cumulative != 10 || c.Settled != 6 || c.State != Held {
		t.Errorf("restored: %+v", c)
	}
	lane, err := to.Lane(t.Context(), sampleLane(2).LaneKey)
	if err != nil || lane.Due != 10 || lane.Redeemed != 6 {
		t.Errorf("the lane is owed service for what was promised before: %+v, %v", lane, err)
	}
	if bal, err := to.Balance(t.Context(), Receivable("p2")); err != nil || bal.Posted != 4 {
		t.Errorf("booked %+v, %v", bal, err)
	}
	if f, err := to.Flow(t.Context(), Period{}); err != nil || f != (Flow{}) {
		t.Errorf("an old promise is income of today: %+v, %v", f, err)
	}
	audit(t, to)
	if n, err := from.RestoreVouchers(t.Context(), all, name, epoch); err != nil || n != 0 {
		t.Errorf("into where it came from: %d, %v", n, err)
	}
}

func TestParseVouchersRefuses(t *testing.T) {
	l := openNew(t)
	must(t, putLane(t, l, sampleLane(1)))
	good, err := l.Vouchers(t.Context())
	must(t, err)
	for what, f := range map[string]func(*voucherJSON){
		"no promise":   func(v *voucherJSON) { v.Cumulative = 0 },
		"negative":     func(v *voucherJSON) { v.Redeemed = -1 },
		"too much":     func(v *voucherJSON) { v.Redeemed = v.Cumulative + 1 },
		"no escrow":    func(v *voucherJSON) { v.Escrow = strings.Repeat("00", 20) },
		"short payer":  func(v *voucherJSON) { v.Payer = v.Payer[2:] },
		"no hex":       func(v *voucherJSON) { v.Payee = "zz" + v.Payee[2:] },
		"oneself":      func(v *voucherJSON) { v.Payee = v.Payer },
		"chain":        func(v *voucherJSON) { v.Chain = -1 },
		"no signature": func(v *voucherJSON) { v.Signature = "" },
	} {
		var all []voucherJSON
		must(t, json.Unmarshal(good, &all))
		f(&all[0])
		b, err := json.Marshal(all)
		must(t, err)
		if _, err := ParseVouchers(b); !errors.Is(err, ErrVouchers) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, b := range []string{"", "7", "{}", `[{"chain":"x"}]`} {
		if _, err := ParseVouchers([]byte(b)); !errors.Is(err, ErrVouchers) {
			t.Errorf("%q: %v", b, err)
		}
	}
}

func FuzzParseVouchers(f *testing.F) {
	f.Add([]byte(`[{"chain":7,"escrow":"09","payer":"","payee":"","cumulative":"1","redeemed":"0","signature":""}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := ParseVouchers(b)
		for _, r := range all {
			if err != nil || r.Cumulative <= 0 || r.Redeemed > r.Cumulative || r.Payer == r.Payee {
				t.Errorf("%+v, %v", r, err)
			}
		}
	})
}

// TestSpeed: measurements add up over a restart, and the first estimate stays.
func TestSpeed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	l := openFile(t, file)
	if _, ok, err := l.Speed(t.Context(), "ab"); ok || err != nil {
		t.Errorf("before: %v, %v", ok, err)
	}
	first := Speed{
		Torrent: "ab", Began: epoch, Ended: epoch.Add(time.Minute), Buying: 50 * time.Second, Bytes: 100, Paid: 60, Free: 30,
		EstimatedFree: 5, EstimatedPaid: 9, EstimatedBytes: 1000, EstimatedCost: 7,
	}
	must(t, l.AddSpeed(t.Context(), first))
	must(t, l.Close())
	l = openFile(t, file)
	next := first
	next.Began, next.Ended, next.EstimatedFree, next.EstimatedCost = epoch.Add(time.Hour), epoch.Add(2*time.Hour), 77, 77
	must(t, l.AddSpeed(t.Context(), next))
	want := first
	want.Ended, want.Buying, want.Bytes, want.Paid, want.Free = next.Ended, 100*time.Second, 200, 120, 60
	if got, ok, err := l.Speed(t.Context(), "ab"); err != nil || !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	next.Bytes = -1
	if err := l.AddSpeed(t.Context(), next); !errors.Is(err, ErrInvalid) {
		t.Errorf("less than before: %v", err)
	}
}

func TestFlowOf(t *testing.T) {
	l := flowBook(t)
	mustRecord(t, l, Transfer{ID: id(950), At: epoch, Kind: "x", Phase: Posted, Debit: Leeching, Credit: Payable("q"), Amount: 3, Torrent: "t2"})
	for _, c := range []struct {
		torrent string
		want    Flow
		payees  int
	}{{"t1", Flow{130, 0}, 0}, {"t2", Flow{0, 20}, 2}, {"t3", Flow{40, 0}, 0}, {"zz", Flow{}, 0}} {
		if f, n, err := l.FlowOf(t.Context(), c.torrent, Period{}); err != nil || f != c.want || n != c.payees {
			t.Errorf("%s: %+v to %d, %v; want %+v to %d", c.torrent, f, n, err, c.want, c.payees)
		}
	}
}

func TestSettledAndOutgoingOf(t *testing.T) {
	l := openNew(t)
	if ok, err := l.Settled(t.Context(), 7, id(1)); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	o := Outgoing{Intent: id(2), Chain: id(3), Owner: "T", Body: []byte("{}"), State: "built", Created: epoch, Changed: epoch}
	must(t, l.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.AddOutgoing(t.Context(), o)
		return errors.Join(err, tx.Settle(t.Context(), 7, id(1), 5, epoch))
	}))
	if ok, err := l.Settled(t.Context(), 7, id(1)); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if got, ok, err := l.OutgoingOf(t.Context(), id(3), id(2)); err != nil || !ok || got.Owner != "T" {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	for _, k := range [][2]ID{{id(3), id(4)}, {id(4), id(2)}} {
		if _, ok, err := l.OutgoingOf(t.Context(), k[0], k[1]); ok || err != nil {
			t.Errorf("%v: %v, %v", k, ok, err)
		}
	}
}
