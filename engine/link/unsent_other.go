//go:build !linux

package link

import "net"

// boundUnsent leaves the send buffer to the system where there is no option that
// bounds only what is unsent: a small fixed buffer would slow long lines down.
func boundUnsent(*net.TCPConn) {}
