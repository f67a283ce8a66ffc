package peerwire

import (
	"bytes"

	"swarmbid/engine/swarm"
)

// HandshakeSize is the number of bytes of the BEP 3 handshake.
const HandshakeSize = 68

// Protocol is how every plaintext handshake begins: the length of the name, then
// the name.
const Protocol = "\x13BitTorrent protocol"

// Handshake is the first thing either side sends.
type Handshake struct {
	Reserved [8]byte // capability bits
	InfoHash swarm.InfoHash
	PeerID   swarm.PeerID
}

// ParseHandshake reads the first HandshakeSize bytes of b.
func ParseHandshake(b []byte) (Handshake, error) {
	var h Handshake
	if len(b) < HandshakeSize {
		return h, ErrLength
	}
	if !bytes.HasPrefix(b, []byte(Protocol)) {
		return h, ErrProtocol
	}
	copy(h.Reserved[:], b[20:28])
	copy(h.InfoHash[:], b[28:48])
	copy(h.PeerID[:], b[48:68])
	return h, nil
}

// AppendHandshake appends h as it goes over the wire.
func AppendHandshake(dst []byte, h Handshake) []byte {
	dst = append(dst, Protocol...)
	dst = append(dst, h.Reserved[:]...)
	dst = append(dst, h.InfoHash[:]...)
	return append(dst, h.PeerID[:]...)
}

// Fast reports whether the sender speaks the fast extension (BEP 6).
func (h Handshake) Fast() bool { return h.Reserved[7]&0x04 != 0 }

// SetFast announces the fast extension.
func (h *Handshake) SetFast() { h.Reserved[7] |= 0x04 }

// Extended reports whether the sender speaks the extension protocol (BEP 10).
func (h Handshake) Extended() bool { return h.Reserved[5]&0x10 != 0 }

// SetExtended announces the extension protocol.
func (h *Handshake) SetExtended() { h.Reserved[5] |= 0x10 }
