package ledger

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

func sampleNetting() Netting {
	return Netting{
		NetKey: NetKey{Chain: 7, Escrow: [20]byte{9}, Own: [20]byte{1}, Other: [20]byte{2}},
		Peer:   "B", Total: 10, Offered: 15, Number: 3, Changed: epoch,
	}
}

func setOff(t *testing.T, l *Ledger, n Netting) (more btt.Amount, err error) {
	t.Helper()
	err = l.Update(t.Context(), func(tx *Tx) error {
		more, err = tx.SetOff(t.Context(), n, "aa", "bb")
		return err
	})
	return more, err
}

// TestSetOff: the number is kept; what is more is booked as expense and income, and the
// peer owes and is owed as much as before.
func TestSetOff(t *testing.T) {
	l, want := openNew(t), sampleNetting()
	if got, err := l.Netting(t.Context(), want.NetKey); err != nil || got != (Netting{NetKey: want.NetKey}) {
		t.Errorf("before: %+v, %v", got, err)
	}
	booked := func(given, received btt.Amount) {
		t.Helper()
		audit(t, l)
		for a, sum := range map[Account]btt.Amount{Leeching: given, Seeding: -received, Payable("B"): 0, Receivable("B"): 0} {
			if b, err := l.Balance(t.Context(), a); err != nil || b.Posted != sum {
				t.Errorf("%s: %v, %v, want %v", a, b.Posted, err, sum)
			}
		}
		if f, err := l.Flow(t.Context(), Period{}); err != nil || f != (Flow{received, given}) {
			t.Errorf("flow %+v, %v", f, err)
		}
	}
	for i, step := range []struct{ total, offered, more btt.Amount }{
		{0, 15, 0}, {10, 10, 10}, {10, 30, 0}, {30, 30, 20}, {30, 30, 0},
	} {
		want.Total, want.Offered, want.Number = step.total, step.offered, int64(1+i/2)
		if more, err := setOff(t, l, want); err != nil || more != step.more {
			t.Fatalf("step %d: %v more, %v, want %v", i, more, err, step.more)
		}
		if got, err := l.Netting(t.Context(), want.NetKey); err != nil || got != want {
			t.Errorf("step %d: %+v, %v, want %+v", i, got, err, want)
		}
		booked(step.total, step.total)
	}
	torrents, err := l.FlowByTorrent(t.Context(), Period{}, 9)
	if err != nil || len(torrents) != 2 || torrents[0] != (ShareFlow{"aa", Flow{0, 30}}) || torrents[1] != (ShareFlow{"bb", Flow{30, 0}}) {
		t.Errorf("by torrent %+v, %v", torrents, err)
	}
	peers, err := l.FlowByPeer(t.Context(), Period{}, 9)
	if err != nil || len(peers) != 1 || peers[0] != (ShareFlow{"B", Flow{30, 30}}) {
		t.Errorf("by peer %+v, %v", peers, err)
	}
	var csv strings.Builder
	if err := l.WriteCSV(t.Context(), &csv, Period{}); err != nil || strings.Count(csv.String(), "netted,posted") != 2 {
		t.Errorf("export %v\n%s", err, &csv)
	}
}

// TestSetOffNeverFalls: the file itself refuses less than before and more than was
// proposed, and nothing is booked then.
func TestSetOffNeverFalls(t *testing.T) {
	l, n := openNew(t), sampleNetting()
	if _, err := setOff(t, l, n); err != nil {
		t.Fatal(err)
	}
	for what, f := range map[string]func(*Netting){
		"less":                       func(n *Netting) { n.Total = 9 },
		"less under another number":  func(n *Netting) { n.Total, n.Number = 9, 4 },
		"a number of before":         func(n *Netting) { n.Number = 2 },
		"more than was proposed":     func(n *Netting) { n.Total, n.Offered = 16, 16 },
		"a proposal raised in place": func(n *Netting) { n.Offered = 16 },
	} {
		bad := n
		if f(&bad); true {
			if _, err := setOff(t, l, bad); !errors.Is(err, ErrNetting) {
				t.Errorf("%s: %v, want ErrNetting", what, err)
			}
		}
	}
	for what, f := range map[string]func(*Netting){
		"offered less than is set off": func(n *Netting) { n.Offered = 9 },
		"no number":                    func(n *Netting) { n.Other, n.Number = [20]byte{3}, 0 },
		"oneself":                      func(n *Netting) { n.Other = n.Own },
		"no contract":                  func(n *Netting) { n.Escrow = [20]byte{} },
		"no peer":                      func(n *Netting) { n.Other, n.Peer = [20]byte{4}, "" },
		"another name of the peer":     func(n *Netting) { n.Peer = "C" },
		"negative":                     func(n *Netting) { n.Other, n.Total = [20]byte{5}, -1 },
	} {
		bad := n
		f(&bad)
		if _, err := setOff(t, l, bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", what, err)
		}
	}
	for _, q := range []string{
		`DELETE FROM netting`, `UPDATE netting SET other = zeroblob(20)`, `UPDATE netting SET total = 1`, `UPDATE netting SET offered = 99`,
		`REPLACE INTO netting SELECT chain, escrow, own, other, peer, 1, 1, number, 0 FROM netting`,
	} {
		if _, err := l.write.Exec(q); err == nil {
			t.Errorf("%s: done", q)
		}
	}
	if got, err := l.Netting(t.Context(), n.NetKey); err != nil || got != n {
		t.Errorf("after all that %+v, %v", got, err)
	}
	audit(t, l)
}

