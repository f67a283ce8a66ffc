package voucher

import (
	"crypto/sha256"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/tip712"
)

// Digest is what is signed.
type Digest [32]byte

// Domain is the hash that binds signatures to one escrow contract on one chain.
// The zero value is no domain.
type Domain [32]byte

// NewDomain returns the domain of the contract at escrow. Only the low 32 bits
// of chain count: the part of its genesis block's hash that TIP-474 made the
// chain id. The instrument "direct" has no contract; its sessions are signed
// under the zero address.
func NewDomain(chain uint64, escrow Address) Domain {
	return Domain(tip712.Domain{
		Name: "BTT Bandwidth Escrow", Version: "1", ChainID: chain & 0xffffffff, VerifyingContract: escrow,
	}.Separator())
}

// Voucher is a promise of Payer to Payee. Cumulative is the sum of all there ever
// was between the two, so a later voucher replaces an earlier one, an old one is
// worth nothing, and none can be counted twice. It never expires.
type Voucher struct {
	Payer, Payee Address
	Cumulative   btt.Amount // not negative; never less than in the voucher before
}

// Digest returns what Payer signs. The contract counts base units, into which
// Cumulative is converted. It returns btt.ErrNegative for a negative sum.
func (v Voucher) Digest(d Domain) (Digest, error) {
	sum, err := v.Cumulative.Word()
	if err != nil {
		return Digest{}, err
	}
	typ := tip712.TypeHash("Voucher(address payer,address payee,uint256 cumulative)")
	return Digest(tip712.Digest(tip712.Word(d),
		tip712.Struct(typ, tip712.Address(v.Payer), tip712.Address(v.Payee), tip712.Word(sum)))), nil
}

// Session is the statement by which Me proves to Peer, on one connection about
// one torrent, that it holds its account.
type Session struct {
	InfoHash [32]byte // of a v1 torrent: its 20 bytes, then zeros
	Nonces   [32]byte // see Nonces
	Me, Peer Address
}

// Digest returns what Me signs.
func (s Session) Digest(d Domain) Digest {
	typ := tip712.TypeHash("Session(bytes32 infohash,bytes32 nonces,address me,address peer)")
	return Digest(tip712.Digest(tip712.Word(d),
		tip712.Struct(typ, s.InfoHash, s.Nonces, tip712.Address(s.Me), tip712.Address(s.Peer))))
}

// Nonces joins the nonces of the two ends of a connection, that of the end which
// dialled first, so that neither can replay what it was told elsewhere.
func Nonces(dialler, listener [16]byte) [32]byte {
	return sha256.Sum256(append(dialler[:], listener[:]...))
}
