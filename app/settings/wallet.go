package settings

import (
	"errors"
	"net"

	"swarmbid/wallet/btt"
)

// Wallet is how the optional wallet behaves. It says nothing of keys or balances.
type Wallet struct {
	Network     string `json:"network"`     // "mainnet", "nile", "testnode"
	LockMinutes int    `json:"lockMinutes"` // until an unlocked wallet locks itself; 0 = never
	TestNode    string `json:"testNode"`    // host:port of the test node
	// Escrow is the contract on the test network; "" = none. The main network's is the
	// program's own matter.
	Escrow string `json:"escrow"`
	// TRXWorth is what one TRX is worth in µBTT, as the user said; 0 = unknown.
	TRXWorth btt.Amount `json:"trxWorth"`
}

// DefaultWallet returns what a new user gets.
func DefaultWallet() Wallet {
	return Wallet{Network: "mainnet", LockMinutes: 5, TestNode: "127.0.0.1:50051"}
}

// Validate reports every value that is out of range.
func (w *Wallet) Validate() error {
	_, port, err := net.SplitHostPort(w.TestNode)
	return errors.Join(
		oneOf("network", w.Network, "mainnet", "nile", "testnode"),
		check(w.LockMinutes >= 0 && w.LockMinutes <= 7*24*60, "%d minutes until the wallet is locked", w.LockMinutes),
		check(w.Escrow == "" || len(w.Escrow) == 34 && w.Escrow[0] == 'T', "contract %.40q is no address", w.Escrow),
		check(w.TRXWorth >= 0 && w.TRXWorth <= maxMoney, "what a TRX is worth"),
		check(err == nil && port != "" && len(w.TestNode) <= 300, "test node %.40q is no host:port", w.TestNode))
}
