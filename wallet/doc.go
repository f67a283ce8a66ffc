// Package wallet holds the user's keys: it makes, restores, locks and unlocks an
// HD wallet, and signs digests with it. It knows nothing of the chain.
//
// Terms. A [Mnemonic] is the 12 to 24 words of BIP-39 that the user writes down.
// With an optional passphrase they give the seed, and the seed gives a tree of
// keys (BIP-32, BIP-44), of which two are used: the savings account, which
// receives top-ups and whose key exists in memory only while a withdrawal is
// signed, with the password asked each time; and the spending account, which
// signs vouchers by itself while the wallet is unlocked and owns nothing but its
// deposit in the escrow. Who steals the memory of the program gets the deposit.
//
// The file, wallet.btt, is a keystore. Its public part ([Info]) names the
// accounts, so that balances are shown while the wallet is locked; its sealed
// part holds the words' entropy and the seed. The passphrase is not kept.
//
// Invariants, each a test of the same name:
//
//   - Official: words, seeds and keys are those of BIP-39 (12 languages) and BIP-32,
//     addresses those of tronweb, whatever alphabet the passphrase is in.
//   - LockedSignsNothing: without a password, and after its deadline, a wallet has no
//     key in memory.
//   - PasswordNeeded: words, savings and a change of the password need the password.
//   - Leaks: no word, seed, key, password or passphrase gets into a log, an error, a
//     crash file or any file in readable form.
//
// Why BIP-32 is written here: it is one HMAC and one addition modulo the order of
// the curve, which decred's secp256k1 offers; btcsuite's hdkeychain would bring
// three modules for Bitcoin's parameters and keeps keys in forms that cannot be
// cleared. BIP-39 takes its word lists from go-bip39, but not that module's
// functions, which go through one mutable list for the whole process and through
// strings.
package wallet
