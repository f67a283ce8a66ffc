package desktop

import (
	"context"
	"fmt"
	"time"
)

// quitTime is how long an installer waits for a running program to end.
const quitTime = 20 * time.Second

// Commands of installers and scripts: what they do belongs to the program, so that
// it is written once.
const (
	CommandRegister     = "register"      // Associate
	CommandUnregister   = "unregister"    // Dissociate
	CommandAutostart    = "autostart"     // start at login
	CommandNoAutostart  = "no-autostart"  // do not
	CommandQuitRunning  = "quit"          // end the running program and wait for it
	CommandAssociations = "show-defaults" // OpenDefaults
)

// Commands lists them in the order in which help shows them.
func Commands() []string {
	return []string{CommandRegister, CommandUnregister, CommandAutostart, CommandNoAutostart, CommandQuitRunning, CommandAssociations}
}

// Do carries out one of Commands for a program with a data folder.
func Do(ctx context.Context, command string, p Program, dataDir string) error {
	switch command {
	case CommandRegister:
		return Associate(p)
	case CommandUnregister:
		return Dissociate(p)
	case CommandAutostart:
		return Autostart(p, true)
	case CommandNoAutostart:
		return Autostart(p, false)
	case CommandAssociations:
		return OpenDefaults(p)
	case CommandQuitRunning:
		ctx, cancel := context.WithTimeout(ctx, quitTime)
		defer cancel()
		return QuitRunning(ctx, p.Name, dataDir)
	}
	return fmt.Errorf("%w: command %q", ErrUnsupported, command)
}
