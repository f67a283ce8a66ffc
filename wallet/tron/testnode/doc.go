// Package testnode is a TRON node in one process, for tests and the demo.
//
// It serves gotron-sdk's own gRPC services protocol.Wallet and
// protocol.WalletSolidity, so the wallet's chain code runs against it
// unmodified. The rules follow java-tron: a signature over sha256(raw_data)
// that recovers the owner, the reference block of TAPOS, the expiry window,
// duplicates, free bandwidth that recovers over 24 hours, TRX burnt when it
// does not suffice, the price of activating an account, TRX and TRC-10
// transfers, contracts in go-ethereum's EVM metered by TRON's energy table,
// fee_limit, receipts, logs and a solid height behind the head.
//
// Terminology: the pool holds accepted transactions that are in no block; Seal
// puts them into the next block; a block is solid when SolidDepth blocks stand
// on it; the faucet is a genesis account whose key is public.
//
// The chain can be told to misbehave: a [Fault] delays, fails or falsifies the
// answers of a method, [Node.Reorg] replaces blocks that are not solid,
// [Node.Hold] keeps the pool out of blocks, [Node.Lose] forgets a broadcast it
// has acknowledged, and [Node.Advance] moves chain time.
//
// What it does not model, so that nothing relies on it:
//   - staking, delegation, voting, rewards, several keys on one account; the
//     owner's and the first active permission both mean the owner's key
//   - the dynamic energy model (energy_penalty is always 0), the limits of 3 MiB
//     of memory and 80 ms of time that a run has on mainnet
//   - gasleft() and the gas argument of calls: energy is judged after the run,
//     a run that uses too much is stopped at the next jump
//   - TRC-10 inside contracts (call_token_value, TOKENBALANCE), the addresses of
//     contracts made by contracts, TRON's own precompiles (0x09 batchvalidatesign …)
//   - TRC-10 tokens other than 1002000, exchanges, markets, shielded transfers
//   - witnesses' signatures, forks between nodes, peers; the pool has no limit
//   - the 65,536-block window of the duplicate check: every id is remembered
//
// Only this package may import go-ethereum.
package testnode
