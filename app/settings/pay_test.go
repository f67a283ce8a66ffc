package settings

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestPayIsOffInOldFiles: a file of before there were payments is read and moves no
// money, and neither does one whose group cannot be used.
func TestPayIsOffInOldFiles(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "v1.json"))
	must(t, err)
	var file tree
	must(t, json.Unmarshal(b, &file))
	for name, c := range map[string]struct {
		group json.RawMessage // nil = there is none
		want  Pay
	}{
		"none":    {nil, DefaultPay()},
		"part":    {json.RawMessage(`{"on":true,"future":1}`), Pay{On: true, PeerCap: DefaultPay().PeerCap, RedeemFee: 5, Line: DefaultPay().Line}},
		"damaged": {json.RawMessage(`{"on":true,"redeemFeePercent":0}`), DefaultPay()},
		"fee":     {json.RawMessage(`{"on":true,"redeemFeePercent":"5"}`), DefaultPay()},
	} {
		delete(file, "pay")
		if c.group != nil {
			file["pay"] = c.group
		}
		raw, err := json.Marshal(file)
		must(t, err)
		path := filepath.Join(t.TempDir(), "settings.json")
		must(t, os.WriteFile(path, raw, 0o600))
		st, _, err := Open(path, Default(absolute(t)))
		must(t, err)
		if got := st.Get(); got.Pay != c.want || got.Queue.MaxActive != 3 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if d := DefaultPay(); d.On || d.AutoRedeem {
		t.Errorf("a new user pays: %+v", d)
	}
}

func TestPayValidate(t *testing.T) {
	for name, spoil := range map[string]func(*Pay){
		"negative cap":   func(p *Pay) { p.PeerCap = -1 },
		"large cap":      func(p *Pay) { p.PeerCap = maxMoney + 1 },
		"no fee":         func(p *Pay) { p.RedeemFee = 0 },
		"large fee":      func(p *Pay) { p.RedeemFee = 101 },
		"negative line":  func(p *Pay) { p.Line = -1 },
		"a great line":   func(p *Pay) { p.Line = maxMoney + 1 },
		"negative floor": func(p *Pay) { p.Floor = -1 },
		"a great floor":  func(p *Pay) { p.Floor = maxMoney + 1 },
	} {
		s := Default(absolute(t))
		s.Pay.On = true
		spoil(&s.Pay)
		if err := s.Validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		def := Default("/d")
		if err := s.repair(&def); err == nil || s.Pay != DefaultPay() {
			t.Errorf("%s: repaired with %v to %+v", name, err, s.Pay)
		}
	}
}
