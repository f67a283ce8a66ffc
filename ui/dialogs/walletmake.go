package dialogs

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/view"
)

// maker is what the dialogs of making a wallet hand on to each other.
type maker struct {
	h          *WalletHost
	draft      WalletDraft
	passphrase []byte
	password   []byte
	done       func()
}

// end clears the secrets. It follows the last dialog, however that went.
func (m *maker) end() {
	clear(m.passphrase)
	clear(m.password)
	m.passphrase, m.password = nil, nil
	if m.draft != nil {
		m.draft.Discard()
	}
}

// minPassword is the least length of a password, as package wallet has it.
const minPassword = 8

// passwords is a new password, twice, and an optional passphrase on top of the
// words.
type passwords struct {
	t                *task
	password, repeat *Entry
	extra            *Check
	passphrase       *Entry
}

func (t *task) passwords() *passwords {
	p := &passwords{t: t, password: t.secret(), repeat: t.secret(), passphrase: t.secret()}
	p.passphrase.Disable()
	p.extra = newCheck(t.k, t.h.Locale.T("wallet.passphrase.use"), false)
	p.extra.OnChanged = func(on bool) {
		if on {
			p.passphrase.Enable()
			t.h.Canvas.Focus(p.passphrase)
			return
		}
		p.passphrase.SetText("")
		p.passphrase.Disable()
	}
	return p
}

func (p *passwords) rows() []pair {
	l := p.t.h.Locale
	return []pair{{text(l.T("wallet.password")), p.password}, {text(l.T("wallet.repeat")), p.repeat}}
}

// read takes the secrets, or says what is wrong with them.
func (p *passwords) read() (password, passphrase []byte, ok bool) {
	l := p.t.h.Locale
	switch {
	case len([]rune(p.password.Text)) < minPassword:
		return nil, nil, p.t.refuse(p.password, l.T("wallet.short"))
	case p.password.Text != p.repeat.Text:
		return nil, nil, p.t.refuse(p.repeat, l.T("wallet.differ"))
	case p.extra.Checked && p.passphrase.Text == "":
		return nil, nil, p.t.refuse(p.passphrase, l.T("wallet.passphrase.empty"))
	}
	return []byte(p.password.Text), []byte(p.passphrase.Text), true
}

// Create makes a new wallet: password, words shown once, three of them asked
// back. done follows when there is one.
func (h *WalletHost) Create(done func()) *Frame {
	const width = 470
	l, t := h.Locale, h.task()
	p := t.passwords()
	count := newSelect(t.k, []string{l.T("wallet.words12"), l.T("wallet.words24")}, 0)
	form := newRows(append(p.rows(), pair{text(l.T("wallet.words")), framed(count)}, pair{nil, p.extra}, pair{text(l.T("wallet.passphrase")), p.passphrase})...)
	m := &maker{h: h, done: done}
	content := lines(width-2*framePad, wrapped(l.T("wallet.create.text")), form, dimWrapped(l.T("wallet.passphrase.note")))
	return t.open(spec{title: l.T("wallet.create.title"), content: content, size: fyne.NewSize(width, 0), ok: l.T("wallet.next"), cancel: l.T("dlg.cancel"), focus: p.password, onOK: func() (ok bool) {
		if m.password, m.passphrase, ok = p.read(); !ok {
			return false
		}
		n := 12
		if count.SelectedIndex() == 1 {
			n = 24
		}
		var err error
		if m.draft, err = h.Wallet.NewWords(n); err != nil {
			t.wrong(err)
			return false
		}
		return true
	}, then: m.show})
}

// show shows the words, once.
func (m *maker) show() {
	const width = 560
	l, t := m.h.Locale, m.h.task()
	grid := container.NewStack(numbered(m.draft.Words()))
	content := lines(width-2*framePad, wrapped(l.T("wallet.show.text")), grid, dimWrapped(l.T("wallet.show.note")))
	on := false
	t.onClose = func() {
		grid.RemoveAll()
		if !on {
			m.end()
		}
	}
	t.open(spec{title: l.T("wallet.show.title"), content: content, size: fyne.NewSize(width, 0), ok: l.T("wallet.written"), cancel: l.T("dlg.cancel"), onOK: func() bool {
		on = true
		return true
	}, then: m.askBack})
}

