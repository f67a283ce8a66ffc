package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"swarmbid/wallet/escrow"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// payer writes a key file and returns it with its address.
func payer(t *testing.T, mode os.FileMode) (file string, at voucher.Address) {
	t.Helper()
	secret := bytes.Repeat([]byte{7}, 32)
	file = filepath.Join(t.TempDir(), "key.hex")
	if err := os.WriteFile(file, []byte(hex.EncodeToString(secret)+"\n"), mode); err != nil {
		t.Fatal(err)
	}
	at, err := voucher.AddressOf(secret)
	if err != nil {
		t.Fatal(err)
	}
	return file, at
}

func TestDeployOnTheTestChain(t *testing.T) {
	file, at := payer(t, 0o600)
	n, host := testnode.Start(t, testnode.Config{Accounts: map[[20]byte]int64{at: 200_000_000}})
	n.SealSolid()
	ctx, stop := context.WithCancel(t.Context())
	sealed := make(chan error, 1)
	go func() { sealed <- n.Run(ctx, 2*time.Millisecond) }()
	defer func() { stop(); <-sealed }()
	args := []string{"-network", "testnode", "-host", host, "-key", file, "-every", "2ms"}
	var quote, done bytes.Buffer
	if err := run(t.Context(), args, &quote); err != nil || !bytes.Contains(quote.Bytes(), []byte("at most 150 TRX")) || bytes.Contains(quote.Bytes(), []byte("escrow at")) {
		t.Errorf("without -yes: %v\n%s", err, &quote)
	}
	if err := run(t.Context(), append(args, "-yes"), &done); err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`escrow at (T\w+)`).FindSubmatch(done.Bytes())
	if m == nil {
		t.Fatalf("no address in %s", &done)
	}
	escrowAt, err := voucher.ParseAddress(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	ret, err := n.View(escrowAt, escrow.StateOf(at))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := escrow.ParseState(ret); err != nil || s != (escrow.State{}) {
		t.Errorf("state %+v, %v", s, err)
	}
	if secret := hex.EncodeToString(bytes.Repeat([]byte{7}, 32)); bytes.Contains(done.Bytes(), []byte(secret)) {
		t.Error("the key was printed")
	}
	if err := run(t.Context(), append(args, "-yes", "-fee-limit", "1"), &done); !errors.Is(err, tron.ErrOutOfEnergy) {
		t.Errorf("with a limit of 1 TRX: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	good, _ := payer(t, 0o600)
	open, _ := payer(t, 0o644)
	short := filepath.Join(t.TempDir(), "short.hex")
	zero := filepath.Join(t.TempDir(), "zero.hex")
	for file, text := range map[string]string{short: "abcd", zero: hex.EncodeToString(make([]byte, 32))} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		args []string
		want error
	}{
		"mainnet":         {[]string{"-network", "mainnet", "-key", good}, errMainnet},
		"a shared key":    {[]string{"-key", open}, errKey},
		"a short key":     {[]string{"-key", short}, errKey},
		"no key at all":   {[]string{"-key", zero}, errKey},
		"no file":         {[]string{"-key", filepath.Join(t.TempDir(), "none")}, os.ErrNotExist},
		"a foreign chain": {[]string{"-network", "testnode", "-host", other(t), "-key", good, "-yes"}, tron.ErrWrongChain},
	} {
		if err := run(t.Context(), c.args, new(bytes.Buffer)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := run(t.Context(), []string{"-network", "moon", "-key", good}, new(bytes.Buffer)); err == nil {
		t.Error("there is no such network")
	}
}

func other(t *testing.T) string {
	t.Helper()
	_, host := testnode.Start(t, testnode.Config{Name: "other"})
	return host
}
