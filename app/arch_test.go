package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "swarmbid"

// room is one package: what it is for, in one sentence, and what it may import of
// this module. Tests of a package may import what the package may, and more where
// tests says so.
type room struct {
	pkg   string
	is    string
	may   []string
	tests []string
	pure  bool // no clock, goroutine, lock, randomness, I/O, log or context
}

// rooms lists every package, each above all that it imports: read from the bottom
// up it is the order in which to read the code. The arrows run one way,
// app → ui → engine → bidding → wallet, so that money knows nothing of torrents,
// torrents nothing of windows, and each can be tested, replaced and read alone.
func rooms() []room {
	values := []string{"engine/swarm", "wallet/btt"}
	return []room{
		{
			pkg: "app", is: "opens every part in order, joins them, runs them, closes them in reverse",
			may: []string{
				"app/hook", "app/pay", "app/settings", "ui", "ui/desktop", "ui/dialogs", "ui/view", "assets", "engine", "engine/feed", "engine/link", "engine/metafile", "engine/queue", "engine/quota", "engine/route", "engine/schedule", "engine/swarm", "engine/tracker",
				"bidding", "bidding/broker", "bidding/lane", "bidding/wire", "wallet", "wallet/btt", "wallet/ledger", "wallet/keystore", "wallet/payout", "wallet/till", "wallet/tron", "wallet/escrow", "wallet/voucher",
			},
			tests: []string{"engine/lab", "wallet/tron/testnode"},
		},
		{
			pkg: "app/demo", is: "a swarm on loopback with its window, and the shares it measured",
			may: []string{"app/pay", "app/settings", "engine", "engine/lab", "engine/link", "engine/metafile", "engine/swarm", "ui", "ui/view", "assets", "bidding", "bidding/wire", "bidding/broker", "wallet", "wallet/btt", "wallet/escrow", "wallet/ledger", "wallet/till", "wallet/tron", "wallet/tron/testnode", "wallet/voucher"},
		},
		{
			pkg: "app/pay", is: "joins the engine's market with the broker",
			may:   []string{"engine", "engine/swarm", "bidding", "bidding/broker", "bidding/lane", "bidding/wire", "wallet/btt", "wallet/ledger", "wallet/voucher"},
			tests: []string{"engine/lab", "wallet/escrow", "wallet/till", "wallet/tron", "wallet/tron/testnode"},
		},
		{pkg: "ui/story", is: "every view with sample data", may: []string{"ui", "ui/sample", "ui/view", "ui/widgets", "ui/dialogs", "assets", "engine/swarm", "bidding", "wallet/btt"}},
		{pkg: "ui/sample", is: "an engine of sample data and the scenes to look at", may: []string{"ui", "ui/desktop", "ui/view", "ui/widgets", "ui/dialogs", "assets", "engine/swarm", "bidding", "wallet/btt"}},
		{pkg: "app/hook", is: "starts the user's programs when something happens to a torrent", may: []string{"engine/swarm"}},
		{pkg: "app/settings", is: "one versioned file of settings, saved atomically", may: []string{"engine", "engine/link", "engine/quota", "engine/schedule", "engine/swarm", "bidding", "wallet/btt"}},
		{pkg: "ui", is: "the window; declares the interfaces it needs", may: append([]string{"ui/view", "ui/widgets", "ui/dialogs", "ui/desktop", "assets", "bidding"}, values...), tests: []string{"ui/sample"}},
		{pkg: "ui/dialogs", is: "windows above the window", may: append([]string{"ui/view", "ui/widgets", "assets", "bidding"}, values...), tests: []string{"ui/sample"}},
		{pkg: "ui/desktop", is: "the operating system: single instance, associations, tray, toast", may: []string{"assets"}},
		{pkg: "ui/widgets", is: "dumb widgets: table, piece bar, graphs; they show what view has made", may: []string{"assets", "ui/view"}},
		{pkg: "ui/view", is: "snapshots to finished text", may: append([]string{"bidding"}, values...), pure: true},
		{
			pkg: "engine", is: "the session: commands in, snapshots out",
			may: []string{
				"engine/disk", "engine/ipfilter", "engine/link", "engine/lsd", "engine/metafile", "engine/peerwire", "engine/portmap", "engine/queue",
				"engine/quota", "engine/resume", "engine/route", "engine/schedule", "engine/swarm", "engine/tracker", "engine/upload", "bidding", "bidding/wire", "wallet/btt",
			},
			tests: []string{"engine/lab"},
		},
		{pkg: "engine/lab", is: "other clients, trackers and bad peers on loopback, for tests and the demo", may: []string{"engine/peerwire", "engine/swarm"}},
		{pkg: "engine/upload", is: "carries out the grants: deficit round robin under limits", may: []string{"engine/link", "engine/swarm"}, tests: []string{"engine/lab", "engine/peerwire"}},
		{pkg: "engine/link", is: "one peer connection, seen as frames in both directions", may: []string{"engine/peerwire", "engine/swarm"}, tests: []string{"engine/lab"}},
		{pkg: "engine/tracker", is: "announces in tiers and says how it went", may: []string{"engine/swarm"}, tests: []string{"engine/lab"}},
		{pkg: "engine/portmap", is: "asks the router for a port and renews it", may: nil},
		{pkg: "engine/route", is: "the way out: from which address, through which proxy", may: nil, tests: []string{"engine/lab"}},
		{pkg: "engine/ipfilter", is: "addresses the user wants nothing to do with: lists read and searched", may: nil, pure: true},
		{pkg: "engine/lsd", is: "finds peers on the local network (BEP 14)", may: []string{"engine/swarm"}},
		{pkg: "engine/resume", is: "what survives a restart", may: []string{"engine/swarm"}},
		{pkg: "engine/disk", is: "the files of a torrent and which pieces are good", may: nil},
		{pkg: "engine/metafile", is: ".torrent files and magnet links, checked", may: []string{"engine/swarm"}},
		{pkg: "engine/queue", is: "which torrents may run", may: []string{"engine/swarm"}, pure: true},
		{pkg: "engine/feed", is: "feeds: fetched, read, filtered, remembered", may: []string{"engine/swarm"}},
		{pkg: "engine/quota", is: "when the traffic of a period is used up", may: []string{"engine/swarm"}, pure: true},
		{pkg: "engine/schedule", is: "what the hour of the week allows", may: []string{"engine/swarm"}, pure: true},
		{pkg: "engine/peerwire", is: "frames of BEP 3, 6, 9 and 10, checked", may: []string{"engine/swarm"}, pure: true},
		{pkg: "bidding/sim/table", is: "prints the simulation's table", may: []string{"bidding", "bidding/sim", "wallet/btt"}},
		{pkg: "bidding/broker", is: "moves the money of a lane: records, then sends", may: []string{"bidding", "bidding/lane", "bidding/wire", "wallet/btt", "wallet/voucher", "wallet/ledger"}},
		{pkg: "bidding/sim", is: "a virtual swarm on a virtual clock", may: []string{"bidding", "wallet/btt"}},
		{pkg: "bidding/wire", is: "btt_bid messages", may: []string{"wallet/btt", "wallet/voucher"}, pure: true},
		{pkg: "bidding/lane", is: "the pure machine of one payment relation", may: []string{"wallet/btt", "wallet/voucher"}, pure: true},
		{pkg: "bidding", is: "who is served, how fast, at what price", may: []string{"wallet/btt", "wallet/voucher"}, pure: true},
		{pkg: "wallet/tron/testnode/node", is: "runs the test node", may: []string{"wallet/tron/testnode"}},
		{pkg: "wallet/payout", is: "pays what is owed to peers where no contract holds a deposit", may: []string{"wallet", "wallet/btt", "wallet/ledger", "wallet/till", "wallet/tron", "wallet/tron/outbox", "wallet/voucher"}, tests: []string{"wallet/tron/testnode"}},
		{pkg: "wallet/till", is: "the deposit, and vouchers on their way to BTT", may: []string{"wallet", "wallet/btt", "wallet/escrow", "wallet/ledger", "wallet/tron", "wallet/tron/outbox", "wallet/voucher"}, tests: []string{"wallet/tron/testnode"}},
		{pkg: "wallet/tron/deploy", is: "puts the escrow on a test network", may: []string{"wallet/btt", "wallet/escrow", "wallet/tron", "wallet/voucher"}, tests: []string{"wallet/tron/testnode"}},
		{pkg: "wallet/tron", is: "the chain: balances, build, sign, send, confirm", may: []string{"wallet", "wallet/btt", "wallet/escrow", "wallet/ledger", "wallet/tron/outbox", "wallet/voucher"}, tests: []string{"wallet/tron/testnode"}},
		{pkg: "wallet/tron/outbox", is: "the pure machine of one chain transaction", may: []string{"wallet/btt"}, pure: true},
		{pkg: "wallet/escrow", is: "the Solidity contract, its calls and events", may: []string{"wallet/btt", "wallet/voucher"}, tests: []string{"wallet/tron/testnode"}},
		{pkg: "wallet/tron/testnode", is: "a TRON node for tests and the demo", may: []string{"wallet/btt", "wallet/voucher"}},
		{pkg: "wallet", is: "keys, addresses, signatures", may: []string{"wallet/btt", "wallet/keystore", "wallet/voucher", "wallet/tip712"}, tests: []string{"wallet/ledger"}},
		{pkg: "wallet/ledger", is: "double entry in SQLite", may: []string{"wallet/btt"}},
		{pkg: "wallet/keystore", is: "the encrypted seed file", may: nil},
		{pkg: "wallet/voucher", is: "the cumulative promise of one lane", may: []string{"wallet/btt", "wallet/tip712"}, pure: true},
		{pkg: "wallet/tip712", is: "typed data hashes of TIP-712", may: nil, pure: true},
		{pkg: "engine/swarm", is: "the nouns of a session", pure: true},
		{pkg: "wallet/btt", is: "amounts and rates of BTT", pure: true},
		{pkg: "assets", is: "icons, fonts, translations"},
	}
}

