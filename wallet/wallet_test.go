package wallet

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/keystore"
	"swarmbid/wallet/voucher"
)

// weak is the cheapest derivation that is allowed.
var (
	weak     = keystore.Params{Passes: 2, MemoryKiB: keystore.MinMemoryKiB, Threads: 1}
	password = []byte("correct horse")
	epoch    = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	digest   = voucher.Digest{1, 2, 3}
)

func newWallet(tb testing.TB, s Setup) *Wallet {
	tb.Helper()
	if s.Mnemonic.Len() == 0 {
		s.Mnemonic = mnemonic(tb, abandon)
	}
	s.Now = epoch
	w, err := Create(filepath.Join(tb.TempDir(), "wallet.btt"), password, s, weak)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

func TestCreate(t *testing.T) {
	w := newWallet(t, Setup{})
	info := w.Info()
	if info.Savings.Address.String() != "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH" || info.Savings.Path != (Path{}) ||
		info.Spending.Address.String() != "TLrpNTBuCpGMrB9TyVwgEhNVRhtWEQPHh4" || info.Spending.Path != (Path{1, 0}) ||
		info.BackedUp || len(info.Others) != 0 || !info.Created.Equal(epoch.Truncate(time.Second)) {
		t.Errorf("%+v", info)
	}
	again, err := Open(w.path, weak)
	if err != nil || !reflect.DeepEqual(again.Info(), info) || again.Unlocked() {
		t.Errorf("%+v, %v", again.Info(), err)
	}
	if _, err := Create(w.path, password, Setup{Mnemonic: mnemonic(t, legal)}, weak); !errors.Is(err, keystore.ErrExists) {
		t.Errorf("over another: %v", err)
	}
	if _, err := Create(w.path+"2", []byte("7 chars"), Setup{Mnemonic: mnemonic(t, legal)}, weak); !errors.Is(err, ErrPasswordShort) {
		t.Errorf("short password: %v", err)
	}
	if _, err := Create(w.path+"2", password, Setup{}, weak); !errors.Is(err, ErrWordCount) {
		t.Errorf("no words: %v", err)
	}
	if _, err := Open(w.path+"2", weak); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a wallet that could not be made: %v", err)
	}
}

// TestRestore: what was found decides which account is for spending.
func TestRestore(t *testing.T) {
	m := mnemonic(t, abandon)
	account := func(p Path) Account { return Account{p, address(t, m, p)} }
	w := newWallet(t, Setup{Mnemonic: m, Restored: true, Found: []Account{
		account(Path{0, 0}), account(Path{2, 0}), account(Path{3, 0}), {Path{0, 4}, Address{}}, account(Path{2, 0}),
	}})
	info := w.Info()
	if !info.BackedUp || info.Spending != account(Path{3, 0}) || !reflect.DeepEqual(info.Others, []Account{account(Path{2, 0}), account(Path{0, 4})}) {
		t.Errorf("%+v", info)
	}
	for _, a := range info.Accounts() {
		sig, err := w.SignAs(password, a.Path, digest)
		if err != nil || voucher.Verify(digest, sig, a.Address) != nil {
			t.Errorf("%v: %v", a.Path, err)
		}
	}
	if _, err := w.SignAs(password, Path{7, 0}, digest); !errors.Is(err, ErrNoAccount) {
		t.Errorf("an account of nobody: %v", err)
	}
}

// TestPassphrase: it opens another wallet, in any Unicode form the same, and is
// needed once.
func TestPassphrase(t *testing.T) {
	for _, p := range []string{"пароль ñ", "пароль n\u0303"} {
		w := newWallet(t, Setup{Passphrase: []byte(p)})
		if got := w.Info().Savings.Address.String(); got != "TDiNSdbVeVZJUK2r8G6b9w93Jc3QJCMtGk" {
			t.Errorf("%q opens %s", p, got)
		}
		if sig, err := w.SignAs(password, Path{}, digest); err != nil || voucher.Verify(digest, sig, w.Info().Savings.Address) != nil {
			t.Error(err)
		}
	}
}

