package assets

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed licences.json
var licences []byte

// Licence says under which terms the program uses a module.
type Licence struct {
	Module  string `json:"module"`
	Version string `json:"version"`
	Licence string `json:"licence"` // as SPDX names it; several are joined with AND
}

// Licences lists the modules in the program, by name. It panics when the list that
// was built in cannot be read, which its test rules out.
func Licences() []Licence {
	var out []Licence
	if err := json.Unmarshal(licences, &out); err != nil {
		panic(fmt.Sprintf("assets: licences: %v", err)) //nolint:forbidigo // built in and tested
	}
	return out
}
