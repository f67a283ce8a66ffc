package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"swarmbid/ui/view"
)

// showReport shows what paying has bought the current torrent.
func (u *UI) showReport() {
	t := u.frame.find(u.current())
	if u.p.Wallet == nil || t == nil || u.busy() {
		return
	}
	ih, name := t.InfoHash, t.Name
	var r view.SpeedReport
	u.do("report.title", func(ctx context.Context) (err error) {
		r, err = u.p.Wallet.Report(ctx, ih)
		return err
	}, func() {
		if u.busy() {
			return
		}
		f := &view.Format{Locale: u.loc, Now: u.frame.snap.At}
		u.host().Report(name, f.ReportHead(&r), f.ReportFacts(&r))
	})
}

// reportItem is the report's place in the menu of torrents; nil without a wallet.
func (u *UI) reportItem(one bool) []*fyne.MenuItem {
	if u.p.Wallet == nil {
		return nil
	}
	return []*fyne.MenuItem{fyne.NewMenuItemSeparator(), enabled(u.item("report.menu", u.showReport), one)}
}
