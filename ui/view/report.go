package view

import (
	"math"
	"math/bits"
	"time"

	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
)

// SpeedReport is what paying has bought one torrent. The zero value is that nothing
// was ever paid or earned for it.
type SpeedReport struct {
	Measured     bool       // while something was bought, and the fields from Began on count
	Spent        btt.Amount // promised to peers
	Earned       btt.Amount
	Peers        int // that were paid
	Began, Ended time.Time
	Buying       time.Duration
	Bytes        int64 // payload that came while buying
	Paid         int64 // of it, paid for
	Free         int64 // payload that would have come in that time for nothing

	Estimate      swarm.Estimate // that stood before the first payment; times are not kept
	EstimateBytes int64          // what remained then
}

// Saved is how much sooner the payload was there than it would have been for nothing,
// negative if later; ok is false where nothing would have come for nothing, or nothing
// has come.
func (r *SpeedReport) Saved() (saved time.Duration, ok bool) {
	if r.Free <= 0 || r.Bytes <= 0 || r.Buying <= 0 {
		return 0, false
	}
	ms, ok := ratio(r.Bytes, r.Buying.Milliseconds(), r.Free)
	if !ok || ms > math.MaxInt64/int64(time.Millisecond) {
		return 0, false
	}
	return time.Duration(ms)*time.Millisecond - r.Buying, true
}

// PerGiB is what a GiB that was paid for has cost; ok is false if none was.
func (r *SpeedReport) PerGiB() (price btt.Amount, ok bool) {
	if r.Paid <= 0 || r.Spent < 0 {
		return 0, false
	}
	v, ok := ratio(int64(r.Spent), 1<<30, r.Paid)
	return btt.Amount(v), ok
}

// Rates are bytes per second while buying, with and without it.
func (r *SpeedReport) Rates() (with, without int64) {
	ms := r.Buying.Milliseconds()
	if ms <= 0 {
		return 0, 0
	}
	with, _ = ratio(r.Bytes, 1000, ms)
	without, _ = ratio(r.Free, 1000, ms)
	return with, without
}

// ratio is a·b÷c, rounded down, of positive numbers; ok is false if it does not fit.
func ratio(a, b, c int64) (v int64, ok bool) {
	if a < 0 || b < 0 || c <= 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(q), q <= math.MaxInt64
}

// ReportHead says in one sentence what paying has bought.
func (f *Format) ReportHead(r *SpeedReport) string {
	switch saved, ok := r.Saved(); {
	case r.Spent == 0 && r.Earned == 0:
		return f.T("report.nothing")
	case r.Spent == 0:
		return f.T("report.earned", f.Amount(r.Earned, BTT))
	case !r.Measured:
		return f.T("report.unmeasured", f.Amount(r.Spent, BTT))
	case !ok:
		return f.T("report.onlyPaid", f.Amount(Rough(r.Spent), BTT))
	case saved > 0:
		return f.T("report.saved", f.Duration(saved), f.Amount(Rough(r.Spent), BTT))
	}
	return f.T("report.notSaved", f.Amount(Rough(r.Spent), BTT))
}

// ReportFacts are the figures behind it.
func (f *Format) ReportFacts(r *SpeedReport) (out [][2]string) {
	add := func(key, value string) { out = append(out, [2]string{f.T(key), value}) }
	add("report.spent", f.Amount(r.Spent, BTT))
	add("report.peers", f.Int(int64(r.Peers)))
	if p, ok := r.PerGiB(); ok {
		add("report.price", f.T("report.perGiB", f.Amount(Rough(p), BTT)))
	}
	if r.Measured {
		add("report.bytes", f.T("report.ofWhich", f.Bytes(r.Bytes), f.Bytes(r.Paid)))
		with, without := r.Rates()
		add("report.rate", f.T("report.instead", f.Rate(with), f.Rate(without)))
		add("report.time", f.Duration(r.Buying))
		if saved, ok := r.Saved(); ok {
			add("report.savedTime", f.seconds(saved))
		}
		if e := r.Estimate; e.PaidRate > 0 {
			add("report.estimate", f.T("report.estimated", f.Rate(e.PaidRate), f.Rate(e.FreeRate), f.Amount(Rough(btt.Amount(e.Cost)), BTT)))
		}
		add("report.period", f.T("report.fromTo", f.Time(r.Began), f.Time(r.Ended)))
	}
	if r.Earned > 0 {
		add("report.earnedToo", f.Amount(r.Earned, BTT))
	}
	return out
}

// seconds writes a time that may be negative.
func (f *Format) seconds(d time.Duration) string {
	if d < 0 {
		return "-" + f.Duration(-d)
	}
	return f.Duration(d)
}
