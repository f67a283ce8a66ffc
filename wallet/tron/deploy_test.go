package tron

import (
	"context"
	"errors"
	"testing"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/tron/testnode"
	"swarmbid/wallet/voucher"
)

// TestDeployEnds goes through the ways in which a deployment comes to nothing.
func TestDeployEnds(t *testing.T) {
	r := setup(t, nil)
	ctx, stop := context.WithCancel(context.Background())
	sealed := make(chan error, 1)
	go func() { sealed <- r.node.Run(ctx, 2*time.Millisecond) }()
	defer func() { stop(); <-sealed }()
	good := Deployment{
		Network: r.chain.cfg.Network, From: r.me.at, Name: "x", Code: []byte{0x60, 1, 0x60, 0, 0xf3}, FeeLimit: btt.TRX, Every: time.Millisecond,
	}
	if a, err := Deploy(t.Context(), good, r.me); err != nil || a == (voucher.Address{}) {
		t.Errorf("good: %v, %v", a, err)
	}
	declined := errors.New("declined")
	for name, c := range map[string]struct {
		edit func(*Deployment)
		s    Signer
		want error
	}{
		"no network":  {func(d *Deployment) { d.Network = Network{} }, r.me, ErrIntent},
		"a dead node": {func(d *Deployment) { d.Network.Endpoints = []Endpoint{{Full: "127.0.0.1:1"}} }, r.me, nil},
		"signer declines": {func(*Deployment) {}, signerFunc(func(context.Context, voucher.Address, [32]byte) (voucher.Signature, error) {
			return voucher.Signature{}, declined
		}), declined},
		"foreign key": {func(*Deployment) {}, signerFunc(func(_ context.Context, _ voucher.Address, d [32]byte) (voucher.Signature, error) {
			return voucher.Sign(d, r.you.secret[:])
		}), ErrSigner},
		"a long name":     {func(d *Deployment) { d.Name = "123456789012345678901234567890123" }, r.me, ErrRejected},
		"a constructor":   {func(d *Deployment) { d.Code = []byte{0x60, 0, 0x60, 0, 0xfd} }, r.me, ErrReverted},
		"a constructor 2": {func(d *Deployment) { d.Code = []byte{0x5b, 0x60, 0, 0x56} }, r.me, ErrOutOfEnergy},
		"lost on the way": {func(*Deployment) { r.node.Lose(1) }, r.me, ErrExpired},
		"the caller leaves": {func(d *Deployment) { r.node.Lose(1); d.Every = time.Hour }, signerFunc(func(_ context.Context, a voucher.Address, d [32]byte) (voucher.Signature, error) {
			return r.me.Sign(context.Background(), a, d)
		}), nil},
	} {
		d := good
		c.edit(&d)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if name == "the caller leaves" {
			ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		}
		a, err := Deploy(ctx, d, c.s)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || a != (voucher.Address{}) {
			t.Errorf("%s: %v, %v; want %v", name, a, err, c.want)
		}
		cancel()
	}
	defer r.node.Inject(testnode.Fault{Lie: testnode.WrongChain})()
	if _, err := Deploy(t.Context(), good, r.me); !errors.Is(err, ErrWrongChain) {
		t.Errorf("another chain: %v", err)
	}
}
