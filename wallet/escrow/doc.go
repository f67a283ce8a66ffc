// Package escrow is the contract in which payers deposit BTT and payees redeem
// vouchers: its Solidity source in contracts, the compiled form, its calls, its
// events and what they cost. It talks to nobody: wallet/tron sends the calls.
//
// Terminology: free is what a deposit holds, exiting what its owner has announced
// to withdraw and vouchers still reach, settled what a pair has redeemed in all.
//
// Invariants, each a test of the same name on the test chain:
//
//   - Digest: the contract, package voucher and tronweb compute the same digest.
//   - Replay: a voucher that was redeemed, or an older one, pays nothing and spoils nothing.
//   - Theft: only the payee redeems a voucher.
//   - Forgery: a voucher that its payer did not sign for this contract pays nobody.
//   - Overspend: what a deposit cannot pay bounces and stays claimable.
//   - Exit: vouchers reach a deposit until the exit is finished, seven days later.
//   - Solvent: the contract holds at least the sum of its accounts.
//   - Budget: in a batch of 50 a voucher of a known pair costs at most 19,000
//     energy, of a new pair 31,000.
//
// contracts/build.sh reproduces the compiled form byte for byte.
package escrow
