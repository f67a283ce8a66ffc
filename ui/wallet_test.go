package ui_test

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/dialogs"
	"swarmbid/ui/sample"
	"swarmbid/ui/view"
)

// texts returns every text of what is on top: the dialog, or the window.
func (s *stage) texts() string {
	root := s.w.Content()
	if top := s.w.Canvas().Overlays().Top(); top != nil {
		root = top
	}
	var all []string
	for _, o := range test.LaidOutObjects(root) {
		switch o := o.(type) {
		case *widget.Label:
			if o.Visible() {
				all = append(all, o.Text)
			}
		case *widget.Button:
			if o.Visible() {
				all = append(all, o.Text)
			}
		}
	}
	return strings.Join(all, "\n")
}

// sees fails unless the words of a key are on top.
func (s *stage) sees(key string) {
	s.t.Helper()
	if want := s.UI.Words().T(key); !strings.Contains(s.texts(), want) {
		s.t.Errorf("%q (%s) is not shown, but\n%s", want, key, s.texts())
	}
}

// button presses a button of what is on top by its words.
func (s *stage) button(key string) {
	s.t.Helper()
	root := s.w.Content()
	if top := s.w.Canvas().Overlays().Top(); top != nil {
		root = top
	}
	s.press(root, s.UI.Words().T(key))
}

// press presses a button that can be seen by its text.
func (s *stage) press(root fyne.CanvasObject, want string) {
	s.t.Helper()
	for _, o := range visible(root) {
		b, ok := o.(fyne.Tappable)
		if !ok || textOf(o) != want {
			continue
		}
		b.Tapped(&fyne.PointEvent{})
		s.settle()
		return
	}
	s.t.Fatalf("no button %q", want)
}

func textOf(o fyne.CanvasObject) string {
	switch b := o.(type) {
	case *widget.Button:
		if !b.Disabled() {
			return b.Text
		}
	case *dialogs.Button:
		if !b.Disabled() {
			return b.Text
		}
	}
	return ""
}

// TestWalletAsksNothingBeforeItsPageIsOpened: no wallet, no page; and with one
// nothing is opened or asked until the user wants to see it.
func TestWalletAsksNothingBeforeItsPageIsOpened(t *testing.T) {
	s := newStage(t, "en", "light")
	s.run("wallet")
	if k, _ := s.UI.Side().Cursor(); s.dialog() != nil || k.Kind == view.WalletPage && s.UI.WalletPage() != nil {
		t.Error("a window without a wallet shows a page")
	}
	for _, c := range []string{"wallet-create", "wallet-unlock", "wallet-withdraw", "wallet-lock", "wallet-csv"} {
		s.run(c)
	}
	if s.dialog() != nil {
		t.Error("a window without a wallet opens its dialogs")
	}
	s = newWalletStage(t, view.WalletLocked, "en", "light")
	s.Play(5)
	if len(s.Wallet.Calls) != 0 {
		t.Errorf("calls before the page was opened: %v", s.Wallet.Calls)
	}
	s.run("wallet")
	s.run("wallet")
	s.Play(3)
	if s.Wallet.Calls["Open"] != 1 || !s.UI.WalletPage().Visible() || s.UI.List().Visible() && s.UI.WalletUnder().Visible() {
		t.Errorf("calls %v, page visible %v", s.Wallet.Calls, s.UI.WalletPage().Visible())
	}
	if s.UI.Tools()["remove"] {
		t.Error("the toolbar acts on torrents that are not shown")
	}
	s.UI.Side().Select(view.Filter{})
	s.settle()
	if s.UI.WalletPage().Visible() || !s.UI.WalletUnder().Visible() {
		t.Error("the list does not come back")
	}
}

// TestWalletCreate goes from nothing to a backed-up wallet, with the mistakes
// that people make.
func TestWalletCreate(t *testing.T) {
	s := newWalletStage(t, view.WalletNone, "en", "light")
	s.run("wallet")
	s.button("wallet.create")
	s.Type("short\tshort")
	s.Enter()
	s.sees("wallet.short")
	s.w.Canvas().Focused().(*dialogs.Entry).SetText("long enough")
	s.Enter()
	s.sees("wallet.differ")
	s.w.Canvas().Focused().(*dialogs.Entry).SetText("long enough")
	s.Enter()
	if f := s.mustDialog(s.UI.Words().T("wallet.show.title")); f == nil || s.Wallet.Calls["Create"] != 0 {
		t.Fatal("a wallet was made before its words were seen")
	}
	s.button("wallet.written")
	s.Type("thank\tworth\twinner")
	s.Enter()
	s.sees("wallet.error.answer.what")
	s.w.Canvas().Focused().(*dialogs.Entry).SetText("yellow")
	s.Enter()
	if w := s.Wallet.Snapshot(t.Context()); s.dialog() != nil || w.Phase != view.WalletLocked || !w.BackedUp || s.Wallet.Calls["Discard"] == 0 {
		t.Errorf("phase %v, backed up %v, calls %v", w.Phase, w.BackedUp, s.Wallet.Calls)
	}
}

