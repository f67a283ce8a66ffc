package portmap

import (
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"
)

// defaultGateways asks the IP helper for the IPv4 gateways of the interfaces that are
// up.
func defaultGateways() ([]netip.Addr, error) {
	size := uint32(16 << 10)
	for range 4 { // the list may grow between two calls
		buf := make([]byte, size)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0]))
		err := windows.GetAdaptersAddresses(windows.AF_INET, windows.GAA_FLAG_INCLUDE_GATEWAYS, 0, first, &size)
		if err == windows.ERROR_BUFFER_OVERFLOW { //nolint:errorlint // a plain errno
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("listing network adapters: %w", err)
		}
		var out []netip.Addr
		for a := first; a != nil; a = a.Next {
			for g := a.FirstGatewayAddress; g != nil && a.OperStatus == windows.IfOperStatusUp; g = g.Next {
				if ip, ok := netip.AddrFromSlice(g.Address.IP()); ok && ip.Unmap().Is4() {
					out = append(out, ip.Unmap())
				}
			}
		}
		return out, nil
	}
	return nil, windows.ERROR_BUFFER_OVERFLOW
}
