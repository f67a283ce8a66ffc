package upload

import "swarmbid/engine/swarm"

// unit is the fixed-point scale of credit: so many units a byte.
const unit = 1 << 10

// credited is the most credit that every flow has after a time without requests,
// in blocks for the flow of the highest weight and in proportion for the others,
// but never less than one block.
const credited = 2

// catchUp is how many times its share a flow is served at most while it catches up.
const catchUp = 4

// flow is one peer in the round.
type flow struct {
	weight int64 // > 0
	size   int   // bytes of its next request; 0 = nothing to send now
	credit int64 // units it may send; negative = it is ahead of its share
	most   int64 // units of credit that it has after a time without requests, if that is more than credited
	behind bool  // it had nothing to send when it was its turn, and has not caught up since
	since  int64 // while it is behind: robin.sent when its credit was last counted
}

// robin is the deficit round robin. Each turn a flow earns credit by its weight,
// the heaviest one block, and sends while its credit covers the next request. A
// flow that has nothing to send, and until it has caught up, earns its share of all
// that is sent instead, up to a bound. The zero value has no flows.
type robin struct {
	flows []flow
	at    int   // whose turn it is
	given bool  // the flow at has had this turn's credit
	spent int64 // units that it has sent in this turn
	sent  int64 // bytes that all have sent
	most  int64 // the highest weight
	sum   float64
}

// reset forgets the turn after flows was changed, but not the credits.
func (r *robin) reset() {
	r.at, r.given, r.spent, r.most, r.sum = 0, false, 0, 0, 0
	for i := range r.flows {
		r.most = max(r.most, r.flows[i].weight)
		r.sum += float64(r.flows[i].weight)
	}
}

// quantum is what flow f earns a turn, at least 1 unit.
func (r *robin) quantum(f *flow) int64 {
	return max(1, int64(float64(swarm.BlockSize*unit)*(float64(f.weight)/float64(r.most))))
}

// next returns the flow whose request goes next, or -1 if no flow has one. The
// request's size is taken from its credit; the caller then sets the flow's new
// size.
func (r *robin) next() int {
	for {
		busy := false
		for range len(r.flows) + 1 {
			if len(r.flows) == 0 {
				return -1
			}
			f := &r.flows[r.at]
			if f.size > 0 {
				busy = true
				r.earn(f)
				if need := int64(f.size) * unit; f.credit >= need && r.spent < catchUp*r.quantum(f) {
					f.credit -= need
					r.spent += need
					r.sent += int64(f.size)
					return r.at
				}
			} else if !f.behind {
				f.behind, f.since = true, r.sent
			}
			r.at = (r.at + 1) % len(r.flows)
			r.given, r.spent = false, 0
		}
		if !busy {
			return -1
		}
		r.skip()
	}
}

// earn gives f the credit of its turn, or, while it is behind, of the time since.
func (r *robin) earn(f *flow) {
	if f.behind {
		r.settle(f)
		f.behind = f.credit >= int64(f.size)*unit
	}
	if !f.behind && !r.given {
		f.credit += r.quantum(f)
		r.given = true
	}
}

// settle counts the credit of a flow that is behind.
func (r *robin) settle(f *flow) {
	if f.behind {
		part := float64(r.sent-f.since) * unit * (float64(f.weight) / r.sum)
		f.credit = max(f.credit, min(f.credit+int64(part), r.bound(f)))
		f.since = r.sent
	}
}

// bound is the most credit that f has after a time without requests.
func (r *robin) bound(f *flow) int64 {
	return max(swarm.BlockSize*unit, credited*r.quantum(f), f.most)
}

// skip grants the whole rounds that have to pass before anybody can send, so that
// a choice costs one look at each flow however small the weights are.
func (r *robin) skip() {
	rounds := int64(-1)
	for i := range r.flows {
		f := &r.flows[i]
		if f.size == 0 {
			continue
		}
		q := r.quantum(f)
		if n := (int64(f.size)*unit - f.credit - 1) / q; rounds < 0 || n < rounds {
			rounds = n
		}
	}
	if rounds <= 0 {
		return
	}
	for i := range r.flows {
		if f := &r.flows[i]; f.size > 0 {
			f.credit += rounds * r.quantum(f)
		}
	}
}
