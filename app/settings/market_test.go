package settings

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestMarketIsOffInOldFiles: a file of before there was a market is read, and the
// market is off; one with a part of the group keeps the defaults of the rest.
func TestMarketIsOffInOldFiles(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "v1.json"))
	must(t, err)
	var file tree
	must(t, json.Unmarshal(b, &file))
	for name, c := range map[string]struct {
		group json.RawMessage // nil = there is none
		want  Market
	}{
		"none":      {nil, DefaultMarket()},
		"part":      {json.RawMessage(`{"on":true,"future":1}`), Market{On: true, FreeShare: 20, ReserveRarity: true, BidMode: "off", Spending: 10}},
		"no object": {json.RawMessage(`7`), DefaultMarket()},
		"damaged":   {json.RawMessage(`{"on":true,"freeSharePercent":5}`), DefaultMarket()},
	} {
		delete(file, "market")
		if c.group != nil {
			file["market"] = c.group
		}
		raw, err := json.Marshal(file)
		must(t, err)
		path := filepath.Join(t.TempDir(), "settings.json")
		must(t, os.WriteFile(path, raw, 0o600))
		st, _, err := Open(path, Default(absolute(t)))
		must(t, err)
		if got := st.Get(); got.Market != c.want || got.Queue.MaxActive != 3 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestMarketValidate(t *testing.T) {
	for name, spoil := range map[string]func(*Market){
		"small share": func(m *Market) { m.FreeShare = 9 },
		"large share": func(m *Market) { m.FreeShare = 101 },
		"reserve":     func(m *Market) { m.Reserve = -1 },
		"price":       func(m *Market) { m.MaxPrice = maxMoney + 1 },
		"torrent":     func(m *Market) { m.MaxTorrent = -1 },
		"day":         func(m *Market) { m.MaxDay = maxMoney + 1 },
		"mode":        func(m *Market) { m.BidMode = "vellum" },
		"spending":    func(m *Market) { m.Spending = 11 },
		"no spending": func(m *Market) { m.Spending = -1 },
	} {
		s := Default(absolute(t))
		spoil(&s.Market)
		if err := s.Validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		def := Default("/d")
		if err := s.repair(&def); err == nil || s.Market != DefaultMarket() {
			t.Errorf("%s: repaired with %v to %+v", name, err, s.Market)
		}
	}
}
