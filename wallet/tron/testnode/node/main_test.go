package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/fbsobreira/gotron-sdk/pkg/client"
)

func TestCommandServesAndFunds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	const who = "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH"
	go func() { done <- run(ctx, []string{"-listen", "127.0.0.1:0", "-every", "5ms", "-fund", who}, w) }()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, r)
	c := client.NewGrpcClientWithTimeout(strings.Fields(line)[2], 5*time.Second)
	if err := c.Start(client.GRPCInsecure()); err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	acc, err := c.GetAccountCtx(t.Context(), who)
	if err != nil || acc.Balance != 1_000_000_000 || acc.AssetV2["1002000"] != 1_000_000_000 {
		t.Errorf("account %v, %v", acc, err)
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

func TestCommandRefusesBadAddress(t *testing.T) {
	err := run(t.Context(), []string{"-listen", "127.0.0.1:0", "-fund", "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdX"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdX") {
		t.Errorf("got %v", err)
	}
}
