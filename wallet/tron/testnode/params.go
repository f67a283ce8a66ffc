package testnode

import (
	"time"
)

// Params are the chain's governance parameters. Amounts are in sun (1e-6 TRX).
// The zero value of a field means mainnet's value, see [Mainnet].
type Params struct {
	EnergyFee           int64 // sun per unit of energy
	TransactionFee      int64 // sun per byte when free bandwidth does not suffice
	CreateAccountFee    int64 // sun in place of bandwidth when a transfer activates an account
	NewAccountSystemFee int64 // sun for the activation itself
	MemoFee             int64 // sun for a transaction with a memo
	FreeNetLimit        int64 // bytes of free bandwidth an account recovers in 24 h
	MaxFeeLimit         int64 // sun, the largest fee_limit accepted
	SolidDepth          int64 // blocks from the head down to the newest solid one
}

// Mainnet returns the parameters in force on mainnet in 2026 (energy price:
// proposal 104; the others: java-tron's committee parameters).
func Mainnet() Params {
	return Params{
		EnergyFee: 100, TransactionFee: 1000, CreateAccountFee: 100_000, NewAccountSystemFee: 1_000_000, MemoFee: 1_000_000,
		FreeNetLimit: 600, MaxFeeLimit: 15_000_000_000, SolidDepth: 19,
	}
}

func (p Params) withDefaults() Params {
	d := Mainnet()
	for _, f := range []struct{ v, d *int64 }{
		{&p.EnergyFee, &d.EnergyFee},
		{&p.TransactionFee, &d.TransactionFee},
		{&p.CreateAccountFee, &d.CreateAccountFee},
		{&p.NewAccountSystemFee, &d.NewAccountSystemFee},
		{&p.MemoFee, &d.MemoFee},
		{&p.FreeNetLimit, &d.FreeNetLimit},
		{&p.MaxFeeLimit, &d.MaxFeeLimit},
		{&p.SolidDepth, &d.SolidDepth},
	} {
		if *f.v == 0 {
			*f.v = *f.d
		}
	}
	return p
}

// Config says what chain a [Node] starts. The zero value is a chain with
// mainnet's parameters, manual time and nothing but the faucet in its genesis.
type Config struct {
	Params Params
	// Name enters the genesis block, so chains of different names have
	// different genesis and chain ids and refuse each other's transactions.
	Name string
	// Clock gives real time; nil means manual time: each block is three
	// seconds later than the one before, and [Node.Advance] skips ahead.
	Clock func() time.Time
	// Accounts are activated in the genesis state with these amounts of sun.
	Accounts map[[20]byte]int64
}

const (
	// BTTOLD is the TRC-10 id of the only such token here, as on mainnet.
	BTTOLD = "1002000"

	blockInterval = 3000 // ms of chain time
	slotsPerDay   = 24 * 3600 * 1000 / blockInterval
	faucetTRX     = 1_000_000_000_000_000      // sun
	faucetBTTOLD  = 990_000_000_000_000_000    // units of 1e-6
	maxTxSize     = 500 * 1024                 // bytes, java-tron's TRANSACTION_MAX_BYTE_SIZE
	maxResultSize = 64                         // bytes added per contract, java-tron's MAX_RESULT_SIZE_IN_TX
	maxExpiry     = 24 * 3600 * 1000           // ms after the head
	maxConstant   = 100_000_000                // energy a constant call may use
	genesisTime   = 1_735_689_600_000          // ms, 2025-01-01
	chainName     = "swarmbid testnode"        // enters the genesis block
	faucetPhrase  = "swarmbid testnode faucet" // sha256 of it is the faucet's key
)
