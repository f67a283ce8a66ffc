package ui

import (
	"context"
	"path"
	"path/filepath"
	"strings"

	"swarmbid/engine/swarm"
	"swarmbid/ui/view"
)

// pathOf is where a torrent's one file or folder lies. The engine knows the name of
// a file that is not complete; a folder has no other name than the torrent's.
func (u *UI) pathOf(ctx context.Context, t *swarm.Torrent) string {
	d, err := u.p.Engine.Details(ctx, t.InfoHash, swarm.PartFiles)
	if err == nil && len(d.Files) == 1 && !strings.Contains(d.Files[0].Path, "/") {
		if p, err := u.p.Engine.Path(ctx, t.InfoHash, d.Files[0].Index); err == nil {
			return p
		}
	}
	return filepath.Join(t.SavePath, t.Name)
}

// openTorrent opens the file or folder of the current torrent.
func (u *UI) openTorrent() {
	t := u.frame.find(u.current())
	if t == nil || u.p.Open == nil {
		return
	}
	u.do("do.open", func(ctx context.Context) error { return u.p.Open(u.pathOf(ctx, t)) }, nil)
}

// openFile opens the file or folder under the cursor of the Files tab.
func (u *UI) openFile() {
	t, f := u.frame.find(u.current()), u.parts.tabs.files
	n := f.item(f.table.CursorRow())
	if t == nil || n == nil || u.p.Open == nil {
		return
	}
	u.do("do.open", func(ctx context.Context) error { return u.p.Open(u.nodePath(ctx, t, n)) }, nil)
}

// nodePath is where a row of the Files tab lies.
func (u *UI) nodePath(ctx context.Context, t *swarm.Torrent, n *view.FileNode) string {
	if !n.Folder {
		if p, err := u.p.Engine.Path(ctx, t.InfoHash, n.Files[0]); err == nil {
			return p
		}
	}
	// path.Clean of a rooted path cannot leave the folder of the torrent.
	return filepath.Join(t.SavePath, filepath.FromSlash(path.Clean("/"+n.Path)))
}

// askRenameFile asks for another name for the file or folder that is selected in the
// Files tab. It stays in the folder it is in.
func (u *UI) askRenameFile() {
	ih, sel := u.current(), u.parts.tabs.files.chosen()
	if len(sel) != 1 || u.busy() {
		return
	}
	n := sel[0]
	u.host().Text(u.loc.T("rename.fileTitle"), u.loc.T("rename.label"), n.Name, u.goodName, func(s string) {
		u.do("do.rename", func(ctx context.Context) error { return u.renameNode(ctx, ih, n, strings.TrimSpace(s)) }, nil)
	})
}

// renameNode renames a file, or every file of a folder one after another.
func (u *UI) renameNode(ctx context.Context, ih swarm.InfoHash, n *view.FileNode, name string) error {
	to := path.Join(path.Dir(n.Path), name)
	if !n.Folder {
		return u.p.Engine.RenameFile(ctx, ih, n.Files[0], to)
	}
	if !strings.Contains(n.Path, "/") { // the folder of the whole torrent
		return u.p.Engine.Rename(ctx, ih, name)
	}
	d, err := u.p.Engine.Details(ctx, ih, swarm.PartFiles)
	if err != nil {
		return err
	}
	for i := range d.Files {
		f := &d.Files[i]
		rest, ok := strings.CutPrefix(f.Path, n.Path+"/")
		if !ok || f.Pad {
			continue
		}
		if err := u.p.Engine.RenameFile(ctx, ih, f.Index, to+"/"+rest); err != nil {
			return err
		}
	}
	return nil
}

// goodName says what is wrong with a name for a file or folder; "" = nothing.
func (u *UI) goodName(s string) string {
	if strings.ContainsAny(s, `/\`) || s == "." || s == ".." {
		return u.loc.T("rename.bad")
	}
	return u.notEmpty(s)
}

// removeAnd asks, and removes the selected torrents with the copies of their
// .torrent files, and with their data if that is wanted.
func (u *UI) removeAnd(withData bool) {
	ihs := u.hashes()
	if len(ihs) == 0 || u.busy() {
		return
	}
	var names []string
	for _, t := range u.selected() {
		names = append(names, t.Name)
	}
	u.host().Remove(names, withData, func(data bool) {
		u.do("do.remove", func(ctx context.Context) error {
			if err := u.p.Engine.DeleteCopies(ctx, ihs...); err != nil {
				return err
			}
			return u.p.Engine.Remove(ctx, data, ihs...)
		}, nil)
	})
}

// askRelocate says in which folder the data of the current torrent lies by now.
func (u *UI) askRelocate() {
	t := u.frame.find(u.current())
	if t == nil || u.busy() {
		return
	}
	ih := t.InfoHash
	u.host().Folder(u.loc.T("relocate.title"), u.loc.T("relocate.label"), t.SavePath, func(dir string) {
		u.do("do.relocate", func(ctx context.Context) error { return u.p.Engine.Relocate(ctx, ih, dir) }, nil)
	})
}

func (u *UI) clearPeers() { u.onSelected("do.clearPeers", u.p.Engine.ClearPeers) }

func (u *UI) liftBans() {
	u.do("do.liftBans", u.p.Engine.LiftBans, nil)
}

// reloadFilter reads the address filter again.
func (u *UI) reloadFilter() { u.do("do.reloadFilter", u.p.Engine.ReloadFilter, nil) }
