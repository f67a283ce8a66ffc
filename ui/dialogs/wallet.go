package dialogs

import (
	"context"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// WalletDraft is a wallet that is being made: its words are known, its file is
// not written. It is for one dialog at a time.
type WalletDraft interface {
	// Words returns the words, to be shown and forgotten.
	Words() []string
	// Challenge picks three places, from 1, of words to ask back.
	Challenge() ([3]int, error)
	// Answer notes that the words are written down, if the answers show it.
	Answer(places [3]int, answers [3]string) error
	// Address returns the address the words and a passphrase give.
	Address(ctx context.Context, passphrase []byte) (string, error)
	// Discover looks for accounts in use and returns how many there are; Create
	// takes them over.
	Discover(ctx context.Context, passphrase []byte) (found int, err error)
	// Create writes the file and opens the wallet.
	Create(ctx context.Context, passphrase, password []byte) error
	// Discard clears the words. It may be called twice.
	Discard()
}

// Wallet is what the wallet's dialogs need. Methods with a context may wait and
// are not called on the main goroutine; the others answer at once. Bytes that
// are handed over stay the caller's to clear.
type Wallet interface {
	// NewWords makes 12 or 24 new words.
	NewWords(words int) (WalletDraft, error)
	// FromWords reads words that the user typed.
	FromWords(words []byte) (WalletDraft, error)
	// CheckWords says what is to be said of words while they are typed.
	CheckWords(words []byte) view.WordsCheck
	// Suggest returns words for the beginning of one.
	Suggest(typed string) []string

	// Import makes the wallet from an exported file.
	Import(ctx context.Context, file string, password []byte) error
	// Export writes a copy to a folder and returns its path.
	Export(ctx context.Context, password []byte, dir string) (string, error)
	// Unlock lets vouchers be signed without asking.
	Unlock(ctx context.Context, password []byte) error
	// Reveal returns the words of the wallet.
	Reveal(ctx context.Context, password []byte) ([]string, error)
	// Challenge picks three places, from 1, among that many words.
	Challenge(words int) ([3]int, error)
	// ConfirmBackup notes that the words are written down, if the answers show it.
	ConfirmBackup(ctx context.Context, password []byte, places [3]int, answers [3]string) error
	// ChangePassword gives the file another password.
	ChangePassword(ctx context.Context, old, next []byte) error

	// CheckAddress reads an address and says what is known to speak against
	// sending there, without asking anybody.
	CheckAddress(to string) ([]view.Finding, error)
	// Quote asks what a payment costs now. With an error it returns what could be
	// found out.
	Quote(ctx context.Context, p view.Payment) (view.WalletQuote, error)
	// Prepare builds the transaction, to be looked at before it is sent.
	Prepare(ctx context.Context, p view.Payment) (view.WalletReview, error)
	// Send signs and sends what was reviewed. Without an error it will be sent,
	// whatever happens to the process.
	Send(ctx context.Context, review string, password []byte) error
	// Rotate makes the next account the spending account, once nothing of the present
	// one is in the escrow.
	Rotate(ctx context.Context, password []byte) error
	// SetOptions keeps and applies what the user set.
	SetOptions(ctx context.Context, o view.WalletOptions) error

	// SetPay keeps and applies the leave to earn and spend.
	SetPay(ctx context.Context, p view.Pay) error
	// QuoteOrder asks what an order costs now. With an error it returns what could be
	// found out.
	QuoteOrder(ctx context.Context, o view.MoneyOrder) (view.OrderQuote, error)
	// PrepareOrder builds its transaction, to be looked at before Send sends it.
	PrepareOrder(ctx context.Context, o view.MoneyOrder) (view.WalletReview, error)
}

// WalletHost is where the wallet's dialogs open and what they need of it.
type WalletHost struct {
	*Host
	Wallet Wallet
	// Work runs f beside the main goroutine, and done on it.
	Work func(f func(ctx context.Context) error, done func(err error))
	// Explain puts an error into words.
	Explain func(err error) view.Advice
	// Copy puts text on the clipboard.
	Copy func(s string)
}

// task is a dialog whose OK takes a while: deriving a key takes a second or two,
// and nodes take their time.
type task struct {
	h       *WalletHost
	k       *keys
	f       *Frame
	note    *widget.Label // what is being done, or what went wrong
	secrets []*Entry      // emptied when the dialog closes
	busy    bool
	firm    bool // cannot be left while it is busy
	onClose func()
}

func (h *WalletHost) task() *task {
	t := &task{h: h, k: &keys{}, note: wrapped("")}
	return t
}

// open shows the dialog. OK checks with ready, which returns what to do: nil
// keeps the dialog open.
func (t *task) open(s spec) *Frame {
	s.keys = t.k
	s.content = container.New(&stretch{width: s.size.Width - 2*framePad}, s.content, t.note)
	t.note.Hide()
	t.f = t.h.open(s)
	t.f.OnClosed = t.closed
	leave := t.k.escape
	t.k.escape = func() {
		if !t.busy || !t.firm {
			leave()
		}
	}
	t.f.Refresh() // wrapped text knows its height only now
	return t.f
}

// closed empties every field that held a secret.
func (t *task) closed() {
	for _, e := range t.secrets {
		e.OnChanged = nil
		e.SetText("")
	}
	if t.onClose != nil {
		t.onClose()
	}
}

// secret makes a field for a password.
func (t *task) secret() *Entry {
	e := newEntry(t.k, "")
	e.Password = true
	t.secrets = append(t.secrets, e)
	return e
}

// say shows a line below the fields; "" takes it away.
func (t *task) say(s string, i widget.Importance) {
	t.note.Importance = i
	t.note.SetText(s)
	if s == "" {
		t.note.Hide()
	} else {
		t.note.Show()
	}
	if t.f != nil {
		t.f.content.Refresh()
		t.f.Refresh()
	}
}

// refuse says what is wrong and goes to the field.
func (t *task) refuse(e *Entry, s string) bool {
	t.say(s, widget.DangerImportance)
	if e != nil {
		t.h.Canvas.Focus(e)
	}
	return false
}

// wrong shows an error in words.
func (t *task) wrong(err error) {
	a := t.h.Explain(err)
	t.say(sentence(a), widget.DangerImportance)
}

func sentence(a view.Advice) string {
	if a.Do == "" {
		return a.What
	}
	return a.What + " " + a.Do
}

// run carries out f beside the main goroutine; then follows on it, after the
// dialog is gone.
func (t *task) run(doing string, f func(ctx context.Context) error, then func()) bool {
	if t.busy {
		return false
	}
	t.setBusy(true)
	t.say(doing, widget.LowImportance)
	t.h.Work(f, func(err error) {
		t.setBusy(false)
		switch {
		case t.f.gone: // the user has left
		case err != nil:
			t.wrong(err)
		default:
			t.f.Close()
			if then != nil {
				then()
			}
		}
	})
	return false
}

func (t *task) setBusy(on bool) {
	t.busy = on
	for i, b := range t.f.buttons {
		if on && (i == 0 || t.firm) {
			b.Disable()
		} else {
			b.Enable()
		}
	}
}

// stretch sets objects below each other over a width of their own, which is what
// wrapped text needs to know how high it is.
type stretch struct{ width float32 }

const stretchGap = float32(8)

// column is where an object stands: labels have a padding of their own, which
// is taken away so that all texts begin at one line.
func (l *stretch) column(o fyne.CanvasObject, width float32) (x, w float32) {
	if _, ok := o.(*widget.Label); ok {
		pad := theme.InnerPadding()
		return -pad, width + 2*pad
	}
	return 0, width
}

// MinSize implements fyne.Layout.
func (l *stretch) MinSize(objs []fyne.CanvasObject) (s fyne.Size) {
	for _, o := range objs {
		if !o.Visible() {
			continue
		}
		if _, w := l.column(o, l.width); o.Size().Width != w && l.width > 0 {
			o.Resize(fyne.NewSize(w, o.Size().Height))
		}
		m := o.MinSize()
		s.Width, s.Height = max(s.Width, m.Width), s.Height+m.Height+stretchGap
	}
	s.Height = max(0, s.Height-stretchGap)
	return s
}

// Layout implements fyne.Layout.
func (l *stretch) Layout(objs []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	l.width = size.Width
	for _, o := range objs {
		if !o.Visible() {
			continue
		}
		x, w := l.column(o, size.Width)
		o.Resize(fyne.NewSize(w, o.MinSize().Height))
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(w, h))
		o.Move(fyne.NewPos(x, y))
		y += h + stretchGap
	}
}

