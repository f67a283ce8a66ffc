package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"swarmbid/ui/sample"
)

func main() {
	n := flag.Int("n", 0, "number of torrents; all of them change every second")
	dir := flag.String("png", "", "write every view to this folder instead of showing the window")
	lang := flag.String("lang", "en", "language")
	theme := flag.String("theme", "light", "light or dark")
	only := flag.String("only", "", "with -png: this view only")
	bare := flag.Bool("bare", false, "an empty window in which one word changes every second: what any window costs")
	length := flag.Duration("for", 0, "close the window after this time")
	width := flag.Int("width", 1180, "of the pictures")
	height := flag.Int("height", 720, "of the pictures")
	scale := flag.Float64("scale", 1, "of the pictures")
	flag.Parse()
	if *dir != "" {
		if err := pictures(*dir, *only, fyne.NewSize(float32(*width), float32(*height)), float32(*scale)); err != nil {
			fmt.Fprintln(os.Stderr, "story:", err)
			os.Exit(1)
		}
		return
	}
	if *bare {
		showBare(*length)
		return
	}
	show(*n, *lang, *theme, *length)
}

// showBare runs a window with nothing of ours in it, the yardstick of show.
func showBare(length time.Duration) {
	a := app.NewWithID("org.swarmbid.story")
	w := a.NewWindow("bare")
	word := widget.NewLabel("")
	w.SetContent(word)
	w.Resize(fyne.NewSize(1180, 720))
	began := time.Now()
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for now := range tick.C {
			if length > 0 && now.Sub(began) >= length {
				fyne.Do(a.Quit)
				return
			}
			fyne.Do(func() { word.SetText(now.Format(time.TimeOnly)) })
		}
	}()
	w.ShowAndRun()
}

// pictures draws every view without a display.
func pictures(dir, only string, size fyne.Size, scale float32) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, lang := range []string{"en", "de"} {
		for _, theme := range []string{"light", "dark"} {
			draw := func(s sample.Scene, stage func(fyne.App) *sample.Stage) error {
				if only != "" && s.Name != only {
					return nil
				}
				return picture(filepath.Join(dir, fmt.Sprintf("%s-%s-%s.png", s.Name, lang, theme)), s, stage, size, scale)
			}
			for _, s := range slices.Concat(sample.Scenes(), sample.MarketScenes()) {
				if err := draw(s, func(a fyne.App) *sample.Stage { return sample.NewStage(a, 0, lang, theme, size) }); err != nil {
					return err
				}
			}
			for _, s := range sample.WalletScenes() {
				stage := func(a fyne.App) *sample.Stage {
					return sample.NewWalletStage(a, sample.NewWallet(s.Phase), lang, theme, size)
				}
				if err := draw(s.Scene, stage); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// picture draws one view of a window that stage makes.
func picture(path string, s sample.Scene, stage func(fyne.App) *sample.Stage, size fyne.Size, scale float32) error {
	a := test.NewApp()
	defer test.NewApp() // Fyne keeps the last one: let go of the window
	st := stage(a)
	w := st.UI.Window()
	if c, ok := w.Canvas().(software.WindowlessCanvas); ok {
		c.SetScale(scale)
	}
	w.Resize(size)
	st.UI.Show()
	st.Play(90)
	s.Set(st)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, w.Canvas().Capture()), f.Close())
}

// show runs the window until it is closed.
func show(n int, lang, theme string, length time.Duration) {
	a := app.NewWithID("org.swarmbid.story")
	st := sample.NewStage(a, n, lang, theme, fyne.NewSize(1180, 720))
	ctx, cancel := context.WithCancel(context.Background())
	if length > 0 {
		ctx, cancel = context.WithTimeout(ctx, length)
	}
	defer cancel()
	go func() {
		if err := st.UI.Follow(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "story:", err)
		}
		fyne.Do(a.Quit)
	}()
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				st.Engine.Tick(n > 0)
			}
		}
	}()
	st.UI.Show()
	a.Run()
}
