package view

// FactColumns is the number of columns of label and value in a FactGroup.
const FactColumns = 3

// Fact is one label with its value.
type Fact struct {
	Label, Value string
	Span         int // columns it takes; 0 is 1
}

// FactGroup is facts below a headline.
type FactGroup struct {
	Title string
	Facts []Fact
}

// SameLabels reports whether g and h differ in nothing but values.
func (g *FactGroup) SameLabels(h *FactGroup) bool {
	if g.Title != h.Title || len(g.Facts) != len(h.Facts) {
		return false
	}
	for i := range g.Facts {
		if g.Facts[i].Label != h.Facts[i].Label || g.Facts[i].Span != h.Facts[i].Span {
			return false
		}
	}
	return true
}