// TestWalletCreateLater: words that were not asked back leave the limit on
// withdrawals, and the withdrawal says why and offers the backup.
func TestWalletCreateLater(t *testing.T) {
	s := newWalletStage(t, view.WalletNone, "en", "light")
	s.run("wallet")
	s.run("wallet-create")
	s.Type("long enough\tlong enough")
	s.Enter()
	s.Enter()
	s.button("wallet.later")
	s.sees("wallet.notBackedUp")
	s.run("wallet-withdraw")
	s.Type(sample.FriendAddress + "\t1200000")
	s.Enter()
	s.sees("wallet.error.backup.what")
	s.button("wallet.backup.now")
	s.Type("long enough")
	s.Enter()
	s.button("wallet.written")
	s.Type("thank\tworth\tyellow")
	s.Enter()
	if w := s.Wallet.Snapshot(t.Context()); !w.BackedUp || s.dialog() != nil {
		t.Fatal("the backup was not confirmed")
	}
	s.run("wallet-withdraw")
	s.Type(sample.FriendAddress + "\t1200000")
	s.Enter()
	s.mustDialog(s.UI.Words().T("wallet.review.title"))
}

// TestWalletCancel: leaving at any step makes no wallet and clears the words.
func TestWalletCancel(t *testing.T) {
	for steps := range 3 {
		s := newWalletStage(t, view.WalletNone, "en", "light")
		s.run("wallet")
		s.run("wallet-create")
		s.Type("long enough\tlong enough")
		for range steps {
			s.Enter()
		}
		s.dialog().Close()
		s.settle()
		if s.Wallet.Calls["Create"] != 0 || s.dialog() != nil || steps > 0 && s.Wallet.Calls["Discard"] == 0 {
			t.Errorf("after %d steps: %v", steps, s.Wallet.Calls)
		}
	}
}

// TestWalletRestore: words with mistakes are refused in words, offered words are
// taken over, and the address is shown before anything is written.
func TestWalletRestore(t *testing.T) {
	s := newWalletStage(t, view.WalletNone, "en", "light")
	s.run("wallet")
	s.button("wallet.restore")
	s.Type("legal winner thank year wav")
	s.press(s.dialog(), "wave")
	if e := s.w.Canvas().Focused().(*dialogs.WordsEntry); e.Text != "legal winner thank year wave " || e.AcceptsTab() {
		t.Fatalf("the word offered gives %q", e.Text)
	}
	s.Type("sausage worth useful legal winner thank thank")
	s.sees("wallet.words.mismatch")
	s.Enter()
	s.sees("wallet.error.checksum.what")
	s.w.Canvas().Focused().(*dialogs.WordsEntry).SetText(strings.Join(sample.Words(), " "))
	s.Type("\t" + sample.WalletPassword + "\t" + sample.WalletPassword)
	s.Enter()
	if s.Wallet.Calls["Create"] != 0 || s.Wallet.Calls["Discover"] != 1 {
		t.Fatalf("calls %v", s.Wallet.Calls)
	}
	if want := s.UI.Words().N("wallet.accounts", 2); !strings.Contains(s.texts(), want) {
		t.Error("accounts found are not shown")
	}
	s.Enter()
	if w := s.Wallet.Snapshot(t.Context()); w.Phase != view.WalletLocked || s.Wallet.Calls["Create"] != 1 || s.dialog() != nil {
		t.Error("not restored")
	}
}

// TestWalletRestoreOffline: without a network the wallet is restored all the same.
func TestWalletRestoreOffline(t *testing.T) {
	s := newWalletStage(t, view.WalletNone, "en", "light")
	s.Wallet.Fail["Discover"] = sample.NameError("tron.ErrOffline")
	s.run("wallet")
	s.run("wallet-restore")
	s.Type(strings.Join(sample.Words(), " ") + "\t" + sample.WalletPassword + "\t" + sample.WalletPassword)
	s.Enter()
	s.sees("wallet.notAsked")
	s.Enter()
	if s.Wallet.Calls["Create"] != 1 {
		t.Error("not restored")
	}
}

