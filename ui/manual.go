package ui

import (
	"fyne.io/fyne/v2"

	"swarmbid/assets"
	"swarmbid/ui/view"
)

// showManual shows the guide for users in the language of the window.
func (u *UI) showManual() {
	if u.busy() {
		return
	}
	text := assets.Manual(u.loc.Lang())
	if text == "" {
		text = assets.Manual(assets.Languages()[0])
	}
	u.host().Manual(u.loc.T("manual.title"), view.Manual(text))
}

// tabIconsItem is the menu item that shows and hides the icons of the tabs.
func (u *UI) tabIconsItem() *fyne.MenuItem {
	return ticked(u.item("menu.tabIcons", func() {
		u.state.HideIcons = !u.state.HideIcons
		u.parts.tabs.bar.SetTabs(u.tabTitles())
		u.publish()
	}), !u.state.HideIcons)
}
