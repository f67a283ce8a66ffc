package engine

import (
	"strings"

	"swarmbid/engine/swarm"
)

// clientCodes are the two-letter codes of BEP 20 that one meets.
func clientCodes() map[string]string {
	return map[string]string{
		"7T": "aTorrent", "AG": "Ares", "AR": "Arctic", "AZ": "Vuze", "BC": "BitComet", "BI": "BiglyBT", "BT": "BitTorrent",
		"BW": "BitWombat", "CD": "Enhanced CTorrent", "DE": "Deluge", "FD": "Free Download Manager", "FL": "Flud", "FW": "FrostWire",
		"GT": "anacrolix/torrent", "KG": "KGet", "KT": "KTorrent", "LT": "libtorrent", "lt": "libTorrent", "PI": "PicoTorrent",
		"qB": "qBittorrent", "RN": "rain", "SB": "Swarmbid", "SD": "Xunlei", "TL": "Tribler", "TR": "Transmission", "TT": "TuoTu",
		"UM": "µTorrent Mac", "UT": "µTorrent", "UW": "µTorrent Web", "WW": "WebTorrent", "WD": "WebTorrent Desktop", "XL": "Xunlei",
	}
}

// clientOf names the program of a peer id that BEP 20 describes, for peers that
// do not say it in an extended handshake.
func clientOf(id swarm.PeerID) string {
	if id[0] != '-' || id[7] != '-' {
		if id[0] == 'M' && id[2] == '-' {
			return "BitTorrent " + string(id[1]) // Mainline, M7-9-2--
		}
		return ""
	}
	name, ok := clientCodes()[string(id[1:3])]
	if !ok {
		return ""
	}
	return name + " " + version(string(id[3:7]))
}

// version writes the four version characters with dots, without trailing zeros.
func version(s string) string {
	v := strings.Join(strings.Split(strings.TrimRight(s[:3], "0"), ""), ".")
	if v == "" {
		return "0"
	}
	return v
}
