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