// askBack asks for three of the words.
func (m *maker) askBack() {
	l := m.h.Locale
	places, err := m.draft.Challenge()
	if err != nil {
		m.end()
		m.h.Message(l.T("wallet.create.title"), m.h.Explain(err))
		return
	}
	t, c := m.h.challenge(places)
	t.firm, t.onClose = true, m.end
	create := func(doing string) bool {
		return t.run(doing, func(ctx context.Context) error { return m.draft.Create(ctx, m.passphrase, m.password) }, m.done)
	}
	later := newButton(t.k, l.T("wallet.later"), func() { create(l.T("wallet.creating")) })
	t.open(spec{title: l.T("wallet.ask.title"), content: c.box, size: fyne.NewSize(c.width, 0), ok: l.T("wallet.confirm"), cancel: l.T("dlg.cancel"), focus: c.fields[0], foot: later, onOK: func() bool {
		if err := m.draft.Answer(places, c.answers()); err != nil {
			t.wrong(err)
			return false
		}
		return create(l.T("wallet.creating"))
	}})
}

// challenge is three fields for three words.
type challenge struct {
	box    *fyne.Container
	fields [3]*Entry
	width  float32
}

func (h *WalletHost) challenge(places [3]int) (*task, *challenge) {
	l, t := h.Locale, h.task()
	c := &challenge{width: 440}
	var ps []pair
	for i, p := range places {
		c.fields[i] = newEntry(t.k, "")
		t.secrets = append(t.secrets, c.fields[i])
		ps = append(ps, pair{text(l.T("wallet.word", l.Int(int64(p)))), c.fields[i]})
	}
	c.box = lines(c.width-2*framePad, wrapped(l.T("wallet.ask.text")), newRows(ps...))
	return t, c
}

func (c *challenge) answers() (a [3]string) {
	for i, f := range c.fields {
		a[i] = f.Text
	}
	return a
}

// Restore makes a wallet from words.
func (h *WalletHost) Restore(done func()) *Frame {
	const width = 560
	l, t := h.Locale, h.task()
	words := newWordsEntry(t.k)
	words.SetPlaceHolder(l.T("wallet.restore.hint"))
	t.secrets = append(t.secrets, &words.Entry)
	p := t.passwords()
	state := newWordState(h, t, words)
	m := &maker{h: h, done: done}
	form := newRows(append(p.rows(), pair{nil, p.extra}, pair{text(l.T("wallet.passphrase")), p.passphrase})...)
	content := lines(width-2*framePad, wrapped(l.T("wallet.restore.text")), words, state.box, form)
	return t.open(spec{title: l.T("wallet.restore.title"), content: content, size: fyne.NewSize(width, 0), ok: l.T("wallet.next"), cancel: l.T("dlg.cancel"), focus: words, onOK: func() (ok bool) {
		typed := []byte(words.Text)
		defer clear(typed)
		draft, err := h.Wallet.FromWords(typed)
		if err != nil {
			t.wrong(err)
			h.Canvas.Focus(words)
			return false
		}
		m.draft = draft
		if m.password, m.passphrase, ok = p.read(); !ok {
			draft.Discard()
		}
		return ok
	}, then: m.discover})
}

// discover shows the address the words give and looks for accounts in use.
func (m *maker) discover() {
	const width = 520
	l, t := m.h.Locale, m.h.task()
	t.onClose = m.end
	address, found := text(""), dimWrapped("")
	address.TextStyle.Monospace, address.TextSize = true, 13
	content := lines(width-2*framePad, wrapped(l.T("wallet.found.text")), paper(container.New(layout.NewCustomPaddedLayout(8, 8, 8, 8), address)), found)
	ready := false
	t.open(spec{title: l.T("wallet.restore.title"), content: content, size: fyne.NewSize(width, 0), ok: l.T("wallet.restore.ok"), cancel: l.T("dlg.cancel"), onOK: func() bool {
		if !ready {
			return false
		}
		t.firm = true
		return t.run(l.T("wallet.creating"), func(ctx context.Context) error { return m.draft.Create(ctx, m.passphrase, m.password) }, m.done)
	}})
	t.setBusy(true)
	found.SetText(l.T("wallet.searching"))
	var at string
	var n int
	var notAsked error
	passphrase := append([]byte(nil), m.passphrase...) // the dialog may be closed meanwhile
	m.h.Work(func(ctx context.Context) (err error) {
		defer clear(passphrase)
		if at, err = m.draft.Address(ctx, passphrase); err != nil {
			return err
		}
		n, notAsked = m.draft.Discover(ctx, passphrase)
		return nil
	}, func(err error) {
		t.setBusy(false)
		if err != nil {
			t.wrong(err)
			return
		}
		ready = true
		setText(address, at, address.Color)
		found.SetText(l.N("wallet.accounts", n))
		if notAsked != nil {
			found.SetText(l.T("wallet.notAsked"))
		}
		t.say("", widget.MediumImportance)
	})
}

