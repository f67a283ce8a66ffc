package dialogs

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"swarmbid/ui/view"
)

// vault is a wallet whose secrets a test can look at. Bytes that it was given are kept
// as they are, to see that they are cleared later.
type vault struct {
	fakeWallet
	calls  []string
	given  [][]byte // passwords and passphrases, as handed over
	copies []string // what they said then
	fail   map[string]error
	draft  *fakeDraft
}

func (v *vault) call(name string, secrets ...[]byte) error {
	v.calls = append(v.calls, name)
	for _, s := range secrets {
		v.given, v.copies = append(v.given, s), append(v.copies, string(s))
	}
	return v.fail[name]
}

// cleared reports whether every secret was overwritten.
func (v *vault) cleared() bool {
	return !slices.ContainsFunc(v.given, func(b []byte) bool { return len(bytes.Trim(b, "\x00")) > 0 })
}

func (v *vault) NewWords(n int) (WalletDraft, error) {
	v.draft = &fakeDraft{v: v, n: n}
	return v.draft, v.call("NewWords")
}

func (v *vault) FromWords(words []byte) (WalletDraft, error) {
	v.draft = &fakeDraft{v: v, n: len(strings.Fields(string(words)))}
	return v.draft, v.call("FromWords", words)
}

func (v *vault) CheckWords(words []byte) (c view.WordsCheck) {
	for i, w := range strings.Fields(string(words)) {
		if c.Count++; c.Unknown == 0 && !slices.Contains([]string{"alpha", "bravo", "charlie"}, w) {
			c.Unknown = i + 1
		}
	}
	c.Complete, c.Mismatch = c.Count == 3 && c.Unknown == 0, c.Count > 3 && c.Unknown == 0
	return c
}

func (v *vault) Suggest(typed string) (out []string) {
	for _, w := range []string{"alpha", "bravo", "charlie"} {
		if strings.HasPrefix(w, typed[:1]) {
			out = append(out, w)
		}
	}
	return out
}

func (v *vault) Reveal(_ context.Context, password []byte) ([]string, error) {
	return []string{"one", "two", "three"}, v.call("Reveal", password)
}

func (v *vault) Challenge(int) ([3]int, error) { return [3]int{1, 2, 3}, v.call("Challenge") }

func (v *vault) ConfirmBackup(_ context.Context, password []byte, _ [3]int, _ [3]string) error {
	return v.call("ConfirmBackup", password)
}

func (v *vault) Import(_ context.Context, file string, password []byte) error {
	return v.call("Import "+file, password)
}

func (v *vault) Export(_ context.Context, password []byte, dir string) (string, error) {
	return dir + "/wallet.btt", v.call("Export", password)
}

func (v *vault) ChangePassword(_ context.Context, old, next []byte) error {
	return v.call("ChangePassword", old, next)
}

func (v *vault) Send(_ context.Context, id string, password []byte) error {
	return v.call("Send "+id, password)
}

// fakeDraft is a wallet that is being made.
type fakeDraft struct {
	v         *vault
	n         int
	discarded int
}

func (d *fakeDraft) Words() []string { return slices.Repeat([]string{"word"}, d.n) }

func (d *fakeDraft) Challenge() ([3]int, error)                    { return [3]int{1, 2, 3}, d.v.fail["draft.Challenge"] }
func (d *fakeDraft) Answer([3]int, [3]string) error                { return d.v.call("Answer") }
func (d *fakeDraft) Discover(context.Context, []byte) (int, error) { return 2, d.v.fail["Discover"] }
func (d *fakeDraft) Discard()                                      { d.discarded++ }

func (d *fakeDraft) Address(_ context.Context, passphrase []byte) (string, error) {
	return "Taddress", d.v.call("Address", passphrase)
}

func (d *fakeDraft) Create(_ context.Context, passphrase, password []byte) error {
	return d.v.call("Create", passphrase, password)
}

func newVault(t *testing.T) (*WalletHost, *vault, *work) {
	t.Helper()
	h, w, k := newWalletHost(t)
	v := &vault{fakeWallet: *w, fail: map[string]error{}}
	h.Wallet = v
	return h, v, k
}

// top is the dialog that is open.
func (h *WalletHost) top(t *testing.T) *Frame {
	t.Helper()
	f, ok := h.Canvas.Overlays().Top().(*Frame)
	if !ok {
		t.Fatal("no dialog is open")
	}
	return f
}