// lines puts wrapped texts and fields below each other.
func lines(width float32, objs ...fyne.CanvasObject) *fyne.Container {
	return container.New(&stretch{width: width}, objs...)
}

// dimWrapped is wrapped text of lesser weight.
func dimWrapped(s string) *widget.Label {
	l := wrapped(s)
	l.Importance = widget.LowImportance
	return l
}

// framed puts a thin border around a field that has none of its own.
func framed(o fyne.CanvasObject) fyne.CanvasObject {
	edge := canvas.NewRectangle(color.Transparent)
	edge.StrokeColor, edge.StrokeWidth, edge.CornerRadius = theme.Color(theme.ColorNameInputBorder), 1, 3
	return container.NewStack(o, edge)
}

// numbered lays out words in columns with their places before them.
func numbered(words []string) fyne.CanvasObject {
	const columns = 4
	grid := container.New(layout.NewGridLayoutWithColumns(columns))
	for i := range words {
		place := dim(fmt.Sprintf("%d", i+1))
		place.Alignment = fyne.TextAlignTrailing
		w := text(words[i])
		w.TextSize, w.TextStyle.Monospace = 13, true
		grid.Add(container.New(layout.NewCustomPaddedHBoxLayout(7), container.New(atLeast{20}, place), w))
	}
	return paper(container.New(layout.NewCustomPaddedLayout(10, 10, 6, 6), grid))
}

// Tx shows everything about a transaction, and what it means.
func (h *WalletHost) Tx(title string, a view.Advice, facts [][2]string, txid string) *Frame {
	const width = 600
	t := h.task()
	var ps []pair
	for _, f := range facts {
		v := fyne.CanvasObject(text(f[1]))
		if len(f[1]) > 30 { // an address, a hash, the words of a node
			v = newKept(t.k, f[1])
		}
		ps = append(ps, pair{dim(f[0]), v})
	}
	form := newRows(ps...)
	form.Layout = &rows{gap: 5}
	s := spec{title: title, content: lines(width-2*framePad, wrapped(sentence(a)), form), size: fyne.NewSize(width, 0), ok: h.Locale.T("dlg.close")}
	if txid != "" {
		s.foot = newButton(t.k, h.Locale.T("wallet.copyID"), func() { h.Copy(txid) })
	}
	return t.open(s)
}

// tinted is wrapped text in the colour of a tone.
func tinted(s string, t view.Tone) *widget.Label {
	l := wrapped(s)
	switch t {
	case view.Broken:
		l.Importance = widget.DangerImportance
	case view.Working:
		l.Importance = widget.WarningImportance
	case view.Giving:
		l.Importance = widget.SuccessImportance
	case view.Dim, view.Resting:
		l.Importance = widget.LowImportance
	case view.Plain, view.Arriving:
	}
	return l
}
