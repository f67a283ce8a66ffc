// Package keystore is the encrypted file in which a wallet keeps its seed,
// wallet.btt. What is in the sealed part is the wallet's business.
//
// Version 1, integers little-endian:
//
//	offset  bytes
//	0       8      "BTTW\r\n\x1a\n": a copy made as text is noticed at once
//	8       1      version, 1
//	9       1      Argon2id: threads
//	10      2      zero
//	12      4      Argon2id: passes
//	16      4      Argon2id: memory in KiB
//	20      16     Argon2id: salt
//	36      24     XChaCha20-Poly1305: nonce
//	60      4      P, the length of the public part
//	64      4      S, the length of the sealed part
//	68      P      public part, readable without the password
//	68+P    S      sealed part, with its tag of 16 bytes
//	68+P+S  32     SHA-256 of all before it
//
// The key is Argon2id(password, salt). All before the sealed part is its
// associated data. Salt and nonce are new each time the file is written. There
// is one encoding of a content: no optional fields, nothing after the end.
//
// The checksum is there to tell a damaged file from a wrong password; it
// protects nothing against people. An attacker who can write the file can
// replace it by an older one, or by one of his own with a password of his own.
//
// Invariants, each a test of the same name:
//
//   - Vectors: files of every released version open, to the byte, for ever.
//   - Distinct: a wrong password, a short file, a damaged one, one of a later version
//     and one with absurd parameters are five different errors.
//   - Hostile: no file makes the program use more than [MaxMemoryKiB], or touch
//     more memory than the file has bytes before its parameters are checked.
//   - Crash: whenever the program dies while saving, the file is the old or the new
//     one, whole.
//   - Redacted: a [Secret] shows nothing, however it is printed.
package keystore
