package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Paths is the layout of the data folder. All are absolute.
type Paths struct {
	Root     string
	Settings string // settings.json
	Ledger   string // ledger.db
	Wallet   string // wallet.btt, 0600
	Session  string // folder of the torrents' records
	Log      string // folder
	Crash    string // crash.txt
	Lock     string // lock: one process at a time
	Portable bool   // the folder is the program's own
}

// PathsOf returns the layout below a folder.
func PathsOf(root string) Paths {
	at := func(name string) string { return filepath.Join(root, name) }
	return Paths{
		Root: root, Settings: at(fileName), Ledger: at("ledger.db"), Wallet: at("wallet.btt"),
		Session: at("session"), Log: at("log"), Crash: at("crash.txt"), Lock: at("lock"),
	}
}

const fileName = "settings.json"

// Places are where the data folder may be, the first that applies. Tests give
// all; the program leaves Executable and UserConfig empty for the system's.
type Places struct {
	Data       string // as told on the command line; "" = not told
	Executable string // folder of the program; used if it holds a settings.json
	UserConfig string // the user's folder for settings of programs
}

// Locate finds the data folder. It creates nothing.
func Locate(p Places) (Paths, error) {
	if p.Data != "" {
		root, err := filepath.Abs(p.Data)
		if err != nil {
			return Paths{}, fmt.Errorf("settings: data folder %q: %w", p.Data, err)
		}
		return PathsOf(root), nil
	}
	if p.Executable == "" {
		if exe, err := os.Executable(); err == nil {
			p.Executable = filepath.Dir(exe)
		}
	}
	if p.Executable != "" {
		st, err := os.Stat(filepath.Join(p.Executable, fileName))
		if err == nil && st.Mode().IsRegular() {
			paths := PathsOf(p.Executable)
			paths.Portable = true
			return paths, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Paths{}, fmt.Errorf("settings: look for a portable data folder: %w", err)
		}
	}
	if p.UserConfig == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return Paths{}, fmt.Errorf("settings: find the data folder: %w", err)
		}
		p.UserConfig = dir
	}
	return PathsOf(filepath.Join(p.UserConfig, "Swarmbid")), nil
}
