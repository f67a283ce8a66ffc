package tron

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"swarmbid/wallet/voucher"
)

// Endpoint is one node, or a provider of nodes.
type Endpoint struct {
	Full  string // host:port of the service Wallet
	Solid string // host:port of WalletSolidity; empty if it is Full too
	TLS   bool   // TronGrid's public port is plaintext
}

// Network is the profile of one chain.
type Network struct {
	Name      string
	Genesis   [32]byte        // id of block 0, which every endpoint must show
	BTT       voucher.Address // the TRC-20 contract, 18 decimals
	Escrow    voucher.Address // zero where there is none
	Endpoints []Endpoint      // asked in this order; with two or more, two must agree
}

// ChainID is what contracts and typed data see: the last four bytes of the
// genesis id (TIP-474).
func (n Network) ChainID() uint64 { return uint64(binary.BigEndian.Uint32(n.Genesis[28:])) }

// Validate returns ErrIntent, wrapped, for a profile that cannot be used.
func (n Network) Validate() error {
	if n.Name == "" || n.Genesis == ([32]byte{}) || n.BTT == (voucher.Address{}) || len(n.Endpoints) == 0 {
		return fmt.Errorf("network %q: %w: name, genesis, BTT contract and an endpoint are needed", n.Name, ErrIntent)
	}
	return nil
}

// Mainnet is where BTT is worth something. Its escrow stays empty until an
// audited contract is deployed. The second endpoint is one of the public nodes
// that java-tron starts from; nobody owes its service to anyone, and settings
// may name another.
func Mainnet() Network {
	return Network{
		Name:    "mainnet",
		Genesis: mustID("00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc"),
		BTT:     mustAddress("TAFjULxiVgT4qWk6UZwjqwZXTSaGaqnVp4"),
		Endpoints: []Endpoint{
			{Full: "grpc.trongrid.io:50051", Solid: "grpc.trongrid.io:50052"},
			{Full: "3.225.171.164:50051", Solid: "3.225.171.164:50061"},
		},
	}
}

// Nile is the public test network.
func Nile() Network {
	return Network{
		Name:      "nile",
		Genesis:   mustID("0000000000000000d698d4192c56cb6be724a558448e2684802de4d6cd8690dc"),
		BTT:       mustAddress("TNuoKL1ni8aoshfFL1ASca1Gou9RXwAzfn"),
		Endpoints: []Endpoint{{Full: "grpc.nile.trongrid.io:50051", Solid: "grpc.nile.trongrid.io:50061"}},
	}
}

// Testnode is a chain of package testnode with an empty name, at the addresses given.
func Testnode(hosts ...string) Network {
	n := Network{
		Name:    "testnode",
		Genesis: mustID("00000000000000001882509951175a9db39e41269d254eff8bb81b48395c66ae"),
		BTT:     mustAddress("TEteE4ppts7t1Ym3zEUE4y8P1FsHhSjycC"),
	}
	for _, h := range hosts {
		n.Endpoints = append(n.Endpoints, Endpoint{Full: h})
	}
	return n
}

// mustID and mustAddress read constants of this file, which a test reads too.
func mustID(s string) (id [32]byte) {
	if n, err := hex.Decode(id[:], []byte(s)); err != nil || n != 32 {
		panic("tron: malformed block id " + s) //nolint:forbidigo // a constant of this file
	}
	return id
}

func mustAddress(s string) voucher.Address {
	a, err := voucher.ParseAddress(s)
	if err != nil {
		panic(err) //nolint:forbidigo // a constant of this file
	}
	return a
}
