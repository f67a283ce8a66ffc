package ledger

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

func TestHistory(t *testing.T) {
	l := openNew(t)
	var want []ID // of account a/a, newest first
	for n := uint64(1); n <= 50; n++ {
		tr := Transfer{ID: id(n), At: epoch.Add(time.Duration(n/3) * time.Second), Kind: "even", Phase: Posted, Debit: "a/a", Credit: "b/b", Amount: 1}
		if n%2 == 1 {
			tr.Kind, tr.Debit, tr.Credit = "odd", "b/b", "a/a"
		}
		if n%5 == 0 {
			tr.Debit, tr.Credit = "c/c", "b/b"
		} else {
			want = append([]ID{tr.ID}, want...)
		}
		mustRecord(t, l, tr)
	}
	read := func(p Page) (ids []ID) {
		t.Helper()
		for {
			page, next, err := l.History(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				ids = append(ids, e.ID)
			}
			if len(page) < p.Limit {
				return ids
			}
			p.After = next
		}
	}
	for _, limit := range []int{1, 7, 40, 1000} {
		if got := read(Page{Account: "a/a", Limit: limit}); !reflect.DeepEqual(got, want) {
			t.Errorf("pages of %d: %v", limit, got)
		}
	}
	if got := read(Page{Limit: 9}); len(got) != 50 || got[0] != id(50) || got[49] != id(1) {
		t.Errorf("all: %v", got)
	}
	if got := read(Page{Kind: "odd", Limit: 9}); len(got) != 25 || got[0] != id(49) {
		t.Errorf("odd: %v", got)
	}
	if got := read(Page{Account: "z/z", Limit: 9}); got != nil {
		t.Errorf("unknown account: %v", got)
	}
	if page, _, err := l.History(t.Context(), Page{Limit: 5000}); err != nil || len(page) != 50 {
		t.Errorf("limit out of bounds: %d, %v", len(page), err)
	}
}

