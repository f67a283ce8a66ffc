package wallet

import (
	_ "embed" // three word lists
	"slices"
	"strings"

	"github.com/tyler-smith/go-bip39/wordlists"
	"golang.org/x/text/unicode/norm"
)

// Language is one of the word lists of BIP-39. The numbers are written to files.
type Language uint8

// The languages. The first is the one of new wallets.
const (
	English Language = iota
	ChineseSimplified
	ChineseTraditional
	Czech
	French
	Italian
	Japanese
	Korean
	Portuguese
	Russian
	Spanish
	Turkish

	languages // how many there are
)

//go:embed words/portuguese.txt
var portuguese string

//go:embed words/russian.txt
var russian string

//go:embed words/turkish.txt
var turkish string

// words returns the list of 2,048 words, nil for an unknown language. Nobody
// writes to it.
func (l Language) words() []string {
	switch l {
	case English:
		return wordlists.English
	case ChineseSimplified:
		return wordlists.ChineseSimplified
	case ChineseTraditional:
		return wordlists.ChineseTraditional
	case Czech:
		return wordlists.Czech
	case French:
		return wordlists.French
	case Italian:
		return wordlists.Italian
	case Japanese:
		return wordlists.Japanese
	case Korean:
		return wordlists.Korean
	case Portuguese:
		return strings.Fields(portuguese)
	case Russian:
		return strings.Fields(russian)
	case Spanish:
		return wordlists.Spanish
	case Turkish:
		return strings.Fields(turkish)
	case languages:
	}
	return nil
}

// Suggest returns at most n words of a language for what the user typed: those
// that begin so, or if there are none, those that differ in the fewest places.
func Suggest(lang Language, typed string, n int) []string {
	typed = norm.NFKD.String(strings.ToLower(strings.TrimSpace(typed)))
	if typed == "" || len(typed) > 64 {
		return nil
	}
	var found []string
	list := lang.words()
	for _, w := range list {
		if strings.HasPrefix(norm.NFKD.String(w), typed) {
			found = append(found, w)
		}
	}
	for limit := 1; len(found) == 0 && limit <= 2; limit++ {
		for _, w := range list {
			if distance([]rune(typed), []rune(norm.NFKD.String(w))) == limit {
				found = append(found, w)
			}
		}
	}
	return found[:min(len(found), max(n, 0))]
}

// distance counts the letters to insert, remove, replace or swap with their
// neighbour to get from a to b (optimal string alignment).
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range b {
		rows[0][j+1] = j + 1
	}
	for i := range a {
		for j := range b {
			d := rows[i][j]
			if a[i] != b[j] {
				d++
			}
			d = slices.Min([]int{d, rows[i][j+1] + 1, rows[i+1][j] + 1})
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = d
		}
	}
	return rows[len(a)][len(b)]
}
