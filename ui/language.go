package ui

import (
	"encoding/json"

	"fyne.io/fyne/v2/lang"

	"swarmbid/ui/view"
)

// forceFyne gives Fyne's own texts, those of the context menu of entries, the
// language of the window. Fyne goes by the system's language and has no other
// way to change it.
func (u *UI) forceFyne(l *view.Locale) {
	words := map[string]string{
		"Cut": l.T("fyne.cut"), "Copy": l.T("menu.copy"), "Paste": l.T("fyne.paste"), "Select all": l.T("fyne.selectAll"),
		"Undo": l.T("fyne.undo"), "Redo": l.T("fyne.redo"), "(Select one)": l.T("fyne.selectOne"),
		"Quit": l.T("menu.quit"), // of the systray's menu
	}
	data, err := json.Marshal(words)
	if err == nil {
		err = lang.AddTranslationsForLocale(data, lang.SystemLocale())
	}
	if err != nil {
		u.p.Log.Error("texts of the toolkit not translated", "err", err)
	}
}