// owners names the packages that may import a third-party module, by prefix. To
// replace a dependency is to change its owner and nothing else.
func owners() map[string][]string {
	return map[string][]string{
		"fyne.io/":                          {"app", "ui"},
		"github.com/dweymouth/fyne-tooltip": {"ui"},
		"github.com/ncruces/zenity":         {"ui"},
		"github.com/skip2/go-qrcode":        {"ui/widgets"},
		"github.com/anacrolix/":             {"engine"},
		"github.com/huin/goupnp":            {"engine/portmap"},
		"github.com/jackpal/go-nat-pmp":     {"engine/portmap"},
		"golang.org/x/time":                 {"engine"},
		"golang.org/x/net":                  {"engine"},
		"golang.org/x/text":                 {"engine/metafile", "wallet", "ui/view"},
		"golang.org/x/sync":                 {"app", "engine"},
		"golang.org/x/sys":                  {"engine", "ui/desktop", "app"},
		"golang.org/x/crypto":               {"wallet"},
		"github.com/godbus/dbus/v5":         {"ui/desktop"},
		"github.com/gofrs/flock":            {"app", "ui/desktop"},
		"github.com/mattn/go-sqlite3":       {"wallet/ledger"},
		"github.com/fbsobreira/gotron-sdk":  {"wallet/tron"},
		"google.golang.org/grpc":            {"wallet/tron"},
		"google.golang.org/protobuf":        {"wallet/tron"},
		"github.com/tyler-smith/go-bip39":   {"wallet"},
		"github.com/decred/dcrd/dcrec":      {"wallet"},
		"github.com/btcsuite/btcd":          {"wallet"},
		"github.com/mr-tron/base58":         {"wallet"},
		"github.com/ethereum/go-ethereum":   {"wallet/tron/testnode"},
		"github.com/holiman/uint256":        {"wallet/tron/testnode"},
	}
}

