package ui_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"swarmbid/assets"
)

// overflow says which text of a visible object is wider than its place. Texts
// that end in an ellipsis were shortened to fit: data may be, words may not, and
// which is which the tests of the tables know.
func overflow(o fyne.CanvasObject) string {
	if !o.Visible() {
		return ""
	}
	const slack = 0.6
	switch o := o.(type) {
	case *canvas.Text:
		if w := o.MinSize().Width; w > o.Size().Width+slack && o.Text != "" && o.Size().Width > 0 {
			return fmt.Sprintf("%q needs %v and has %v", o.Text, w, o.Size().Width)
		}
	case *widget.Label:
		if o.Truncation == fyne.TextTruncateOff && o.Wrapping == fyne.TextWrapOff && o.MinSize().Width > o.Size().Width+slack {
			return fmt.Sprintf("label %q needs %v and has %v", o.Text, o.MinSize().Width, o.Size().Width)
		}
	}
	if s, ok := o.(interface{ MinSize() fyne.Size }); ok {
		if _, button := o.(fyne.Disableable); button && s.MinSize().Width > o.Size().Width+slack {
			return fmt.Sprintf("%T needs %v and has %v", o, s.MinSize().Width, o.Size().Width)
		}
	}
	return ""
}

// shortened says which words lost their end to an ellipsis.
func shortened(o fyne.CanvasObject, phrases map[string]string) string {
	x, ok := o.(*canvas.Text)
	if !ok || !x.Visible() || !strings.HasSuffix(x.Text, "…") {
		return ""
	}
	start := strings.TrimSuffix(x.Text, "…")
	for _, v := range phrases {
		if v == x.Text {
			return ""
		}
	}
	for k, v := range phrases {
		if len(start) > 2 && strings.HasPrefix(v, start) && !strings.Contains(v, "%") {
			return fmt.Sprintf("%q is cut off (%s)", x.Text, k)
		}
	}
	return ""
}

func words(t *testing.T, lang string) map[string]string {
	t.Helper()
	var m map[string]string
	if err := json.Unmarshal(assets.Words(lang), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// literals returns every string of the code of ui that looks like a key.
func literals(t *testing.T) map[string]bool {
	t.Helper()
	key := regexp.MustCompile(`^[a-z]+(\.[a-zA-Z0-9]+)+$`)
	out := map[string]bool{"yes": true, "no": true}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "sample") || strings.HasPrefix(path, "desktop") || strings.HasPrefix(path, "story") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if s, err := strconv.Unquote(l.Value); err == nil && key.MatchString(s) {
					out[s] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWordsAreComplete: every key in the code has words in every language, and
// no words lie about unused.
func TestWordsAreComplete(t *testing.T) {
	used := literals(t)
	forms := []string{"", ".one", ".other", ".what", ".do", ".tip"}
	for _, lang := range assets.Languages() {
		have := words(t, lang)
		for k, v := range have {
			base := k
			for _, f := range forms[1:] {
				base = strings.TrimSuffix(base, f)
			}
			if !used[k] && !used[base] {
				t.Errorf("%s: %s is not used", lang, k)
			}
			if strings.TrimSpace(v) == "" {
				t.Errorf("%s: %s is empty", lang, k)
			}
		}
		for k := range used {
			if notWords(k) {
				continue
			}
			if have[k+".tip"] != "" && have[k] == "" && !slices.Contains([]string{"folder.pick", "add.recent", "add.labels"}, k) { // buttons without words
				t.Errorf("%s: %s has a tip and no words", lang, k)
			}
			if !slices.ContainsFunc(forms, func(f string) bool { _, ok := have[k+f]; return ok }) {
				t.Errorf("%s: no words for %s", lang, k)
			}
		}
	}
	en, de := words(t, "en"), words(t, "de")
	for k := range en {
		if _, ok := de[k]; !ok {
			t.Errorf("de lacks %s", k)
		}
	}
	if len(en) != len(de) {
		t.Errorf("%d words in English, %d in German", len(en), len(de))
	}
}

// notWords are strings that look like keys and are none: columns, files, errors.
func notWords(k string) bool {
	switch k {
	case "done.at", "active.at", "icon.png", "org.swarmbid.story":
		return true
	}
	return strings.Contains(k, ".Err") || strings.HasPrefix(k, "swarmbid.")
}

// TestVerbsAgree: a translation takes the same values in the same order.
func TestVerbsAgree(t *testing.T) {
	verb := regexp.MustCompile(`%[sd]`)
	en, de := words(t, "en"), words(t, "de")
	for k := range en {
		a, b := verb.FindAllString(en[k], -1), verb.FindAllString(de[k], -1)
		if strings.HasSuffix(k, ".one") { // may do without the count
			continue
		}
		if !slices.Equal(a, b) {
			t.Errorf("%s: %v in English, %v in German", k, a, b)
		}
	}
}
