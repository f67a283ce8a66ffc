package link

import "swarmbid/engine/swarm"

// NormalWeight is the weight of a torrent of which nothing was said.
const NormalWeight = 2

// SetTorrentWeight sets what part of the session's download limit a torrent has beside
// others that could use it too: twice the weight is twice the rate, whatever number of
// peers it comes from. Below 1 counts as NormalWeight.
func (ls *Links) SetTorrentWeight(ih swarm.InfoHash, weight int) {
	if weight < 1 {
		weight = NormalWeight
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	t := ls.torrent(ih)
	t.weight.Store(int64(weight))
	ls.weigh()
	ls.tidy(ih, t)
}

// weigh finds the least weight anew. mu is held.
func (ls *Links) weigh() {
	least := int64(0)
	for _, t := range ls.torrents {
		if w := t.weight.Load(); t.links > 0 && (least == 0 || w < least) {
			least = w
		}
	}
	ls.least.Store(least)
}

// turn is how many bytes of payload a link of t takes between two waits: a block, and
// as many more as its weight is above the least one. A torrent with a single link asks
// for its next turn only after the one before, so beside another such it has every
// second turn, whatever its weight.
func (t *torrent) turn(ls *Links) int64 {
	blocks := t.weight.Load() / max(1, ls.least.Load())
	if blocks <= 1 {
		return 1 // whatever has come
	}
	return swarm.BlockSize * blocks
}
