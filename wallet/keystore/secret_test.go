package keystore

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestRedacted(t *testing.T) {
	const word = "abandon"
	s := NewSecret([]byte(word))
	type hidden struct {
		n int
		s Secret
		p *Secret
		m map[string]Secret
		l []Secret
	}
	type shown struct {
		S Secret
		P *Secret
		M map[string]Secret
		L []Secret
		H hidden
	}
	h := hidden{1, s, &s, map[string]Secret{"a": s}, []Secret{s}}
	values := []any{s, &s, h, &h, shown{s, &s, map[string]Secret{"a": s}, []Secret{s}, h}, []any{s}, map[string]any{"k": s}}
	var out bytes.Buffer
	text, jsonLog := slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%e", "%t", "%20v", "%w"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		fmt.Fprintln(&out, v)
		b, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		out.Write(b)
		if b, err := xml.Marshal(v); err == nil {
			out.Write(b)
		}
		text.Info("x", "v", v)
		jsonLog.Info("x", "v", v)
		fmt.Fprintln(&out, errors.Join(fmt.Errorf("failed with %v", v)))
	}
	got := out.String()
	for _, form := range []string{
		word, strings.ToUpper(word),
		fmt.Sprintf("%x", word), fmt.Sprintf("%X", word),
		"97 98 97 110", fmt.Sprintf("%#v", []byte(word)), "YWJhbmRvbg", // base64
		"97 98 97", "0x61, 0x62", "141 142 141", "1100001 1100010",
	} {
		if strings.Contains(got, form) {
			t.Errorf("%q is shown", form)
		}
	}
	if n := strings.Count(got, redacted); n < 100 {
		t.Errorf("only %d times redacted: the test sees nothing", n)
	}
	if s.String() != redacted {
		t.Error(s.String())
	}
}

func TestZero(t *testing.T) {
	b := []byte{1, 2, 3}
	s := NewSecret(b)
	other := s
	s.Zero()
	if !bytes.Equal(b, make([]byte, 3)) || other.Bytes() != nil || s.Bytes() != nil {
		t.Errorf("%v, %v", b, other.Bytes())
	}
	Secret{}.Zero()
	if (Secret{}).Bytes() != nil {
		t.Error("the zero value has bytes")
	}
}
