package metafile

import (
	"crypto/sha1" //nolint:gosec // BEP 3 identifies a torrent by SHA-1
	"crypto/sha256"
	"fmt"
	"strconv"

	"swarmbid/engine/swarm"
)

// FromInfo makes a Metafile of an info dictionary that peers sent for a magnet
// link (BEP 9), with the link's trackers and web seeds. It checks the infohash
// first. Raw of the result is a .torrent file that can be kept.
func FromInfo(infoBytes []byte, link *Magnet, rules Rules) (*Metafile, error) {
	//nolint:gosec // BEP 3 identifies a torrent by SHA-1
	v1, v2 := swarm.InfoHash(sha1.Sum(infoBytes)), sha256.Sum256(infoBytes)
	if !link.V1.IsZero() && link.V1 != v1 || link.V2 != [32]byte{} && link.V2 != v2 || link.InfoHash.IsZero() {
		return nil, fmt.Errorf("metafile: metadata for %s has the infohash %s: %w", link.InfoHash, v1, ErrInfoHash)
	}
	m, err := ParseWith(encode(infoBytes, link), rules)
	if err != nil {
		return nil, fmt.Errorf("metafile: metadata for %s from peers: %w", link.InfoHash, err)
	}
	if len(m.Info) != len(infoBytes) {
		return nil, fmt.Errorf("metafile: metadata for %s has %d bytes too many: %w", link.InfoHash, len(infoBytes)-len(m.Info), ErrBencode)
	}
	return m, nil
}

func encode(infoBytes []byte, link *Magnet) []byte {
	b := []byte{'d'}
	if len(link.Trackers) > 0 {
		b = appendString(b, "announce")
		b = appendString(b, link.Trackers[0])
		b = append(appendString(b, "announce-list"), 'l')
		for _, t := range link.Trackers {
			b = append(appendString(append(b, 'l'), t), 'e')
		}
		b = append(b, 'e')
	}
	b = append(appendString(b, "info"), infoBytes...)
	if len(link.WebSeeds) > 0 {
		b = append(appendString(b, "url-list"), 'l')
		for _, w := range link.WebSeeds {
			b = appendString(b, w)
		}
		b = append(b, 'e')
	}
	return append(b, 'e')
}

func appendString(b []byte, s string) []byte {
	return append(append(strconv.AppendInt(b, int64(len(s)), 10), ':'), s...)
}

func appendInt(b []byte, n int64) []byte {
	return append(strconv.AppendInt(append(b, 'i'), n, 10), 'e')
}
