package tron

import (
	"bytes"
	"context"
	"errors"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/tron/outbox"
	"swarmbid/wallet/voucher"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
)

// advance moves every live intent on and returns those still live. A node that
// fails only delays it; the error is the ledger's.
func (c *Chain) advance(ctx context.Context, views []view) ([]*row, error) {
	rows, err := c.live(ctx)
	if err != nil {
		return nil, err
	}
	var live []*row
	for _, r := range rows {
		if r.tx.State != outbox.Built { // Send is at work on those
			if err := c.follow(ctx, r, views); err != nil {
				return nil, err
			}
		}
		if r.tx.State.Live() {
			live = append(live, r)
		}
	}
	return live, nil
}

// follow asks what became of one transaction and takes the step that follows.
func (c *Chain) follow(ctx context.Context, r *row, views []view) error {
	e, f, ok := c.observe(ctx, r, views)
	if !ok {
		return nil // no clear answer: next time
	}
	before := r.tx.State
	if err := c.stepWith(ctx, r, views, e, c.movedBy(r.sent.Intent, f)); err != nil {
		return err
	}
	if e.Kind == outbox.Unseen && r.tx.State == before {
		return c.step(ctx, r, views, outbox.Event{Kind: outbox.Tick})
	}
	return nil
}

// observe asks every endpoint and turns the answers into one event. It is false
// where they fail or contradict each other.
func (c *Chain) observe(ctx context.Context, r *row, views []view) (outbox.Event, fate, bool) {
	q := question{expires: r.tx.Expires, clock: c.cfg.Now().UnixMilli(), everyone: len(views) == len(c.nodes)}
	for _, v := range views {
		solid, err := v.fateOf(ctx, r.tx.ID, true)
		if err != nil {
			return outbox.Event{}, fate{}, false
		}
		top, err := v.fateOf(ctx, r.tx.ID, false)
		if err != nil {
			return outbox.Event{}, fate{}, false
		}
		if solid.found && solid.block > v.solid.num { // the chain went on between the questions
			solid = fate{}
		}
		q.answers = append(q.answers, answer{c.judge(r.sent.Intent, solid), top, v.solid.time})
	}
	return q.conclude()
}

// answer is what one endpoint says about a transaction.
type answer struct {
	solid, top fate
	now        int64 // ms, its newest solid block
}

// question is what an event is concluded from.
type question struct {
	answers  []answer // at least one
	everyone bool     // every endpoint that is configured has answered
	expires  int64    // ms
	clock    int64    // ms, the computer's
}

// conclude is pure. Success is believed if no endpoint contradicts; failure and
// expiry, after which somebody may pay again, only if everyone says so.
func (q question) conclude() (outbox.Event, fate, bool) {
	none := outbox.Event{}
	first, known, now := q.answers[0].solid, 0, q.answers[0].now
	for _, a := range q.answers {
		if a.solid.found {
			known++
		}
		now = min(now, a.now)
	}
	switch {
	case known == len(q.answers):
		for _, a := range q.answers {
			if s := a.solid; s.ok != first.ok || s.block != first.block || s.fee != first.fee {
				return none, fate{}, false
			}
		}
		if !first.ok && !q.everyone {
			return none, fate{}, false
		}
		return outbox.Event{Kind: outbox.Solid, OK: first.ok, Block: first.block, Fee: first.fee, Reason: first.reason}, first, true
	case known > 0:
		return none, fate{}, false // one is behind, or lies
	}
	for _, a := range q.answers {
		if a.top.found {
			return outbox.Event{Kind: outbox.Seen, Block: a.top.block}, fate{}, true
		}
	}
	if q.everyone && now > q.expires && q.clock > q.expires {
		return outbox.Event{Kind: outbox.Passed, Now: now}, fate{}, true
	}
	return outbox.Event{Kind: outbox.Unseen}, fate{}, true
}

