package testnode

import (
	"context"
	"errors"
	"net"
	"testing"
)

// Start makes a chain and serves it on a free loopback port until the test
// ends. It returns the node and its address.
func Start(tb testing.TB, cfg Config) (*Node, string) {
	tb.Helper()
	n, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return n, Listen(tb, n)
}

// Listen serves n on one more loopback port until the test ends.
func Listen(tb testing.TB, n *Node) string {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Serve(ctx, l) }()
	tb.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			tb.Error(err)
		}
	})
	return l.Addr().String()
}
