package lsd

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"swarmbid/engine/swarm"
)

const (
	// maxPacket bounds a packet in bytes, so that it is not fragmented (BEP 14).
	maxPacket = 1400
	// maxHashes is how many infohashes go into a packet and are read from one; with 52
	// bytes each and the other headers they fit.
	maxHashes = 24
	search    = "BT-SEARCH * HTTP/1.1"
)

// message is one BT-SEARCH packet.
type message struct {
	port   uint16
	cookie string
	hashes []swarm.InfoHash
}

// encode writes a packet for host, with maxHashes infohashes at most.
func (m message) encode(host string) []byte {
	b := fmt.Appendf(nil, "%s\r\nHost: %s\r\nPort: %d\r\n", search, host, m.port)
	for _, h := range m.hashes[:min(len(m.hashes), maxHashes)] {
		b = fmt.Appendf(b, "Infohash: %X\r\n", h[:])
	}
	return fmt.Appendf(b, "cookie: %s\r\n\r\n\r\n", m.cookie)
}

// parse reads a packet. ok is false unless it is a BT-SEARCH with a port and an
// infohash; infohashes that are malformed are left out.
func parse(packet []byte) (m message, ok bool) {
	if len(packet) > maxPacket {
		return message{}, false
	}
	lines := bytes.Split(packet, []byte("\n"))
	if string(bytes.TrimSpace(lines[0])) != search {
		return message{}, false
	}
	for _, line := range lines[1:] {
		name, v, found := strings.Cut(string(line), ":")
		if !found {
			continue
		}
		v = strings.TrimSpace(v)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "port":
			n, err := strconv.ParseUint(v, 10, 16)
			if err != nil {
				return message{}, false
			}
			m.port = uint16(n)
		case "cookie":
			m.cookie = v
		case "infohash":
			if h, err := swarm.ParseInfoHash(v); err == nil && len(m.hashes) < maxHashes {
				m.hashes = append(m.hashes, h)
			}
		}
	}
	return m, m.port != 0 && len(m.hashes) > 0
}
