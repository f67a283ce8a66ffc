package dialogs

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// creator is an open dialog that makes torrents.
type creator struct {
	h *Host

	path, out, trackers, seeds, comment, source *Entry
	piece                                       *Select
	private, start                              *Check
	wrong                                       *canvas.Text
	named                                       string // the proposal for out; the user's own is left alone
}

// pieceSizes are what the user may choose, in bytes; 0 = by the size.
func pieceSizes() []int64 {
	sizes := []int64{0}
	for n := int64(16 << 10); n <= 16<<20; n *= 2 {
		sizes = append(sizes, n)
	}
	return sizes
}

// Create asks of what and how to make a torrent. path is a first proposal and may
// be "". done gets what can be made, as far as the words themselves tell.
func (h *Host) Create(path string, done func(swarm.Create)) *Frame {
	k, l := &keys{}, h.Locale
	c := &creator{h: h, path: newEntry(k, ""), out: newEntry(k, ""), trackers: newEntry(k, ""), seeds: newEntry(k, ""), comment: newEntry(k, ""), source: newEntry(k, "")}
	c.trackers.MultiLine, c.seeds.MultiLine = true, true
	c.trackers.SetMinRowsVisible(4)
	c.seeds.SetMinRowsVisible(2)
	c.trackers.SetPlaceHolder("https://tracker.example.org/announce")
	var sizes []string
	for _, n := range pieceSizes() {
		if n == 0 {
			sizes = append(sizes, l.T("create.auto"))
			continue
		}
		sizes = append(sizes, l.Bytes(n))
	}
	c.piece = newSelect(k, sizes, 0)
	c.private, c.start = newCheck(k, l.T("create.private"), false), newCheck(k, l.T("create.start"), true)
	c.wrong = dim("")
	c.path.OnChanged = func(string) { c.propose() }
	c.path.SetText(path)
	var out *swarm.Create
	f := h.open(spec{title: l.T("create.title"), content: c.form(k), size: fyne.NewSize(620, 0), keys: k, ok: l.T("create.ok"), cancel: l.T("dlg.cancel"), focus: c.path, onOK: func() bool {
		out = c.read()
		return out != nil
	}, then: func() { done(*out) }})
	f.maker = c
	return f
}

func (c *creator) form(k *keys) fyne.CanvasObject {
	l := c.h.Locale
	pick := func(key string, f func(start string, done func(string)), e *Entry) *Button {
		return newButton(k, l.T(key), func() {
			if f != nil {
				f(e.Text, e.SetText)
			}
		})
	}
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(4), pick("create.file", c.h.PickFile, c.path), pick("create.folder", c.h.PickFolder, c.path))
	path := container.New(layout.NewBorderLayout(nil, nil, nil, buttons), container.New(layout.NewCustomPaddedLayout(0, 0, 0, 4), c.path), buttons)
	save := pick("create.pick", c.h.PickSave, c.out)
	tips(l, map[string]hinted{
		"create.path": c.path, "create.pick": save, "create.seeds": c.seeds, "create.source": c.source, "create.piece": c.piece, "create.private": c.private, "create.start": c.start,
	})
	out := container.New(layout.NewBorderLayout(nil, nil, nil, save), container.New(layout.NewCustomPaddedLayout(0, 0, 0, 4), c.out), save)
	return newRows(
		pair{text(l.T("create.path")), path},
		pair{text(l.T("create.out")), out},
		pair{text(l.T("create.trackers")), c.trackers},
		pair{nil, dim(l.T("props.tiers"))},
		pair{text(l.T("create.seeds")), c.seeds},
		pair{text(l.T("create.comment")), c.comment},
		pair{text(l.T("create.source")), c.source},
		pair{text(l.T("create.piece")), narrow(edged(c.piece), 150, "")},
		pair{nil, container.New(layout.NewCustomPaddedHBoxLayout(18), c.private, c.start)},
		pair{nil, c.wrong},
	)
}

// propose puts the .torrent file beside what it is made of, as long as the user has
// not chosen another place.
func (c *creator) propose() {
	if c.out.Text != c.named {
		return
	}
	c.named = ""
	if p := strings.TrimSpace(c.path.Text); filepath.IsAbs(p) && filepath.Dir(filepath.Clean(p)) != filepath.Clean(p) {
		c.named = filepath.Clean(p) + ".torrent"
	}
	c.out.SetText(c.named)
}

// read returns what the fields say, or nil after it has said what is wrong with
// them.
func (c *creator) read() *swarm.Create {
	out := swarm.Create{
		Path: strings.TrimSpace(c.path.Text), Out: strings.TrimSpace(c.out.Text), Private: c.private.Checked, Seed: c.start.Checked,
		Comment: strings.TrimSpace(c.comment.Text), Source: strings.TrimSpace(c.source.Text),
		Trackers: ParseTiers(c.trackers.Text), PieceLength: pieceSizes()[max(0, c.piece.SelectedIndex())],
	}
	for _, tier := range ParseTiers(c.seeds.Text) {
		out.WebSeeds = append(out.WebSeeds, tier...)
	}
	switch {
	case !filepath.IsAbs(out.Path):
		return c.refuse(c.path, "create.noPath")
	case !filepath.IsAbs(out.Out):
		return c.refuse(c.out, "create.noOut")
	case badAddress(slices.Concat(out.Trackers...), "http", "https", "udp") != "":
		return c.refuse(c.trackers, "tracker.bad")
	case badAddress(out.WebSeeds, "http", "https") != "":
		return c.refuse(c.seeds, "seed.bad")
	case out.Private && len(out.Trackers) == 0:
		return c.refuse(c.trackers, "create.privateAlone")
	}
	if !strings.EqualFold(filepath.Ext(out.Out), ".torrent") {
		out.Out += ".torrent"
	}
	return &out
}

// refuse says what is wrong and goes to the field.
func (c *creator) refuse(e *Entry, key string) *swarm.Create {
	setText(c.wrong, c.h.Locale.T(key), widgets.ToneColor(view.Broken))
	c.h.Canvas.Focus(e)
	return nil
}

// badAddress returns the first of urls that is no address of one of the schemes,
// or "".
func badAddress(urls []string, schemes ...string) string {
	for _, s := range urls {
		if u, err := url.Parse(s); err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
			return s
		}
	}
	return ""
}
