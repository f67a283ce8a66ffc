package view

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

func sign(n int) int { return cmp.Compare(n, 0) }

// laws hold for the columns of every table: the title has words in both languages, IDs
// differ, comparing is an order that agrees with itself, equal values are written
// alike, and sorting keeps every row and the order of equals.
func laws[T any](t *testing.T, table string, cols []Column[T], draw func(t *rapid.T) T) {
	t.Helper()
	en, de := english(t), german(t)
	seen := map[string]bool{}
	for _, c := range cols {
		if seen[c.ID] {
			t.Errorf("%s: two columns %s", table, c.ID)
		}
		seen[c.ID] = true
		for _, f := range []*Format{en, de} {
			if c.Title != "" && f.T(c.Title) == c.Title {
				t.Errorf("%s: no words for %s in %q", table, c.Title, f.Lang())
			}
		}
		if c.Width < 20 && !c.Fill {
			t.Errorf("%s: the column %s is %v wide", table, c.ID, c.Width)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		rows := make([]*T, rapid.IntRange(3, 12).Draw(t, "rows"))
		for i := range rows {
			v := draw(t)
			rows[i] = &v
		}
		a, b, c := rows[0], rows[1], rows[2]
		for _, col := range cols {
			_ = col.Text(nil, de, a)
			if got := string(col.Text([]byte("before"), en, a)); !strings.HasPrefix(got, "before") {
				t.Fatalf("%s: %s writes over what stands before it: %q", table, col.ID, got)
			}
			if col.Compare == nil {
				continue
			}
			x, y := col.Compare(a, b), col.Compare(b, c)
			if sign(x) != -sign(col.Compare(b, a)) || col.Compare(a, a) != 0 {
				t.Fatalf("%s: %s is no order", table, col.ID)
			}
			if x <= 0 && y <= 0 && col.Compare(a, c) > 0 {
				t.Fatalf("%s: %s is not transitive", table, col.ID)
			}
			for _, desc := range []bool{false, true} {
				sorted := slices.Clone(rows)
				Sort(sorted, cols, Order{col.ID, desc})
				for i := 1; i < len(sorted); i++ {
					d := col.Compare(sorted[i-1], sorted[i])
					if desc {
						d = -d
					}
					if d > 0 || d == 0 && slices.Index(rows, sorted[i-1]) > slices.Index(rows, sorted[i]) {
						t.Fatalf("%s: by %s, desc %v, row %d is in a wrong place", table, col.ID, desc, i)
					}
				}
				if len(sorted) != len(rows) || slices.ContainsFunc(rows, func(r *T) bool { return !slices.Contains(sorted, r) }) {
					t.Fatalf("%s: rows are lost by %s", table, col.ID)
				}
			}
		}
	})
}

func few(t *rapid.T, name string) int64 {
	return rapid.SampledFrom([]int64{0, 0, 1, 7, 1 << 20, 1 << 40}).Draw(t, name)
}

func word(t *rapid.T, name string) string {
	return rapid.SampledFrom([]string{"", "a", "A", "b 9", "b 10", "ä"}).Draw(t, name)
}

func when(t *rapid.T, name string) time.Time {
	return rapid.SampledFrom([]time.Time{{}, at(), at().Add(-time.Hour), at().Add(90 * time.Second)}).Draw(t, name)
}

func addr(t *rapid.T) netip.AddrPort {
	return netip.MustParseAddrPort(rapid.SampledFrom([]string{"10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1", "[2001:db8::1]:6881"}).Draw(t, "addr"))
}

