package dialogs

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"swarmbid/ui/view"
)

// RotateParams are what the way to another spending account begins with.
type RotateParams struct {
	Format   *view.Format
	Rotation view.Rotation
	Account  string // the present one
	// Do carries out the next step, after the dialog has closed; RotateReady is the
	// dialog's own.
	Do func(view.RotateStep)
	// Done hears that there is another account.
	Done func()
}

// Rotate shows the way to another spending account, step by step, and goes the next.
func (h *WalletHost) Rotate(p RotateParams) *Frame {
	const width = 560
	l, t := h.Locale, h.task()
	objs := []fyne.CanvasObject{wrapped(l.T("rotate.text"))}
	steps := container.New(layout.NewCustomPaddedVBoxLayout(-8))
	for _, line := range p.Format.RotateLines(&p.Rotation) {
		steps.Add(tinted(line.Text, line.Tone))
	}
	objs = append(objs, container.New(layout.NewCustomPaddedLayout(0, 0, -4, -4), steps))
	for _, s := range p.Format.RotateWords(&p.Rotation) {
		objs = append(objs, wrapped(s))
	}
	objs = append(objs, newRows(pair{text(l.T("escrow.account")), text(p.Account)}), dimWrapped(l.T("rotate.note")))
	s := spec{title: l.T("rotate.title"), content: lines(width-2*framePad, objs...), size: fyne.NewSize(width, 0), ok: l.RotateDoes(p.Rotation.Step), cancel: l.T("dlg.cancel")}
	if s.ok == "" {
		s.ok, s.cancel = l.T("dlg.close"), ""
		return t.open(s)
	}
	s.onOK = func() bool { return true }
	s.then = func() { p.Do(p.Rotation.Step) }
	if p.Rotation.Step == view.RotateReady {
		s.then = func() {
			h.password(l.T("rotate.title"), l.T("rotate.password"), l.T("rotate.do.next"), h.Wallet.Rotate, p.Done)
		}
	}
	return t.open(s)
}
