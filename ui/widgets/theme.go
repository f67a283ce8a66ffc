package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"swarmbid/ui/view"
)

// Colours of the theme beyond Fyne's own.
const (
	ColorStripe   fyne.ThemeColorName = "swarmbid.stripe"   // every second row of a table
	ColorIdleSel  fyne.ThemeColorName = "swarmbid.idlesel"  // selected rows without the focus
	ColorTrough   fyne.ThemeColorName = "swarmbid.trough"   // the empty part of a bar
	ColorPanel    fyne.ThemeColorName = "swarmbid.panel"    // toolbars, headers, the status bar
	ColorPaper    fyne.ThemeColorName = "swarmbid.paper"    // the ground of lists
	ColorDim      fyne.ThemeColorName = "swarmbid.dim"      // text of lesser weight
	ColorBackdrop fyne.ThemeColorName = "swarmbid.backdrop" // over the window behind a dialog
)

// Mode chooses between the light and the dark theme. The zero value follows the
// system.
type Mode uint8

// The modes.
const (
	FollowSystem Mode = iota
	Light
	Dark
)

// Theme is dense and calm: rows of 20 units, small paddings, one accent colour.
type Theme struct {
	Mode Mode
	flat bool // without shadows; used inside scroll containers
}

// palette is one set of colours, light or dark. focus lies over a focused button and
// below the chosen item of a menu; over lies over what the mouse is on, which keeps its
// colour; shadow is also that of split bars.
type palette struct {
	paper, panel, stripe, line, text, dim          color.NRGBA
	accent, selection, idle, hover, trough         color.NRGBA
	button, input, border, menu, knob, placeholder color.NRGBA
	tone, bar                                      [view.Dim + 1]color.NRGBA

	focus, over, shadow, onError color.NRGBA
	named                        map[fyne.ThemeColorName]color.NRGBA // by the names of Fyne and those above
}

// palettes are both sets; nobody changes them.
//
//nolint:gochecknoglobals // a table
var palettes = struct{ light, dark *palette }{light().index(), dark().index()}

// index fills named.
func (p *palette) index() *palette {
	p.named = map[fyne.ThemeColorName]color.NRGBA{
		ColorPanel: p.panel, theme.ColorNameBackground: p.paper, theme.ColorNameHeaderBackground: p.panel,
		ColorPaper: p.paper, ColorStripe: p.stripe, ColorIdleSel: p.idle, ColorTrough: p.trough, ColorDim: p.dim, ColorBackdrop: {A: 0x55},
		theme.ColorNameForeground: p.text, theme.ColorNameForegroundOnPrimary: rgb(0xffffff), theme.ColorNameForegroundOnError: p.onError,
		theme.ColorNamePlaceHolder: p.placeholder, theme.ColorNameDisabled: p.placeholder,
		theme.ColorNamePrimary: p.accent, theme.ColorNameHyperlink: p.accent, theme.ColorNameSelection: p.selection,
		theme.ColorNameFocus: p.focus, theme.ColorNameHover: p.over, theme.ColorNamePressed: p.over,
		theme.ColorNameButton: p.button, theme.ColorNameInputBackground: p.input, theme.ColorNameInputBorder: p.border, theme.ColorNameSeparator: p.line,
		theme.ColorNameMenuBackground: p.menu, theme.ColorNameOverlayBackground: p.menu,
		theme.ColorNameShadow: p.shadow, theme.ColorNameScrollBar: p.knob, theme.ColorNameScrollBarBackground: {},
		theme.ColorNameWarning: p.tone[view.Working], theme.ColorNameSuccess: p.tone[view.Giving], theme.ColorNameError: p.tone[view.Broken],
	}
	return p
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

func light() *palette {
	return &palette{
		paper: rgb(0xffffff), panel: rgb(0xf1f2f4), stripe: rgb(0xf6f7f9), line: rgb(0xd9dce1), text: rgb(0x1d2126), dim: rgb(0x6a727d),
		accent: rgb(0x2b6cb0), selection: rgb(0xcfe3f8), idle: rgb(0xe2e6eb), hover: rgb(0xe4e8ee), trough: rgb(0xeceef1),
		button: rgb(0xe7eaee), input: rgb(0xffffff), border: rgb(0xb9c0ca), menu: rgb(0xfbfbfc), knob: rgb(0xbcc3cc), placeholder: rgb(0x8b939e),
		tone:  [...]color.NRGBA{rgb(0x1d2126), rgb(0x2b6cb0), rgb(0x3a8a3f), rgb(0x7b838e), rgb(0xa86d14), rgb(0xc53030), rgb(0x6a727d)},
		bar:   [...]color.NRGBA{rgb(0xa9cbee), rgb(0x9fc6ee), rgb(0xa3d6a0), rgb(0xcdd2d8), rgb(0xf2d391), rgb(0xeeaba6), rgb(0xcdd2d8)},
		focus: color.NRGBA{A: 0x24}, over: color.NRGBA{A: 0x12}, shadow: color.NRGBA{A: 0x3c}, onError: rgb(0xffffff),
	}
}

func dark() *palette {
	return &palette{
		paper: rgb(0x1b1e23), panel: rgb(0x24282e), stripe: rgb(0x1f2328), line: rgb(0x343a42), text: rgb(0xdfe3e8), dim: rgb(0x929ba6),
		accent: rgb(0x3f86c6), selection: rgb(0x27496b), idle: rgb(0x31373f), hover: rgb(0x323841), trough: rgb(0x2a2f36),
		button: rgb(0x333a43), input: rgb(0x16191d), border: rgb(0x4a525d), menu: rgb(0x2a2f36), knob: rgb(0x565f6a), placeholder: rgb(0x77818d),
		tone:  [...]color.NRGBA{rgb(0xdfe3e8), rgb(0x64a9e8), rgb(0x6cbf70), rgb(0x8b949f), rgb(0xdba94b), rgb(0xf07167), rgb(0x929ba6)},
		bar:   [...]color.NRGBA{rgb(0x2f5f8d), rgb(0x2f5f8d), rgb(0x37693a), rgb(0x474f59), rgb(0x7a5f26), rgb(0x803a36), rgb(0x474f59)},
		focus: color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: 0x30}, over: color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: 0x18}, shadow: color.NRGBA{A: 0x70}, onError: rgb(0x1b1e23),
	}
}

