package ui

import (
	"context"
	"encoding/base32"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
)

// maxSources is how many torrents one drop or paste may name; more is taken for
// a mistake.
const maxSources = 200

// sourceOf reads what a user may paste, drop or type: a magnet link, an http
// address, an infohash in 40 hexadecimal or 32 base32 digits, a path or file:
// address of a .torrent file. ok is false for anything else.
func sourceOf(s string) (src swarm.Source, ok bool) {
	s = strings.TrimSpace(s)
	low := strings.ToLower(s)
	switch {
	case strings.HasPrefix(low, "magnet:"):
		return swarm.Source{Magnet: s}, true
	case strings.HasPrefix(low, "http://"), strings.HasPrefix(low, "https://"):
		u, err := url.Parse(s)
		return swarm.Source{URL: s}, err == nil && u.Host != ""
	case strings.HasPrefix(low, "file://"):
		u, err := url.Parse(s)
		if err != nil || u.Path == "" {
			return src, false
		}
		p := u.Path
		if len(p) > 2 && p[0] == '/' && p[2] == ':' { // file:///C:/…
			p = p[1:]
		}
		return swarm.Source{File: filepath.FromSlash(p)}, true
	}
	if ih, err := swarm.ParseInfoHash(s); err == nil {
		return swarm.Source{Magnet: "magnet:?xt=urn:btih:" + ih.String()}, true
	}
	if len(s) == 32 {
		if b, err := base32.StdEncoding.DecodeString(strings.ToUpper(s)); err == nil && len(b) == 20 {
			return swarm.Source{Magnet: "magnet:?xt=urn:btih:" + strings.ToUpper(s)}, true
		}
	}
	return swarm.Source{File: s}, strings.HasSuffix(low, ".torrent") && !strings.ContainsAny(s, "\n\r")
}

// sources reads one source a line.
func sources(text string) (out []swarm.Source) {
	for line := range strings.Lines(text) {
		if src, ok := sourceOf(line); ok && len(out) < maxSources {
			out = append(out, src)
		}
	}
	return out
}

// RaisesOnAdd reports whether what another program adds brings the window to the
// front.
func (u *UI) RaisesOnAdd() bool { return u.prefs.RaiseOnAdd }

// AddFromArgs adds what a command line or a second start of the program names:
// paths of .torrent files and magnet links. Anything else is said to be none.
func (u *UI) AddFromArgs(args []string) {
	var list []swarm.Source
	for _, a := range args {
		if src, ok := sourceOf(a); ok {
			list = append(list, src)
		} else {
			u.say(u.loc.T("add.notTorrent", filepath.Base(a)))
		}
	}
	u.addSources(list)
}

// addFiles lets the user pick .torrent files.
func (u *UI) addFiles() {
	if u.busy() {
		return
	}
	title, kind := u.loc.T("pick.torrents"), u.loc.T("pick.kind")
	u.pick(func(ctx context.Context, p Picker) ([]string, error) {
		return p.Files(ctx, title, kind, []string{"*.torrent"})
	}, func(paths []string) {
		var list []swarm.Source
		for _, p := range paths {
			list = append(list, swarm.Source{File: p})
		}
		u.addSources(list)
	})
}

// addFilesTo lets the user pick .torrent files and a folder for what is in them, in
// place of the default one.
func (u *UI) addFilesTo() {
	if u.busy() {
		return
	}
	title, kind, where := u.loc.T("pick.torrents"), u.loc.T("pick.kind"), u.loc.T("pick.folder")
	start := u.prefs.DownloadDir
	if len(u.state.Recent) > 0 {
		start = u.state.Recent[0]
	}
	u.pick(func(ctx context.Context, p Picker) ([]string, error) {
		paths, err := p.Files(ctx, title, kind, []string{"*.torrent"})
		if err != nil || len(paths) == 0 {
			return nil, err
		}
		dir, err := p.Folder(ctx, where, start)
		if err != nil || dir == "" {
			return nil, err
		}
		return append([]string{dir}, paths...), nil
	}, func(picked []string) {
		var list []swarm.Source
		for _, p := range picked[1:] {
			list = append(list, swarm.Source{File: p})
		}
		u.remember(picked[0])
		u.addInto(list[:min(len(list), maxSources)], picked[0])
	})
}

// addURL asks for a link and offers the one on the clipboard.
func (u *UI) addURL() {
	if u.busy() {
		return
	}
	text := strings.TrimSpace(u.p.App.Clipboard().Content())
	if src, ok := sourceOf(text); !ok || src.File != "" {
		text = ""
	}
	u.host().URL(text, func(lines string) {
		list := sources(lines)
		if len(list) == 0 {
			u.host().Message(u.loc.T("url.title"), view.Advice{What: u.loc.T("url.bad.what"), Do: u.loc.T("url.bad.do")})
			return
		}
		u.addSources(list)
	})
}

// paste adds what the clipboard holds.
func (u *UI) paste() {
	if u.busy() {
		return
	}
	if list := sources(u.p.App.Clipboard().Content()); len(list) > 0 {
		u.addSources(list)
	} else {
		u.say(u.loc.T("paste.nothing"))
	}
}

