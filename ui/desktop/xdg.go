package desktop

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// xdg are the user's folders of the freedesktop.org specifications (XDG Base
// Directory 0.8). All are absolute.
type xdg struct{ data, config string }

// desktopEntry is the program's file for menus and for opening, or, minimized, for
// the start at login (Desktop Entry 1.5, Desktop Application Autostart 0.5).
func desktopEntry(p Program, minimized bool) string {
	command := execQuote(p.Exe) + " -- %U"
	if minimized {
		command = execQuote(p.Exe) + " " + autostartFlag
	}
	lines := []string{
		"[Desktop Entry]", "Type=Application", "Name=" + p.Name, "GenericName=BitTorrent Client", "GenericName[de]=BitTorrent-Programm",
		"Comment=Share files; pay for speed, be paid for upload", "Comment[de]=Dateien tauschen; für Tempo zahlen, für Upload bezahlt werden",
		"Exec=" + command, "Icon=" + p.ID, "Terminal=false", "StartupNotify=true", "StartupWMClass=" + p.Name,
		"Categories=Network;FileTransfer;P2P;", "MimeType=" + torrentMIME + ";" + magnetMIME + ";",
	}
	return strings.Join(lines, "\n") + "\n"
}

// execQuote writes a path as one argument of an Exec line: quoted for Exec, then
// escaped as every string value, and % doubled for it is no field code.
func execQuote(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range path {
		switch r {
		case '"', '`', '$':
			b.WriteString(`\\`)
		case '\\':
			b.WriteString(`\\\`)
		case '%':
			b.WriteByte('%')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

func (x xdg) entryFile(p Program) string {
	return filepath.Join(x.data, "applications", p.ID+".desktop")
}

func (x xdg) autostartFile(p Program) string {
	return filepath.Join(x.config, "autostart", p.ID+".desktop")
}

func (x xdg) defaultsFile() string { return filepath.Join(x.config, "mimeapps.list") }

func (x xdg) iconFiles(p Program) map[string][]byte {
	at := func(size, ext string) string {
		return filepath.Join(x.data, "icons", "hicolor", size, "apps", p.ID+ext)
	}
	return map[string][]byte{at("256x256", ".png"): p.Icon, at("scalable", ".svg"): p.IconSVG}
}

func (x xdg) associate(p Program) error {
	errs := []error{writeFile(x.entryFile(p), desktopEntry(p, false))}
	for file, b := range x.iconFiles(p) {
		if len(b) > 0 {
			errs = append(errs, writeFile(file, string(b)))
		}
	}
	errs = append(errs, x.editDefaults(func(d *keyFile) {
		for _, mime := range []string{torrentMIME, magnetMIME} {
			if d.get(mime) == "" {
				d.set(mime, p.ID+".desktop;")
			}
		}
	}))
	return wrap("register with the desktop", errs)
}

func (x xdg) dissociate(p Program) error {
	errs := []error{removeFile(x.entryFile(p)), removeFile(x.autostartFile(p))}
	for file := range x.iconFiles(p) {
		errs = append(errs, removeFile(file))
	}
	errs = append(errs, x.editDefaults(func(d *keyFile) {
		for _, mime := range []string{torrentMIME, magnetMIME} {
			old := strings.Split(strings.TrimSuffix(d.get(mime), ";"), ";")
			left := slices.DeleteFunc(slices.Clone(old), func(s string) bool { return s == p.ID+".desktop" })
			if len(left) == 0 {
				d.set(mime, "")
			} else if len(left) < len(old) {
				d.set(mime, strings.Join(left, ";")+";")
			}
		}
	}))
	return wrap("unregister from the desktop", errs)
}

func (x xdg) check(p Program) (a Associations, err error) {
	entry, err := readFile(x.entryFile(p))
	a.Registered = entry == desktopEntry(p, false)
	start, err2 := readFile(x.autostartFile(p))
	a.Autostart = start == desktopEntry(p, true)
	list, err3 := readFile(x.defaultsFile())
	d := parseKeyFile(defaultGroup, list)
	first := func(mime string) bool {
		v, _, _ := strings.Cut(d.get(mime), ";")
		return v == p.ID+".desktop"
	}
	a.Torrent, a.Magnet = first(torrentMIME), first(magnetMIME)
	return a, wrap("read the registration", []error{err, err2, err3})
}

func (x xdg) autostart(p Program, on bool) error {
	if on {
		return wrap("start at login", []error{writeFile(x.autostartFile(p), desktopEntry(p, true))})
	}
	return wrap("not start at login", []error{removeFile(x.autostartFile(p))})
}

const defaultGroup = "Default Applications" // of mimeapps.list

func (x xdg) editDefaults(edit func(*keyFile)) error {
	old, err := readFile(x.defaultsFile())
	if err != nil {
		return err
	}
	d := parseKeyFile(defaultGroup, old)
	edit(d)
	if d.String() == old {
		return nil
	}
	return writeFile(x.defaultsFile(), d.String())
}

// keyFile is one group of a file of groups of keys. Lines that are not changed, of
// this group and others, stay as they are.
type keyFile struct {
	group string
	lines []string
}

func parseKeyFile(group, s string) *keyFile {
	if s == "" {
		return &keyFile{group: group}
	}
	return &keyFile{group: group, lines: strings.Split(strings.TrimSuffix(s, "\n"), "\n")}
}

// String is the file's text.
func (k *keyFile) String() string {
	if len(k.lines) == 0 {
		return ""
	}
	return strings.Join(k.lines, "\n") + "\n"
}

// find returns the line of a key, -1 if there is none, and the line after the last
// of its group, -1 if there is no group.
func (k *keyFile) find(key string) (line, end int) {
	line, end = -1, -1
	inside := false
	for i, l := range k.lines {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "[") {
			inside = l == "["+k.group+"]"
		}
		if !inside || l == "" {
			continue
		}
		end = i + 1
		if name, _, ok := strings.Cut(l, "="); ok && strings.TrimSpace(name) == key {
			line = i
		}
	}
	return line, end
}

func (k *keyFile) get(key string) string {
	line, _ := k.find(key)
	if line < 0 {
		return ""
	}
	_, v, _ := strings.Cut(k.lines[line], "=")
	return strings.TrimSpace(v)
}

// set writes a key; an empty value takes it away.
func (k *keyFile) set(key, value string) {
	line, end := k.find(key)
	switch {
	case value == "" && line >= 0:
		k.lines = slices.Delete(k.lines, line, line+1)
	case value == "":
	case line >= 0:
		k.lines[line] = key + "=" + value
	case end >= 0:
		k.lines = slices.Insert(k.lines, end, key+"="+value)
	default:
		k.lines = append(k.lines, "["+k.group+"]", key+"="+value)
	}
}

// readFile returns "" for a file that is not there.
func readFile(path string) (string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

// writeFile replaces a file at once.
func writeFile(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, []byte(content), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(tmp, path)
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
