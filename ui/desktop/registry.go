package desktop

import (
	"errors"
	"fmt"
	"strings"
)

// hive is the part of the Windows registry that belongs to the user. Keys are
// separated by backslashes and, like names, know no case; the name "" is a key's
// default value.
type hive interface {
	// value returns "", false if there is none.
	value(key, name string) (string, bool, error)
	// set makes the keys on the way.
	set(key, name, value string) error
	// unset is content if there is none.
	unset(key, name string) error
	// deleteTree deletes a key with all below; it is content if there is none.
	deleteTree(key string) error
	// deleteEmpty deletes a key that has neither values nor keys; it is content if
	// there is none and leaves one that has.
	deleteEmpty(key string) error
}

const (
	classesKey    = `Software\Classes\`
	registeredKey = `Software\RegisteredApplications`
	runKey        = `Software\Microsoft\Windows\CurrentVersion\Run`
	commandKey    = `\shell\open\command`
)

// entry is one value of the registry.
type entry struct{ key, name, value string }

// registration is how Windows learns of a program, without an administrator: its
// ProgIDs, its Applications key and its Capabilities.
type registration struct{ Program }

func (r registration) progTorrent() string { return r.Name + torrentExt }
func (r registration) progMagnet() string  { return r.Name + "." + magnetScheme }
func (r registration) ownKey() string      { return `Software\` + r.Name }
func (r registration) appKey() string {
	return classesKey + `Applications\` + r.Exe[strings.LastIndexAny(r.Exe, `\/`)+1:]
}

// command opens what the shell puts in the place of %1. The two dashes make it an
// argument whatever it begins with.
func (r registration) command() string { return `"` + r.Exe + `" -- "%1"` }

// entries are the values that belong to the program and to nobody else.
func (r registration) entries() []entry {
	torrent, magnet, caps := classesKey+r.progTorrent(), classesKey+r.progMagnet(), r.ownKey()+`\Capabilities`
	icon := `"` + r.Exe + `",0`
	return []entry{
		{torrent, "", "BitTorrent file"},
		{torrent, "FriendlyTypeName", "BitTorrent file"},
		{torrent + `\DefaultIcon`, "", icon},
		{torrent + commandKey, "", r.command()},
		{magnet, "", "URL:BitTorrent magnet link"},
		{magnet, "URL Protocol", ""},
		{magnet + `\DefaultIcon`, "", icon},
		{magnet + commandKey, "", r.command()},
		{r.appKey() + commandKey, "", r.command()},
		{r.appKey() + `\SupportedTypes`, torrentExt, ""},
		{classesKey + torrentExt + `\OpenWithProgids`, r.progTorrent(), ""},
		{caps, "ApplicationName", r.Name},
		{caps, "ApplicationDescription", "BitTorrent client"},
		{caps, "ApplicationIcon", icon},
		{caps + `\FileAssociations`, torrentExt, r.progTorrent()},
		{caps + `\UrlAssociations`, magnetScheme, r.progMagnet()},
		{registeredKey, r.Name, caps},
	}
}

// magnetEntries are the default for magnet links. The user's choice in the
// system's settings, which no program may write, goes before it.
func (r registration) magnetEntries() []entry {
	magnet := classesKey + magnetScheme
	return []entry{{magnet, "", "URL:BitTorrent magnet link"}, {magnet, "URL Protocol", ""}, {magnet + commandKey, "", r.command()}}
}

// associate writes everything anew and becomes the default where there is none.
func (r registration) associate(h hive) error {
	var errs []error
	for _, e := range r.entries() {
		errs = append(errs, h.set(e.key, e.name, e.value))
	}
	v, _, err := h.value(classesKey+torrentExt, "")
	errs = append(errs, err)
	if v == "" {
		errs = append(errs, h.set(classesKey+torrentExt, "", r.progTorrent()))
	}
	v, _, err = h.value(classesKey+magnetScheme+commandKey, "")
	errs = append(errs, err)
	if v == "" || r.ours(v) {
		for _, e := range r.magnetEntries() {
			errs = append(errs, h.set(e.key, e.name, e.value))
		}
	}
	return wrap("register with Windows", errs)
}

// ours reports whether a command line starts the program, at any place it was
// installed before.
func (r registration) ours(command string) bool {
	exe := strings.TrimPrefix(command, `"`)
	if end := strings.Index(exe, `"`); end >= 0 {
		exe = exe[:end]
	}
	base := func(s string) string { return s[strings.LastIndexAny(s, `\/`)+1:] }
	return strings.EqualFold(base(exe), base(r.Exe))
}

// dissociate deletes what entries holds, and the defaults if they are ours.
func (r registration) dissociate(h hive) error {
	torrent, magnet := classesKey+torrentExt, classesKey+magnetScheme
	errs := []error{
		h.deleteTree(classesKey + r.progTorrent()), h.deleteTree(classesKey + r.progMagnet()), h.deleteTree(r.appKey()),
		h.deleteTree(r.ownKey() + `\Capabilities`), h.deleteEmpty(r.ownKey()),
		h.unset(registeredKey, r.Name), h.unset(torrent+`\OpenWithProgids`, r.progTorrent()), h.deleteEmpty(torrent + `\OpenWithProgids`),
	}
	v, _, err := h.value(torrent, "")
	errs = append(errs, err)
	if strings.EqualFold(v, r.progTorrent()) {
		errs = append(errs, h.unset(torrent, ""), h.deleteEmpty(torrent))
	}
	v, _, err = h.value(magnet+commandKey, "")
	errs = append(errs, err)
	if v != "" && r.ours(v) {
		errs = append(errs, h.deleteTree(magnet))
	}
	return wrap("unregister from Windows", errs)
}

// check reads what the hive says.
func (r registration) check(h hive) (a Associations, err error) {
	a.Registered = true
	var errs []error
	get := func(key, name string) string {
		v, _, err := h.value(key, name)
		errs = append(errs, err)
		return v
	}
	for _, e := range r.entries() {
		v, ok, err := h.value(e.key, e.name)
		errs = append(errs, err)
		a.Registered = a.Registered && ok && v == e.value
	}
	const choices = `Software\Microsoft\Windows\`
	a.Torrent = strings.EqualFold(get(classesKey+torrentExt, ""), r.progTorrent())
	if v := get(choices+`CurrentVersion\Explorer\FileExts\`+torrentExt+`\UserChoice`, "ProgId"); v != "" {
		a.Torrent = strings.EqualFold(v, r.progTorrent())
	}
	a.Magnet = r.ours(get(classesKey+magnetScheme+commandKey, ""))
	if v := get(choices+`Shell\Associations\UrlAssociations\`+magnetScheme+`\UserChoice`, "ProgId"); v != "" {
		a.Magnet = strings.EqualFold(v, r.progMagnet())
	}
	a.Autostart = get(runKey, r.Name) == r.startCommand()
	return a, wrap("read the registration", errs)
}

func (r registration) startCommand() string { return `"` + r.Exe + `" ` + autostartFlag }

func (r registration) autostart(h hive, on bool) error {
	if on {
		return wrap("start with Windows", []error{h.set(runKey, r.Name, r.startCommand())})
	}
	return wrap("not start with Windows", []error{h.unset(runKey, r.Name)})
}

func wrap(what string, errs []error) error {
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