func TestHistoryEntry(t *testing.T) {
	l := openNew(t)
	open := Transfer{
		ID: id(1), At: epoch.Add(1234 * time.Millisecond), Kind: "withdraw", Phase: Pending, Debit: World, Credit: Onchain, Amount: 7,
		Torrent: "ab", Note: "to a friend",
	}
	ended := open
	ended.ID, ended.At = id(2), epoch
	void := Transfer{ID: id(3), At: epoch, Kind: "withdraw", Phase: Void, Resolves: id(2)}
	mustRecord(t, l, open, ended, void)
	void.Debit, void.Credit, void.Amount = World, Onchain, 7
	got, _, err := l.History(t.Context(), Page{})
	want := []Entry{{open, ""}, {void, ""}, {ended, Void}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// flowBook is a small business over three days.
func flowBook(t *testing.T) *Ledger {
	t.Helper()
	l := openNew(t)
	n := uint64(0)
	book := func(hour int, phase Phase, debit, credit Account, amount btt.Amount, torrent string) {
		n++
		mustRecord(t, l, Transfer{
			ID: id(n), At: epoch.Add(time.Duration(hour) * time.Hour), Kind: "x", Phase: phase,
			Debit: debit, Credit: credit, Amount: amount, Torrent: torrent,
		})
	}
	book(0, Posted, Receivable("p"), Seeding, 100, "t1")
	book(1, Posted, Receivable("q"), Seeding, 50, "t1")
	book(2, Posted, Seeding, Receivable("q"), 20, "t1") // correction
	book(23, Posted, Leeching, Payable("p"), 7, "t2")
	book(24, Posted, Leeching, Payable("p"), 11, "t2")
	book(25, Posted, Payable("p"), Leeching, 1, "t2") // correction
	book(30, Pending, Leeching, Payable("p"), 1000, "t2")
	book(31, Pending, Receivable("p"), Seeding, 60, "t3")
	mustRecord(t, l, Transfer{ID: id(900), At: epoch.Add(49 * time.Hour), Kind: "x", Phase: Post, Amount: 40, Resolves: id(n), Torrent: "t3"})
	mustRecord(t, l, Transfer{ID: id(901), At: epoch, Kind: "x", Phase: Posted, Debit: Onchain, Credit: World, Amount: 5000})
	return l
}

func TestFlow(t *testing.T) {
	l := flowBook(t)
	day := 24 * time.Hour
	for _, tt := range []struct {
		p    Period
		want Flow
	}{
		{Period{}, Flow{170, 17}},
		{Period{From: epoch, To: epoch.Add(day)}, Flow{130, 7}},
		{Period{From: epoch.Add(day)}, Flow{40, 10}},
		{Period{From: epoch.Add(300 * day)}, Flow{}},
	} {
		if got, err := l.Flow(t.Context(), tt.p); err != nil || got != tt.want {
			t.Errorf("%v: %v, %v; want %v", tt.p, got, err, tt.want)
		}
	}
	byTorrent, err := l.FlowByTorrent(t.Context(), Period{}, 10)
	if want := []ShareFlow{{"t1", Flow{130, 0}}, {"t3", Flow{40, 0}}, {"t2", Flow{0, 17}}}; err != nil || !reflect.DeepEqual(byTorrent, want) {
		t.Errorf("by torrent: %v, %v", byTorrent, err)
	}
	byPeer, err := l.FlowByPeer(t.Context(), Period{}, 1)
	if want := []ShareFlow{{"p", Flow{140, 17}}}; err != nil || !reflect.DeepEqual(byPeer, want) {
		t.Errorf("by peer: %v, %v", byPeer, err)
	}
}

func TestFlowByDay(t *testing.T) {
	l := flowBook(t)
	for _, tt := range []struct {
		zone *time.Location
		want []Flow
	}{
		{time.UTC, []Flow{{130, 7}, {0, 10}, {40, 0}}},
		{time.FixedZone("", 5*3600+45*60), []Flow{{130, 0}, {0, 17}, {40, 0}}}, // Nepal
		{time.FixedZone("", -2*3600), []Flow{{150, 0}, {-20, 17}, {40, 0}, {0, 0}}},
	} {
		days, err := l.FlowByDay(t.Context(), Period{epoch, epoch.Add(60 * time.Hour)}, tt.zone)
		var got []Flow
		for _, d := range days {
			got = append(got, d.Flow)
			if h, m, s := d.Day.In(tt.zone).Clock(); h+m+s != 0 {
				t.Errorf("a day begins at %v", d.Day)
			}
		}
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%v: %v, %v; want %v", tt.zone, got, err, tt.want)
		}
	}
	for _, p := range []Period{{}, {From: epoch}, {To: epoch}, {epoch, epoch.AddDate(3, 0, 0)}} {
		if _, err := l.FlowByDay(t.Context(), p, time.UTC); !errors.Is(err, ErrPeriod) {
			t.Errorf("%v: %v", p, err)
		}
	}
}

// brokenPipe fails after some bytes.
type brokenPipe struct{ left int }

func (w *brokenPipe) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestWriteCSVFails(t *testing.T) {
	l := flowBook(t)
	for _, room := range []int{0, 500} {
		if err := l.WriteCSV(t.Context(), &brokenPipe{room}, Period{}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}

func TestWriteCSV(t *testing.T) {
	l := openNew(t)
	mustRecord(t, l,
		Transfer{ID: id(2), At: epoch.Add(time.Second), Kind: "fee", Phase: Posted, Debit: TronFee, Credit: TRX, Amount: 1_345_000, Note: "=HYPERLINK(\"x\"), or so"},
		Transfer{ID: id(1), At: epoch, Kind: "topup", Phase: Pending, Debit: Onchain, Credit: World, Amount: 12 * btt.One, Torrent: "ab"},
		Transfer{ID: id(3), At: epoch.Add(time.Minute), Kind: "topup", Phase: Post, Resolves: id(1)})
	var b bytes.Buffer
	if err := l.WriteCSV(t.Context(), &b, Period{To: epoch.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	want := `time,id,kind,phase,resolves,debit,credit,amount,unit,torrent,note
2026-01-01T00:00:00.000Z,#1,topup,pending,,wallet/onchain,outside/world,12.000000,BTT,ab,
2026-01-01T00:00:01.000Z,#2,fee,posted,,fee/tron,trx/wallet/onchain,1.345000,TRX,,"'=HYPERLINK(""x""), or so"
2026-01-01T00:01:00.000Z,#3,topup,post,#1,wallet/onchain,outside/world,12.000000,BTT,,
`
	for n, name := range []string{"#1", "#2", "#3"} {
		want = strings.ReplaceAll(want, name, id(uint64(n+1)).String())
	}
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
