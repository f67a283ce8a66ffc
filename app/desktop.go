package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"

	"swarmbid/assets"
	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/desktop"
)

// program is what the system knows the program by.
func program() (desktop.Program, error) {
	exe, err := desktop.Executable()
	return desktop.Program{Name: "Swarmbid", ID: appID, Exe: exe, Icon: assets.AppIcon(), IconSVG: assets.AppIconSVG()}, err
}

// console is standard error for a program that has no console of its own: it takes
// that of its parent when there is something to say.
type console struct{}

// Write implements io.Writer.
func (console) Write(b []byte) (int, error) {
	if err := desktop.AttachConsole(); err != nil {
		return 0, err
	}
	return os.Stderr.Write(b)
}

// message is what this start would hand to the running program.
func message(o options) desktop.Message {
	dir, err := os.Getwd()
	if err != nil {
		dir = ""
	}
	return desktop.Message{Dir: dir, Args: o.open}
}

// checkGL ends the start with words people understand where no window can be
// drawn, or goes on as the copy that draws by software.
func checkGL(claim *desktop.Instance, lang string) error {
	_, problem := desktop.ProbeGL()
	if problem == nil {
		return nil
	}
	if twin, err := desktop.SoftwareGL(); err == nil {
		if err := claim.Close(); err != nil {
			return err
		}
		cmd := exec.Command(twin, os.Args[1:]...) //nolint:gosec,noctx // the copy that we made; it outlives us
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("start the copy for software rendering: %w", err)
		}
		return desktop.ErrHandedOff
	} else if !errors.Is(err, desktop.ErrUnsupported) {
		problem = errors.Join(problem, err)
	}
	title, text := desktop.NoGLText(lang, problem)
	if err := desktop.Alert(title, text); err != nil && !errors.Is(err, desktop.ErrUnsupported) {
		return errors.Join(problem, err)
	}
	return problem
}

// followStarts carries out what later starts hand over until ctx ends.
func followStarts(ctx context.Context, claim *desktop.Instance, u *ui.UI, quit func()) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-claim.Messages():
			if m.Quit {
				quit()
				return nil
			}
			fyne.Do(func() {
				desktop.Raise(u.Window())
				if len(m.Args) > 0 {
					u.AddFromArgs(absolute(m.Dir, m.Args))
				}
			})
		}
	}
}

// newTray makes the icon in the notification area.
func newTray(fa fyne.App, u *ui.UI, quit func()) *desktop.Tray {
	show := func() { fyne.Do(func() { desktop.Raise(u.Window()) }) }
	return desktop.NewTray(desktop.TrayConfig{
		App: fa, Icon: assets.AppIcon(), Tip: "Swarmbid", Click: show, Toast: show,
		Menu: []desktop.MenuItem{{Text: "Swarmbid", Do: show}, {}, {Text: "Quit", Quit: true, Do: quit}},
	})
}

// trayTime is how often the tooltip and the wish to stay awake are looked at.
const trayTime = time.Second

// followSession keeps the tooltip true and the computer awake while something
// downloads, until ctx ends.
func followSession(ctx context.Context, e ui.Engine, tray *desktop.Tray, log *slog.Logger) (err error) {
	var awake desktop.Awake
	defer func() { err = errors.Join(err, awake.Keep(false, "")) }()
	told := false
	tick := time.NewTicker(trayTime)
	defer tick.Stop()
	for {
		s := e.Snapshot()
		tray.SetTip(tip(s))
		if err := awake.Keep(downloading(s), "Downloading"); err != nil && !told {
			log.Info("the computer may go to sleep while downloading", "err", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func tip(s *swarm.Snapshot) string {
	return fmt.Sprintf("Swarmbid\n↓ %d KiB/s  ↑ %d KiB/s", s.Totals.Down>>10, s.Totals.Up>>10)
}

func downloading(s *swarm.Snapshot) bool {
	for i := range s.Torrents {
		if s.Torrents[i].State == swarm.Downloading {
			return true
		}
	}
	return false
}

// announce shows what the user may want to know of while the window is hidden.
func announce(tray *desktop.Tray, ev swarm.Event) {
	switch ev := ev.(type) {
	case swarm.TorrentDone:
		tray.ShowToast("Finished", ev.Name)
	case swarm.TorrentFailed:
		tray.ShowToast("Stopped: "+ev.Name, ev.Reason)
	}
}

// absolute makes paths of a command line independent of its working directory.
func absolute(dir string, args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		out[i] = arg
		if sourceOf(arg).File != "" && !filepath.IsAbs(arg) && dir != "" {
			out[i] = filepath.Join(dir, arg)
		}
	}
	return out
}