// TestWalletWithdraw goes from an address to a transaction in the history.
func TestWalletWithdraw(t *testing.T) {
	s := newWalletStage(t, view.WalletLocked, "en", "light")
	s.run("wallet")
	s.Wallet.Edit(func(w *view.Wallet) { w.BackedUp = true })
	s.settle()
	s.button("wallet.withdraw")
	s.Enter()
	s.sees("wallet.noRecipient")
	s.Type("TAUN")
	s.sees("wallet.error.address.what")
	s.w.Canvas().Focused().(*dialogs.Entry).SetText("")
	s.Type(sample.TwinAddress)
	if want := s.UI.Words().T("wallet.to.lookAlike", sample.FriendAddress); !strings.Contains(s.texts(), want) {
		t.Error("a look-alike is not pointed out")
	}
	if s.Wallet.Calls["Quote"] != 0 {
		t.Error("a fee was asked for without an amount")
	}
	s.Type("\t1,234")
	s.sees("wallet.error.ambiguous.what")
	s.button("wallet.max")
	if s.Wallet.Calls["Quote"] == 0 || !strings.Contains(s.texts(), "13,205") {
		t.Errorf("no fee is shown: %v\n%s", s.Wallet.Calls, s.texts())
	}
	s.Enter()
	s.mustDialog(s.UI.Words().T("wallet.review.title"))
	s.Enter()
	s.sees("wallet.noPassword")
	s.Type("not the one")
	s.Enter()
	s.sees("wallet.error.password.what")
	if len(s.Wallet.Sent) != 0 {
		t.Fatal("sent with a wrong password")
	}
	s.w.Canvas().Focused().(*dialogs.Entry).SetText(sample.WalletPassword)
	s.Enter()
	if len(s.Wallet.Sent) != 1 || s.Wallet.Sent[0].To != sample.TwinAddress || s.Wallet.Sent[0].Amount != 1_250_000_123_450 || s.dialog() != nil {
		t.Fatalf("sent %+v", s.Wallet.Sent)
	}
	if s.UI.WalletTxs().Len() != 8 || !slices.Contains(s.UI.Status(), s.UI.Words().T("wallet.sent")) {
		t.Error("the history does not show it")
	}
}

// TestWalletErrors: each reason why nothing can be sent has its sentence in the
// dialog, which stays open.
func TestWalletErrors(t *testing.T) {
	for name, key := range map[string]string{
		"tron.ErrNotEnoughTRX": "wallet.error.notEnoughTRX", "tron.ErrNotActivated": "wallet.error.notActivated", "tron.ErrOffline": "wallet.error.offline",
		"tron.ErrToContract": "wallet.error.contract", "tron.ErrWouldFail": "wallet.error.wouldFail", "tron.ErrClock": "wallet.error.clock",
	} {
		s := newWalletStage(t, view.WalletLocked, "de", "light")
		s.Wallet.Fail["Prepare"] = sample.NameError(name)
		s.run("wallet")
		s.run("wallet-withdraw")
		s.Type(sample.FriendAddress + "\t10")
		s.Enter()
		s.sees(key + ".what")
		s.sees(key + ".do")
		if s.dialog() == nil || len(s.Wallet.Sent) != 0 {
			t.Error(name, "closed the dialog")
		}
	}
}

// TestWalletSecretsLeave: fields of passwords and words are empty once their
// dialog is closed, and words are in no text that stays.
func TestWalletSecretsLeave(t *testing.T) {
	s := newWalletStage(t, view.WalletLocked, "en", "light")
	s.run("wallet")
	var fields []*dialogs.Entry
	collect := func() {
		for _, o := range test.LaidOutObjects(s.dialog()) {
			switch e := o.(type) {
			case *dialogs.Entry:
				fields = append(fields, e)
			case *dialogs.WordsEntry:
				fields = append(fields, &e.Entry)
			}
		}
	}
	s.run("wallet-backup")
	collect()
	s.Type(sample.WalletPassword)
	s.Enter()
	shown := s.dialog()
	s.Enter()
	collect()
	s.Type("thank\tworth\tyellow")
	s.Enter()
	s.run("wallet-password")
	collect()
	s.Type(sample.WalletPassword + "\tanother horse\tanother horse")
	s.dialog().Close()
	s.Wallet.Edit(func(w *view.Wallet) { w.Phase = view.WalletNone })
	s.settle()
	s.run("wallet-restore")
	collect()
	s.Type("legal winner")
	s.dialog().Close()
	if len(fields) != 11 {
		t.Fatalf("%d fields were looked at", len(fields))
	}
	for i, f := range fields {
		if f.Text != "" {
			t.Errorf("field %d still holds something", i)
		}
	}
	for _, o := range test.LaidOutObjects(shown) {
		if x, ok := o.(interface{ GetText() string }); ok && strings.Contains(x.GetText(), "sausage") {
			t.Error("words stay in a closed dialog")
		}
	}
}