// TestPasswordRules: a new password has eight characters and is typed twice alike; a
// passphrase that was asked for is not empty. Nothing is made before.
func TestPasswordRules(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"", "wallet.short"},
		{"1234567\t1234567", "wallet.short"},
		{"äöüäöüä\täöüäöüä", "wallet.short"},
		{"12345678\t1234567", "wallet.differ"},
		{"12345678", "wallet.differ"},
		{"12345678\t12345678", ""},
	} {
		h, v, _ := newVault(t)
		f := h.Create(nil)
		typeIn(h, c.typed)
		press(h.Host, fyne.KeyReturn)
		if c.want == "" {
			if !f.Closed() || !slices.Contains(v.calls, "NewWords") {
				t.Errorf("%q is refused:\n%s", c.typed, shown(f))
			}
			continue
		}
		if f.Closed() || !strings.Contains(shown(f), h.Locale.T(c.want)) || len(v.calls) != 0 {
			t.Errorf("%q: closed %v, calls %v\n%s", c.typed, f.Closed(), v.calls, shown(f))
		}
	}
	h, v, _ := newVault(t)
	f := h.Create(nil)
	typeIn(h, "12345678\t12345678")
	extra := find[*Check](f)
	extra.SetChecked(true)
	press(h.Host, fyne.KeyReturn)
	if f.Closed() || len(v.calls) != 0 || !strings.Contains(shown(f), h.Locale.T("wallet.passphrase.empty")) {
		t.Errorf("an empty passphrase passes: %v\n%s", v.calls, shown(f))
	}
}

// TestNewWallet goes through all dialogs of a new wallet: words, three of them asked back,
// made. Its secrets are cleared at the end, whatever way it ends.
func TestNewWallet(t *testing.T) {
	start := func(t *testing.T) (*WalletHost, *vault, *work, *int) {
		h, v, k := newVault(t)
		done := new(int)
		h.Create(func() { *done++ })
		typeIn(h, "12345678\t12345678")
		press(h.Host, fyne.KeyReturn)
		if f := h.top(t); f.Title != h.Locale.T("wallet.show.title") || v.draft.n != 12 {
			t.Fatalf("%q with %d words", f.Title, v.draft.n)
		}
		return h, v, k, done
	}
	h, v, k, done := start(t)
	press(h.Host, fyne.KeyReturn)
	v.fail["Answer"] = errors.New("another word")
	typeIn(h, "a\tb\tc")
	press(h.Host, fyne.KeyReturn)
	if f := h.top(t); !strings.Contains(shown(f), "another word") || len(k.jobs) != 0 {
		t.Fatalf("wrong answers make a wallet:\n%s", shown(f))
	}
	delete(v.fail, "Answer")
	press(h.Host, fyne.KeyReturn)
	press(h.Host, fyne.KeyEscape) // cannot be left now
	k.next()
	if *done != 1 || h.Canvas.Overlays().Top() != nil || !v.cleared() || v.draft.discarded == 0 {
		t.Errorf("done %d, cleared %v, discarded %d", *done, v.cleared(), v.draft.discarded)
	}
	if !slices.Equal(v.copies, []string{"", "12345678"}) {
		t.Errorf("made with %q", v.copies)
	}
	h, v, _, done = start(t)
	press(h.Host, fyne.KeyEscape)
	if *done != 0 || v.draft.discarded == 0 || h.Canvas.Overlays().Top() != nil {
		t.Error("what was left at the words is kept")
	}
	h, v, k, done = start(t)
	press(h.Host, fyne.KeyReturn)
	buttonOf(t, h.top(t), h.Locale.T("wallet.later")).OnTapped()
	k.next()
	if *done != 1 || slices.Contains(v.calls, "Answer") {
		t.Errorf("later: done %d, %v", *done, v.calls)
	}
	h, v, _, _ = start(t)
	v.fail["draft.Challenge"] = errors.New("no chance")
	press(h.Host, fyne.KeyReturn)
	if f := h.top(t); !strings.Contains(shown(f), "no chance") || v.draft.discarded == 0 {
		t.Errorf("without three places: %s", shown(f))
	}
}

