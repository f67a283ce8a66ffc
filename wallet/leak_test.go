package wallet

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// sessionEnv names the folder in which a child process plays a session and then
// crashes, with the wallet unlocked.
const sessionEnv = "WALLET_TEST_SESSION"

const (
	passphrase  = "quite a long passphrase ñ"
	newPassword = "another horse entirely"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(sessionEnv); dir != "" {
		session(dir)
	}
	os.Exit(m.Run())
}

// session does all that a wallet can do, right and wrong, logs every value and
// every error in every way it knows, and panics.
func session(dir string) {
	crash, err := os.Create(filepath.Join(dir, "crash.txt"))
	must(err)
	must(debug.SetCrashOutput(crash, debug.CrashOptions{}))
	debug.SetTraceback("all")
	logFile, err := os.Create(filepath.Join(dir, "log.txt"))
	must(err)
	text, jsonLog := slog.New(slog.NewTextHandler(logFile, nil)), slog.New(slog.NewJSONHandler(logFile, nil))
	show := func(what string, v any) {
		text.Info(what, "v", v)
		jsonLog.Info(what, "v", v)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Printf(what+" "+verb+"\n", v) //nolint:forbidigo // the output is what is tested
		}
		if b, err := json.Marshal(v); err == nil {
			fmt.Printf("%s\n", b) //nolint:forbidigo // the output is what is tested
		}
	}
	m, err := ParseMnemonic([]byte(legal))
	must(err)
	seed := m.Seed([]byte(passphrase))
	key, _, err := Path{}.key(seed.Bytes())
	must(err)
	n, err := root(seed.Bytes())
	must(err)
	n.zero()
	setup := Setup{Mnemonic: m, Now: epoch}
	show("mnemonic", m)
	show("seed", seed)
	show("key", key)
	show("setup", setup)
	show("sealed", sealed{m, seed, nil})
	setup.Passphrase = []byte(passphrase)
	path := filepath.Join(dir, "wallet.btt")
	w, err := Create(path, password, setup, weak)
	must(err)
	must(w.Unlock(password, time.Now().Add(time.Hour)))
	show("wallet", w)
	show("info", w.Info())
	sig, err := w.Sign(digest)
	must(err)
	show("signature", sig)
	_, err = w.SignAs(password, Path{}, digest)
	must(err)
	book(dir, w.Info(), sig)
	revealed, err := w.Reveal(password)
	must(err)
	show("revealed", revealed)
	must(w.ConfirmBackup(password, Challenge{1, 2, 3}, [3]string{"legal", "winner", "thank"}))
	must(w.Export(password, filepath.Join(dir, "export.btt"), map[string][]byte{"vouchers": []byte("vouchers")}))
	must(w.ChangePassword(password, []byte(newPassword)))
	_, err = w.Rotate([]byte(newPassword))
	must(err)
	found, err := Discover(context.Background(), m, []byte(passphrase), func(_ context.Context, a Address) (bool, error) {
		show("asked", a)
		return a == w.Info().Savings.Address, nil
	})
	show("found", found)
	must(err)
	for what, err := range wrong(w, m, path) {
		if err == nil {
			panic(what + " succeeded") //nolint:forbidigo // in a child process
		}
		show(what, err)
		show(what, fmt.Errorf("wrapped: %w", err))
	}
	must(w.Unlock([]byte(newPassword), time.Time{}))
	panic("the crash that the session ends with") //nolint:forbidigo // in a child process
}

// book records what the program records of such a session.
func book(dir string, info Info, sig voucher.Signature) {
	ctx := context.Background()
	l, err := ledger.Open(ctx, filepath.Join(dir, "ledger.db"))
	must(err)
	must(l.Record(ctx, ledger.Transfer{
		ID: ledger.NewID("voucher", digest[:], sig[:]), At: epoch, Kind: "voucher", Phase: ledger.Posted,
		Debit: ledger.Leeching, Credit: ledger.Payable(info.Spending.Address.String()), Amount: btt.One, Note: sig.String(),
	}))
	csv, err := os.Create(filepath.Join(dir, "ledger.csv"))
	must(err)
	must(l.WriteCSV(ctx, csv, ledger.Period{}))
}