// TestWalletKeys: the other doings, each with a right and a wrong password.
func TestWalletKeys(t *testing.T) {
	s := newWalletStage(t, view.WalletLocked, "en", "light")
	s.run("wallet")
	for _, c := range []struct{ command, method string }{{"wallet-unlock", "Unlock"}, {"wallet-export", "Export"}, {"wallet-backup", "Reveal"}, {"wallet-import", "Import"}} {
		s.run(c.command)
		s.Type("a wrong one")
		s.Enter()
		s.sees("wallet.error.password.what")
		s.w.Canvas().Focused().(*dialogs.Entry).SetText(sample.WalletPassword)
		s.Enter()
		if s.Wallet.Calls[c.method] != 2 {
			t.Errorf("%s: %v", c.command, s.Wallet.Calls)
		}
		for s.dialog() != nil {
			s.dialog().Close()
			s.settle()
		}
		if c.method == "Unlock" {
			if w := s.Wallet.Snapshot(t.Context()); w.Phase != view.WalletUnlocked {
				t.Error("not unlocked")
			}
			s.run("wallet-lock")
			if w := s.Wallet.Snapshot(t.Context()); w.Phase != view.WalletLocked {
				t.Error("not locked")
			}
		}
	}
	s.run("wallet-csv")
	if !slices.Contains(s.UI.Status(), s.UI.Words().T("wallet.csv.done", "transactions.csv")) {
		t.Errorf("status %v", s.UI.Status())
	}
	s.run("wallet-options")
	s.w.Canvas().Focused().(*dialogs.Entry).SetText("12")
	s.Enter()
	if w := s.Wallet.Snapshot(t.Context()); w.Options.LockMinutes != 12 || w.Options.Network != "mainnet" || s.dialog() != nil {
		t.Errorf("options %+v", w.Options)
	}
}

// TestWalletKeysOfHiddenList: while the page is shown no key reaches the torrents
// that it hides, whatever had the focus.
func TestWalletKeysOfHiddenList(t *testing.T) {
	s := newWalletStage(t, view.WalletLocked, "en", "light")
	s.choose("debian", "archlinux")
	s.w.Canvas().Focus(s.UI.List().Focusable())
	s.pick(s.UI.Words().T("menu.options"), s.UI.Words().T("wallet.menu"))
	s.key(fyne.KeyDelete)
	if f := s.w.Canvas().Focused(); f == s.UI.List().Focusable() {
		t.Error("the hidden list has the focus")
	}
	s.w.Canvas().Unfocus()
	s.w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDelete})
	s.settle()
	if s.dialog() != nil {
		t.Errorf("a key opened %q", s.dialog().Title)
	}
	if f := s.w.Canvas().Focused(); f == s.UI.List().Focusable() || f == nil {
		t.Errorf("%T has the focus", f)
	}
	s.pick(s.UI.Words().T("menu.options"), s.UI.Words().T("wallet.menu"))
	s.w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDelete})
	s.settle()
	if s.dialog() == nil {
		t.Error("the list does not get its keys back")
	}
}

// TestGoodNewsIsNoWarning: what went well, what is being done and what went wrong
// do not look the same in the status bar.
func TestGoodNewsIsNoWarning(t *testing.T) {
	s := newWalletStage(t, view.WalletLocked, "en", "light")
	s.run("wallet")
	s.button("wallet.copy")
	if got := s.UI.MessageIcon(); got != "done" || s.UI.Status()[0] != s.UI.Words().T("wallet.copied") {
		t.Errorf("a copied address has the icon %q: %q", got, s.UI.Status()[0])
	}
	s.UI.Side().Select(view.Filter{})
	s.settle()
	s.UI.AddFromArgs([]string{"/tmp/no-torrent.txt"})
	s.settle()
	if got := s.UI.MessageIcon(); got != "error" {
		t.Errorf("a file that is no torrent has the icon %q: %q", got, s.UI.Status()[0])
	}
}
