package ui_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/dialogs"
)

// wordKey is what a text looks like whose words are missing.
var wordKey = regexp.MustCompile(`^[a-z]+(\.[a-zA-Z][a-zA-Z0-9]*)+$`)

// fitter looks at the dialog that is open.
type fitter struct {
	*stage
	phrases map[string]string
}

// check says what does not fit in the open dialog.
func (f fitter) check(name string) {
	f.t.Helper()
	d := f.dialog()
	pos, size := d.Card()
	n := 0
	within(d, container.ScrollNone, func(o fyne.CanvasObject, free container.ScrollDirection) {
		n++
		why := overflow(o)
		if why == "" {
			why = shortened(o, f.phrases)
		}
		x, ok := o.(*canvas.Text)
		if ok && why == "" && wordKey.MatchString(x.Text) && !strings.Contains(x.Text, "example.") && !known(x.Text) {
			why = fmt.Sprintf("there are no words for %s", x.Text)
		}
		if ok && why == "" && strings.TrimSpace(x.Text) != "" {
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(x)
			above, below := at.Y < pos.Y-1, at.Y+x.MinSize().Height > pos.Y+size.Height+1
			left, right := at.X < pos.X-1, at.X+min(x.MinSize().Width, x.Size().Width) > pos.X+size.Width+1
			if (above || below) && free == container.ScrollNone || (left || right) && free != container.ScrollBoth {
				why = fmt.Sprintf("%q lies outside of the dialog, at %v of %v", x.Text, at.Subtract(pos), size)
			}
		}
		if why != "" {
			f.t.Errorf("%s: %s", name, why)
		}
	})
	if n < 10 {
		f.t.Errorf("%s: only %d objects were looked at", name, n)
	}
}

// known are texts that look like keys and are names: of settings by name, of files.
func known(s string) bool {
	for _, p := range dialogs.Pages() {
		for _, x := range p.Settings {
			for _, k := range x.Keys {
				if k.Label == s {
					return true
				}
			}
		}
	}
	return strings.HasSuffix(s, ".srt") || strings.HasSuffix(s, ".mkv") || strings.HasSuffix(s, ".txt") || strings.HasSuffix(s, ".jpg")
}

// within calls look with everything that can be seen below o, and in which directions
// it can be scrolled.
func within(o fyne.CanvasObject, free container.ScrollDirection, look func(o fyne.CanvasObject, free container.ScrollDirection)) {
	if o == nil || !o.Visible() {
		return
	}
	look(o, free)
	switch o := o.(type) {
	case *fyne.Container:
		for _, x := range o.Objects {
			within(x, free, look)
		}
	case *container.Scroll:
		within(o.Content, o.Direction, look)
	case *widget.Entry, *dialogs.Entry: // text in a field may be longer than the field
		return
	case fyne.Widget:
		for _, x := range test.WidgetRenderer(o).Objects() {
			within(x, free, look)
		}
	}
}

// TestGermanIsGerman: a text is the same in both languages only where the words are.
func TestGermanIsGerman(t *testing.T) {
	shared := map[string]bool{}
	for s := range strings.FieldsSeq(`BTT BitTorrent Block D Deutsch Download Downloads English GiB Hash IP KiB L MiB Name Normal O OK Overhead Passphrase Peers Port Seeds Status
		System T TRON Torrents Tracker Trackers U Upload Version Wallet h m s min abandon ability able Web DHT PEX uTP UPnP RSS Feed Feeds URL Swarmbid HTTP HTTPS SOCKS Proxy Filter`) {
		shared[s] = true
	}
	word := regexp.MustCompile(`\pL+`)
	verb := regexp.MustCompile(`%[sd]`)
	en, de := words(t, "en"), words(t, "de")
	for k, v := range en {
		if de[k] != v {
			continue
		}
		for _, w := range word.FindAllString(verb.ReplaceAllString(v, ""), -1) {
			if !shared[w] {
				t.Errorf("%s is %q in German too", k, v)
				break
			}
		}
	}
}
