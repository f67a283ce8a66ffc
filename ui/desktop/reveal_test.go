package desktop

import (
	"net/url"
	"strings"
	"testing"
)

func TestFileURL(t *testing.T) {
	for _, path := range []string{"/a/b", "/a b/c,d", "/x?y#z", "/100%", "/ä/🐝", `/"$(calc)"`} {
		s := fileURL(path)
		u, err := url.Parse(s)
		if err != nil || u.Path != path || u.Scheme != "file" || strings.ContainsAny(s, ", \"") {
			t.Errorf("%q becomes %q", path, s)
		}
	}
}

// Whatever the name, Explorer gets one switch and one path.
func TestSelectArgs(t *testing.T) {
	for path, want := range map[string]string{
		`C:\a b\c,d & $(calc).mkv`: `"C:\Windows\explorer.exe" /select,"C:\a b\c,d & $(calc).mkv"`,
		`C:\x" /root,"C:\y`:        `"C:\Windows\explorer.exe" /select,"C:\x /root,C:\y"`,
	} {
		if got := selectArgs(`C:\Windows\explorer.exe`, path); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
