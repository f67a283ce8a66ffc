package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker.
var version = "0.1.0"

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil && o.version {
		fmt.Fprintln(os.Stdout, "Swarmbid", version)
		return
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = start(ctx, o)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "swarmbid:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	data     string   // folder; "" = the usual one
	headless bool     // without a window
	version  bool     // only say it
	open     []string // .torrent files, magnet links and addresses to add
}

func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("swarmbid", flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprintln(f.Output(), "usage: swarmbid [options] [torrent file, magnet link or address] ...")
		f.PrintDefaults()
	}
	f.StringVar(&o.data, "data", "", "`folder` of settings, session and wallet; for a portable copy put a settings.json beside the program instead")
	f.BoolVar(&o.headless, "headless", false, "run without a window until interrupted")
	f.BoolVar(&o.version, "version", false, "print the version and end")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.open = f.Args()
	return o, nil
}
