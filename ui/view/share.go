package view

import "swarmbid/engine/swarm"

// Shares lists what part of the session's limits a torrent may have, the largest
// first.
func Shares() []swarm.Priority { return []swarm.Priority{swarm.High, swarm.Normal, swarm.Low} }

// Share names what part of the session's limits a torrent has.
func (l *Locale) Share(share swarm.Priority) string {
	switch share {
	case swarm.High:
		return l.T("share.high")
	case swarm.Low:
		return l.T("share.low")
	case swarm.Normal, swarm.Skip:
	}
	return l.T("share.normal")
}
