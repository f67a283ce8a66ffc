package settings

import (
	"errors"
	"testing"
)

func TestTraffic(t *testing.T) {
	good := DefaultTraffic()
	good.Networks = []Network{{Net: "192.168.1.0/24", Up: 5}, {Net: "2001:db8::/64"}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Traffic){
		"no network":  func(x *Traffic) { x.Networks[0].Net = "home" },
		"an address":  func(x *Traffic) { x.Networks[0].Net = "192.168.1.7/24" },
		"twice":       func(x *Traffic) { x.Networks[1].Net = x.Networks[0].Net },
		"negative":    func(x *Traffic) { x.Networks[0].Down = -1 },
		"many":        func(x *Traffic) { x.Networks = make([]Network, 101) },
		"count":       func(x *Traffic) { x.CapCount = "all" },
		"unit":        func(x *Traffic) { x.CapUnit = "TB" },
		"no amount":   func(x *Traffic) { x.CapAmount = 0 },
		"all amounts": func(x *Traffic) { x.CapAmount = 2_000_000 },
		"no day":      func(x *Traffic) { x.CapDays = 0 },
		"many days":   func(x *Traffic) { x.CapDays = 32 },
	} {
		bad := good
		bad.Networks = append([]Network(nil), good.Networks...)
		spoil(&bad)
		if err := bad.Validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := good.CapBytes(); n != 100<<30 {
		t.Errorf("100 GB are %d", n)
	}
	good.CapUnit = "MB"
	if n := good.CapBytes(); n != 100<<20 {
		t.Errorf("100 MB are %d", n)
	}
	// What a file says that is out of range gives way to the defaults, alone.
	s, def := Default("/d"), Default("/d")
	s.Traffic.CapDays, s.Bandwidth.UpLimit = 99, 7
	if err := s.repair(&def); err == nil || s.Traffic.CapDays != 30 || s.Bandwidth.UpLimit != 7 {
		t.Errorf("%+v, %v", s.Traffic, err)
	}
	c := good
	s.Traffic = c
	if k := s.clone(); &k.Traffic.Networks[0] == &s.Traffic.Networks[0] {
		t.Error("a copy shares its networks")
	}
}
