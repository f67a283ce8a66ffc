// Command node runs the test chain until it is interrupted.
//
//	go run ./wallet/tron/testnode/node -listen 127.0.0.1:50051 -fund TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/signal"
	"strings"
	"time"

	"swarmbid/wallet/tron/testnode"

	"github.com/fbsobreira/gotron-sdk/pkg/address"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "node:", err)
		os.Exit(1)
	}
}

// run serves a chain as the arguments say and writes what a wallet needs to use it.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("node", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:50051", "`address` to serve on")
	name := flags.String("name", "", "name of the chain; chains of different names do not mix")
	every := flags.Duration("every", 3*time.Second, "real time between blocks")
	fund := flags.String("fund", "", "comma-separated `addresses` that get 1,000 TRX, 10,000,000 BTT and 1,000 BTTOLD")
	if err := flags.Parse(args); err != nil {
		return err
	}
	n, err := testnode.New(testnode.Config{Name: *name, Clock: time.Now})
	if err != nil {
		return err
	}
	for _, a := range strings.FieldsFunc(*fund, func(r rune) bool { return r == ',' }) {
		if err := give(n, a); err != nil {
			return err
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", *listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", *listen, err)
	}
	genesis, btt, faucet := n.GenesisID(), n.BTT(), n.Faucet()
	if _, err := fmt.Fprintf(out, "listening on  %s (plaintext gRPC, Wallet and WalletSolidity)\ngenesis block %x\nchain id      %d\nBTT contract  %s\nfaucet        %s\n",
		l.Addr(), genesis, n.ChainID(), base58(btt), base58(faucet)); err != nil {
		return fmt.Errorf("write the chain's facts: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() {
		defer stop()
		served <- n.Serve(ctx, l)
	}()
	if err := n.Run(ctx, *every); !errors.Is(err, context.Canceled) {
		return err
	}
	return <-served
}

func give(n *testnode.Node, to string) error {
	a, err := address.Base58ToAddress(to)
	if err != nil {
		return fmt.Errorf("fund %q: %w", to, err)
	}
	evm := [20]byte(a.Bytes()[1:])
	if _, err := n.GiveTRX(evm, 1_000_000_000); err != nil {
		return err
	}
	if _, err := n.GiveBTTOLD(evm, 1_000_000_000); err != nil {
		return err
	}
	_, err = n.GiveBTT(evm, new(big.Int).Mul(big.NewInt(10_000_000), big.NewInt(1e18)))
	return err
}

func base58(a [20]byte) string { return address.Address(append([]byte{0x41}, a[:]...)).String() }
