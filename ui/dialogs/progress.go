package dialogs

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// Progress is an open dialog that shows how far something is. Its methods belong to
// the main goroutine.
type Progress struct {
	h     *Host
	frame *Frame
	bar   *widget.ProgressBar
	line  *canvas.Text
	ended bool
}

// Progress shows how far something is that the user may cancel by closing the
// dialog; cancel is called then, and not after End.
func (h *Host) Progress(title, what string, cancel func()) *Progress {
	p := &Progress{h: h, bar: widget.NewProgressBar(), line: dim(h.Locale.T("progress.begin"))}
	p.bar.TextFormatter = func() string { return h.Locale.Percent(p.bar.Value) }
	name := widget.NewLabel(what)
	name.Truncation = fyne.TextTruncateEllipsis
	box := container.New(layout.NewCustomPaddedVBoxLayout(6), name, p.bar, p.line)
	p.frame = h.open(spec{title: title, content: box, size: fyne.NewSize(460, 0), cancel: h.Locale.T("dlg.cancel")})
	p.frame.OnClosed = func() {
		if !p.ended {
			p.ended = true
			cancel()
		}
	}
	return p
}

// Set shows done of total bytes; nothing happens after the end.
func (p *Progress) Set(done, total int64) {
	if p.ended || total <= 0 {
		return
	}
	p.bar.SetValue(float64(done) / float64(total))
	l := p.h.Locale
	setText(p.line, l.T("progress.of", l.Bytes(done), l.Bytes(total)), p.line.Color)
}

// End takes the dialog away and reports whether it was still there: false means
// that the user has cancelled.
func (p *Progress) End() bool {
	if p.ended {
		return false
	}
	p.ended = true
	p.frame.Close()
	return true
}
