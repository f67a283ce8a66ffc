package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"fyne.io/fyne/v2"

	"swarmbid/assets"
	"swarmbid/engine/swarm"
	"swarmbid/ui"
	"swarmbid/ui/desktop"
	"swarmbid/ui/view"
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
				if len(m.Args) == 0 || u.RaisesOnAdd() {
					u.Raise()
				}
				if len(m.Args) > 0 {
					u.AddFromArgs(absolute(m.Dir, m.Args))
				}
			})
		}
	}
}

// newTray makes the icon in the notification area. A click shows the window.
func newTray(fa fyne.App, show func()) *desktop.Tray {
	raise := func() { fyne.Do(show) }
	return desktop.NewTray(desktop.TrayConfig{App: fa, Icon: assets.AppIcon(), Tip: "Swarmbid", Click: raise, Toast: raise})
}

// desktopOf is the desktop as the window uses it.
func (a *App) desktopOf(tray *desktop.Tray) (ui.Desktop, error) {
	p, err := program()
	if err != nil {
		return ui.Desktop{}, err
	}
	d := ui.Desktop{
		Tray: tray, Minimises: desktop.NoticesMinimised, Sparse: runtime.GOOS == "windows", Reveal: desktop.Reveal, Power: a.power,
		Associations: func() (desktop.Associations, error) { return desktop.CheckAssociations(p) },
		Associate:    func() error { return desktop.Associate(p) },
	}
	if desktop.HasDefaults {
		d.Defaults = func() error { return desktop.OpenDefaults(p) }
	}
	return d, nil
}

// power puts the computer to rest. It is shut down when the program has ended; the
// user has seen the countdown then.
func (a *App) power(ctx context.Context, d view.Deed) error {
	switch d {
	case view.Hibernate:
		return desktop.Hibernate(ctx)
	case view.Standby:
		return desktop.Suspend(ctx)
	case view.Shutdown:
		a.atEnd = desktop.PowerOff
	case view.Quit, view.Nothing:
	}
	return nil
}

// awakeTime is how often the wish to stay awake is looked at.
const awakeTime = time.Second

// stayAwake keeps the computer from going to sleep while something downloads, if
// the user wants that, until ctx ends.
func (a *App) stayAwake(ctx context.Context) (err error) {
	var awake desktop.Awake
	defer func() { err = errors.Join(err, awake.Keep(false, "")) }()
	told := false
	tick := time.NewTicker(awakeTime)
	defer tick.Stop()
	for {
		want := a.settings.Get().Interface.KeepAwake && downloading(a.engine.Snapshot())
		if err := awake.Keep(want, "Downloading"); err != nil && !told {
			a.log.Info("the computer may go to sleep while downloading", "err", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func downloading(s *swarm.Snapshot) bool {
	for i := range s.Torrents {
		if s.Torrents[i].State == swarm.Downloading {
			return true
		}
	}
	return false
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
