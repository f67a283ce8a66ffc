package widgets

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"swarmbid/assets"
	"swarmbid/ui/view"
)

// Icon returns a drawing of package assets in one colour; nil if there is none
// of that name.
func Icon(name string, c color.Color) fyne.Resource {
	svg := assets.Icon(name)
	if svg == nil {
		return nil
	}
	r, g, b, _ := c.RGBA()
	hex := fmt.Sprintf("%02x%02x%02x", r>>8, g>>8, b>>8)
	svg = bytes.ReplaceAll(svg, []byte(`"#000"`), []byte(`"#`+hex+`"`))
	return fyne.NewStaticResource(name+"-"+hex+".svg", svg)
}

// ToneIcon returns a drawing in the colour of a tone.
func ToneIcon(name string, t view.Tone) fyne.Resource { return Icon(name, colorsOf().tone[t]) }

// newIcon makes an icon of the size used in rows and buttons.
func newIcon(name string, c color.Color, size float32) *canvas.Image {
	img := canvas.NewImageFromResource(Icon(name, c))
	img.FillMode = canvas.ImageFillContain
	img.Resize(fyne.NewSize(size, size))
	return img
}

// iconPool lends the icons of a table. Images are kept by drawing and colour, so
// that showing another row moves an image instead of drawing it anew.
type iconPool struct {
	sets map[iconKind]*iconSet
	all  []fyne.CanvasObject
}

type iconKind struct {
	name string
	c    color.NRGBA
}

type iconSet struct {
	imgs []*canvas.Image
	used int
}

// begin takes all icons back before a drawing pass.
func (p *iconPool) begin() {
	for _, s := range p.sets {
		s.used = 0
	}
}

// take lends one icon at a place and reports whether it had to be made.
func (p *iconPool) take(name string, c color.NRGBA, pos fyne.Position, size float32) (made bool) {
	if p.sets == nil {
		p.sets = map[iconKind]*iconSet{}
	}
	k := iconKind{name, c}
	s := p.sets[k]
	if s == nil {
		s = &iconSet{}
		p.sets[k] = s
	}
	if s.used == len(s.imgs) {
		img := newIcon(name, c, size)
		s.imgs = append(s.imgs, img)
		p.all = append(p.all, img)
		made = true
	}
	img := s.imgs[s.used]
	s.used++
	img.Hidden = false
	img.Move(pos)
	return made
}

// end hides what was not lent in this pass.
func (p *iconPool) end() {
	for _, s := range p.sets {
		for _, img := range s.imgs[s.used:] {
			img.Hidden = true
		}
	}
}

// ToneColor returns the colour of a tone in the current theme.
func ToneColor(t view.Tone) color.Color { return colorsOf().tone[t] }
