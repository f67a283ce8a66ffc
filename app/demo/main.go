// Command demo shows Swarmbid at work on loopback, in two acts. In the first a
// seed of ours with an upload limit serves four leechers, two of ours, aria2 and
// Transmission. In the second three clients bid for its uplink and pay for it, from
// deposits in the escrow of a test chain, and aria2 does not; when each is done is
// predicted from the rule and then measured, and what both sides' ledgers and the
// escrow say of the money is compared. So is every file. The seed's window is shown, or its picture saved where there is no
// display.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	o := options{}
	flag.Int64Var(&o.size, "size", 32, "size of the shared file in `MiB`")
	flag.Int64Var(&o.limit, "limit", 2048, "upload limit of the seed in `KiB/s`")
	flag.StringVar(&o.picture, "picture", "build/demo.png", "`file` for the picture of the window when there is no display")
	flag.BoolVar(&o.headless, "headless", os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "", "save a picture instead of showing the window")
	flag.DurationVar(&o.timeout, "timeout", 4*time.Minute, "give up after this `time`")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

type options struct {
	size     int64 // MiB
	limit    int64 // KiB/s
	picture  string
	headless bool
	timeout  time.Duration
}

func run(o options) (err error) {
	dir, err := os.MkdirTemp("", "swarmbid-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()

	w, err := newWorld(ctx, dir, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	fmt.Fprintf(os.Stdout, "One seed of ours with an upload limit of %d KiB/s, a file of %d MiB, four leechers. All on loopback, in %s.\n\n",
		o.limit, o.size, dir)

	var g errgroup.Group
	finished, end := context.WithCancel(ctx)
	g.Go(func() error {
		defer end()
		if err := w.watch(ctx); err != nil {
			return err
		}
		if err := w.compare(); err != nil {
			return err
		}
		return w.market(ctx, w.running, dir)
	})
	if o.headless {
		if err := os.MkdirAll(filepath.Dir(o.picture), 0o755); err != nil {
			return err
		}
		err = w.draw(finished, o.picture)
	} else {
		w.show(finished)
	}
	return errors.Join(g.Wait(), err)
}