// TestColumnLaws checks every table of the window.
func TestColumnLaws(t *testing.T) {
	l := locale(t, "en")
	laws(t, "torrents", TorrentColumns(), func(t *rapid.T) swarm.Torrent {
		return anyTorrent(rapid.IntRange(0, 9).Draw(t, "i")).Draw(t, "torrent")
	})
	laws(t, "peers", PeerColumns(), func(t *rapid.T) swarm.Peer {
		return swarm.Peer{
			Addr: addr(t), Host: word(t, "host"), Client: word(t, "client"), Flags: swarm.PeerFlags(rapid.Uint32().Draw(t, "flags")), Progress: float64(few(t, "progress")%8) / 8,
			Relevance: float64(few(t, "relevance")%8) / 8, Down: few(t, "down"), Up: few(t, "up"), RequestsOut: int(few(t, "out") % 100), RequestsIn: int(few(t, "in") % 100),
			Uploaded: few(t, "uploaded"), Downloaded: few(t, "downloaded"), AskedAt: when(t, "asked"), LastBlock: when(t, "block"), Since: when(t, "since"), HashFails: int(few(t, "fails") % 9),
			Theirs: few(t, "theirs"), MaxUp: few(t, "maxUp"), MaxDown: few(t, "maxDown"), Granted: few(t, "granted"),
		}
	})
	laws(t, "trackers", TrackerColumns(), func(t *rapid.T) swarm.Tracker {
		return swarm.Tracker{
			URL: word(t, "url"), Tier: rapid.IntRange(-1, 3).Draw(t, "tier"), Status: swarm.TrackerStatus(rapid.IntRange(0, int(swarm.TrackerNotNeeded)).Draw(t, "status")), Message: word(t, "message"),
			Seeds: rapid.IntRange(-1, 3).Draw(t, "seeds"), Peers: rapid.IntRange(-1, 3).Draw(t, "peers"), Downloads: rapid.IntRange(-1, 3).Draw(t, "downloads"), NextAnnounce: when(t, "next"), LastAnnounce: when(t, "last"),
		}
	})
	laws(t, "feed items", FeedColumns(), func(t *rapid.T) FeedRow {
		r := FeedRow{Name: word(t, "name")}
		r.Title, r.At, r.Size, r.Added, r.Fresh = word(t, "title"), when(t, "at"), few(t, "size"), rapid.Bool().Draw(t, "added"), rapid.Bool().Draw(t, "fresh")
		r.Source.URL = word(t, "url")
		return r
	})
	laws(t, "market", MarketColumns(), func(t *rapid.T) MarketRow {
		return MarketRow{
			Addr: addr(t), Client: word(t, "client"), Buying: rapid.Bool().Draw(t, "buying"), Bid: few(t, "bid"), Price: few(t, "price"), Granted: few(t, "granted"), Rate: few(t, "rate"), Charged: few(t, "charged"),
			Why: swarm.Why(rapid.IntRange(0, 8).Draw(t, "why")),
		}
	})
	money := func(t *rapid.T, name string) btt.Amount { return btt.Amount(few(t, name)) }
	laws(t, "transactions", TxColumns(l), func(t *rapid.T) WalletTx {
		return WalletTx{
			At: when(t, "at"), Kind: TxKind(rapid.IntRange(0, int(TxCall)).Draw(t, "kind")), State: TxState(rapid.IntRange(0, 5).Draw(t, "state")), Coin: rapid.SampledFrom([]Coin{"", BTT, TRX}).Draw(t, "coin"),
			Amount: money(t, "amount"), Peer: word(t, "peer"), Fee: btt.Sun(few(t, "fee")), TxID: word(t, "txid"),
		}
	})
	laws(t, "vouchers", VoucherColumns(l), func(t *rapid.T) Voucher {
		return Voucher{Payer: word(t, "payer"), State: VoucherState(rapid.IntRange(0, int(VoucherDust)).Draw(t, "state")), Promised: money(t, "promised"), Paid: money(t, "paid"), Rest: money(t, "rest"), Leaving: when(t, "leaving")}
	})
	laws(t, "coins", CoinColumns(), func(t *rapid.T) CoinState {
		return CoinState{Coin: rapid.SampledFrom(Coins()).Draw(t, "coin"), Chain: money(t, "chain")}
	})
	laws(t, "sidebar", EntryColumns(), func(t *rapid.T) Entry {
		return Entry{Title: word(t, "title"), Count: rapid.IntRange(-1, 5).Draw(t, "count")}
	})
	laws(t, "log", LogColumns(), func(t *rapid.T) LogLine { return LogLine{At: when(t, "at"), Text: word(t, "text")} })
}