// impureCalls lists what a pure package must not mention, impureImports what it
// must not import: with any of these its result would depend on more than its
// arguments.
func impureCalls() []string {
	return []string{
		"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.AfterFunc",
		"time.NewTimer", "time.NewTicker", "time.Tick",
	}
}

func impureImports() []string {
	return []string{
		"context", "crypto/rand", "database/sql", "log", "log/slog", "math/rand", "math/rand/v2",
		"net", "net/http", "os", "os/exec", "sync", "sync/atomic", "syscall",
	}
}

// nested are modules of their own that live below this one.
func nested() []string { return []string{"engine/utp"} }

func TestArchitecture(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	all := rooms()
	seen := map[string]bool{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			skip := d.Name() == "testdata" || d.Name() == "build" || strings.HasPrefix(d.Name(), ".") && rel != "." || slices.Contains(nested(), rel)
			if skip {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) == ".go" {
			seen[dirOf(rel)] = true
			checkFile(t, all, path, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range all {
		for _, m := range r.may {
			if roomOf(all, m) <= i {
				t.Errorf("rooms: %s is not listed below %s, which may import it", m, r.pkg)
			}
		}
		for _, m := range r.tests {
			if roomOf(all, m) < 0 {
				t.Errorf("rooms: %s, which tests of %s may import, is not listed", m, r.pkg)
			}
		}
		dir := filepath.Join(root, filepath.FromSlash(r.pkg))
		if _, err := os.Stat(filepath.Join(dir, "main.go")); err == nil || !seen[r.pkg] || r.pkg == "assets" {
			continue // a command says in main.go what it is
		}
		if _, err := os.Stat(filepath.Join(dir, "doc.go")); err != nil {
			t.Errorf("%s has no doc.go that says what it is: %v", r.pkg, err)
		}
	}
}

func dirOf(rel string) string {
	dir, _, found := cutLast(rel, "/")
	if !found {
		return "."
	}
	return dir
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func roomOf(all []room, pkg string) int {
	return slices.IndexFunc(all, func(r room) bool { return r.pkg == pkg })
}

func checkFile(t *testing.T, all []room, path, rel string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		t.Error(err)
		return
	}
	dir, test := dirOf(rel), strings.HasSuffix(rel, "_test.go")
	i := roomOf(all, dir)
	if i < 0 {
		t.Errorf("%s: package %s is not listed in rooms: say what it is and what it may import", rel, dir)
		return
	}
	r := all[i]
	for _, spec := range file.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		at := fset.Position(spec.Pos()).Line
		if sub, ok := strings.CutPrefix(imp, module+"/"); ok {
			allowed := sub == dir || slices.Contains(r.may, sub) || test && slices.Contains(r.tests, sub)
			if !allowed {
				t.Errorf("%s:%d: %s may not import %s", rel, at, dir, sub)
			}
			continue
		}
		if !test && r.pure && slices.Contains(impureImports(), imp) {
			t.Errorf("%s:%d: %s is pure and may not import %s", rel, at, dir, imp)
		}
		if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") || test {
			continue
		}
		if !owned(dir, imp) {
			t.Errorf("%s:%d: %s is not an owner of %s", rel, at, dir, imp)
		}
	}
	if !test && r.pure {
		checkPure(t, fset, file, rel, dir)
	}
}

func owned(dir, imp string) bool {
	for prefix, by := range owners() {
		if !strings.HasPrefix(imp, prefix) {
			continue
		}
		if slices.ContainsFunc(by, func(o string) bool { return dir == o || strings.HasPrefix(dir, o+"/") }) {
			return true
		}
	}
	return false
}

func checkPure(t *testing.T, fset *token.FileSet, file *ast.File, rel, dir string) {
	t.Helper()
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			t.Errorf("%s:%d: %s is pure and may not start a goroutine", rel, fset.Position(n.Pos()).Line, dir)
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && slices.Contains(impureCalls(), x.Name+"."+n.Sel.Name) {
				t.Errorf("%s:%d: %s is pure and may not use %s.%s", rel, fset.Position(n.Pos()).Line, dir, x.Name, n.Sel.Name)
			}
		}
		return true
	})
}
