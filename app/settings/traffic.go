package settings

import (
	"errors"
	"net/netip"
)

// Traffic is what counts as traffic, where, and how much of it there may be.
type Traffic struct {
	LimitLocal       bool      `json:"limitLocal"`       // the limits hold for peers of the local network too
	LimitUTP         bool      `json:"limitUtp"`         // and for those connected by uTP
	LimitOverhead    bool      `json:"limitOverhead"`    // they hold for all bytes, not for payload alone
	OverheadInStatus bool      `json:"overheadInStatus"` // the status bar shows it
	Networks         []Network `json:"networks"`         // that have limits of their own
	CapOn            bool      `json:"capOn"`
	CapCount         string    `json:"capCount"`  // "both", "down", "up"
	CapAmount        int       `json:"capAmount"` // in CapUnit, 1 or more
	CapUnit          string    `json:"capUnit"`   // "MB", "GB": 2^20 and 2^30 bytes
	CapDays          int       `json:"capDays"`   // of a period that ends today, 1 to 31
}

// Network are the limits while the machine is in a network.
type Network struct {
	Net  string `json:"net"`       // of the machine's own subnet, as 192.168.1.0/24
	Down int64  `json:"downLimit"` // 0 = none
	Up   int64  `json:"upLimit"`
}

// DefaultTraffic returns what a new user gets.
func DefaultTraffic() Traffic {
	return Traffic{LimitLocal: true, LimitUTP: true, CapCount: "both", CapAmount: 100, CapUnit: "GB", CapDays: 30}
}

// CapBytes is the cap in bytes.
func (t *Traffic) CapBytes() int64 {
	if t.CapUnit == "GB" {
		return int64(t.CapAmount) << 30
	}
	return int64(t.CapAmount) << 20
}

// Validate reports every value that is out of range.
func (t *Traffic) Validate() error {
	seen := map[string]bool{}
	var errs []error
	for _, n := range t.Networks {
		p, err := netip.ParsePrefix(n.Net)
		errs = append(errs, check(err == nil && p == p.Masked() && !seen[p.String()], "network %.60q", n.Net),
			check(min(n.Down, n.Up) >= 0, "a rate limit of network %.60q is negative", n.Net))
		seen[p.String()] = true
	}
	return errors.Join(append(errs, check(len(t.Networks) <= 100, "%d networks", len(t.Networks)),
		oneOf("what the transfer cap counts", t.CapCount, "both", "down", "up"), oneOf("unit of the transfer cap", t.CapUnit, "MB", "GB"),
		check(t.CapAmount >= 1 && t.CapAmount <= 1_000_000, "a transfer cap of %d %s", t.CapAmount, t.CapUnit),
		check(t.CapDays >= 1 && t.CapDays <= 31, "a transfer cap for %d days", t.CapDays))...)
}
