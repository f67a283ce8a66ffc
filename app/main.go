package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"swarmbid/ui/desktop"
)

// version is set by the linker.
var version = "0.1.0"

func main() {
	o, err := parse(os.Args[1:], console{})
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil && o.version {
		if err = desktop.AttachConsole(); err == nil {
			fmt.Fprintln(os.Stdout, "Swarmbid", version)
			return
		}
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = start(ctx, o)
		stop()
	}
	if err != nil {
		fmt.Fprintln(console{}, "swarmbid:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	data      string   // folder; "" = the usual one
	headless  bool     // without a window
	version   bool     // only say it
	minimized bool     // only the tray at first
	desktop   string   // one of desktop.Commands to carry out; "" = none
	open      []string // .torrent files, magnet links and addresses to add
}

func parse(args []string, out io.Writer) (o options, err error) {
	f := flag.NewFlagSet("swarmbid", flag.ContinueOnError)
	f.SetOutput(out)
	f.Usage = func() {
		fmt.Fprintln(f.Output(), "usage: swarmbid [options] [torrent file, magnet link or address] ...")
		f.PrintDefaults()
	}
	f.StringVar(&o.data, "data", "", "`folder` of settings, session and wallet; for a portable copy put a settings.json beside the program instead")
	f.BoolVar(&o.headless, "headless", false, "run without a window until interrupted")
	f.BoolVar(&o.minimized, "minimized", false, "start in the notification area, without the window")
	f.StringVar(&o.desktop, "desktop", "", "carry out a `command` for the desktop and end: "+strings.Join(desktop.Commands(), ", "))
	f.BoolVar(&o.version, "version", false, "print the version and end")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.open = f.Args()
	return o, nil
}
