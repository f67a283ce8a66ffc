package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/tron"
)

// TestWalletErrorsHaveWords: every sentinel error of the packages behind the
// page reaches the window with a name, and that name has sentences.
func TestWalletErrorsHaveWords(t *testing.T) {
	l, named := english(t), map[string]bool{}
	for _, s := range append(walletSentinels(), sentinel{&wallet.WordError{}, "wallet.ErrWord"}) {
		named[s.name] = true
		if got := errName(fmt.Errorf("wrapped: %w", s.err)); got != s.name {
			t.Errorf("%s is named %q", s.name, got)
		}
		if a, ok := l.Explain(s.name); !ok || a.What == "" || a.Do == "" || strings.HasPrefix(a.What, "wallet.") {
			t.Errorf("%s has no sentences: %+v", s.name, a)
		}
	}
	n := 0
	for _, pkg := range []string{"wallet", "wallet/keystore", "wallet/ledger", "wallet/till", "wallet/tron", "wallet/voucher", "wallet/btt"} {
		files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(pkg), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), f, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range exportedErrors(file) {
				n++
				if full := filepath.Base(pkg) + "." + name; !named[full] {
					t.Errorf("%s does not reach the window with words", full)
				}
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d errors were looked at", n)
	}
}

// exportedErrors returns the names of a file's exported error variables.
func exportedErrors(f *ast.File) (out []string) {
	is := regexp.MustCompile(`^Err[A-Z]`)
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			for _, n := range s.(*ast.ValueSpec).Names {
				if is.MatchString(n.Name) {
					out = append(out, n.Name)
				}
			}
		}
	}
	return out
}

// TestCheckWords says of words what a user sees while typing them.
func TestCheckWords(t *testing.T) {
	p := &purse{}
	for text, want := range map[string]view.WordsCheck{
		"":                    {},
		"legal":               {Count: 1},
		"legal winner":        {Count: 2},
		"lega":                {Count: 1, Unknown: 1},
		"legal winner thnak":  {Count: 3, Unknown: 3},
		"  LEGAL\n winner   ": {Count: 2},
		sessionWords:          {Count: 12, Complete: true},
		strings.Replace(sessionWords, "yellow", "thank", 1):                     {Count: 12, Mismatch: true},
		strings.Replace(sessionWords, "yellow", "yelow", 1):                     {Count: 12, Unknown: 12},
		sessionWords + " legal":                                                 {Count: 13},
		sessionWords + " leegal":                                                {Count: 13, Unknown: 13},
		strings.Repeat("legal ", 25):                                            {Count: 25},
		"absurde abandon acte admirer":                                          {Count: 4, Unknown: 3}, // French as far as that
		strings.Repeat("abandon ", 23) + "art":                                  {Count: 24, Complete: true},
		strings.Replace(strings.Repeat("abandon ", 23)+"art", "don", "dn", 100): {Count: 24, Unknown: 1},
	} {
		if got := p.CheckWords([]byte(text)); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
	if got := p.Suggest("sausa"); len(got) == 0 || got[0] != "sausage" {
		t.Errorf("suggested %v", got)
	}
}

// TestMayWithdraw: small sums may go, larger ones wait for the backup.
func TestMayWithdraw(t *testing.T) {
	for _, c := range []struct {
		coin   view.Coin
		amount btt.Amount
		ok     bool
	}{
		{view.BTT, freeBTT, true},
		{view.BTT, freeBTT + 1, false},
		{view.BTTOLD, freeBTT / 1000, true},
		{view.BTTOLD, freeBTT/1000 + 1, false},
		{view.TRX, btt.Amount(freeTRX), true},
		{view.TRX, btt.Amount(freeTRX) + 1, false},
	} {
		err := mayWithdraw(wallet.Info{}, c.coin, c.amount)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, wallet.ErrNotBackedUp) {
			t.Errorf("%v %s: %v", c.amount, c.coin, err)
		}
		if err := mayWithdraw(wallet.Info{BackedUp: true}, c.coin, c.amount); err != nil {
			t.Errorf("backed up, %v %s: %v", c.amount, c.coin, err)
		}
	}
}

// TestPenSignsOneDigest: a signature made for one transaction is given for no other.
func TestPenSignsOneDigest(t *testing.T) {
	p := pen{account: friend, digest: [32]byte{1}}
	if _, err := p.Sign(t.Context(), friend, [32]byte{1}); err != nil {
		t.Error(err)
	}
	if _, err := p.Sign(t.Context(), friend, [32]byte{2}); !errors.Is(err, tron.ErrDiffers) {
		t.Errorf("another digest: %v", err)
	}
	if _, err := p.Sign(t.Context(), stranger, [32]byte{1}); !errors.Is(err, tron.ErrDiffers) {
		t.Errorf("another account: %v", err)
	}
}

// TestFilesOfADay: a second file of a day gets another name, and none is replaced.
func TestFilesOfADay(t *testing.T) {
	dir, seen := t.TempDir(), map[string]bool{}
	for range 3 {
		path, err := create(dir, "x", ".csv", func(path string) error {
			f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			return f.Close()
		})
		if err != nil || seen[path] {
			t.Errorf("%s: %v", path, err)
		}
		seen[path] = true
	}
	if len(seen) != 3 {
		t.Errorf("files %v", seen)
	}
}
