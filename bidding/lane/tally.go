package lane

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"swarmbid/wallet/btt"
)

// Run is what was delivered under one quote: a stretch of the stream of one
// connection.
type Run struct {
	Conn     Conn
	Price    btt.Rate
	From, To int64      // positions; To is math.MaxInt64 while the quote is in force
	Bytes    int64      // that count: sent (payee) or verified (payer)
	Charge   btt.Amount // ⌈Bytes × Price ÷ 2²⁰⌉
}

// open is the end of a run that goes on.
const open = math.MaxInt64

// Tally adds up what is charged: Base for what is paid or forgotten, and the runs
// after it in the order of their quotes.
type Tally struct {
	Base btt.Amount
	Runs []Run
}

// Due is the sum of all charges.
func (t *Tally) Due() btt.Amount {
	sum := t.Base
	for i := range t.Runs {
		sum = plus(sum, t.Runs[i].Charge)
	}
	return sum
}

// Unpaid is the number of bytes that a promise of paid in all does not cover: the
// fewest that the debt can stand for, those of the dearest runs. An old gap at a
// high price would else make all that is bought at a low one appear unpaid.
func (t *Tally) Unpaid(paid btt.Amount) int64 {
	unpaid := int64(0)
	for i, owed := range t.owed(paid) {
		unpaid += t.Runs[i].unpaid(owed)
	}
	return unpaid
}

// owed splits the debt among the runs, the dearest first.
func (t *Tally) owed(paid btt.Amount) []btt.Amount {
	order, owed := make([]int, len(t.Runs)), make([]btt.Amount, len(t.Runs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(t.Runs[b].Price, t.Runs[a].Price) })
	debt := max(t.Due()-paid, 0)
	for _, i := range order {
		owed[i] = min(debt, t.Runs[i].Charge)
		debt -= owed[i]
	}
	return owed
}

// unpaid is how many bytes of a run owed stands for, rounded up.
func (r *Run) unpaid(owed btt.Amount) int64 {
	if owed == 0 {
		return 0
	}
	return r.Bytes - part(r.Bytes, r.Charge-owed, r.Charge)
}

// count adds n bytes to a run.
func (r *Run) count(n int64) {
	r.Bytes = min(r.Bytes+n, math.MaxInt64/4)
	r.Charge = cost(r.Price, r.Bytes)
}

// begin opens a run of conn at pos and ends the one before.
func (t *Tally) begin(conn Conn, price btt.Rate, pos int64) {
	t.end(conn, pos)
	t.Runs = append(t.Runs, Run{Conn: conn, Price: price, From: pos, To: open})
}

// end ends the run of conn that is in force at pos.
func (t *Tally) end(conn Conn, pos int64) {
	if r := t.current(conn); r != nil {
		r.To = max(pos, r.From)
	}
}

// current returns the run of conn that is in force, or nil.
func (t *Tally) current(conn Conn) *Run {
	i := slices.IndexFunc(t.Runs, func(r Run) bool { return r.Conn == conn && r.To == open })
	if i < 0 {
		return nil
	}
	return &t.Runs[i]
}

// verify counts the charged part of a stretch of a stream and returns its length.
func (t *Tally) verify(e Verified) int64 {
	sum, end := int64(0), e.Pos+min(max(e.Bytes, 0), math.MaxInt64/2-max(e.Pos, 0))
	for i := range t.Runs {
		if r := &t.Runs[i]; r.Conn == e.Conn {
			if n := min(end, r.To) - max(e.Pos, r.From); n > 0 {
				r.count(n)
				sum += n
			}
		}
	}
	return sum
}

// fold moves what is paid of ended runs into Base: what is left of them is what
// they are owed for. It leaves Due and Unpaid as they are.
func (t *Tally) fold(paid btt.Amount) {
	for i, owed := range t.owed(paid) {
		if r := &t.Runs[i]; r.To != open {
			t.Base = plus(t.Base, r.Charge-owed)
			r.Bytes, r.Charge = r.unpaid(owed), owed
		}
	}
	t.Runs = slices.DeleteFunc(t.Runs, func(r Run) bool { return r.To != open && r.Charge == 0 })
}

// forget moves ended runs into Base, oldest first, until at most n are left; what
// is yet to be verified of them is not counted any more.
func (t *Tally) forget(n int) {
	for i := 0; i < len(t.Runs) && len(t.Runs) > n; {
		if t.Runs[i].To == open {
			i++
			continue
		}
		t.Base = plus(t.Base, t.Runs[i].Charge)
		t.Runs = slices.Delete(t.Runs, i, i+1)
	}
}

// cost is what n bytes cost, at most maxSum.
func cost(p btt.Rate, n int64) btt.Amount {
	c, err := p.Cost(n)
	if err != nil || c > maxSum {
		return maxSum
	}
	return c
}

// buys is how many bytes a buys, at most an eighth of what an int64 holds.
func buys(p btt.Rate, a btt.Amount) int64 {
	n, err := p.Bytes(max(a, 0))
	if err != nil {
		return 0
	}
	return min(n, math.MaxInt64/8)
}

// plus adds two sums of a lane.
func plus(a, b btt.Amount) btt.Amount { return min(a+b, maxSum) }

// part is ⌊n × a ÷ b⌋ for 0 ≤ a ≤ b, b > 0.
func part(n int64, a, b btt.Amount) int64 {
	if a == b {
		return n
	}
	hi, lo := bits.Mul64(uint64(n), uint64(a))
	q, _ := bits.Div64(hi, lo, uint64(b)) // hi < b as a < b and n < 2⁶³
	return int64(q)
}
