package ui

import (
	"swarmbid/ui/dialogs"
	"swarmbid/ui/view"
	"swarmbid/ui/widgets"
)

// Prefs are the preferences the user edits. Package app carries them to those
// whose they are.
type Prefs = dialogs.Prefs

// Settings keeps what outlives the window. Calls come from the main goroutine
// and must not wait for long.
type Settings interface {
	// State returns what SaveState was given last; the zero State at first.
	State() State
	// SaveState keeps the layout of the window. It is called beside the main
	// goroutine too, but never twice at a time.
	SaveState(State) error
	// Prefs returns the present preferences.
	Prefs() Prefs
	// DefaultPrefs returns those of a new user.
	DefaultPrefs() Prefs
	// SavePrefs checks, keeps and applies preferences. An error is shown to the
	// user and nothing has changed.
	SavePrefs(Prefs) error
}

// State is the layout of the window, to be kept as JSON. The zero value is the
// layout of a new user.
type State struct {
	Width       float32               `json:"width,omitempty"` // of the window; 0 = default
	Height      float32               `json:"height,omitempty"`
	Side        float64               `json:"side,omitempty"`   // share of the width the sidebar takes; 0 = default
	Detail      float64               `json:"detail,omitempty"` // share of the height the list takes; 0 = default
	Tab         string                `json:"tab,omitempty"`
	HideToolbar bool                  `json:"hideToolbar,omitempty"`
	HideSide    bool                  `json:"hideSide,omitempty"`
	HideDetail  bool                  `json:"hideDetail,omitempty"`
	HideStatus  bool                  `json:"hideStatus,omitempty"`
	HideIcons   bool                  `json:"hideIcons,omitempty"` // of the tabs
	Tables      map[string]TableState `json:"tables,omitempty"`
	Closed      []view.Kind           `json:"closed,omitempty"`  // folded headlines of the sidebar
	Span        view.Span             `json:"span,omitempty"`    // of the speed graph
	Resolve     bool                  `json:"resolve,omitempty"` // names of peers are asked for (reverse DNS)
	Recent      []string              `json:"recent,omitempty"`  // folders chosen last, newest first
}

// TableState is the layout of one table.
type TableState struct {
	Columns []widgets.ColumnLayout `json:"columns,omitempty"`
	Order   view.Order             `json:"order"`
}
