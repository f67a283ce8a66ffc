package bidding

import (
	"cmp"
	"slices"
)

// Account is what [Accrue] keeps of one peer of a torrent that we seed.
type Account struct {
	Key  PeerKey
	Owed int64 // see Peer.Owed; 0 for a newcomer
	Sent int64 // payload given to it for free since the last call, in bytes
}

// maxOwed bounds what is owed to one peer, in either direction, in bytes. A peer
// too slow for its part does not save it up for ever.
const maxOwed = 64 << 20

// Accrue credits each of the interested free peers of one torrent, those whose
// bids won nothing among them, with an equal part of what all of them were given,
// and debits it with what it was given itself. Who is paid for is left out. So what is owed adds up to nothing, a newcomer starts even with the
// others, and leaving and coming back gains nothing. It sorts accounts by key.
func Accrue(accounts []Account) {
	slices.SortFunc(accounts, func(a, b Account) int { return cmp.Compare(a.Key, b.Key) })
	var total int64
	for _, a := range accounts {
		total += a.Sent
	}
	for i := range accounts {
		a := &accounts[i]
		part := total / int64(len(accounts)-i)
		total -= part
		a.Owed = min(max(a.Owed+part-a.Sent, -maxOwed), maxOwed)
		a.Sent = 0
	}
}
