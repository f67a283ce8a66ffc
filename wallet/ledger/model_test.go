package ledger

import (
	"errors"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"swarmbid/wallet/btt"
)

// TestBalanced records 10,000 random operations, right and wrong, in batches of
// random size, and compares every balance with a model after each batch.
func TestBalanced(t *testing.T) {
	const ops, seed = 10_000, 1
	t.Logf("seed %d", seed)
	m := model{
		r: rand.New(rand.NewPCG(seed, 2)), done: map[ID]Transfer{}, ended: map[ID]bool{},
		balance: map[Account]Balance{}, floor: map[Account]bool{"a/0": true},
	}
	file := filepath.Join(t.TempDir(), "ledger.db")
	l := openFile(t, file)
	zero := btt.Amount(0)
	if err := l.SetLimits(t.Context(), "a/0", Limits{Floor: &zero}); err != nil {
		t.Fatal(err)
	}
	outcomes := map[error]int{}
	for n := 0; n < ops; {
		var batch []Transfer
		var want error
		before := m.snapshot()
		for range 1 + m.r.IntN(40) {
			n++
			tr := m.propose()
			batch = append(batch, tr)
			if want = m.apply(tr); want != nil {
				break
			}
		}
		if err := l.Record(t.Context(), batch...); !errors.Is(err, want) || want == nil && err != nil {
			t.Fatalf("operation %d: %v, want %v", n, err, want)
		}
		outcomes[want]++
		if want != nil {
			m.restore(before)
		}
		for a, b := range m.balance {
			wantBalance(t, l, a, b)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	audit(t, l)
	for _, e := range []error{nil, ErrConflict, ErrResolved, ErrNotPending, ErrLimit} {
		if outcomes[e] < 10 {
			t.Errorf("only %d batches ended with %v", outcomes[e], e)
		}
	}
}

// model is the ledger as a map.
type model struct {
	r       *rand.Rand
	ids     []ID
	done    map[ID]Transfer
	ended   map[ID]bool
	balance map[Account]Balance
	floor   map[Account]bool
}

func (m *model) snapshot() model {
	return model{ids: m.ids, done: maps.Clone(m.done), ended: maps.Clone(m.ended), balance: maps.Clone(m.balance)}
}

func (m *model) restore(c model) {
	m.ids, m.done, m.ended, m.balance = c.ids, c.done, c.ended, c.balance
}

// propose returns a random operation: mostly sound, now and then not.
func (m *model) propose() Transfer {
	accounts := []Account{"a/0", "a/1", "a/2", "b/0", "b/1"}
	i, j := m.r.IntN(len(accounts)), m.r.IntN(len(accounts)-1)
	if j >= i {
		j++
	}
	t := Transfer{
		ID: id(m.r.Uint64()), At: epoch, Kind: "test", Phase: Posted, Debit: accounts[i], Credit: accounts[j],
		Amount: btt.Amount(1 + m.r.IntN(100)),
	}
	if t.Credit == "a/0" && m.r.IntN(8) == 0 {
		t.Credit, t.Debit = t.Debit, t.Credit
	}
	var old Transfer
	if len(m.ids) > 0 {
		old = m.done[m.ids[max(0, len(m.ids)-1-m.r.IntN(30))]]
	}
	switch k := m.r.IntN(200); {
	case k < 60:
		t.Phase = Pending
	case k < 110 && old.Phase == Pending && (!m.ended[old.ID] || k < 62):
		t.Debit, t.Credit, t.Resolves = old.Debit, old.Credit, old.ID
		t.Phase, t.Amount = Void, old.Amount
		if k%2 == 0 {
			t.Phase, t.Amount = Post, 1+btt.Amount(m.r.Int64N(int64(old.Amount)))
		}
		if k == 61 {
			t.Phase, t.Amount = Post, old.Amount+1
		}
	case k < 150 && old.Phase != "":
		t = old // a retry
	case k < 152 && old.Phase != "":
		t = old
		t.Amount++
	case k == 199 && old.Phase != "":
		t.Phase, t.Resolves = Void, old.ID
	}
	return t
}

// apply is what Record ought to do.
func (m *model) apply(t Transfer) error {
	if have, ok := m.done[t.ID]; ok {
		if have != t {
			return ErrConflict
		}
		return nil
	}
	d, c := m.balance[t.Debit], m.balance[t.Credit]
	switch p := m.done[t.Resolves]; t.Phase {
	case Posted:
	case Pending:
		d.In += t.Amount
		c.Out += t.Amount
	case Post, Void:
		if m.ended[p.ID] {
			return ErrResolved
		}
		if p.Phase != Pending || p.Debit != t.Debit || p.Credit != t.Credit || t.Amount > p.Amount || t.Phase == Void && t.Amount != p.Amount {
			return ErrNotPending
		}
		d.In -= p.Amount
		c.Out -= p.Amount
	}
	if t.Phase == Posted || t.Phase == Post {
		d.Posted += t.Amount
		c.Posted -= t.Amount
	}
	if m.floor[t.Debit] && d.Available() < 0 || m.floor[t.Credit] && c.Available() < 0 {
		return ErrLimit
	}
	m.balance[t.Debit], m.balance[t.Credit] = d, c
	m.done[t.ID] = t
	if t.Resolves != (ID{}) {
		m.ended[t.Resolves] = true
	}
	m.ids = append(m.ids, t.ID)
	return nil
}
