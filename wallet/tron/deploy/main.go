// Command deploy puts the escrow contract on a test network and prints its
// address. On mainnet it refuses: an audit comes first.
//
//	go run ./wallet/tron/deploy -key key.hex                     what it would cost, on Nile
//	go run ./wallet/tron/deploy -key key.hex -yes                do it
//	go run ./wallet/tron/deploy -network testnode -host 127.0.0.1:50051 -key key.hex -yes
//
// The key file holds the private key of an account with about 100 TRX in
// hexadecimal; Nile's come from its faucet. The account has no power over the
// contract afterwards.
package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/escrow"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(1)
	}
}

var (
	errMainnet = errors.New("mainnet's escrow stays empty until an audited deployment exists")
	errKey     = errors.New("the key file must hold 64 hexadecimal digits and be readable by its owner alone")
)

// energyPerByte is what a byte of code costs to deploy, and what it costs to run
// the constructor on top is small; see escrow's measurements.
const energyPerByte = 200

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("deploy", flag.ContinueOnError)
	network := flags.String("network", "nile", "nile or testnode")
	host := flags.String("host", "", "`address` of the node, instead of the network's own")
	apiKey := flags.String("api-key", "", "the provider's key, if it wants one")
	keyFile := flags.String("key", "", "`file` with the private key that pays")
	limit := flags.Int64("fee-limit", 150, "TRX that may burn at most")
	every := flags.Duration("every", 3*time.Second, "time between looks at the chain")
	yes := flags.Bool("yes", false, "do it; else only say what it would cost")
	if err := flags.Parse(args); err != nil {
		return err
	}
	net, err := profile(*network, *host)
	if err != nil {
		return err
	}
	k, err := readKey(*keyFile)
	if err != nil {
		return err
	}
	defer clear(k.secret)
	code, err := escrow.InitCode(net.BTT)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "network %s, token %s, payer %s\n%d bytes of code, about %d units of energy: %d TRX at 100 sun a unit; at most %d TRX\n",
		net.Name, net.BTT, k.at, len(code), len(code)*energyPerByte, len(code)*energyPerByte*100/int(btt.TRX), *limit); err != nil || !*yes {
		return err
	}
	at, err := tron.Deploy(ctx, tron.Deployment{
		Network: net, APIKey: *apiKey, From: k.at, Name: "BttEscrow", Code: code, FeeLimit: btt.Sun(*limit) * btt.TRX, Every: *every,
	}, k)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "escrow at %s\n", at)
	return err
}

func profile(name, host string) (n tron.Network, err error) {
	switch name {
	case "nile":
		n = tron.Nile()
	case "testnode":
		n = tron.Testnode()
	case "mainnet":
		return n, errMainnet
	default:
		return n, fmt.Errorf("no network %q", name)
	}
	if host != "" {
		n.Endpoints = []tron.Endpoint{{Full: host}}
	}
	return n, nil
}

// key signs with the key of the file.
type key struct {
	secret []byte
	at     voucher.Address
}

func readKey(file string) (*key, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		return nil, errKey
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	defer clear(text)
	digits, secret := bytes.TrimSpace(text), make([]byte, 32)
	if len(digits) != 64 {
		return nil, errKey
	}
	if _, err := hex.Decode(secret, digits); err != nil {
		return nil, errKey
	}
	at, err := voucher.AddressOf(secret)
	if err != nil {
		return nil, errKey
	}
	return &key{secret, at}, nil
}

// Sign implements tron.Signer.
func (k *key) Sign(_ context.Context, _ voucher.Address, digest [32]byte) (voucher.Signature, error) {
	return voucher.Sign(digest, k.secret)
}