// TestSidebarCells: headlines have no count, entries below them are indented.
func TestSidebarCells(t *testing.T) {
	f := german(t)
	cols := EntryColumns()
	for _, c := range []struct {
		e           Entry
		title, want string
		bold        bool
		indent      int
	}{
		{Entry{Title: "Alle", Count: 1234, Icon: "all"}, "Alle", "1.234", false, 0},
		{Entry{Title: "Kategorien", Count: -1, Fold: Open}, "Kategorien", "", true, 0},
		{Entry{Title: "linux", Count: 0, Depth: 1}, "linux", "0", false, 1},
	} {
		var cell Cell
		cols[0].Mark(&c.e, &cell)
		if got := string(cols[0].Text(nil, f, &c.e)); got != c.title || cell.Bold != c.bold || cell.Indent != c.indent || cell.Fold != c.e.Fold || cell.Icon != c.e.Icon {
			t.Errorf("%+v: %q, %+v", c.e, got, cell)
		}
		if got := string(cols[1].Text(nil, f, &c.e)); got != c.want {
			t.Errorf("%+v counts %q, want %q", c.e, got, c.want)
		}
	}
}

// TestFilterTable: which torrent belongs to which category.
func TestFilterTable(t *testing.T) {
	loading, seeding, queued, idle, failed, stopped := tor(1, "a", 100, 50, swarm.Downloading), tor(2, "b", 100, 100, swarm.Seeding), tor(3, "c", 100, 100, swarm.QueuedSeed),
		tor(4, "d", 100, 10, swarm.Downloading), tor(5, "e", 100, 20, swarm.Errored), tor(6, "f", 100, 100, swarm.Stopped)
	loading.Down, seeding.Up = 1, 1
	loading.Label, seeding.Label, seeding.Tracker = "x", "y", "one"
	all := []*swarm.Torrent{&loading, &seeding, &queued, &idle, &failed, &stopped}
	for _, c := range []struct {
		f    Filter
		want string // first letters of the names
	}{
		{Filter{}, "abcdef"},
		{Filter{Kind: Downloading}, "ade"},
		{Filter{Kind: Seeding}, "bc"},
		{Filter{Kind: Completed}, "bcf"},
		{Filter{Kind: Active}, "ab"},
		{Filter{Kind: Inactive}, "cdef"},
		{Filter{Kind: Failed}, "e"},
		{Filter{ByLabel, "x"}, "a"},
		{Filter{ByLabel, ""}, "cdef"},
		{Filter{ByLabel, "z"}, ""},
		{Filter{ByTracker, "one"}, "b"},
		{Filter{ByTracker, ""}, "acdef"},
		{Filter{Kind: GroupLabels}, "abcdef"},
		{Filter{Kind: GroupTrackers}, "abcdef"},
		{Filter{Kind: WalletPage}, "abcdef"},
		{Filter{Kind: GroupFeeds}, "abcdef"},
		{Filter{ByFeed, "1"}, "abcdef"},
	} {
		got := ""
		for _, x := range all {
			if c.f.Match(x) {
				got += x.Name
			}
		}
		if got != c.want {
			t.Errorf("%+v shows %q, want %q", c.f, got, c.want)
		}
	}
}

// errorNames reads the names of errors from the cases of the functions of a file.
func errorNames(t *testing.T, file string) (out []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		c, ok := n.(*ast.CaseClause)
		if !ok {
			return true
		}
		for _, e := range c.List {
			if l, ok := e.(*ast.BasicLit); ok {
				if s, err := strconv.Unquote(l.Value); err == nil && strings.Contains(s, ".Err") {
					out = append(out, s)
				}
			}
		}
		return true
	})
	return out
}

