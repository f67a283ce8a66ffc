package engine

import (
	"swarmbid/bidding"
	"swarmbid/engine/swarm"
)

// weightOf is the weight of a torrent where it shares a limit with others: low,
// normal and high are 1 : 2 : 4.
func weightOf(share swarm.Priority) int {
	switch share {
	case swarm.Low:
		return bidding.NormalWeight / 2
	case swarm.High:
		return bidding.NormalWeight * 2
	case swarm.Normal, swarm.Skip:
	}
	return bidding.NormalWeight
}

// freeGrants are what peers get that the session's limits do not hold for: a slot as
// soon as they want something, beside those of the others, and nothing is sold to them.
func freeGrants(peers []bidding.Peer) []bidding.Grant {
	grants := make([]bidding.Grant, len(peers))
	for i := range peers {
		grants[i] = bidding.Grant{Key: peers[i].Key}
		if peers[i].Interested {
			grants[i].Slot, grants[i].Reason, grants[i].Rate = bidding.Regular, bidding.Spare, 1
		}
	}
	return grants
}
