package main

import (
	"log/slog"

	"swarmbid/ui"
	"swarmbid/ui/desktop"
)

// startup is the one preference that the desktop keeps, not the settings: whether
// the program starts when the user logs in. The zero value has nothing to do with
// any desktop.
type startup struct {
	get func() (desktop.Associations, error)
	set func(on bool) error
}

// setAutostart is startup's set for the running program.
func setAutostart(on bool) error {
	p, err := program()
	if err != nil {
		return err
	}
	return desktop.Autostart(p, on)
}

// read puts it into preferences.
func (s startup) read(p ui.Prefs, log *slog.Logger) ui.Prefs {
	if s.get == nil {
		return p
	}
	a, err := s.get()
	if err != nil {
		log.Warn("whether the program starts at login cannot be read", "err", err)
	}
	p.Autostart = a.Autostart
	return p
}

// write changes it if preferences differ from what is so.
func (s startup) write(p ui.Prefs) error {
	if s.get == nil {
		return nil
	}
	if a, err := s.get(); err == nil && a.Autostart == p.Autostart {
		return nil
	}
	return s.set(p.Autostart)
}
