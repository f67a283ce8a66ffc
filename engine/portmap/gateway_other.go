//go:build !linux && !windows

package portmap

import (
	"errors"
	"net/netip"
)

// defaultGateways is not known for this system; UPnP needs none.
func defaultGateways() ([]netip.Addr, error) {
	return nil, errors.New("the default gateway is not known on this system")
}