func (t *Theme) palette(v fyne.ThemeVariant) *palette {
	if t.IsDark(v) {
		return palettes.dark
	}
	return palettes.light
}

// IsDark reports whether the theme is dark when the system asks for v.
func (t *Theme) IsDark(v fyne.ThemeVariant) bool {
	return t.Mode == Dark || t.Mode == FollowSystem && v == theme.VariantDark
}

// Color implements fyne.Theme.
func (t *Theme) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if t.flat && n == theme.ColorNameShadow {
		return color.Transparent // scroll containers would shade the edge of a list
	}
	if c, ok := t.palette(v).named[n]; ok {
		return c
	}
	if t.IsDark(v) {
		v = theme.VariantDark
	} else {
		v = theme.VariantLight
	}
	return theme.DefaultTheme().Color(n, v)
}

// Font implements fyne.Theme.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(s) }

// Icon implements fyne.Theme.
func (t *Theme) Icon(n fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(n) }

// Size implements fyne.Theme.
func (t *Theme) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case theme.SizeNameText:
		return TextSize
	case theme.SizeNameCaptionText:
		return 11
	case theme.SizeNameHeadingText:
		return 18
	case theme.SizeNameSubHeadingText:
		return 14
	case theme.SizeNamePadding:
		return 3
	case theme.SizeNameInnerPadding:
		return 4
	case theme.SizeNameInlineIcon:
		return 16
	case theme.SizeNameLineSpacing:
		return 3
	case theme.SizeNameScrollBar:
		return 11
	case theme.SizeNameScrollBarSmall:
		return 7
	case theme.SizeNameScrollBarRadius, theme.SizeNameButtonRadius, theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return 3
	case theme.SizeNameMenuRadius, theme.SizeNamePopupRadius, theme.SizeNameDialogRadius:
		return 4
	case theme.SizeNameSeparatorThickness, theme.SizeNameInputBorder:
		return 1
	case theme.SizeNameSplitThickness:
		return 5
	case theme.SizeNameModalBlurRadius:
		return 0
	}
	return theme.DefaultTheme().Size(n)
}

// TextSize is the size of text everywhere but in headlines.
const TextSize = 12

// colorsOf returns the colours of the current theme. With a foreign theme, as in
// a test, they are those of the light or dark palette.
func colorsOf() *palette {
	s := fyne.CurrentApp().Settings()
	if t, ok := s.Theme().(*Theme); ok {
		return t.palette(s.ThemeVariant())
	}
	return (&Theme{}).palette(s.ThemeVariant())
}

// flatTheme is the theme of the app without shadows, because a scroll container
// shades the edges of a list with them.
type flatTheme struct{}

func (flatTheme) now() fyne.Theme {
	th := fyne.CurrentApp().Settings().Theme()
	if t, ok := th.(*Theme); ok {
		return &Theme{Mode: t.Mode, flat: true}
	}
	return th
}

// Color implements fyne.Theme.
func (f flatTheme) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	return f.now().Color(n, v)
}

// Font implements fyne.Theme.
func (f flatTheme) Font(s fyne.TextStyle) fyne.Resource { return f.now().Font(s) }

// Icon implements fyne.Theme.
func (f flatTheme) Icon(n fyne.ThemeIconName) fyne.Resource { return f.now().Icon(n) }

// Size implements fyne.Theme.
func (f flatTheme) Size(n fyne.ThemeSizeName) float32 { return f.now().Size(n) }
