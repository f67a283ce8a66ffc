package sample

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/desktop"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
)

// Scene is one state of the window worth a picture.
type Scene struct {
	Name   string
	Dialog bool // a dialog is open, which is what matters
	Set    func(s *Stage)
}

// Stage is a window over the sample engine.
type Stage struct {
	UI       *ui.UI
	Engine   *Engine
	Settings *Settings
	Wallet   *Wallet // nil = none
	Feeds    *Feeds
	Opened   []string // paths the window had opened
	Desk     *Desk
}

// NewStage makes a window of a size in a language and theme, over at least n
// torrents.
func NewStage(app fyne.App, n int, lang, theme string, size fyne.Size) *Stage {
	return newStage(app, n, lang, theme, size, nil)
}

// newStage makes a window; a wallet of nil is none.
func newStage(app fyne.App, n int, lang, theme string, size fyne.Size, w *Wallet) *Stage {
	return stageOf(app, n, NewSettings(lang, theme), size, w)
}

// stageOf makes a window with settings.
func stageOf(app fyne.App, n int, settings *Settings, size fyne.Size, w *Wallet) *Stage {
	s := &Stage{Engine: New(n), Settings: settings, Wallet: w, Desk: &Desk{Tray: &Tray{}, Opens: desktop.Associations{Torrent: true}}}
	s.Settings.Layout.Width, s.Settings.Layout.Height = size.Width, size.Height
	book := ui.NewLogBook(200)
	p := ui.Params{
		App: app, Engine: s.Engine, Settings: s.Settings, Version: "1.0.0", Zone: time.UTC, SystemLanguage: "en", Book: book,
		Open: func(path string) error {
			s.Opened = append(s.Opened, path)
			return nil
		},
		Free:    func(string) (int64, error) { return 212 << 30, nil },
		Picker:  Picker{},
		ErrName: errName,
		Lookup: func(_ context.Context, a netip.Addr) (string, error) {
			return "peer-" + strings.NewReplacer(".", "-", ":", "-").Replace(a.String()) + ".example.net.", nil
		},
		Desktop: s.Desk.desktop(),
	}
	if w != nil {
		p.Wallet = w
	}
	s.Feeds = NewFeeds()
	p.Feeds = s.Feeds
	s.UI = ui.New(p)
	writeLog(book)
	return s
}

// Play lets time pass, so that there is a curve to see.
func (s *Stage) Play(seconds int) {
	for range seconds {
		s.Engine.Tick(false)
		s.UI.Settle(context.Background())
	}
}

// writeLog fills the Log tab.
func writeLog(b *ui.LogBook) {
	for i, l := range []struct {
		level slog.Level
		text  string
	}{
		{slog.LevelInfo, "listening on [::]:6881, TCP and uTP"},
		{slog.LevelInfo, "port 6881 mapped by the router (NAT-PMP)"},
		{slog.LevelInfo, "DHT: 412 nodes from the last run"},
		{slog.LevelWarn, "tracker http://old-tracker.example.net/announce: connection refused"},
		{slog.LevelInfo, "peer 203.0.113.51 dropped: request beyond the end of piece 311"},
		{slog.LevelError, "OpenStreetMap planet-261116.osm.pbf: write piece 1234: no space left on device"},
	} {
		r := slog.NewRecord(Start().Add(time.Duration(i*7)*time.Second), l.level, l.text, 0)
		if err := b.Handle(context.Background(), r); err != nil {
			panic(fmt.Sprintf("sample: a log line was refused: %v", err)) //nolint:forbidigo // cannot happen: Handle returns no error
		}
	}
}

// Picker picks the same files and folder every time.
type Picker struct{}

// Files implements ui.Picker.
func (Picker) Files(context.Context, string, string, []string) ([]string, error) {
	return []string{"/home/user/Open Film Collection 2026.torrent"}, nil
}

// Folder implements ui.Picker.
func (Picker) Folder(context.Context, string, string) (string, error) { return "/data/films", nil }

// Save implements ui.Picker.
func (Picker) Save(context.Context, string, string) (string, error) {
	return "/data/films/Holiday 2026.torrent", nil
}

// hash returns the infohash of the i-th sample torrent.
func hash(i int) swarm.InfoHash { return hashOf(lines()[i].name) }

