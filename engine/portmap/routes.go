package portmap

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// parseRoutes lists the gateways of the default routes in Linux' /proc/net/route, in
// its order.
func parseRoutes(table string) []netip.Addr {
	const up, viaGateway = 1, 2
	var out []netip.Addr
	for line := range strings.Lines(table) {
		f := strings.Fields(line) // interface, destination, gateway, flags, …, mask
		if len(f) < 8 || f[1] != "00000000" || f[7] != "00000000" {
			continue
		}
		gw, err := strconv.ParseUint(f[2], 16, 32)
		flags, err2 := strconv.ParseUint(f[3], 16, 16)
		if err != nil || err2 != nil || flags&(up|viaGateway) != up|viaGateway {
			continue
		}
		var b [4]byte
		binary.NativeEndian.PutUint32(b[:], uint32(gw)) // as the kernel has it in memory
		out = append(out, netip.AddrFrom4(b))
	}
	return out
}
