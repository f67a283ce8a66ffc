package view

import (
	"testing"
	"time"
)

func TestFormats(t *testing.T) {
	en, de := locale(t, "en"), locale(t, "de")
	for _, c := range []struct{ name, en, wantEN, de, wantDE string }{
		{"no bytes", en.Bytes(0), "0 B", de.Bytes(0), "0 B"},
		{"below a KiB", en.Bytes(1023), "1023 B", de.Bytes(1023), "1023 B"},
		{"a KiB", en.Bytes(1024), "1.0 KiB", de.Bytes(1024), "1,0 KiB"},
		{"not 1024.0 KiB", en.Bytes(1<<20 - 1), "1.0 MiB", de.Bytes(1<<20 - 1), "1,0 MiB"},
		{"MiB have one decimal", en.Bytes(15_000_000), "14.3 MiB", de.Bytes(15_000_000), "14,3 MiB"},
		{"GiB have two", en.Bytes(6_820_000_000), "6.35 GiB", de.Bytes(6_820_000_000), "6,35 GiB"},
		{"the largest", en.Bytes(1<<63 - 1), "8.00 EiB", de.Bytes(1<<63 - 1), "8,00 EiB"},
		{"negative", en.Bytes(-2048), "-2.0 KiB", de.Bytes(-2048), "-2,0 KiB"},
		{"rate", en.Rate(2 << 20), "2.0 MiB/s", de.Rate(2 << 20), "2,0 MiB/s"},
		{"no limit", en.Limit(0), "Unlimited", de.Limit(0), "Unbegrenzt"},
		{"a limit", en.Limit(51200), "50.0 KiB/s", de.Limit(51200), "50,0 KiB/s"},
		{"percent", en.Percent(0.4567), "45.7 %", de.Percent(0.4567), "45,7 %"},
		{"almost all is not all", en.Percent(0.99999), "99.9 %", de.Percent(0.99999), "99,9 %"},
		{"all", en.Percent(1), "100.0 %", de.Percent(1), "100,0 %"},
		{"ratio", string(en.AppendRatio(nil, 1234)), "1.234", string(de.AppendRatio(nil, 1234)), "1,234"},
		{"thousands", en.Int(1234567), "1,234,567", de.Int(1234567), "1.234.567"},
		{"hundreds", en.Int(-999), "-999", de.Int(-999), "-999"},
		{"seconds", en.Duration(45 * time.Second), "45s", de.Duration(45 * time.Second), "45s"},
		{"zero", en.Duration(0), "0s", de.Duration(-time.Hour), "0s"},
		{"minutes", en.Duration(725 * time.Second), "12m 5s", de.Duration(725 * time.Second), "12m 5s"},
		{"a unit without rest", en.Duration(2 * time.Hour), "2h", de.Duration(2 * time.Hour), "2h"},
		{"days", en.Duration(52 * time.Hour), "2d 4h", de.Duration(52 * time.Hour), "2T 4h"},
		{"years", en.Duration(400 * 24 * time.Hour), "1y 5w", de.Duration(400 * 24 * time.Hour), "1J 5W"},
		{"time", en.Time(at()), "2026-11-20 14:05", de.Time(at()), "20.11.2026 14:05"},
		{"never", en.Time(time.Time{}), "", de.Time(time.Time{}), ""},
		{"of a swarm", string(en.AppendOf(nil, 3, 120)), "3 (120)", string(de.AppendOf(nil, 3, -1)), "3"},
		{"one", en.N("status.torrents", 1), "1 torrent", de.N("status.torrents", 1), "1 Torrent"},
		{"many", en.N("status.torrents", 5000), "5,000 torrents", de.N("status.torrents", 5000), "5.000 Torrents"},
	} {
		if c.en != c.wantEN || c.de != c.wantDE {
			t.Errorf("%s: %q and %q, want %q and %q", c.name, c.en, c.de, c.wantEN, c.wantDE)
		}
	}
}

func TestLocale(t *testing.T) {
	l := locale(t, "de")
	if l.Lang() != "de" || l.T("no.such.key") != "no.such.key" || l.T("about.title", "X") != "Über X" {
		t.Errorf("%q %q %q", l.Lang(), l.T("no.such.key"), l.T("about.title", "X"))
	}
	if _, err := ParseLocale("en", []byte(`{"a": 1}`), nil); err == nil {
		t.Error("a number passed for a word")
	}
	zone := time.FixedZone("east", 2*3600)
	z, err := ParseLocale("en", []byte(`{}`), zone)
	if err != nil || z.Time(at()) != "2026-11-20 16:05" {
		t.Errorf("%v, %q: the zone does not count", err, z.Time(at()))
	}
}
