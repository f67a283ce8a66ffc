package utp

import (
	"context"
	"log/slog"
	"net"

	goutp "github.com/anacrolix/utp"
)

// Default names the implementation in the library's error messages.
const Default = "purego"

// FirewallCallback reports whether a packet's sender is to be refused.
type FirewallCallback = func(net.Addr) bool

// Option is a setting of a new socket. The pure Go implementation has none, so
// every Option is accepted and does nothing.
type Option func()

// Socket is one UDP port that carries uTP streams (BEP 29) and plain packets,
// the DHT's for example.
type Socket interface {
	net.PacketConn
	Accept() (net.Conn, error)
	Addr() net.Addr
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	SetFirewallCallback(cb FirewallCallback)
}

// WithLogger is accepted for the library's sake; the implementation does not log.
func WithLogger(*slog.Logger) Option { return func() {} }

type socket struct{ *goutp.Socket }

// SetFirewallCallback has no effect: there is no hook before accept here, and our
// own listener refuses banned addresses after it.
func (socket) SetFirewallCallback(FirewallCallback) {}

// NewSocket binds addr and serves uTP on it.
func NewSocket(network, addr string, _ ...Option) (Socket, error) {
	s, err := goutp.NewSocket(network, addr)
	if err != nil {
		return nil, err
	}
	return socket{s}, nil
}

// NewSocketFromPacketConn serves uTP on a socket that is already bound.
func NewSocketFromPacketConn(pc net.PacketConn, _ ...Option) (Socket, error) {
	s, err := goutp.NewSocketFromPacketConn(pc)
	if err != nil {
		return nil, err
	}
	return socket{s}, nil
}
