package ui_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// seen is what the shots show, in English.
type seen struct {
	openers map[string]bool // functions of package dialogs that opened one
	titles  []string        // of dialogs
	tabs    map[string]bool // of the window
	pages   map[string]bool // of the preferences, by their headline
}

func look(t *testing.T) seen {
	out := seen{openers: map[string]bool{}, tabs: map[string]bool{}, pages: map[string]bool{}}
	inAllShots(t, func(x *shot, s *stage) {
		d := s.dialog()
		if (d != nil) != x.Dialog {
			t.Errorf("%s: a dialog is open: %v", x.Name, d != nil)
		}
		switch {
		case d == nil && x.dir != "wallet":
			out.tabs[s.UI.Tab()] = true
		case d != nil:
			out.openers[d.Opener()] = true
			if !slices.Contains(out.titles, d.Title) {
				out.titles = append(out.titles, d.Title)
			}
			if d.Page() != "" {
				out.pages[d.Page()] = true
			}
		}
	})
	return out
}

// TestEveryViewHasPictures: each tab of the window, each page of the preferences, each
// function that opens a dialog, each title of one and each command that opens one has a
// shot, and each shot has its pictures in both languages, both themes and at both
// scales. No picture is left over.
func TestEveryViewHasPictures(t *testing.T) {
	have := look(t)
	for _, name := range openers(t) {
		if !have.openers[name] {
			t.Errorf("no view of package sample opens the dialog of dialogs.%s", name)
		}
	}
	for _, p := range dialogs.Pages() {
		if !have.pages[p.Title] {
			t.Errorf("no view shows the page %s of the preferences", p.Title)
		}
	}
	s := newMarketStage(t, "en", "light")
	for _, id := range s.tabIDs() {
		if !have.tabs[id] {
			t.Errorf("no view shows the tab %s", id)
		}
	}
	en := words(t, "en")
	for _, key := range titles(t) {
		title := regexp.MustCompile("^" + regexp.MustCompile(`%\w`).ReplaceAllString(regexp.QuoteMeta(en[key]), ".*") + "$")
		if !slices.ContainsFunc(have.titles, title.MatchString) {
			t.Errorf("no view shows the dialog with the title %s, %q", key, en[key])
		}
	}
	for name, title := range opened(t) {
		if !slices.Contains(have.titles, title) {
			t.Errorf("no view shows the dialog %q of the command %s", title, name)
		}
	}
	files := map[string]bool{}
	for _, x := range shots() {
		for _, c := range variants() {
			for _, scale := range []float32{1, 2} {
				name := x.file(c.lang, c.theme, scale)
				files[name] = true
				if _, err := os.Stat(filepath.Join("testdata", name)); err != nil && !*update {
					t.Errorf("%s has no picture %s", x.Name, name)
				}
			}
		}
	}
	leftOver(t, files)
}

// leftOver looks for pictures of views that are gone; with -update it removes them.
func leftOver(t *testing.T, files map[string]bool) {
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, "testdata"+string(filepath.Separator))
		if err != nil || filepath.Ext(path) != ".png" || files[name] || strings.HasPrefix(name, "menus") || strings.HasPrefix(name, "failed") {
			return err
		}
		if *update {
			return os.Remove(path)
		}
		t.Errorf("%s is of no view", path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tabIDs are the tabs of the window.
func (s *stage) tabIDs() (out []string) {
	for _, o := range visible(s.UI.DetailBox()) {
		if bar, ok := o.(*widgets.TabBar); ok && !bar.Plain {
			for _, x := range bar.Tabs() {
				out = append(out, x.ID)
			}
		}
	}
	if len(out) < 8 {
		s.t.Errorf("only the tabs %v", out)
	}
	return out
}

// opened returns the commands that open a dialog at once with its title, with a wallet
// and without one.
func opened(t *testing.T) map[string]string {
	out := map[string]string{}
	try := func(s *stage) {
		for _, name := range s.UI.CommandNames() {
			s.UI.Filter(view.Filter{})
			s.choose("Sintel")
			s.UI.Run(name)
			s.settle()
			if d := s.dialog(); d != nil {
				out[name] = d.Title
			}
			s.closeDialogs()
		}
	}
	try(newMarketStage(t, "en", "light"))
	for _, p := range []view.WalletPhase{view.WalletNone, view.WalletLocked} {
		try(newWalletStage(t, p, "en", "light"))
	}
	if len(out) < 40 {
		t.Errorf("only %d commands open a dialog", len(out))
	}
	return out
}

// code calls look with every function of the code in a folder that is not a test.
func code(t *testing.T, dir string, look func(name string, f *ast.FuncDecl)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			name := f.Name.Name
			if f.Recv != nil {
				switch r := f.Recv.List[0].Type.(type) {
				case *ast.StarExpr:
					if id, ok := r.X.(*ast.Ident); ok {
						name = "(*" + id.Name + ")." + name
					}
				case *ast.Ident:
					name = r.Name + "." + name
				}
			}
			look(name, f)
		}
	}
}

// openers are the functions of package dialogs that open one, read from their code.
func openers(t *testing.T) (out []string) {
	t.Helper()
	code(t, "dialogs", func(name string, f *ast.FuncDecl) {
		if f.Name.Name == "open" {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "open" && len(call.Args) == 1 && !slices.Contains(out, name) {
				out = append(out, name)
			}
			return true
		})
	})
	if len(out) < 30 {
		t.Errorf("only %d functions open a dialog: %v", len(out), out)
	}
	return out
}

// titles are the keys of the titles of dialogs, read from the code.
func titles(t *testing.T) (out []string) {
	t.Helper()
	key := regexp.MustCompile(`^"[a-z][a-zA-Z.]*([.]t|T)itle"$`)
	for _, dir := range []string{".", "dialogs", "view"} {
		code(t, dir, func(_ string, f *ast.FuncDecl) {
			ast.Inspect(f, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && key.MatchString(l.Value) {
					out = append(out, strings.Trim(l.Value, `"`))
				}
				return true
			})
		})
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) < 30 {
		t.Errorf("only %d titles", len(out))
	}
	return slices.DeleteFunc(out, func(s string) bool { return slices.Contains(notOfDialogs, s) })
}

// notOfDialogs are headlines of other things.
var notOfDialogs = []string{"hint.title", "market.pref.title", "wallet.intro.title", "prefs.speedInTitle", "done.title", "escrow.title", "feed.title"}
