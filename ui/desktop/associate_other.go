//go:build !windows

package desktop

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Associate makes the program known to the desktop at its present place, with menu
// entry and icons, repairing what is there of an earlier one, and the default where
// the user has none.
func Associate(p Program) error {
	x, err := userFolders()
	if err != nil {
		return err
	}
	err = x.associate(p)
	refreshMenus(x)
	return err
}

// Dissociate takes away what Associate and Autostart wrote, and nothing else.
func Dissociate(p Program) error {
	x, err := userFolders()
	if err != nil {
		return err
	}
	err = x.dissociate(p)
	refreshMenus(x)
	return err
}

// CheckAssociations reports what is registered.
func CheckAssociations(p Program) (Associations, error) {
	x, err := userFolders()
	if err != nil {
		return Associations{}, err
	}
	return x.check(p)
}

// Autostart makes the program start when the user logs in, in the tray, or not.
func Autostart(p Program, on bool) error {
	x, err := userFolders()
	if err != nil {
		return err
	}
	return x.autostart(p, on)
}

// OpenDefaults returns ErrUnsupported: desktops have no common page for it.
func OpenDefaults(Program) error { return ErrUnsupported }

func userFolders() (xdg, error) {
	home, err := os.UserHomeDir()
	x := xdg{data: os.Getenv("XDG_DATA_HOME"), config: os.Getenv("XDG_CONFIG_HOME")}
	if err != nil && (x.data == "" || x.config == "") {
		return x, fmt.Errorf("find the user's folders: %w", err)
	}
	if !filepath.IsAbs(x.data) {
		x.data = filepath.Join(home, ".local", "share")
	}
	if !filepath.IsAbs(x.config) {
		x.config = filepath.Join(home, ".config")
	}
	return x, nil
}

// refreshMenus lets desktops see the change before the next login; those without
// the program look by themselves.
func refreshMenus(x xdg) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = exec.CommandContext(ctx, "update-desktop-database", filepath.Join(x.data, "applications")).Run() //nolint:gosec // fixed arguments
}
