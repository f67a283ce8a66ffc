package lab

import (
	"bytes"
	"context"
	_ "embed" // the script
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

//go:embed libtorrent.py
var libtorrentScript []byte

// StartLibtorrent starts a libtorrent-rasterbar session in a Python script, which
// speaks the protocol of Remote, with the system's Python (Debian package
// python3-libtorrent). Its log is libtorrent's alerts.
func StartLibtorrent(ctx context.Context, o Options) (Client, error) {
	script := filepath.Join(o.Dir, "session.py")
	if err := os.WriteFile(script, libtorrentScript, 0o600); err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	const pkg = "python3-libtorrent"
	c, err := StartRemote(ctx, Remote{
		Name: "libtorrent", Path: "/usr/bin/python3", Pkg: pkg, Args: []string{"-X", "faulthandler", script},
	}, o)
	if b, rerr := os.ReadFile(filepath.Join(o.Dir, outputLog)); err != nil && rerr == nil && moduleMissing(b) {
		err = errors.Join(fmt.Errorf("%w: on Debian: apt-get install %s", ErrMissing, pkg), err)
	}
	return c, err
}

// moduleMissing reports whether Python's complaint is that there is no libtorrent.
func moduleMissing(output []byte) bool {
	return bytes.Contains(output, []byte("No module named 'libtorrent'"))
}
