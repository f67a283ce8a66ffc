package tracker

import (
	"encoding/binary"
	"fmt"
	"math"
)

// action is the BEP 15 number of a packet.
type action uint32

const (
	actionConnect  action = 0
	actionAnnounce action = 1
	actionScrape   action = 2
	actionError    action = 3
)

const (
	// protocolID stands in place of a connection id when asking for one (BEP 15).
	protocolID = 0x41727101980
	// maxPacket bounds an answer in bytes; 1,000 IPv6 addresses fit.
	maxPacket = 20 + 18*1000
	// optionURL is the BEP 41 option that carries path and query of the URL.
	optionURL = 2
)

// packet frames a request: connection id, action, transaction id, body.
func packet(id uint64, act action, tid [4]byte, body []byte) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 16+len(body)), id)
	b = binary.BigEndian.AppendUint32(b, uint32(act))
	b = append(b, tid[:]...)
	return append(b, body...)
}

// unpack returns the body of an answer. ours is false for a packet that answers
// some other request; an error packet becomes a refusal.
func unpack(b []byte, act action, tid [4]byte) (body []byte, ours bool, err error) {
	if len(b) < 8 || [4]byte(b[4:8]) != tid {
		return nil, false, nil
	}
	switch action(binary.BigEndian.Uint32(b)) {
	case act:
		return b[8:], true, nil
	case actionError:
		no := &refusal{reason: printable(b[8:])}
		no.retryIn(nil)
		return nil, true, no
	default:
		return nil, false, nil
	}
}

// announceBody writes an announce after the header (BEP 15), then path and query of
// the URL (BEP 41) unless there are none. The address field is 0: the sender's.
func announceBody(r *request, uri string) []byte {
	left := r.totals.Left
	if left < 0 {
		left = unknownLeft
	}
	b := make([]byte, 0, 82+len(uri)+2)
	b = append(b, r.infoHash[:]...)
	b = append(b, r.peerID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(max(r.totals.Downloaded, 0)))
	b = binary.BigEndian.AppendUint64(b, uint64(left))
	b = binary.BigEndian.AppendUint64(b, uint64(max(r.totals.Uploaded, 0)))
	b = binary.BigEndian.AppendUint32(b, uint32(r.event))
	ip := ip4(r.ip)
	b = append(b, ip[:]...)
	b = binary.BigEndian.AppendUint32(b, r.key)
	b = binary.BigEndian.AppendUint32(b, uint32(r.want))
	b = binary.BigEndian.AppendUint16(b, r.port)
	if uri == "/" {
		return b
	}
	for len(uri) > 0 {
		n := min(len(uri), math.MaxUint8)
		b = append(append(b, optionURL, byte(n)), uri[:n]...)
		uri = uri[n:]
	}
	return b
}

// parseUDPAnnounce reads the body of an announce answer; is4 is the family of the
// tracker's address, which is that of the addresses in it.
func parseUDPAnnounce(b []byte, is4 bool) (answer, error) {
	if len(b) < 12 {
		return answer{}, fmt.Errorf("%w: announce of %d bytes", errAnswer, len(b))
	}
	size := 18
	if is4 {
		size = 6
	}
	found := make(peerSet)
	found.compact(b[12:], size)
	a := noAnswer()
	a.interval = clampSeconds(int64(binary.BigEndian.Uint32(b)))
	a.leeches = udpCount(b[4:])
	a.seeds = udpCount(b[8:])
	a.peers = found.slice()
	return a, nil
}

// parseUDPScrape reads the body of a scrape answer for one torrent.
func parseUDPScrape(b []byte) (answer, error) {
	if len(b) < 12 {
		return answer{}, fmt.Errorf("%w: scrape of %d bytes", errAnswer, len(b))
	}
	a := noAnswer()
	a.seeds, a.downloads, a.leeches = udpCount(b), udpCount(b[4:]), udpCount(b[8:])
	return a, nil
}

func udpCount(b []byte) int {
	if n := binary.BigEndian.Uint32(b); n <= maxCount {
		return int(n)
	}
	return -1
}
