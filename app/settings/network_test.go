package settings

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestPasswordStaysInTheFile: the proxy's password is kept in the file, which nobody
// else may read, and no way to print settings shows it.
func TestPasswordStaysInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	st := openAt(t, path, absolute(t))
	must(t, st.Update(func(s *Settings) error {
		s.Connection.Proxy = Proxy{Kind: "http", Host: "proxy.example", Port: 3128, User: "anna", Password: "pa55\"wörd"}
		return nil
	}))
	got := openAt(t, path, absolute(t)).Get()
	if p := got.Connection.Proxy; p.Password != "pa55\"wörd" || p.User != "anna" {
		t.Errorf("read back %q", string(p.Password))
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "password", got.Connection.Proxy.Password, "all", got.Connection)
	for _, s := range []string{fmt.Sprintf("%v %+v %#v %s", got, got, got, got.Connection.Proxy.Password), log.String()} {
		if strings.Contains(s, "pa55") {
			t.Errorf("printed %s", s)
		}
	}
	if Secret("").String() != "" {
		t.Error("no password is printed as one")
	}
	if runtime.GOOS == "windows" {
		return // the folder is the user's there
	}
	files, err := filepath.Glob(path + "*")
	must(t, err)
	for _, f := range files {
		if i, err := os.Stat(f); err != nil || i.Mode().Perm() != fs.FileMode(0o600) {
			t.Errorf("%s is %v, %v", f, i.Mode(), err)
		}
	}
}

// TestOutgoingIsChecked: what cannot be a way out is refused.
func TestOutgoingIsChecked(t *testing.T) {
	for name, change := range map[string]func(*Settings){
		"kind":     func(s *Settings) { s.Connection.Proxy.Kind = "ftp" },
		"no host":  func(s *Settings) { s.Connection.Proxy.Kind = "http" },
		"no port":  func(s *Settings) { s.Connection.Proxy = Proxy{Kind: "http", Host: "a"} },
		"host":     func(s *Settings) { s.Connection.Proxy.Host = "http://a" },
		"password": func(s *Settings) { s.Connection.Proxy.Password = "a\r\nX: y" },
		"long":     func(s *Settings) { s.Connection.Proxy.User = strings.Repeat("x", 256) },
		"from":     func(s *Settings) { s.Connection.Outgoing = []string{"0.0.0.0"} },
		"from it":  func(s *Settings) { s.Connection.Outgoing = []string{"eth0"} },
		"told":     func(s *Settings) { s.BitTorrent.ToldIP = "a b" },
		"told url": func(s *Settings) { s.BitTorrent.ToldIP = "x&peer_id=y" },
	} {
		s := Default(absolute(t))
		change(&s)
		if s.Validate() == nil {
			t.Errorf("%s was taken", name)
		}
	}
	s := Default(absolute(t))
	s.BitTorrent.ToldIP, s.Connection.Outgoing = "2001:db8::1", []string{"10.0.0.1"}
	must(t, s.Validate())
}