// Scenes lists every view.
func Scenes() []Scene {
	run := func(name string, dialog bool, command string, selected ...int) Scene {
		return Scene{name, dialog, func(s *Stage) {
			if len(selected) == 0 {
				selected = []int{2}
			}
			var ihs []swarm.InfoHash
			for _, i := range selected {
				ihs = append(ihs, hash(i))
			}
			s.UI.Select(ihs...)
			if command != "" {
				s.UI.Run(command)
			}
			s.UI.Settle(context.Background())
		}}
	}
	step := func(name string, n int) Scene {
		open := run(name, true, "guide")
		return Scene{name, true, func(s *Stage) {
			open.Set(s)
			for range n {
				s.UI.Window().Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
				s.UI.Settle(context.Background())
			}
		}}
	}
	return slices.Concat(pages(), reading(), done(), []Scene{
		run("general", false, "tab-general", 2, 3, 4), run("tab-general", false, "tab-general"), run("trackers", false, "tab-trackers"), run("peers", false, "tab-peers"),
		run("pieces", false, "tab-pieces"), run("files", false, "tab-files"), run("market", false, "tab-market"), run("speed", false, "tab-speed"), run("log", false, "tab-log"),
		run("add", true, "add"), run("add-url", true, "add-url"), run("remove", true, "remove", 0, 1, 2), run("remove-data", true, "remove-data"),
		run("properties", true, "properties"), run("statistics", true, "statistics"), run("about", true, "about"),
		run("flags", true, "flags"), run("rename", true, "rename"), run("move", true, "move"), run("relocate", true, "relocate"), run("new-label", true, "new-label"), run("add-peer", true, "add-peer"),
		run("add-feed", true, "add-feed"), run("feed-filters", true, "feed-filters"), run("add-tracker", true, "add-tracker"), run("limit", true, "limit-down"), run("limit-up", true, "limit-up"),
		run("create", true, "create"), run("licences", true, "licences"), run("guide-language", true, "guide"), step("guide-folder", 1), step("guide-port", 2),
		run("exit", true, "quit"),
		{"crash", true, func(s *Stage) { s.UI.ShowCrash(CrashReport, "/home/user/.config/Swarmbid/crash.txt.last") }},
		{"remove-tracker", true, func(s *Stage) {
			s.row("tab-trackers", "trackers", 3)
			s.Do("remove-tracker")
		}},
		{"rename-file", true, func(s *Stage) {
			s.row("tab-files", "files", 1)
			s.Do("rename-file")
		}},
		run("feeds-page", false, "feeds"),
		{"edit-feed", true, func(s *Stage) { s.feed("edit-feed") }},
		{"drop-feed", true, func(s *Stage) { s.feed("drop-feed") }},
		{"allow-private", true, func(s *Stage) {
			s.UI.Select(hash(13))
			s.Do("allow-private")
		}},
	})
}

// done are the views that come of what somebody does in another.
func done() []Scene {
	return []Scene{
		{"message", true, func(s *Stage) {
			s.Do("add-url")
			s.Type("no link")
			s.Enter()
		}},
		{"progress", true, func(s *Stage) {
			s.Do("create")
			s.Type("/data/films")
			s.Dialog().Key(&fyne.KeyEvent{Name: fyne.KeyReturn}) // what follows waits for the next Settle
		}},
		{"tip", true, func(s *Stage) {
			s.Do("create")
			s.Type("\t\t\t\t\t\t\t\t")
			s.Dialog().Key(&fyne.KeyEvent{Name: fyne.KeyF1})
		}},
		{"countdown", true, func(s *Stage) {
			s.Do("shutdown-when-done")
			s.Engine.Finish(false)
			s.UI.Settle(context.Background())
		}},
	}
}

// row selects a row of a tab of the third torrent.
func (s *Stage) row(command, tab string, row int) {
	s.UI.Select(hash(2))
	s.Do(command)
	s.UI.SelectRow(tab, row)
	s.UI.Settle(context.Background())
}

// feed carries out a command on the first feed.
func (s *Stage) feed(command string) {
	s.UI.Filter(view.Filter{Kind: view.ByFeed, Value: "1"})
	s.UI.Settle(context.Background())
	s.Do(command)
}

// reading are the dialogs with nothing to edit.
func reading() []Scene {
	return []Scene{
		{"feed-history", true, func(s *Stage) {
			s.Do("feed-filters")
			s.Dialog().TurnHistory()
		}},
		{"manual", true, func(s *Stage) {
			s.Do("manual")
			for range 3 {
				s.UI.Window().Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
			}
		}},
	}
}

// pages are those of the preferences.
func pages() (out []Scene) {
	for _, p := range dialogs.Pages() {
		name := strings.TrimSuffix(strings.TrimPrefix(p.Title, "prefs."), ".pref.title")
		out = append(out, Scene{"preferences-" + name, true, func(s *Stage) { s.Do("page-" + p.Title) }})
	}
	return out
}