// wrong returns the errors of what must fail.
func wrong(w *Wallet, m Mnemonic, path string) map[string]error {
	_, errWords := ParseMnemonic([]byte(strings.Replace(legal, "sausage", "sausagee", 1)))
	_, errSum := ParseMnemonic([]byte(strings.Replace(legal, "sausage", "winner", 1)))
	_, errSign := w.SignAs(password, Path{}, digest) // the old password
	_, errReveal := w.Reveal([]byte("quite a wrong password"))
	_, errCreate := Create(path, password, Setup{Mnemonic: m, Passphrase: []byte(passphrase)}, weak)
	_, errDown := Discover(context.Background(), m, []byte(passphrase), func(context.Context, Address) (bool, error) { return false, fs.ErrClosed })
	_, _, errImport := Import(path+"2", path, password, weak)
	return map[string]error{
		"words": errWords, "checksum": errSum, "sign": errSign, "reveal": errReveal, "create": errCreate, "discover": errDown, "import": errImport,
		"unlock":  w.Unlock(password, time.Time{}),
		"confirm": w.ConfirmBackup([]byte(newPassword), Challenge{4, 5, 6}, [3]string{"year", "wave", "worth"}),
		"change":  w.ChangePassword([]byte(newPassword), []byte("shrt")),
		"limit":   Info{}.MayWithdraw(btt.One, 0),
	}
}

func must(err error) {
	if err != nil {
		panic(err) //nolint:forbidigo // in a child process
	}
}

// needles returns what must not be found, by name.
func needles(tb testing.TB) map[string][]byte {
	tb.Helper()
	m := mnemonic(tb, legal)
	seed := m.Seed([]byte(passphrase))
	secrets := map[string][]byte{
		"entropy": m.entropy.Bytes(), "seed": seed.Bytes(), "first half of the seed": seed.Bytes()[:32],
		"password": password, "new password": []byte(newPassword), "passphrase": []byte(passphrase), "end of the passphrase": []byte("passphrase \xc3\xb1"),
	}
	for _, p := range []Path{{0, 0}, {1, 0}, {2, 0}} {
		key, _, err := p.key(seed.Bytes())
		if err != nil {
			tb.Fatal(err)
		}
		secrets["key "+p.String()] = key.Bytes()
	}
	n, err := root(seed.Bytes())
	if err != nil {
		tb.Fatal(err)
	}
	k := n.key.Bytes()
	secrets["root key"], secrets["root chain code"] = k[:], n.chain[:]
	all := map[string][]byte{}
	for name, b := range secrets {
		decimal := strings.Trim(fmt.Sprintf("%d", b), "[]")
		for form, s := range map[string]string{
			"": string(b), " in hex": hex.EncodeToString(b), " in HEX": fmt.Sprintf("%X", b), " in base64": base64.RawStdEncoding.EncodeToString(b)[:len(b)],
			" in decimal": decimal, " as Go": strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", b), "[]byte{"), "}"),
		} {
			all[name+form] = []byte(s)
		}
	}
	words := strings.Fields(legal)
	for i := range words[1:] {
		all["words "+words[i]] = []byte(words[i] + " " + words[i+1])
	}
	for _, w := range []string{"sausage", "winner", "yellow"} {
		all["word "+w] = []byte(w)
	}
	return all
}

// TestLeaks plays the session in a process of its own and looks for the secrets
// in everything that it leaves: log, standard output and error, crash file,
// wallet, backup, export, ledger and its CSV.
func TestLeaks(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), sessionEnv+"="+dir)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !bytes.Contains(out, []byte("panic: the crash that the session ends with")) {
		t.Fatalf("the session did not end as it should: %v\n%s", err, tail(out))
	}
	found := map[string][]byte{"standard output and error": out}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if found[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"log.txt", "crash.txt", "wallet.btt", "wallet.btt.bak", "export.btt", "ledger.db", "ledger.db-wal", "ledger.csv"} {
		if len(found[name]) < 100 {
			t.Errorf("%s has %d bytes: nothing was tested", name, len(found[name]))
		}
	}
	for _, seen := range []string{"[secret]", "m/44'/195'/1'/0/0", "wrong password"} {
		if !bytes.Contains(found["log.txt"], []byte(seen)) {
			t.Errorf("no %s in the log: nothing was tested", seen)
		}
	}
	for what, needle := range needles(t) {
		for name, b := range found {
			if bytes.Contains(b, needle) {
				t.Errorf("%s: %s", name, what) // not the needle itself
			}
		}
	}
}

func tail(b []byte) []byte { return b[max(0, len(b)-2000):] }

// TestNeedles: the search finds what is there.
func TestNeedles(t *testing.T) {
	all := needles(t)
	if len(all) < 70 {
		t.Errorf("%d needles", len(all))
	}
	for what, needle := range all {
		if len(needle) < 6 {
			t.Errorf("%s is too short to be looked for", what)
		}
	}
	key := all["key m/44'/195'/0'/0/0"]
	for form, s := range map[string]string{" in hex": fmt.Sprintf("%x", key), " in decimal": fmt.Sprintf("%v", struct{ k []byte }{key}), " as Go": fmt.Sprintf("%#v", struct{ k []byte }{key})} {
		if !strings.Contains(s, string(all["key m/44'/195'/0'/0/0"+form])) {
			t.Errorf("a key%s is not recognised", form)
		}
	}
}