// WordsEntry is a field for words. It has several lines, but as in one of a single
// line Enter is OK: a password must not end up among the words.
type WordsEntry struct{ Entry }

func newWordsEntry(k *keys) *WordsEntry {
	e := &WordsEntry{Entry{keys: k}}
	e.MultiLine, e.Wrapping = true, fyne.TextWrapWord
	e.ExtendBaseWidget(e)
	e.SetMinRowsVisible(3)
	return e
}

// TypedKey implements fyne.Focusable.
func (e *WordsEntry) TypedKey(k *fyne.KeyEvent) {
	if !e.keys.handle(k) {
		e.Entry.TypedKey(k)
	}
}

// wordState says below a field of words how far they are right, and offers words
// for the one being typed.
type wordState struct {
	h     *WalletHost
	t     *task
	entry *WordsEntry
	line  *widget.Label
	offer *fyne.Container
	box   *fyne.Container
}

// maxOffers is how many words are offered.
const maxOffers = 5

func newWordState(h *WalletHost, t *task, e *WordsEntry) *wordState {
	w := &wordState{h: h, t: t, entry: e, line: widget.NewLabel(""), offer: container.New(layout.NewCustomPaddedHBoxLayout(4))}
	w.line.Truncation = fyne.TextTruncateEllipsis
	w.box = container.New(layout.NewBorderLayout(nil, nil, nil, w.offer), w.offer, w.line)
	e.OnChanged = func(string) { w.update() }
	w.update()
	return w
}

func (w *wordState) update() {
	l := w.h.Locale
	typed := []byte(w.entry.Text)
	defer clear(typed)
	c := w.h.Wallet.CheckWords(typed)
	s, tone := l.N("wallet.count", c.Count), widget.LowImportance
	switch {
	case c.Complete:
		s, tone = l.T("wallet.words.right", l.Int(int64(c.Count))), widget.SuccessImportance
	case c.Unknown > 0 && (c.Unknown < c.Count || w.finished()):
		s, tone = l.T("wallet.words.unknown", l.Int(int64(c.Unknown))), widget.DangerImportance
	case c.Mismatch:
		s, tone = l.T("wallet.words.mismatch"), widget.DangerImportance
	}
	w.line.Importance = tone
	w.line.SetText(s)
	w.suggest(c)
}

// finished reports whether a blank follows the last word.
func (w *wordState) finished() bool {
	s := w.entry.Text
	return s != strings.TrimRight(s, " \n\t")
}

// suggest offers words for the first that is in no list, or for the last one
// while it is typed.
func (w *wordState) suggest(c view.WordsCheck) {
	w.offer.RemoveAll()
	words := strings.Fields(w.entry.Text)
	i := c.Unknown - 1
	if i < 0 && !w.finished() && !c.Complete {
		i = len(words) - 1
	}
	if i >= 0 && i < len(words) {
		list := w.h.Wallet.Suggest(words[i])
		if len(list) > 1 || len(list) == 1 && list[0] != words[i] {
			for _, s := range list[:min(maxOffers, len(list))] {
				w.offer.Add(newButton(w.t.k, s, func() { w.take(i, s) }))
			}
		}
	}
	w.box.Refresh()
}

// take puts an offered word in the place of one that was typed.
func (w *wordState) take(i int, word string) {
	words := strings.Fields(w.entry.Text)
	if i < len(words) {
		words[i] = word
	}
	w.entry.SetText(strings.Join(words, " ") + " ")
	w.entry.CursorRow, w.entry.CursorColumn = 0, len([]rune(w.entry.Text))
	w.h.Canvas.Focus(w.entry)
	w.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown})
}
