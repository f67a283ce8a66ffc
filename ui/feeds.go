package ui

import (
	"context"
	"net/url"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"swarmbid/engine/swarm"
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
)

// feedPage stands in place of the list while the sidebar is at a feed.
type feedPage struct {
	u     *UI
	box   *fyne.Container
	under fyne.CanvasObject // what the page hides
	items *pane[view.FeedRow, view.FeedKey]
	empty *canvas.Text
}

// feedAsk is what the page is to show.
type feedAsk struct {
	shown  bool
	which  view.Filter
	search string
	items  tableAsk
}

func (u *UI) newFeedPage() *feedPage {
	if u.p.Feeds == nil {
		return nil
	}
	p := &feedPage{u: u, empty: dimText("", fyne.TextAlignCenter)}
	p.items = newPane(u, "feeds", view.FeedColumns(), (*view.FeedRow).ID)
	if p.items.table.Order().Column == "" {
		p.items.table.SetOrder(view.Order{Column: "at", Desc: true})
	}
	p.items.copy = u.copyFeedLinks
	p.items.table.OnActivate = func(int) { u.takeItems() }
	p.items.table.OnMenu = func(at fyne.Position) {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", u.feedItems()...), u.win.Canvas(), at)
	}
	p.box = container.NewStack(p.items.table, container.NewCenter(p.empty))
	return p
}

// feedsShown reports whether the page stands in place of the list.
func (u *UI) feedsShown() bool {
	k := u.parts.filter.Kind
	return u.p.Feeds != nil && (k == view.GroupFeeds || k == view.ByFeed)
}

// feedsChanged is never ready without feeds.
func (u *UI) feedsChanged() <-chan struct{} {
	if u.p.Feeds == nil {
		return nil
	}
	return u.p.Feeds.Changed()
}

// withFeeds adds the feeds to the sidebar.
func (u *UI) withFeeds(f *view.Format, rows []*view.Entry, a *ask) []*view.Entry {
	if u.p.Feeds == nil {
		return rows
	}
	feeds, _ := u.p.Feeds.View()
	return view.WithFeeds(f, rows, feeds, a.closed)
}

func (u *UI) feedAsk() (a feedAsk) {
	if u.parts.feeds == nil || !u.feedsShown() {
		return a
	}
	return feedAsk{true, u.parts.filter, u.parts.search.Text, u.parts.feeds.items.ask()}
}

// buildFeeds adds what the page shows. It runs beside the main goroutine.
func (u *UI) buildFeeds(f *view.Format, a *ask, fr *frame) {
	if u.p.Feeds == nil || !a.feeds.shown {
		return
	}
	feeds, _ := u.p.Feeds.View()
	fr.items = view.FeedItems(f, feeds, a.feeds.which, a.feeds.search, a.feeds.items.order, a.feeds.items.show)
}

// underFeeds lays the page over what is below it, of which one is visible.
func (u *UI) underFeeds(main fyne.CanvasObject) fyne.CanvasObject {
	p := u.parts.feeds
	if p == nil {
		return main
	}
	p.under = main
	setVisible(p.box, u.feedsShown())
	setVisible(p.under, !u.feedsShown())
	return container.NewStack(main, p.box)
}

// apply shows a frame.
func (p *feedPage) apply(f *frame) {
	if p == nil {
		return
	}
	setVisible(p.box, f.ask.feeds.shown)
	setVisible(p.under, !f.ask.feeds.shown)
	if f.items == nil {
		return
	}
	p.items.show(f.items)
	words := ""
	if f.items.Len() == 0 {
		words = f.ask.loc.T("feed.empty")
		if x := p.u.feed(f.ask.feeds.which.Value); x != nil && x.Error != "" {
			words = x.Error
		}
	}
	setText(p.empty, words)
}

// feed returns a feed by its ID, nil if it is gone.
func (u *UI) feed(id string) *swarm.Feed {
	feeds, _ := u.p.Feeds.View()
	for i := range feeds {
		if feeds[i].ID == id {
			return &feeds[i]
		}
	}
	return nil
}

// feedItem is a menu item that needs feeds.
func (u *UI) feedItem(key string, run func()) *fyne.MenuItem {
	return enabled(u.item(key, run), u.p.Feeds != nil)
}

// feedItems is the context menu of the page.
func (u *UI) feedItems() []*fyne.MenuItem {
	n, one := len(u.parts.feeds.items.chosen()), u.parts.filter.Kind == view.ByFeed
	return []*fyne.MenuItem{
		enabled(u.item("feed.download", u.takeItems), n > 0), enabled(u.item("feed.copy", u.copyFeedLinks), n > 0), fyne.NewMenuItemSeparator(),
		u.item("feed.seen", u.seenFeeds), u.item("feed.refresh", u.refreshFeeds), fyne.NewMenuItemSeparator(),
		u.item("menu.addFeed", u.addFeed), enabled(u.item("feed.edit", u.editFeed), one), enabled(u.item("feed.drop", u.dropFeed), one), u.item("menu.filters", u.showFilters),
	}
}

