package upload

import "swarmbid/engine/swarm"

// unit is the fixed-point scale of credit: so many units a byte.
const unit = 1 << 10

// credited is the most credit a flow keeps while it has nothing to send, in
// blocks for the flow of the highest weight and in proportion for the others, but
// never less than one block.
const credited = 4

// flow is one peer in the round.
type flow struct {
	weight int64 // > 0
	size   int   // bytes of its next request; 0 = nothing to send now
	credit int64 // units it may send; negative = it is ahead of its share
}

// robin is the deficit round robin. Each turn a flow earns credit by its weight,
// the heaviest one block, and sends while its credit covers the next request. The
// zero value has no flows.
type robin struct {
	flows []flow
	at    int  // whose turn it is
	given bool // the flow at has had this turn's credit
	most  int64
}

// reset forgets the turn after flows was changed, but not the credits.
func (r *robin) reset() {
	r.at, r.given, r.most = 0, false, 0
	for i := range r.flows {
		r.most = max(r.most, r.flows[i].weight)
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
			if !r.given {
				f.credit += r.quantum(f)
				r.given = true
			}
			if f.size > 0 {
				busy = true
				if need := int64(f.size) * unit; f.credit >= need {
					f.credit -= need
					return r.at
				}
			} else {
				f.credit = min(f.credit, r.keep(f))
			}
			r.at = (r.at + 1) % len(r.flows)
			r.given = false
		}
		if !busy {
			return -1
		}
		r.skip()
	}
}

// keep is the most credit f holds on to while it has nothing to send.
func (r *robin) keep(f *flow) int64 {
	return max(swarm.BlockSize*unit, credited*r.quantum(f))
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
		f := &r.flows[i]
		if f.credit += rounds * r.quantum(f); f.size == 0 {
			f.credit = min(f.credit, r.keep(f))
		}
	}
}