// judge looks behind the word SUCCESS: a token transfer has happened only if the
// token says so in its log.
func (c *Chain) judge(i Intent, f fate) fate {
	if !f.ok || i.Asset != BTT {
		return f
	}
	for _, t := range tokenTransfers(f.logs, c.cfg.Network.BTT) {
		if t.from == i.From && t.to == i.To && t.amount == i.Amount {
			return f
		}
	}
	f.ok, f.reason = false, "the token moved nothing"
	return f
}

// tokenTransfer is one Transfer log of a TRC-20 token.
type tokenTransfer struct {
	from, to voucher.Address
	amount   btt.Amount // whole µBTT
}

// maxLogs bounds how many logs of a receipt are read.
const maxLogs = 2000

// tokenTransfers reads the Transfer logs of one contract, and no others.
func tokenTransfers(logs []*core.TransactionInfo_Log, contract voucher.Address) []tokenTransfer {
	var out []tokenTransfer
	for _, l := range logs[:min(len(logs), maxLogs)] {
		if !bytes.Equal(l.GetAddress(), contract[:]) || len(l.Topics) != 3 || len(l.Data) != 32 || !bytes.Equal(l.Topics[0], selector(topicTransfer)) ||
			len(l.Topics[1]) != 32 || len(l.Topics[2]) != 32 || !allZero(l.Topics[1][:12]) || !allZero(l.Topics[2][:12]) {
			continue
		}
		amount, _, err := btt.FromWord(btt.Word(l.Data))
		if err != nil {
			continue
		}
		out = append(out, tokenTransfer{voucher.Address(l.Topics[1][12:]), voucher.Address(l.Topics[2][12:]), amount})
	}
	return out
}

// step takes one step of the machine and carries its effects out.
func (c *Chain) step(ctx context.Context, r *row, views []view, e outbox.Event) error {
	return c.stepWith(ctx, r, views, e, nil)
}

func (c *Chain) stepWith(ctx context.Context, r *row, views []view, e outbox.Event, m moved) error {
	next, effects := outbox.Step(r.tx, e)
	for n, f := range effects {
		switch f {
		case outbox.Save:
			end := outbox.Effect(0)
			if n+1 < len(effects) && (effects[n+1] == outbox.Book || effects[n+1] == outbox.Release) {
				end = effects[n+1]
			}
			c.at("before " + next.State.String())
			if err := c.save(ctx, r, next, end, m); err != nil {
				return err
			}
			c.at(next.State.String())
		case outbox.Book, outbox.Release: // written with Save
		case outbox.Send:
			if err := c.transmit(ctx, r, views); err != nil {
				return err
			}
		case outbox.Tell:
			c.tell(Progress{r.shown()})
		}
	}
	return nil
}

// transmit hands the saved bytes to every endpoint, so that one which takes them
// and keeps them to itself does no harm. Without views, which Send has none of,
// Run does it.
func (c *Chain) transmit(ctx context.Context, r *row, views []view) error {
	if len(views) == 0 || r.stored.Expires.Before(time.UnixMilli(views[0].top.time)) {
		return nil
	}
	taken, refusals, reason := false, 0, ""
	for _, v := range views {
		verdict, words, err := v.broadcast(ctx, r.stored.Raw, r.stored.Sig)
		switch {
		case errors.Is(err, ErrDiffers):
			return err
		case err == nil && verdict == accepted:
			taken = true
		case err == nil && verdict == refused:
			refusals++
			reason = words
		default: // unsure: next time
		}
	}
	switch {
	case taken:
		c.at("sent")
		return c.step(ctx, r, views, outbox.Event{Kind: outbox.Accepted})
	case refusals == len(views):
		return c.step(ctx, r, views, outbox.Event{Kind: outbox.Refuse, Reason: reason})
	}
	return nil
}

// at is where tests stop or kill the process; it does nothing else.
func (c *Chain) at(place string) {
	if c.pauseAt != nil {
		c.pauseAt(place)
	}
}
