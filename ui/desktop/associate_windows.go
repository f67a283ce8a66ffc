package desktop

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// Associate makes the program known to Windows at its present place, repairing
// what is there of an earlier one, and the default where there is none. It needs no
// administrator. A choice of the user's is not touched: OpenDefaults shows him
// where he makes it.
func Associate(p Program) error {
	err := registration{p}.associate(userHive{})
	shellChanged()
	return err
}

// Dissociate takes away what Associate and Autostart wrote, and nothing else.
func Dissociate(p Program) error {
	r := registration{p}
	err := errors.Join(r.dissociate(userHive{}), r.autostart(userHive{}, false))
	shellChanged()
	return err
}

// CheckAssociations reports what is registered.
func CheckAssociations(p Program) (Associations, error) { return registration{p}.check(userHive{}) }

// Autostart makes the program start when the user logs in, in the tray, or not.
func Autostart(p Program, on bool) error { return registration{p}.autostart(userHive{}, on) }

// OpenDefaults shows the page of the system's settings on which the user chooses
// what opens torrents and magnet links.
func OpenDefaults(p Program) error {
	return shellOpen("ms-settings:defaultapps?registeredAppUser=" + p.Name)
}

// shellChanged tells Explorer to read associations anew.
func shellChanged() {
	const assocChanged, flush = 0x08000000, 0x1000
	_, _, _ = shell32("SHChangeNotify").Call(assocChanged, flush, 0, 0)
}

// userHive is HKEY_CURRENT_USER.
type userHive struct{}

func (userHive) value(key, name string) (string, bool, error) {
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, keyError(key, err)
	}
	defer k.Close() //nolint:errcheck // only read from
	v, _, err := k.GetStringValue(name)
	if errors.Is(err, registry.ErrNotExist) || errors.Is(err, registry.ErrUnexpectedType) {
		return "", false, nil
	}
	return v, err == nil, keyError(key, err)
}

func (userHive) set(key, name, value string) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, key, registry.SET_VALUE)
	if err != nil {
		return keyError(key, err)
	}
	return keyError(key, errors.Join(k.SetStringValue(name, value), k.Close()))
}

func (userHive) unset(key, name string) error {
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.SET_VALUE)
	if err != nil {
		return keyError(key, absent(err))
	}
	return keyError(key, errors.Join(absent(k.DeleteValue(name)), k.Close()))
}

func (h userHive) deleteTree(key string) error {
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.ENUMERATE_SUB_KEYS)
	if err != nil {
		return keyError(key, absent(err))
	}
	names, err := k.ReadSubKeyNames(-1)
	if err = errors.Join(err, k.Close()); err != nil {
		return keyError(key, err)
	}
	for _, n := range names {
		if err := h.deleteTree(key + `\` + n); err != nil {
			return err
		}
	}
	return keyError(key, absent(registry.DeleteKey(registry.CURRENT_USER, key)))
}

func (userHive) deleteEmpty(key string) error {
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.QUERY_VALUE|registry.ENUMERATE_SUB_KEYS)
	if err != nil {
		return keyError(key, absent(err))
	}
	info, err := k.Stat()
	if err = errors.Join(err, k.Close()); err != nil || info.SubKeyCount > 0 || info.ValueCount > 0 {
		return keyError(key, err)
	}
	return keyError(key, absent(registry.DeleteKey(registry.CURRENT_USER, key)))
}

func absent(err error) error {
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	return err
}

func keyError(key string, err error) error {
	if err != nil {
		return fmt.Errorf(`HKCU\%s: %w`, strings.TrimSuffix(key, `\`), err)
	}
	return nil
}

// shellOpen opens a file, folder or address with what the user has for it.
func shellOpen(target string) error {
	verb, err := windows.UTF16PtrFromString("open")
	if err != nil {
		return err
	}
	file, err := windows.UTF16PtrFromString(target)
	if err != nil {
		return fmt.Errorf("open %q: %w", target, err)
	}
	if err := windows.ShellExecute(0, verb, file, nil, nil, windows.SW_SHOWNORMAL); err != nil {
		return fmt.Errorf("open %q: %w", target, err)
	}
	return nil
}
