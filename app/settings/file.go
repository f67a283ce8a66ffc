package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Version is that of the file this program writes.
const Version = 1

// The reasons why a file is not used.
var (
	// ErrNewer means that a newer version of the program wrote the file.
	ErrNewer = errors.New("file was written by a newer version of this program")
	// ErrDamaged means that the file is no settings file, or not one any more.
	ErrDamaged = errors.New("file is damaged")
)

// maxFile bounds the file, in bytes.
const maxFile = 4 << 20

// tree is a JSON object whose values are not read yet.
type tree = map[string]json.RawMessage

// migrations lead from each version to the next, the first one from version 1.
// A migration is never changed once it was released.
func migrations() []func(tree) error { return nil }

// parse reads a file of any version up to Version and brings it up to Version.
func parse(b []byte) (tree, error) {
	var t tree
	if err := json.Unmarshal(b, &t); err != nil || t == nil {
		return nil, fmt.Errorf("%w: no JSON object", ErrDamaged)
	}
	var version int
	if err := json.Unmarshal(t["version"], &version); err != nil || version < 1 {
		return nil, fmt.Errorf("%w: no version", ErrDamaged)
	}
	if version > Version {
		return nil, fmt.Errorf("version %d, this program reads %d: %w", version, Version, ErrNewer)
	}
	for from, m := range migrations()[version-1:] {
		if err := m(t); err != nil {
			return nil, fmt.Errorf("%w: bring version %d up to the next: %w", ErrDamaged, version+from, err)
		}
	}
	return t, nil
}

// decode takes over what is in t; keys that are not there keep def's values. A
// group that cannot be used keeps them, too, and is named in problem.
func decode(t tree, def Settings) (s *Settings, problem, err error) {
	out := def.clone()
	var errs []error
	for _, g := range out.groups() {
		raw, ok := t[g.key]
		if !ok {
			continue
		}
		if err := json.Unmarshal(raw, g.value); err != nil {
			errs = append(errs, fmt.Errorf("%w: %s: %w", ErrInvalid, g.key, err))
			g.reset(&def)
		}
	}
	out.Interface.Layout = compact(out.Interface.Layout)
	errs = append(errs, out.repair(&def))
	return &out, errors.Join(errs...), nil
}

// compact takes out the spaces that the file is indented with; null is nothing.
func compact(raw json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if string(raw) == "null" || json.Compact(&b, raw) != nil {
		return nil
	}
	return b.Bytes()
}

// group is one top-level key of the file.
type group struct {
	key   string
	value any
	reset func(def *Settings)
}

func (s *Settings) groups() []group {
	return []group{
		{"language", &s.Language, func(d *Settings) { s.Language = d.Language }},
		{"theme", &s.Theme, func(d *Settings) { s.Theme = d.Theme }},
		{"firstRunDone", &s.FirstRunDone, func(d *Settings) { s.FirstRunDone = d.FirstRunDone }},
		{"interface", &s.Interface, func(d *Settings) { s.Interface = d.clone().Interface }},
		{"directories", &s.Directories, func(d *Settings) { s.Directories = d.Directories }},
		{"connection", &s.Connection, func(d *Settings) { s.Connection = d.clone().Connection }},
		{"bandwidth", &s.Bandwidth, func(d *Settings) { s.Bandwidth = d.Bandwidth }},
		{"bittorrent", &s.BitTorrent, func(d *Settings) { s.BitTorrent = d.clone().BitTorrent }},
		{"queue", &s.Queue, func(d *Settings) { s.Queue = d.Queue }},
		{"schedule", &s.Schedule, func(d *Settings) { s.Schedule = d.Schedule }},
		{"programs", &s.Programs, func(d *Settings) { s.Programs = d.Programs }},
		{"notify", &s.Notify, func(d *Settings) { s.Notify = d.Notify }},
		{"feeds", &s.Feeds, func(d *Settings) { s.Feeds = d.Feeds }},
		{"traffic", &s.Traffic, func(d *Settings) { s.Traffic = d.Traffic }},
		{"wallet", &s.Wallet, func(d *Settings) { s.Wallet = d.Wallet }},
		{"market", &s.Market, func(d *Settings) { s.Market = d.Market }},
		{"pay", &s.Pay, func(d *Settings) { s.Pay = d.Pay }},
		{"advanced", &s.Advanced, func(d *Settings) { s.Advanced = d.Advanced }},
	}
}

// encode puts s over what the file holds, so that keys of others stay.
func encode(old tree, s *Settings) (tree, []byte, error) {
	t := make(tree, len(old))
	for k, v := range old {
		t[k] = v
	}
	t["version"] = json.RawMessage(fmt.Sprint(Version))
	for _, g := range s.groups() {
		raw, err := json.Marshal(g.value)
		if err != nil {
			return nil, nil, err
		}
		t[g.key] = overlay(old[g.key], raw)
	}
	b, err := json.MarshalIndent(t, "", "  ")
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%d bytes are over %d", len(b), maxFile)
	}
	return t, append(b, '\n'), err
}

// overlay returns the object over, its keys sorted, with the keys of the object
// under that it lacks. What is no object replaces what was there.
func overlay(under, over json.RawMessage) json.RawMessage {
	var a, b tree
	if json.Unmarshal(over, &b) != nil || b == nil {
		return over
	}
	if json.Unmarshal(under, &a) != nil {
		a = nil
	}
	known := slices.Collect(maps.Keys(b))
	for k, v := range a {
		// encoding/json takes maxpeers for maxPeers, so that is known, too.
		if !slices.ContainsFunc(known, func(key string) bool { return strings.EqualFold(key, k) }) {
			b[k] = v
		}
	}
	out, err := json.Marshal(b)
	if err != nil {
		return over
	}
	return out
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrDamaged, maxFile)
	}
	return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), nil // some editors put a mark first
}

// writeFile replaces the file at once and keeps the one before it as .bak. It
// returns when the new one is durable.
func writeFile(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := writeSynced(tmp, b); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if old, err := readFile(path); err == nil {
		// The backup is written whole before the file it is of is replaced.
		if err := errors.Join(writeSynced(path+".bak.tmp", old), os.Rename(path+".bak.tmp", path+".bak")); err != nil {
			return fmt.Errorf("keep a backup: %w", err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncDir makes renames in a folder durable. Windows does so by itself and does
// not open folders for it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
