package assets

import "embed"

//go:embed icons/*.svg
var icons embed.FS

//go:embed tr/*.json
var words embed.FS

//go:embed manual/*.txt
var manuals embed.FS

//go:embed icon.png
var appIcon []byte

//go:embed icon.svg
var appIconSVG []byte

// AppIcon returns the mark of the program as a PNG of 256 by 256 pixels. The
// caller must not change it.
func AppIcon() []byte { return appIcon }

// AppIconSVG returns the drawing AppIcon was made from.
func AppIconSVG() []byte { return appIconSVG }

// Icon returns a drawing of 16 by 16 units as SVG, nil if there is none of that
// name. Everything black (#000) takes the colour of the place where it is
// shown; everything white (#fff) is cut out of it.
func Icon(name string) []byte {
	b, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return nil
	}
	return b
}

// Languages returns the codes of the languages there are words for, the first
// one being the one to fall back to.
func Languages() []string { return []string{"en", "de"} }

// Manual returns the guide for users in a language, "" if the language is not in
// Languages: chapters that begin with «# » and paragraphs with empty lines between.
func Manual(lang string) string {
	b, err := manuals.ReadFile("manual/" + lang + ".txt")
	if err != nil {
		return ""
	}
	return string(b)
}

// Words returns the texts of a language as one flat JSON object, nil if the
// language is not in Languages.
func Words(lang string) []byte {
	b, err := words.ReadFile("tr/" + lang + ".json")
	if err != nil {
		return nil
	}
	return b
}