// TestRestoreWallet: words are judged while they are typed, the address is shown before the
// wallet is made, and not before it is known.
func TestRestoreWallet(t *testing.T) {
	h, v, k := newVault(t)
	done := 0
	f := h.Restore(func() { done++ })
	for _, c := range []struct{ typed, want string }{
		{"alpha ", h.Locale.N("wallet.count", 1)},
		{"alpha x ", h.Locale.T("wallet.words.unknown", "2")},
		{"alpha bravo charlie", h.Locale.T("wallet.words.right", "3")},
		{"alpha alpha alpha alpha", h.Locale.T("wallet.words.mismatch")},
	} {
		find[*WordsEntry](f).SetText(c.typed)
		if !strings.Contains(shown(f), c.want) {
			t.Errorf("%q: want %q in\n%s", c.typed, c.want, shown(f))
		}
	}
	words := find[*WordsEntry](f)
	words.SetText("alpha brv")
	buttonOf(t, f, "bravo").OnTapped()
	if words.Text != "alpha bravo " || h.Canvas.Focused() != fyne.Focusable(words) {
		t.Errorf("an offered word gives %q", words.Text)
	}
	words.SetText("alpha bravo charlie")
	press(h.Host, fyne.KeyReturn)
	if v.draft.discarded != 1 || f.Closed() || !strings.Contains(shown(f), h.Locale.T("wallet.short")) {
		t.Errorf("without a password: discarded %d\n%s", v.draft.discarded, shown(f))
	}
	typeIn(h, "12345678\t12345678")
	press(h.Host, fyne.KeyReturn)
	f = h.top(t)
	press(h.Host, fyne.KeyReturn)
	if len(k.jobs) != 1 || f.Closed() {
		t.Fatal("it is restored before the address is known")
	}
	k.next()
	if !strings.Contains(shown(f), h.Locale.N("wallet.accounts", 2)) {
		t.Errorf("the accounts are not shown:\n%s", shown(f))
	}
	press(h.Host, fyne.KeyReturn)
	k.next()
	if done != 1 || !slices.Contains(v.calls, "Create") || !v.cleared() {
		t.Errorf("done %d, %v, cleared %v", done, v.calls, v.cleared())
	}
}

// TestFieldsForgetSecrets: when a dialog closes, its password fields are empty.
func TestFieldsForgetSecrets(t *testing.T) {
	h, v, k := newVault(t)
	for name, open := range map[string]func() *Frame{
		"create": func() *Frame { return h.Create(nil) }, "restore": func() *Frame { return h.Restore(nil) }, "unlock": h.Unlock, "change": h.ChangePassword,
		"import": func() *Frame { return h.Import("/f", nil) }, "backup": func() *Frame { return h.Backup(false, nil) },
		"review": func() *Frame { return h.Review(view.WalletReview{ID: "7"}, nil) },
	} {
		f := open()
		var secret []*Entry
		for _, o := range test.LaidOutObjects(f) {
			if e, ok := o.(*Entry); ok && e.Password {
				e.SetText("very secret")
				secret = append(secret, e)
			}
		}
		f.Close()
		if len(secret) == 0 {
			t.Errorf("%s has no field for a password", name)
		}
		for _, e := range secret {
			if e.Text != "" {
				t.Errorf("%s: %q is kept", name, e.Text)
			}
		}
	}
	if len(v.calls)+len(k.jobs) != 0 {
		t.Errorf("closing did %v and %d jobs", v.calls, len(k.jobs))
	}
}

// TestPasswordIsAsked: what needs the password does nothing without one, clears it after
// its use, and stays open when it is wrong.
func TestPasswordIsAsked(t *testing.T) {
	for name, c := range map[string]struct {
		open func(h *WalletHost) *Frame
		call string
	}{
		"import": {func(h *WalletHost) *Frame { return h.Import("/f", nil) }, "Import /f"},
		"backup": {func(h *WalletHost) *Frame { return h.Backup(false, nil) }, "Reveal"},
		"review": {func(h *WalletHost) *Frame { return h.Review(view.WalletReview{ID: "7"}, nil) }, "Send 7"},
	} {
		h, v, k := newVault(t)
		f := c.open(h)
		press(h.Host, fyne.KeyReturn)
		if len(k.jobs) != 0 || !strings.Contains(shown(f), h.Locale.T("wallet.noPassword")) {
			t.Errorf("%s without a password: %d jobs\n%s", name, len(k.jobs), shown(f))
		}
		v.fail[c.call] = errors.New("wrong one")
		typeIn(h, "secret")
		press(h.Host, fyne.KeyReturn)
		k.next()
		if f.Closed() || !strings.Contains(shown(f), "wrong one") {
			t.Errorf("%s with a wrong one: closed %v\n%s", name, f.Closed(), shown(f))
		}
		delete(v.fail, c.call)
		press(h.Host, fyne.KeyReturn)
		k.next()
		if !f.Closed() || !slices.Equal(v.calls, []string{c.call, c.call}) || v.copies[1] != "secret" || !v.cleared() {
			t.Errorf("%s: closed %v, %v with %q, cleared %v", name, f.Closed(), v.calls, v.copies, v.cleared())
		}
	}
}