func TestLockedSignsNothing(t *testing.T) {
	w := newWallet(t, Setup{})
	refused := func(what string) {
		t.Helper()
		if sig, err := w.Sign(digest); !errors.Is(err, ErrLocked) || sig != (voucher.Signature{}) || w.Unlocked() {
			t.Errorf("%s: signed, %v", what, err)
		}
	}
	refused("new")
	if err := w.Unlock([]byte("wrong horse"), time.Time{}); !errors.Is(err, keystore.ErrPassword) {
		t.Errorf("wrong password: %v", err)
	}
	refused("wrong password")
	if err := w.Unlock(password, time.Time{}); err != nil {
		t.Fatal(err)
	}
	key := w.spending.Bytes()
	if sig, err := w.Sign(digest); err != nil || voucher.Verify(digest, sig, w.Info().Spending.Address) != nil || !w.Unlocked() {
		t.Errorf("unlocked: %v", err)
	}
	w.Lock()
	refused("locked")
	if !bytes.Equal(key, make([]byte, 32)) {
		t.Error("the key is still in memory")
	}
	w.Extend(time.Now().Add(time.Hour))
	refused("extended while locked")
	if err := w.Unlock(password, time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	refused("after its deadline")
}

// TestWallClock: a deadline is of the clock on the wall, which goes on while the
// computer sleeps.
func TestWallClock(t *testing.T) {
	w := newWallet(t, Setup{})
	if err := w.Unlock(password, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(w.deadline.String(), "m=") {
		t.Errorf("deadline %v has a monotonic part", w.deadline)
	}
}

// TestDeadline runs on synctest's clock.
func TestDeadline(t *testing.T) {
	w := newWallet(t, Setup{})
	synctest.Test(t, func(t *testing.T) {
		w.changed = make(chan struct{}) // of this bubble
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		synctest.Wait()
		unlock := func(d time.Duration) []byte {
			t.Helper()
			if err := w.Unlock(password, time.Now().Add(d)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return w.spending.Bytes()
		}
		locked := func(key []byte) bool { return bytes.Equal(key, make([]byte, 32)) }
		wait := func(d time.Duration) { <-time.After(d); synctest.Wait() }

		key := unlock(5 * time.Minute)
		wait(5*time.Minute - time.Millisecond)
		if locked(key) {
			t.Error("locked too early")
		}
		w.Extend(time.Now().Add(time.Minute))
		wait(time.Minute - time.Millisecond)
		if locked(key) {
			t.Error("not extended")
		}
		wait(time.Millisecond)
		if !locked(key) {
			t.Error("nobody asked, and the key is still there")
		}
		key = unlock(time.Hour)
		key2 := unlock(2 * time.Hour)
		if !locked(key) || locked(key2) {
			t.Error("unlocked twice: two keys, or none")
		}
		if err := w.Unlock(password, time.Time{}); err != nil {
			t.Fatal(err)
		}
		key = w.spending.Bytes()
		wait(1000 * time.Hour)
		if locked(key) {
			t.Error("locked without a deadline")
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) || !locked(key) {
			t.Errorf("ended with %v, key there: %v", err, !locked(key))
		}
	})
}

func TestPasswordNeeded(t *testing.T) {
	w := newWallet(t, Setup{})
	wrong := []byte("wrong horse")
	before, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	_, errSign := w.SignAs(wrong, Path{}, digest)
	_, errReveal := w.Reveal(wrong)
	_, errRotate := w.Rotate(wrong)
	_, _, errImport := Import(w.path+"2", w.path, wrong, weak)
	for what, err := range map[string]error{
		"sign": errSign, "reveal": errReveal, "rotate": errRotate, "import": errImport,
		"change":  w.ChangePassword(wrong, []byte("new password")),
		"confirm": w.ConfirmBackup(wrong, Challenge{1, 2, 3}, [3]string{"abandon", "abandon", "abandon"}),
		"export":  w.Export(wrong, w.path+"3", nil),
	} {
		if !errors.Is(err, keystore.ErrPassword) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if after, err := os.ReadFile(w.path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file changed, %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(w.path)); err != nil || len(left) != 1 {
		t.Errorf("files left: %v, %v", left, err)
	}
	m, err := w.Reveal(password)
	if err != nil || strings.Join(m.Words(), " ") != abandon {
		t.Errorf("reveal: %v", err)
	}
}

// TestCallersBytes: what is passed in stays as it was.
func TestCallersBytes(t *testing.T) {
	text, pass, secret, next := []byte(legal), []byte(passphrase), bytes.Clone(password), []byte(newPassword)
	m, err := ParseMnemonic(text)
	if err != nil {
		t.Fatal(err)
	}
	w := newWallet(t, Setup{Mnemonic: m, Passphrase: pass})
	for _, err := range []error{w.Unlock(secret, time.Time{}), w.ChangePassword(secret, next), w.Unlock(next, time.Time{})} {
		if err != nil {
			t.Error(err)
		}
	}
	if string(text) != legal || string(pass) != passphrase || !bytes.Equal(secret, []byte("correct horse")) || string(next) != newPassword || m.Len() != 12 {
		t.Error("the caller's bytes were changed")
	}
}

func TestChangePassword(t *testing.T) {
	w := newWallet(t, Setup{})
	next := []byte("pa\u0308ssword") // decomposed, as a Mac would type it
	if err := w.ChangePassword(password, []byte("short")); !errors.Is(err, ErrPasswordShort) {
		t.Errorf("short: %v", err)
	}
	if err := w.ChangePassword(password, next); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{w.path, keystore.Backup(w.path)} {
		file, err := keystore.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := unseal(file, password); !errors.Is(err, keystore.ErrPassword) {
			t.Errorf("%s: the old password: %v", filepath.Base(path), err)
		}
		if _, _, err := unseal(file, []byte("p\u00e4ssword")); err != nil {
			t.Errorf("%s: the new password, composed: %v", filepath.Base(path), err)
		}
	}
}

func TestRotate(t *testing.T) {
	w := newWallet(t, Setup{})
	old := w.Info().Spending
	if err := w.Unlock(password, time.Time{}); err != nil {
		t.Fatal(err)
	}
	next, err := w.Rotate(password)
	if err != nil || next.Path != (Path{2, 0}) || next.Address != address(t, mnemonic(t, abandon), Path{2, 0}) || w.Unlocked() {
		t.Errorf("%v, %v", next, err)
	}
	again, err := Open(w.path, weak)
	if err != nil || again.Info().Spending != next || !slices.Equal(again.Info().Others, []Account{old}) || !reflect.DeepEqual(again.Info(), w.Info()) {
		t.Errorf("%+v, %v", again.Info(), err)
	}
	if err := w.Unlock(password, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if sig, err := w.Sign(digest); err != nil || voucher.Verify(digest, sig, next.Address) != nil {
		t.Error(err)
	}
}

func TestWatch(t *testing.T) {
	a := Address{1}
	w := Watch(a)
	if info := w.Info(); !info.WatchOnly || info.Savings.Address != a || len(info.Accounts()) != 1 {
		t.Errorf("%+v", info)
	}
	_, errSign := w.Sign(digest)
	_, errAs := w.SignAs(password, Path{}, digest)
	_, errReveal := w.Reveal(password)
	for _, err := range []error{errSign, errAs, errReveal, w.Unlock(password, time.Time{}), w.ChangePassword(password, password), w.Export(password, "x", nil)} {
		if !errors.Is(err, ErrWatchOnly) {
			t.Error(err)
		}
	}
}

func TestBackup(t *testing.T) {
	w := newWallet(t, Setup{Mnemonic: mnemonic(t, legal)})
	words := strings.Fields(legal)
	c := Challenge{2, 6, 12}
	for _, bad := range [][3]string{{}, {"winner", "sausage", "yell"}, {"sausage", "winner", "yellow"}} {
		if err := w.ConfirmBackup(password, c, bad); !errors.Is(err, ErrAnswer) || w.Info().BackedUp {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []Challenge{{}, {0, 1, 2}, {1, 2, 13}, {-1, 1, 2}} {
		if err := bad.Check(mnemonic(t, legal), [3]string{"legal", "legal", "legal"}); !errors.Is(err, ErrAnswer) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if err := w.Info().MayWithdraw(101, 100); !errors.Is(err, ErrNotBackedUp) {
		t.Errorf("above the limit: %v", err)
	}
	if err := w.Info().MayWithdraw(100, 100); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if err := w.ConfirmBackup(password, c, [3]string{" Winner", "SAUSAGE", "yellow"}); err != nil {
		t.Fatal(err)
	}
	again, err := Open(w.path, weak)
	if err != nil || !again.Info().BackedUp || w.Info().MayWithdraw(btt.MaxAmount, 100) != nil {
		t.Errorf("not kept, %v", err)
	}
	seen := map[int]int{}
	for range 300 {
		c, err := NewChallenge(len(words))
		if err != nil || c[0] >= c[1] || c[1] >= c[2] || c[0] < 1 || c[2] > len(words) {
			t.Fatalf("%v, %v", c, err)
		}
		for _, i := range c {
			seen[i]++
		}
	}
	if len(seen) != len(words) {
		t.Errorf("some words are never asked: %v", seen)
	}
	if _, err := NewChallenge(0); !errors.Is(err, ErrWordCount) {
		t.Error(err)
	}
}

func TestExport(t *testing.T) {
	w := newWallet(t, Setup{Passphrase: []byte("x"), Restored: true})
	dir := t.TempDir()
	exported := filepath.Join(dir, "export.btt")
	in := map[string][]byte{"vouchers": []byte("1000 of them"), "labels": {}}
	if err := w.Export(password, exported, in); err != nil {
		t.Fatal(err)
	}
	if err := w.Export(password, exported, in); !errors.Is(err, keystore.ErrExists) {
		t.Errorf("over another file: %v", err)
	}
	if err := w.Export(password, exported+"2", map[string][]byte{"v": make([]byte, 17<<20)}); !errors.Is(err, ErrContent) {
		t.Errorf("too much: %v", err)
	}
	path := filepath.Join(dir, "wallet.btt")
	got, out, err := Import(path, exported, password, weak)
	if err != nil || !reflect.DeepEqual(out, in) || !reflect.DeepEqual(got.Info(), w.Info()) {
		t.Fatalf("%v, %v", out, err)
	}
	sig, err := got.SignAs(password, Path{}, digest)
	if err != nil || voucher.Verify(digest, sig, w.Info().Savings.Address) != nil {
		t.Error(err)
	}
	if _, _, err := Import(path, exported, password, weak); !errors.Is(err, keystore.ErrExists) {
		t.Errorf("over a wallet: %v", err)
	}
}

// TestOtherFile: a backup put in the place of the file under a running program is
// what counts from the next password on.
func TestOtherFile(t *testing.T) {
	w := newWallet(t, Setup{})
	before := w.Info()
	if _, err := w.Rotate(password); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(keystore.Backup(w.path), w.path); err != nil {
		t.Fatal(err)
	}
	if err := w.Unlock(password, time.Time{}); err != nil {
		t.Fatal(err)
	}
	sig, err := w.Sign(digest)
	if err != nil || voucher.Verify(digest, sig, w.Info().Spending.Address) != nil || !reflect.DeepEqual(w.Info(), before) {
		t.Errorf("%+v, %v", w.Info(), err)
	}
}

// TestDamagedFile: the errors of the file come through.
func TestDamagedFile(t *testing.T) {
	w := newWallet(t, Setup{})
	good, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := keystore.Seal(password, []byte("{}"), []byte("other"), weak)
	if err != nil {
		t.Fatal(err)
	}
	halfOther, err := keystore.Seal(password, mustPublic(t, good), []byte("other"), weak)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[100] ^= 1
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"cut short", good[:len(good)-1], keystore.ErrTruncated},
		{"bit flipped", flipped, keystore.ErrDamaged},
		{"other content", other, ErrContent},
	} {
		if err := os.WriteFile(w.path, tt.file, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(w.path, weak); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if err := w.Unlock(password, time.Time{}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if err := os.WriteFile(w.path, halfOther, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Unlock(password, time.Time{}); !errors.Is(err, ErrContent) {
		t.Errorf("other sealed part: %v", err)
	}
}

func mustPublic(tb testing.TB, file []byte) []byte {
	tb.Helper()
	b, err := keystore.Public(file)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestConcurrent has readers, signers and lockers at once; the race detector
// judges.
func TestConcurrent(t *testing.T) {
	w := newWallet(t, Setup{})
	if err := w.Unlock(password, time.Time{}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 6)
	for i := range 6 {
		go func() {
			var err error
			for n := range 20 {
				switch i {
				case 0:
					w.Lock()
				case 1:
					w.Extend(time.Now().Add(time.Hour))
				case 2:
					if n%10 == 0 {
						err = errors.Join(err, w.Unlock(password, time.Time{}))
					}
				default:
					if sig, e := w.Sign(digest); e == nil {
						err = errors.Join(err, voucher.Verify(digest, sig, w.Info().Spending.Address))
					} else if !errors.Is(e, ErrLocked) {
						err = errors.Join(err, e)
					}
				}
			}
			done <- err
		}()
	}
	for range 6 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestFileV1 opens a file that version 1 of the format wrote.
func TestFileV1(t *testing.T) {
	w, err := Open("testdata/v1.btt", weak)
	if err != nil {
		t.Fatal(err)
	}
	m, err := w.Reveal(password)
	if err != nil || strings.Join(m.Words(), " ") != legal || !w.Info().BackedUp {
		t.Errorf("%+v, %v", w.Info(), err)
	}
	sig, err := w.SignAs(password, Path{}, digest)
	if err != nil || voucher.Verify(digest, sig, w.Info().Savings.Address) != nil {
		t.Error(hex.EncodeToString(sig[:]), err)
	}
	if got := fmt.Sprint(w.Info().Savings.Address); got != "TUJ2YbSDGtCqzRz7quPQidRCMC98jDAPXc" {
		t.Error(got)
	}
}
