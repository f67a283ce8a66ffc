package link

import (
	"net"

	"golang.org/x/sys/unix"
)

// maxUnsent is how many bytes the kernel may hold that it has not sent yet. Bytes
// on the way to the peer do not count, so fast long lines stay full.
const maxUnsent = 128 << 10

// boundUnsent sets TCP_NOTSENT_LOWAT. A failure costs only promptness.
func boundUnsent(tc *net.TCPConn) {
	rc, err := tc.SyscallConn()
	if err != nil {
		return
	}
	_ = rc.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, maxUnsent)
	})
}