// TestChangePassword: the old one, and the new one twice.
func TestChangePassword(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"\tlongenough\tlongenough", "wallet.noPassword"}, {"old\tshort\tshort", "wallet.short"}, {"old\tlongenough\tlongenoug", "wallet.differ"}, {"old\tlongenough\tlongenough", ""},
	} {
		h, v, k := newVault(t)
		f := h.ChangePassword()
		typeIn(h, c.typed)
		press(h.Host, fyne.KeyReturn)
		if c.want != "" {
			if len(k.jobs) != 0 || !strings.Contains(shown(f), h.Locale.T(c.want)) {
				t.Errorf("%q passes:\n%s", c.typed, shown(f))
			}
			continue
		}
		k.next()
		if !f.Closed() || !slices.Equal(v.copies, []string{"old", "longenough"}) || !v.cleared() {
			t.Errorf("changed with %q, cleared %v", v.copies, v.cleared())
		}
	}
}

// TestExport: a copy goes to the folder that was picked, and its place is told.
func TestExport(t *testing.T) {
	h, v, k := newVault(t)
	h.Export() // without a way to pick a folder nothing happens
	if h.Canvas.Overlays().Top() != nil {
		t.Fatal("it asks for a password")
	}
	h.PickFolder = func(_ string, done func(string)) { done("/safe") }
	h.Export()
	typeIn(h, "secret")
	press(h.Host, fyne.KeyReturn)
	k.next()
	if f := h.top(t); !strings.Contains(shown(f), "/safe/wallet.btt") || !v.cleared() || v.copies[0] != "secret" {
		t.Errorf("%q\n%s", v.copies, shown(f))
	}
}

// TestBackupIsConfirmed: the words are shown after the password and asked back, and
// all of it is forgotten.
func TestBackupIsConfirmed(t *testing.T) {
	h, v, k := newVault(t)
	done := 0
	h.Backup(true, func() { done++ })
	typeIn(h, "secret")
	press(h.Host, fyne.KeyReturn)
	k.next()
	press(h.Host, fyne.KeyReturn)
	if f := h.top(t); f.Title != h.Locale.T("wallet.ask.title") {
		t.Fatalf("%q follows the words", f.Title)
	}
	v.fail["ConfirmBackup"] = errors.New("another word")
	typeIn(h, "one\ttwo\tthree")
	press(h.Host, fyne.KeyReturn)
	k.next()
	if f := h.top(t); !strings.Contains(shown(f), "another word") || done != 0 {
		t.Errorf("wrong words: done %d\n%s", done, shown(f))
	}
	delete(v.fail, "ConfirmBackup")
	press(h.Host, fyne.KeyReturn)
	k.next()
	if done != 1 || !v.cleared() || v.copies[len(v.copies)-1] != "secret" {
		t.Errorf("done %d, cleared %v, %q", done, v.cleared(), v.copies)
	}
	h, v, k = newVault(t)
	h.Backup(true, nil)
	typeIn(h, "secret")
	press(h.Host, fyne.KeyReturn)
	k.next()
	press(h.Host, fyne.KeyEscape)
	if !v.cleared() || h.Canvas.Overlays().Top() != nil {
		t.Error("left at the words, the password is kept")
	}
	h, v, k = newVault(t)
	v.fail["Challenge"] = errors.New("no chance")
	h.Backup(true, nil)
	typeIn(h, "secret")
	press(h.Host, fyne.KeyReturn)
	k.next()
	press(h.Host, fyne.KeyReturn)
	if f := h.top(t); !strings.Contains(shown(f), "no chance") || !v.cleared() {
		t.Errorf("without three places: cleared %v\n%s", v.cleared(), shown(f))
	}
}
