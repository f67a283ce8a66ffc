package ui

import "swarmbid/ui/dialogs"

// firstRun shows the setup guide to a user who has not seen it.
func (u *UI) firstRun() {
	if !u.prefs.GuideDone && !u.busy() {
		u.showGuide()
	}
}

// showGuide shows the setup guide from its first step.
func (u *UI) showGuide() {
	if !u.busy() {
		u.guideStep(dialogs.GuideLanguage)
	}
}

// guideStep shows one step. Each is kept as soon as it is left, so that the next is
// in the language just chosen; closing the guide at any step counts as having seen
// it.
func (u *UI) guideStep(step dialogs.GuideStep) {
	f := u.host().Guide(dialogs.GuideParams{Step: step, Prefs: u.p.Settings.Prefs(), Done: func(p Prefs, next dialogs.GuideStep) {
		p.GuideDone = true
		if err := u.savePrefs(p); err != nil {
			u.fail("menu.guide", err)
			return
		}
		if !step.Last() || next < step {
			u.guideStep(next)
		}
	}})
	f.OnClosed = func() {
		if p := u.p.Settings.Prefs(); !p.GuideDone {
			p.GuideDone = true
			if err := u.savePrefs(p); err != nil {
				u.fail("menu.guide", err)
			}
		}
		u.focusList()
	}
}
