package dialogs

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// Notice is a message whose words change while it is open, with one button.
type Notice struct {
	*Frame

	words *widget.Label
}

// Notice opens one. Enter and Escape press its button, as closing does; OnClosed
// of the frame hears of it.
func (h *Host) Notice(title, words, button string) *Notice {
	n := &Notice{words: wrapped(words)}
	n.Frame = h.open(spec{title: title, content: n.words, size: fyne.NewSize(420, 130), ok: button})
	return n
}

// Say replaces the words.
func (n *Notice) Say(words string) {
	if n.words.Text != words {
		n.words.SetText(words)
	}
}

// Words returns what is shown.
func (n *Notice) Words() string { return n.words.Text }

const crashWidth = float32(660)

// Crash shows the report of a crash. copy puts it on the clipboard, folder shows
// its file and may be nil.
func (h *Host) Crash(report, file string, copyIt, folder func()) *Frame {
	l, k := h.Locale, &keys{}
	lines := newKept(k, report)
	lines.TextStyle.Monospace, lines.MultiLine, lines.Wrapping, lines.Scroll = true, true, fyne.TextWrapOff, fyne.ScrollBoth
	lines.Refresh()
	room := canvas.NewRectangle(color.Transparent)
	room.SetMinSize(fyne.NewSize(crashWidth-2*framePad, 200))
	box := container.NewStack(room, lines)
	top := container.New(layout.NewCustomPaddedVBoxLayout(4))
	for line := range strings.SplitSeq(l.T("crash.what")+"\n"+l.T("crash.do"), "\n") {
		top.Add(text(line))
	}
	top.Add(dim(file))
	foot := container.New(layout.NewCustomPaddedHBoxLayout(8), newButton(k, l.T("crash.copy"), copyIt))
	if folder != nil {
		foot.Add(newButton(k, l.T("crash.folder"), folder))
	}
	content := container.New(layout.NewBorderLayout(top, nil, nil, nil), top, container.New(layout.NewCustomPaddedLayout(8, 0, 0, 0), box))
	return h.open(spec{title: l.T("crash.title"), content: content, size: fyne.NewSize(crashWidth, 440), keys: k, ok: l.T("dlg.close"), foot: foot})
}
