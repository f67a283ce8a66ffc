package wallet

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"swarmbid/wallet/keystore"
)

// The words of every fixed test wallet.
const (
	abandon = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	legal   = "legal winner thank year wave sausage worth useful legal winner thank yellow"
)

func mnemonic(tb testing.TB, text string) Mnemonic {
	tb.Helper()
	m, err := ParseMnemonic([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func readJSON(tb testing.TB, file string, v any) {
	tb.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		tb.Fatal(err)
	}
}

// TestOfficialBIP39 runs trezor's vectors: twelve languages, 24 each.
func TestOfficialBIP39(t *testing.T) {
	names := map[string]Language{
		"english": English, "chinese_simplified": ChineseSimplified, "chinese_traditional": ChineseTraditional, "czech": Czech,
		"french": French, "italian": Italian, "japanese": Japanese, "korean": Korean, "portuguese": Portuguese,
		"russian": Russian, "spanish": Spanish, "turkish": Turkish,
	}
	var vectors map[string][][4]string // entropy, words, seed with passphrase TREZOR, root
	readJSON(t, "testdata/trezor.json", &vectors)
	if len(vectors) != len(names) || len(names) != int(languages) {
		t.Fatalf("%d languages", len(vectors))
	}
	for name, vs := range vectors {
		lang, ok := names[name]
		if !ok || len(vs) != 24 {
			t.Errorf("%s: %d vectors", name, len(vs))
		}
		for i, v := range vs {
			entropy, err := hex.DecodeString(v[0])
			if err != nil {
				t.Fatal(err)
			}
			made := Mnemonic{lang, keystore.NewSecret(entropy)}
			if got := norm.NFKD.String(strings.Join(made.Words(), " ")); got != norm.NFKD.String(v[1]) {
				t.Errorf("%s %d: words %q", name, i, got)
			}
			for _, form := range []norm.Form{norm.NFC, norm.NFD} {
				m, err := ParseMnemonic(form.Bytes([]byte(v[1])))
				if err != nil {
					t.Fatalf("%s %d: %v", name, i, err)
				}
				if m.lang == lang && hex.EncodeToString(m.entropy.Bytes()) != v[0] || m.Len() != len(strings.Fields(v[1])) {
					t.Errorf("%s %d: entropy %x", name, i, m.entropy.Bytes())
				}
				if form != norm.NFC {
					continue // the seed costs time
				}
				seed := m.Seed([]byte("TREZOR"))
				if hex.EncodeToString(seed.Bytes()) != v[2] {
					t.Errorf("%s %d: another seed", name, i)
				}
				n, err := root(seed.Bytes())
				if err != nil || xprv(n, 0, [4]byte{}, 0) != v[3] {
					t.Errorf("%s %d: another root, %v", name, i, err)
				}
			}
		}
	}
}

func TestWordLists(t *testing.T) {
	for lang := range languages {
		list := lang.words()
		seen := map[string]bool{}
		for _, w := range list {
			seen[norm.NFKD.String(w)] = true
		}
		if len(list) != 2048 || len(seen) != 2048 {
			t.Errorf("language %d: %d words, %d different", lang, len(list), len(seen))
		}
	}
	if languages.words() != nil {
		t.Error("a language too many")
	}
}

func TestParseMnemonicErrors(t *testing.T) {
	word := new(WordError)
	for text, want := range map[string]error{
		"":                        ErrWordCount,
		"abandon":                 ErrWordCount,
		abandon + " about":        ErrWordCount,
		abandon + " " + abandon:   ErrMnemonic,
		strings.ToUpper(abandon):  nil,
		" \n\t" + abandon + " \n": nil,
		strings.ReplaceAll(abandon, " ", "\u3000"):         nil,
		strings.Repeat("abandon ", 12):                     ErrMnemonic,
		strings.Repeat("abandon ", 27):                     ErrWordCount,
		strings.Replace(legal, "winner", "thank", 1):       ErrMnemonic,
		strings.Replace(legal, "legal winner", "x y", 1):   word,
		strings.Replace(legal, "winner", "ぶどう", 1):         word,
		strings.Replace(legal, "sausage", "sausages", 1):   word,
		string([]byte{0xff, 0xfe}) + abandon[7:]:           word,
		strings.Repeat("\x00 ", 12):                        word,
		strings.Replace(legal, "year wave", "yearwave", 1): ErrWordCount,
	} {
		m, err := ParseMnemonic([]byte(text))
		switch {
		case errors.As(want, &word):
			if !errors.As(err, &word) {
				t.Errorf("%q: %v, want a WordError", text, err)
			}
		case !errors.Is(err, want) || (want == nil) != (err == nil):
			t.Errorf("%q: %v, want %v", text, err, want)
		}
		if err != nil && m.Len() != 0 {
			t.Errorf("%q: words in spite of the error", text)
		}
	}
	_, err := ParseMnemonic([]byte(strings.Replace(legal, "sausage", "sausagge", 1)))
	if !errors.As(err, &word) || word.Position != 6 || strings.Contains(err.Error(), "sausag") {
		t.Errorf("%v", err)
	}
}

func TestNewMnemonic(t *testing.T) {
	for _, n := range []int{12, 24} {
		a, err := NewMnemonic(n)
		if err != nil || len(a.Words()) != n || a.Len() != n {
			t.Fatalf("%d words: %d, %v", n, a.Len(), err)
		}
		b, err := NewMnemonic(n)
		if err != nil || slices.Equal(a.Words(), b.Words()) {
			t.Errorf("the same words twice, %v", err)
		}
		if again := mnemonic(t, strings.Join(a.Words(), " ")); !slices.Equal(again.Words(), a.Words()) {
			t.Error("other words after reading them")
		}
		a.Zero()
		if a.Len() != 0 || a.Words() != nil {
			t.Error("words after Zero")
		}
	}
	for _, n := range []int{0, 11, 15, 18, 21, 25} {
		if _, err := NewMnemonic(n); !errors.Is(err, ErrWordCount) {
			t.Errorf("%d words: %v", n, err)
		}
	}
}

// TestMnemonicHidden: however a Mnemonic is printed, no word is seen.
func TestMnemonicHidden(t *testing.T) {
	m := mnemonic(t, legal)
	b, err := json.Marshal([]any{m})
	shown := string(b)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q", "%t"} {
		shown += fmt.Sprintf(verb+verb+verb, m, &m, []Mnemonic{m})
	}
	for _, form := range []string{"7f7f", "7F7F", "127 127", "0x7f, 0x7f", "winner", "f39/f39/"} {
		if strings.Contains(shown, form) || err != nil {
			t.Errorf("%s is shown, %v", form, err)
		}
	}
}

func TestSuggest(t *testing.T) {
	for _, tt := range []struct {
		lang  Language
		typed string
		n     int
		want  []string
	}{
		{English, "aban", 5, []string{"abandon"}},
		{English, " ZO", 5, []string{"zone", "zoo"}},
		{English, "ab", 2, []string{"abandon", "ability"}},
		{English, "sausaeg", 5, []string{"sausage"}},
		{English, "sausge", 5, []string{"sausage"}},
		{English, "sauzzage", 5, []string{"sausage"}},
		{English, "xxxxxxxxx", 5, nil},
		{English, "", 5, nil},
		{English, strings.Repeat("a", 65), 5, nil},
		{English, "a", 0, []string{}},
		{German, "a", 5, nil},
		{Russian, "абз", 5, []string{"абзац"}},
		{Spanish, "ábac", 5, []string{"ábaco"}},
	} {
		got := Suggest(tt.lang, tt.typed, tt.n)
		for i := range got {
			got[i] = norm.NFC.String(got[i])
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.typed, got, tt.want)
		}
	}
}

// German has no list of BIP-39.
const German = languages

func FuzzParseMnemonic(f *testing.F) {
	f.Add(abandon)
	f.Add(legal)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMnemonic([]byte(text))
		if err != nil {
			return
		}
		if again := mnemonic(t, strings.Join(m.Words(), " ")); string(again.entropy.Bytes()) != string(m.entropy.Bytes()) {
			t.Fatal("read again, another entropy")
		}
	})
}