// TestEveryErrorHasAdvice: each error that has a name has a sentence about what happened
// and one about what to do, in both languages, and each name stands once.
func TestEveryErrorHasAdvice(t *testing.T) {
	all := append(errorNames(t, "explain.go"), errorNames(t, "walletexplain.go")...)
	if len(all) < 80 {
		t.Errorf("only %d errors", len(all))
	}
	seen := map[string]bool{}
	for _, name := range all {
		if seen[name] {
			t.Errorf("%s stands twice", name)
		}
		seen[name] = true
		for _, lang := range []string{"en", "de"} {
			a, ok := locale(t, lang).Explain(name)
			for _, s := range []string{a.What, a.Do} {
				if !ok || s == "" || strings.Contains(s, "error.") && !strings.Contains(s, " ") {
					t.Errorf("%s in %s: %v, %q", name, lang, ok, s)
				}
			}
			if a.What == a.Do || !strings.ContainsAny(a.What[len(a.What)-1:], ".:?") {
				t.Errorf("%s in %s is no sentence: %q", name, lang, a.What)
			}
		}
	}
	for _, name := range []string{"", "engine", "engine.ErrNobody", "ErrKnown"} {
		if a, ok := english(t).Explain(name); ok || a != (Advice{}) {
			t.Errorf("%q has the advice %+v", name, a)
		}
	}
}

// TestNumbersReadBack: what is written of a number can be read as that number, in the
// notation of both languages.
func TestNumbersReadBack(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		l := locale(t, lang)
		point, group := ".", ","
		if lang == "de" {
			point, group = ",", "."
		}
		read := func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, group, ""), point, ".") }
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.Int64().Draw(t, "n")
			if n == -1<<63 {
				n++
			}
			if got := read(l.Int(n)); got != fmt.Sprint(n) {
				t.Fatalf("%d is written %q in %s", n, l.Int(n), lang)
			}
			for i, part := range strings.Split(strings.TrimPrefix(l.Int(n), "-"), group) {
				if i > 0 && len(part) != 3 || part == "" {
					t.Fatalf("%d has the group %q", n, part)
				}
			}
			ratio := rapid.Int64Range(0, 1<<40).Draw(t, "ratio")
			if got := read(string(l.AppendRatio(nil, ratio))); got != fmt.Sprintf("%d.%03d", ratio/1000, ratio%1000) {
				t.Fatalf("the ratio %d is written %q", ratio, got)
			}
			v, places := rapid.Float64Range(-1e6, 1e6).Draw(t, "v"), rapid.IntRange(0, 4).Draw(t, "places")
			if got := read(string(l.AppendFixed(nil, v, places))); got != strconv.FormatFloat(v, 'f', places, 64) {
				t.Fatalf("%v is written %q", v, got)
			}
		})
	}
}

// TestShareWords: each share has its own word, in both languages.
func TestShareWords(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		l, seen := locale(t, lang), map[string]bool{}
		for _, s := range Shares() {
			w := l.Share(s)
			if w == "" || strings.Contains(w, ".") || seen[w] {
				t.Errorf("%s: %v is %q", lang, s, w)
			}
			seen[w] = true
		}
		for s := Minutes5; s <= Day1; s++ {
			if w := s.Label(l); w == "" || strings.HasPrefix(w, "span.") || seen[w] {
				t.Errorf("%s: span %d is %q", lang, s, w)
			} else {
				seen[w] = true
			}
		}
	}
}

// TestTips: a label has a tip only where words were written for one.
func TestTips(t *testing.T) {
	l, err := ParseLocale("en", []byte(`{"a": "Word", "a.tip": "More of it", "b": "Other"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"a": "More of it", "b": "", "c": "", "": ""} {
		if got := l.Tip(key); got != want {
			t.Errorf("%q has the tip %q, want %q", key, got, want)
		}
	}
	keys := l.Keys()
	slices.Sort(keys)
	if !slices.Equal(keys, []string{"a", "a.tip", "b"}) {
		t.Errorf("keys %v", keys)
	}
}