// TestSetOffIsAudited: what is set off without its transfers, and transfers without it,
// are found.
func TestSetOffIsAudited(t *testing.T) {
	for what, q := range map[string]string{
		"a total that is not booked": `INSERT INTO netting VALUES (7, x'0900000000000000000000000000000000000000', zeroblob(20), randomblob(20), 'C', 5, 5, 1, 0)`,
		"more than is booked":        `UPDATE netting SET total = 11`,
		"another account":            `DROP TRIGGER netting_update; UPDATE netting SET peer = 'C'`,
		"a transfer too many":        `INSERT INTO transfer SELECT 99, randomblob(32), at, kind, phase, debit, credit, amount, resolves, torrent, note FROM transfer WHERE kind = 'netted'`,
		"an expense too many":        `INSERT INTO transfer SELECT 99, randomblob(32), at, kind, phase, debit, credit, amount, resolves, torrent, note FROM transfer WHERE kind = 'netted-given'`,
		"an income too many":         `INSERT INTO transfer SELECT 99, randomblob(32), at, kind, phase, debit, credit, amount, resolves, torrent, note FROM transfer WHERE kind = 'netted-received'`,
	} {
		file := filepath.Join(t.TempDir(), "l.db")
		l := openFile(t, file)
		if _, err := setOff(t, l, sampleNetting()); err != nil {
			t.Fatal(err)
		}
		audit(t, l)
		if _, err := l.write.Exec(q); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if err := l.Audit(t.Context()); !errors.Is(err, ErrBooks) || !strings.Contains(err.Error(), "set off") {
			t.Errorf("%s: %v", what, err)
		}
		if again, err := Open(t.Context(), file); !errors.Is(err, ErrBooks) {
			t.Errorf("%s: opened, %v", what, err)
			if err == nil {
				_ = again.Close()
			}
		}
	}
}

// TestSetOffIsOne: a set-off whose transaction fails later leaves nothing.
func TestSetOffIsOne(t *testing.T) {
	l, n := openNew(t), sampleNetting()
	stop := errors.New("stop")
	if err := l.Update(t.Context(), func(tx *Tx) error {
		if _, err := tx.SetOff(t.Context(), n, "", ""); err != nil {
			return err
		}
		return stop
	}); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if got, err := l.Netting(t.Context(), n.NetKey); err != nil || got.Total != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if all, err := l.Balances(t.Context(), "peer/"); err != nil || len(all) != 0 {
		t.Errorf("booked %v, %v", all, err)
	}
}

// TestNettingOfBefore: a file of the version without netting opens, and can set off.
func TestNettingOfBefore(t *testing.T) {
	scripts, err := embedded()
	must(t, err)
	file := filepath.Join(t.TempDir(), "old.db")
	db, err := connect(file, "rwc", "immediate", 1)
	must(t, err)
	must(t, migrate(t.Context(), db, scripts[:6]))
	old := &Ledger{write: db, read: db}
	must(t, old.prepare(t.Context()))
	must(t, putLane(t, old, sampleLane(1)))
	must(t, db.Close())
	l := openFile(t, file)
	if more, err := setOff(t, l, sampleNetting()); err != nil || more != 10 {
		t.Errorf("%v, %v", more, err)
	}
	if got, err := l.Lane(t.Context(), sampleLane(1).LaneKey); err != nil || got != sampleLane(1) {
		t.Errorf("the lane of before: %+v, %v", got, err)
	}
	if err := l.Audit(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	if n, err := l.Netting(t.Context(), sampleNetting().NetKey); err != nil || n.Changed != epoch.Truncate(time.Millisecond) {
		t.Errorf("%+v, %v", n, err)
	}
}