// shownFeeds are the feeds of the page: nil for all.
func (u *UI) shownFeeds() []string {
	if u.parts.filter.Kind == view.ByFeed {
		return []string{u.parts.filter.Value}
	}
	return nil
}

// takeItems adds the chosen items as if their links had been pasted.
func (u *UI) takeItems() {
	if u.busy() {
		return
	}
	var list []swarm.Source
	var taken []view.FeedKey
	for _, r := range u.parts.feeds.items.chosen() {
		if r.HasSource() {
			list, taken = append(list, r.Source), append(taken, r.ID())
		}
	}
	if len(list) == 0 {
		u.say(u.loc.T("feed.noTorrent"))
		return
	}
	u.do("do.feed", func(ctx context.Context) error {
		for _, k := range taken {
			if err := u.p.Feeds.Taken(ctx, k.Feed, k.Key); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	u.addSources(list[:min(len(list), maxSources)])
}

func (u *UI) copyFeedLinks() {
	var lines []string
	for _, r := range u.parts.feeds.items.chosen() {
		if r.HasSource() {
			lines = append(lines, r.Source.Magnet+r.Source.URL)
		}
	}
	u.copy(strings.Join(lines, "\n"))
}

func (u *UI) seenFeeds() {
	ids := u.shownFeeds()
	if ids == nil {
		feeds, _ := u.p.Feeds.View()
		for i := range feeds {
			ids = append(ids, feeds[i].ID)
		}
	}
	u.do("do.feed", func(ctx context.Context) error { return u.p.Feeds.Seen(ctx, ids...) }, nil)
}

func (u *UI) refreshFeeds() {
	ids := u.shownFeeds()
	u.do("do.feed", func(ctx context.Context) error { return u.p.Feeds.Refresh(ctx, ids...) }, nil)
}

// showFeeds shows the items of all feeds.
func (u *UI) showFeeds() {
	if u.p.Feeds != nil {
		u.parts.side.Select(view.Filter{Kind: view.GroupFeeds})
	}
}

// addFeed asks for a feed and offers the address on the clipboard.
func (u *UI) addFeed() {
	if u.p.Feeds == nil || u.busy() {
		return
	}
	text := strings.TrimSpace(u.p.App.Clipboard().Content())
	if x, err := url.Parse(text); err != nil || x.Host == "" || x.Scheme != "http" && x.Scheme != "https" {
		text = ""
	}
	u.host().Feed(u.loc.T("feed.addTitle"), text, "", func(address, name string) {
		id := ""
		u.do("do.feed", func(ctx context.Context) (err error) {
			id, err = u.p.Feeds.Follow(ctx, address, name)
			return err
		}, func() {
			u.now() // so that the sidebar has it
			u.parts.side.Select(view.Filter{Kind: view.ByFeed, Value: id})
		})
	})
}

func (u *UI) editFeed() {
	x := u.feed(u.parts.filter.Value)
	if x == nil || u.busy() {
		return
	}
	id := x.ID
	u.host().Feed(u.loc.T("feed.editTitle"), x.URL, x.Name, func(address, name string) {
		u.do("do.feed", func(ctx context.Context) error { return u.p.Feeds.Edit(ctx, id, address, name) }, nil)
	})
}

func (u *UI) dropFeed() {
	x := u.feed(u.parts.filter.Value)
	if x == nil || u.busy() {
		return
	}
	id := x.ID
	u.host().Confirm(u.loc.T("feed.dropTitle"), view.Advice{What: u.loc.T("feed.dropAsk", x.Label()), Do: u.loc.T("feed.dropNote")}, u.loc.T("remove.ok"), func() {
		u.do("do.feed", func(ctx context.Context) error { return u.p.Feeds.Drop(ctx, id) }, func() {
			u.parts.side.Select(view.Filter{Kind: view.GroupFeeds})
		})
	})
}

// checkFilter says what is wrong with a filter; "" is nothing.
func (u *UI) checkFilter(f *swarm.FeedFilter) string {
	if err := u.p.Feeds.Check(f); err != nil {
		a := u.explain(err)
		return strings.TrimSpace(a.What + " " + a.Do)
	}
	return ""
}

// showFilters edits what is added from feeds by itself.
func (u *UI) showFilters() {
	if u.p.Feeds == nil || u.busy() {
		return
	}
	feeds, filters := u.p.Feeds.View()
	u.host().FeedFilters(dialogs.FiltersParams{Feeds: feeds, Filters: filters, Loads: u.p.Feeds.Loads(), Check: u.checkFilter, Save: func(fs []swarm.FeedFilter) {
		u.do("do.feed", func(ctx context.Context) error { return u.p.Feeds.SetFilters(ctx, fs) }, nil)
	}})
}
