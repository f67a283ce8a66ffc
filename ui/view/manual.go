package view

import "strings"

// Chapter is one part of the manual.
type Chapter struct {
	Title      string
	Paragraphs []string
}

// Manual reads the manual: a line that begins with «# » is the title of a chapter, and
// paragraphs have an empty line between them. What stands before the first title is
// left out.
func Manual(text string) (list []Chapter) {
	for block := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		block = strings.Join(strings.Fields(block), " ")
		switch title, ok := strings.CutPrefix(block, "# "); {
		case ok:
			list = append(list, Chapter{Title: title})
		case block != "" && len(list) > 0:
			c := &list[len(list)-1]
			c.Paragraphs = append(c.Paragraphs, block)
		}
	}
	return list
}
