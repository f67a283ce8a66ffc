package desktop

import (
	"net/url"
	"path/filepath"
	"strings"
)

// fileURL is the address of an absolute path of a freedesktop.org system. Commas
// are written as %2C, for dbus-send separates the parts of an array by them.
func fileURL(path string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	return strings.ReplaceAll(u.String(), ",", "%2C")
}

// selectArgs is the command line with which Explorer shows a folder with one file
// selected. File names have no quotation marks in Windows, so that no name can end
// the argument.
func selectArgs(explorer, path string) string {
	return `"` + explorer + `" /select,"` + strings.ReplaceAll(path, `"`, "") + `"`
}
