// Package tip712 hashes typed structured data for signing, after TIP-712, TRON's
// form of EIP-712: the digest covers the names and types of the fields and a
// domain, so that a signature given for one contract on one chain means nothing
// to another.
//
// [Separator], [TypeHash], [Struct] and [Digest] are for the program's own
// messages, whose fields are known when it is written. [Data] takes any payload
// in the form in which wallets exchange them.
//
// The differences to EIP-712: the type trcToken (encoded as uint256), addresses
// that may carry TRON's prefix byte 0x41, which is not hashed, and chain ids cut
// to 32 bits by TIP-474, which is left to the caller.
//
// Everything in the package is a pure function of its arguments.
package tip712