// dropped adds files dragged into the window, and the .torrent files of folders.
func (u *UI) dropped(_ fyne.Position, uris []fyne.URI) {
	var list []swarm.Source
	for _, uri := range uris {
		p := uri.Path()
		if fi, err := os.Stat(p); err == nil && fi.IsDir() {
			found, err := filepath.Glob(filepath.Join(escapeGlob(p), "*.torrent"))
			if err == nil {
				for _, f := range found {
					list = append(list, swarm.Source{File: f})
				}
			}
			continue
		}
		if src, ok := sourceOf(p); ok {
			list = append(list, src)
		} else {
			u.say(u.loc.T("add.notTorrent", filepath.Base(p)))
		}
	}
	u.addSources(list[:min(len(list), maxSources)])
}

// escapeGlob takes their meaning from the characters of a folder's name.
func escapeGlob(p string) string {
	return strings.NewReplacer(`[`, `[[]`, `*`, `[*]`, `?`, `[?]`).Replace(p)
}

// addSources reads the sources one after another and asks about each, or adds
// them with the defaults.
func (u *UI) addSources(list []swarm.Source) { u.addInto(list, "") }

// addInto is addSources for a folder; "" = the default one.
func (u *UI) addInto(list []swarm.Source, dir string) {
	if len(list) == 0 {
		return
	}
	src, rest := list[0], list[1:]
	u.note(u.loc.T("add.reading"))
	u.enqueue(u.slow, func(ctx context.Context) {
		p, err := u.p.Engine.Preview(ctx, src)
		if ctx.Err() != nil {
			return
		}
		fyne.Do(func() {
			u.message = message{}
			u.nudge()
			if err != nil {
				u.fail("do.add", err)
				u.addInto(rest, dir)
				return
			}
			u.offer(src, p, dir, rest)
		})
	})
}

// offer shows the add dialog for one torrent, and goes on with the rest when it
// closes.
func (u *UI) offer(src swarm.Source, p *swarm.Preview, into string, rest []swarm.Source) {
	dir := into
	if dir == "" {
		dir = u.prefs.DownloadDir
	}
	add := func(a swarm.Add) {
		if p.Known {
			u.mergeTrackers(p)
			return
		}
		u.do("do.add", func(ctx context.Context) error {
			_, err := u.p.Engine.Add(ctx, a)
			return err
		}, nil)
	}
	if !u.prefs.AskOnAdd {
		a := swarm.Add{Source: src, SavePath: dir, Stopped: u.prefs.AddStopped}
		if p.Metainfo != nil {
			a.Source = swarm.Source{Metainfo: p.Metainfo}
		}
		add(a)
		u.addInto(rest, into)
		return
	}
	if dir == "" && len(u.state.Recent) > 0 {
		dir = u.state.Recent[0]
	}
	f := u.host().Add(dialogs.AddParams{
		Preview: p, Source: src, Dir: dir, Recent: u.state.Recent, Labels: view.Labels(u.frame.snap), Stopped: u.prefs.AddStopped,
		Done: func(a swarm.Add) {
			u.remember(a.SavePath)
			add(a)
		},
	})
	f.OnClosed = func() { u.addInto(rest, into) }
}

// mergeTrackers gives a torrent that is in the list already the trackers of
// another copy of it. A private torrent keeps its own (BEP 27).
func (u *UI) mergeTrackers(p *swarm.Preview) {
	if p.Private || len(p.Trackers) == 0 {
		return
	}
	u.do("do.trackers", func(ctx context.Context) error {
		d, err := u.p.Engine.Details(ctx, p.InfoHash, swarm.PartTrackers)
		if err != nil {
			return err
		}
		old := view.Tiers(d.Trackers)
		if merged := view.MergeTiers(old, p.Trackers); len(merged) > len(old) {
			return u.p.Engine.SetTrackers(ctx, p.InfoHash, merged)
		}
		return nil
	}, nil)
}

// remember puts a folder first in the list of those chosen last.
func (u *UI) remember(dir string) {
	const most = 8
	list := slices.DeleteFunc(slices.Clone(u.state.Recent), func(d string) bool { return d == dir })
	list = slices.Insert(list, 0, dir)
	u.state.Recent = list[:min(len(list), most)]
}

// free finds out how much room the drive of a folder has. A folder that is not
// there yet will lie where the first one above it does that is.
func (u *UI) free(dir string, done func(n int64)) {
	if u.p.Free == nil {
		return
	}
	u.enqueue(u.slow, func(ctx context.Context) {
		n, err := u.p.Free(dir)
		for up := filepath.Dir(dir); err != nil && up != dir && filepath.IsAbs(dir); up = filepath.Dir(dir) {
			dir = up
			n, err = u.p.Free(dir)
		}
		if err != nil {
			n = -1
		}
		if ctx.Err() == nil {
			fyne.Do(func() { done(n) })
		}
	})
}
