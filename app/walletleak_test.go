package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/btt"
)

// leakEnv names the folder in which a child process plays a session.
const leakEnv = "SWARMBID_TEST_WALLET_SESSION"

// newSessionPassword replaces sessionPassword in the session that is searched.
const newSessionPassword = "another horse entirely"

// TestLeakSession is the session that TestWalletLeaksNothing searches: it runs in
// a process of its own, right and wrong, and does nothing otherwise.
func TestLeakSession(t *testing.T) {
	dir := os.Getenv(leakEnv)
	if dir == "" {
		return
	}
	node, host := startChain(t)
	s := newSession(t, filepath.Join(dir, "data"), node, host)
	s.run("wallet")
	s.run("wallet-restore")
	s.write(strings.Replace(sessionWords, "sausage", "sausagee", 1) + "\t" + sessionPassword + "\t" + sessionPassword)
	s.enter() // a word that is in no list
	s.leave()
	s.run("wallet-restore")
	s.write(sessionWords + "\t" + sessionPassword + "\t" + sessionPassword + "\t ")
	s.write(sessionPassphrase)
	s.enter()
	s.enter()
	if s.snap().Phase != view.WalletLocked {
		t.Fatalf("no wallet: %s", s.texts())
	}
	s.fund(100*btt.TRX, 500*btt.One)
	s.run("wallet-unlock")
	s.write("a wrong password")
	s.enter()
	s.again(sessionPassword)
	s.enter()
	if s.snap().Phase != view.WalletUnlocked {
		t.Fatal("not unlocked")
	}
	s.send(friend, "100")
	s.until("sent", func(w *view.Wallet) bool { return tx(w).State == view.TxSent })
	node.SealSolid()
	s.until("booked", func(w *view.Wallet) bool {
		x := tx(w)
		return !x.Live()
	})
	s.run("wallet-backup")
	s.write(sessionPassword)
	s.enter()
	s.leave()
	s.run("wallet-password")
	s.write(sessionPassword + "\t" + newSessionPassword + "\t" + newSessionPassword)
	s.enter()
	if s.dialog() != nil {
		t.Fatalf("the password was not changed: %s", s.texts())
	}
	for _, err := range []error{
		s.app.purse.Unlock(t.Context(), []byte(sessionPassword)),
		s.app.purse.ChangePassword(t.Context(), []byte(newSessionPassword), []byte("shrt")),
	} {
		if err == nil {
			t.Fatal("what must fail did not")
		}
		s.app.log.Error("as an error is logged", "err", err)
	}
	if _, err := s.app.purse.Export(t.Context(), []byte(newSessionPassword), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := s.app.purse.WriteCSV(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	s.app.log.Info("everything there is", "purse", s.app.purse, "wallet", s.snap())
	t.Logf("%+v %v", s.app.purse.keys, s.snap())
	s.ui.SaveState()
	s.stop()
}

// secretForms are the ways in which a secret may stand in a file.
func secretForms(b []byte) map[string][]byte {
	return map[string][]byte{
		"": b, " in hex": []byte(hex.EncodeToString(b)), " in HEX": fmt.Appendf(nil, "%X", b), " in base64": []byte(base64.RawStdEncoding.EncodeToString(b)),
		" in decimal": bytes.Trim(fmt.Append(nil, b), "[]"),
	}
}

// TestWalletLeaksNothing plays a session through the window and looks for seed,
// words, passphrase and passwords in all that it leaves: log, settings, books,
// wallet, export, CSV and what the process printed.
func TestWalletLeaksNothing(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLeakSession$", "-test.v")
	cmd.Env = append(os.Environ(), leakEnv+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestLeakSession")) {
		t.Fatalf("the session failed: %v\n%s", err, out[max(0, len(out)-2000):])
	}
	m, err := wallet.ParseMnemonic([]byte(sessionWords))
	if err != nil {
		t.Fatal(err)
	}
	needles := map[string][]byte{}
	for what, b := range map[string][]byte{
		"seed": m.Seed([]byte(sessionPassphrase)).Bytes(), "first half of the seed": m.Seed([]byte(sessionPassphrase)).Bytes()[:32], "entropy": bytes.Repeat([]byte{0x7f}, 16),
		"password": []byte(sessionPassword), "new password": []byte(newSessionPassword), "passphrase": []byte(sessionPassphrase), "words": []byte("winner thank"), "a word": []byte("sausage"),
	} {
		for form, x := range secretForms(b) {
			needles[what+form] = x
		}
	}
	found := map[string][]byte{"output": out}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		found[d.Name()] = b
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"swarmbid.log", "settings.json", "ledger-testnode.db", "wallet.btt"} {
		if len(found[name]) < 100 {
			t.Errorf("%s has %d bytes: nothing was tested", name, len(found[name]))
		}
	}
	exports := 0
	for name, b := range found {
		if strings.HasPrefix(name, "swarmbid-") {
			exports++
		}
		for what, needle := range needles {
			if bytes.Contains(b, needle) {
				t.Errorf("%s holds the %s", name, what) // not the needle itself
			}
		}
	}
	if log := found["swarmbid.log"]; exports != 2 || !bytes.Contains(log, []byte("wrong password")) || !bytes.Contains(log, []byte("Received 500.000000 btt")) {
		t.Errorf("%d exports; the log lacks what it should have:\n%s", exports, log)
	}
}
