package ui

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"github.com/ncruces/zenity"

	"swarmbid/ui/view"
)

// Picker lets the user pick files and folders in the desktop's own dialogs. Its
// methods wait for the user and run beside the main goroutine. A user who
// cancels is answered with no path and no error.
type Picker interface {
	Files(ctx context.Context, title, kind string, patterns []string) ([]string, error)
	Folder(ctx context.Context, title, start string) (string, error)
	// Save asks for the name of a file to write, which the dialog asks about if it
	// is there already.
	Save(ctx context.Context, title, start string) (string, error)
}

// desktopPicker is the Picker of Windows, macOS and, where one of zenity,
// matedialog or qarma is installed, of Linux.
type desktopPicker struct{}

// Files implements Picker.
func (desktopPicker) Files(ctx context.Context, title, kind string, patterns []string) ([]string, error) {
	paths, err := zenity.SelectFileMultiple(zenity.Context(ctx), zenity.Title(title), zenity.FileFilter{Name: kind, Patterns: patterns, CaseFold: true})
	if errors.Is(err, zenity.ErrCanceled) {
		return nil, nil
	}
	return paths, err
}

// Folder implements Picker.
func (desktopPicker) Folder(ctx context.Context, title, start string) (string, error) {
	if start != "" && !strings.HasSuffix(start, "/") {
		start += "/" // else the last part is taken for a file's name
	}
	dir, err := zenity.SelectFile(zenity.Context(ctx), zenity.Title(title), zenity.Directory(), zenity.Filename(start))
	if errors.Is(err, zenity.ErrCanceled) {
		return "", nil
	}
	return dir, err
}

// Save implements Picker.
func (desktopPicker) Save(ctx context.Context, title, start string) (string, error) {
	path, err := zenity.SelectFileSave(zenity.Context(ctx), zenity.Title(title), zenity.ConfirmOverwrite(), zenity.Filename(start))
	if errors.Is(err, zenity.ErrCanceled) {
		return "", nil
	}
	return path, err
}

// pick runs a picker beside the main goroutine and hands what was picked to
// done.
func (u *UI) pick(ask func(ctx context.Context, p Picker) ([]string, error), done func(paths []string)) {
	u.enqueue(u.slow, func(ctx context.Context) {
		paths, err := ask(ctx, u.p.Picker)
		if ctx.Err() != nil {
			return
		}
		fyne.Do(func() {
			switch {
			case err != nil:
				u.p.Log.Warn("no file dialog", "err", err)
				u.host().Message(u.loc.T("do.pick"), view.Advice{What: u.loc.T("pick.none.what"), Do: u.loc.T("pick.none.do")})
			case len(paths) > 0:
				done(paths)
			}
		})
	})
}

// pickFolder lets the user pick a folder.
func (u *UI) pickFolder(start string, done func(dir string)) {
	title := u.loc.T("pick.folder")
	u.pick(func(ctx context.Context, p Picker) ([]string, error) {
		dir, err := p.Folder(ctx, title, start)
		if dir == "" || err != nil {
			return nil, err
		}
		return []string{dir}, nil
	}, func(paths []string) { done(paths[0]) })
}

// pickFile lets the user pick a file of any kind to read.
func (u *UI) pickFile(_ string, done func(path string)) {
	title, kind := u.loc.T("pick.file"), u.loc.T("pick.any")
	u.pick(func(ctx context.Context, p Picker) ([]string, error) {
		return p.Files(ctx, title, kind, []string{"*"})
	}, func(paths []string) { done(paths[0]) })
}

// pickSave lets the user name a file to write.
func (u *UI) pickSave(start string, done func(path string)) {
	title := u.loc.T("pick.save")
	u.pick(func(ctx context.Context, p Picker) ([]string, error) {
		path, err := p.Save(ctx, title, start)
		if path == "" || err != nil {
			return nil, err
		}
		return []string{path}, nil
	}, func(paths []string) { done(paths[0]) })
}
