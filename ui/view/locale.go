package view

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Locale is a language with its ways to write numbers and times. It is
// immutable and may be shared. The zero value is English with keys for words.
type Locale struct {
	lang    string
	words   map[string]string
	decimal byte // '.' when 0
	group   string
	date    string
	zone    *time.Location
}

// ParseLocale reads the words of a language, one flat JSON object of strings,
// and adds the number and date forms of that language. Times are written in
// zone; nil is UTC.
func ParseLocale(lang string, data []byte, zone *time.Location) (*Locale, error) {
	l := &Locale{lang: lang, zone: zone, decimal: '.', group: ",", date: "2006-01-02 15:04"}
	if lang == "de" {
		l.decimal, l.group, l.date = ',', ".", "02.01.2006 15:04"
	}
	if err := json.Unmarshal(data, &l.words); err != nil {
		return nil, fmt.Errorf("view: words of %q: %w", lang, err)
	}
	return l, nil
}

// Lang returns the code of the language, such as "de".
func (l *Locale) Lang() string { return l.lang }

// T returns the text of key, with the verbs of package fmt replaced by args. A
// missing text is answered with its key, so that the window shows what to mend.
func (l *Locale) T(key string, args ...any) string {
	s, ok := l.words[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return s
	}
	return fmt.Sprintf(s, args...)
}

// Tip returns what there is to say of the thing with the label key beyond it; "" is
// nothing.
func (l *Locale) Tip(key string) string { return l.words[key+".tip"] }

// N returns the text of key for a count: key.one for 1, key.other otherwise. %s
// in the text is replaced by the count, written with separators.
func (l *Locale) N(key string, n int) string {
	form := l.T(key + ".other")
	if n == 1 {
		form = l.T(key + ".one")
	}
	return strings.ReplaceAll(form, "%s", l.Int(int64(n)))
}

// Keys returns the keys there are texts for, in no order.
func (l *Locale) Keys() []string {
	keys := make([]string, 0, len(l.words))
	for k := range l.words {
		keys = append(keys, k)
	}
	return keys
}

// Format is a Locale at an instant: what is needed to write a row. Pass it by
// pointer; it is not changed.
type Format struct {
	*Locale
	Now time.Time // the instant ages and countdowns are measured from
}
