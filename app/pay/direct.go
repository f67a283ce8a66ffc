package pay

import (
	"context"
	"time"

	"swarmbid/bidding/broker"
	"swarmbid/bidding/lane"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// Debts pays what is owed where there is no contract: package wallet/payout is it. Its
// methods return soon.
type Debts interface {
	// Met says that an account is here, to which a transfer may have to be named.
	Met(account voucher.Address)
	// Held says what an account says that it holds of ours in all.
	Held(account voucher.Address, sum btt.Amount)
	// Look says that a debt may have become worth a transfer.
	Look()
}

// ways are those to be offered, in order of preference.
func (c *Config) ways() (all []lane.Way) {
	if c.Escrow != (voucher.Address{}) {
		all = append(all, lane.Way{Chain: c.Chain, Escrow: c.Escrow})
	}
	if c.Direct {
		all = append(all, lane.Way{Chain: c.Chain})
	}
	return all
}

// terms is what may be owed and lent now.
func (c *Config) terms() broker.Terms {
	if !c.Direct || c.Terms == nil {
		return broker.Terms{}
	}
	return c.Terms()
}

// carry keeps what debts may come to, for the budget.
func (s *session) carry(t broker.Terms) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.purse = t.Purse
}

// held passes on what a payee says that it holds.
func (s *session) held(f broker.FactLane) {
	if s.Debts != nil {
		s.Debts.Held(f.Account, f.Amount)
	}
}

// Transferred says that a transfer of ours to an account is final. A closed counter
// ignores it; it is to be said again.
func (c *Counter) Transferred(to voucher.Address, tx [32]byte, amount btt.Amount) {
	if s := c.open.Load(); s != nil {
		s.broker.Transferred(to, tx, amount)
		s.note()
	}
}

// Bounds of what peers make us ask the chain.
const (
	maxChecks  = 64               // transfers that wait to be looked at
	maxOfPayer = 4                // of them, of one account
	checkTries = 40               // of one that the chain does not know as final
	checkAgain = 10 * time.Second // between two of them
)

// checking is a transfer that a peer has named.
type checking struct {
	broker.FactCheck
	tries int
	due   time.Time
}

// check looks after the transfers that peers name, one after the other: what the chain says
// that it paid us counts, once. One that it does not know as final is looked at again for
// a while; one that paid less than was said, or was somebody else's, counts nothing.
func (s *session) check(ctx context.Context) error {
	waiting := map[[32]byte]*checking{}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case f := <-s.checks:
			if old := waiting[f.Tx]; old != nil && old.From == f.From {
				old.FactCheck = f // the same again, perhaps by another connection
			} else if old == nil && len(waiting) < maxChecks && ofPayer(waiting, f.From) < maxOfPayer {
				waiting[f.Tx] = &checking{FactCheck: f}
			}
		case <-tick.C:
		}
		for tx, c := range waiting {
			if now := time.Now(); now.Before(c.due) {
				continue
			}
			done, err := s.inspect(ctx, c.FactCheck)
			if ctx.Err() != nil {
				return nil
			}
			c.tries++
			if c.due = time.Now().Add(checkAgain); done || c.tries >= checkTries {
				delete(waiting, tx)
			}
			if err != nil {
				s.Log.Info("a transfer that a peer names is not known as final yet", "payer", c.From.String(), "err", err)
			}
		}
	}
}

func ofPayer(all map[[32]byte]*checking, from voucher.Address) (n int) {
	for _, c := range all {
		if c.From == from {
			n++
		}
	}
	return n
}

// inspect looks at one transfer and reports whether it is done with.
func (s *session) inspect(ctx context.Context, f broker.FactCheck) (done bool, err error) {
	counted, err := s.Ledger.Settled(ctx, s.Chain, f.Tx)
	if err != nil || f.Amount <= 0 || s.Payment == nil {
		return true, err
	}
	if counted {
		s.broker.Final(f, f.Amount) // it is not counted again, but its payer may not know
		return true, nil
	}
	paid, err := s.Payment(ctx, f.Tx, f.From)
	if err != nil {
		return false, err
	}
	if paid < f.Amount {
		s.Log.Warn("a peer names a transfer that did not pay us what it says", "payer", f.From.String(), "said", f.Amount, "paid", paid)
		return true, nil
	}
	s.broker.Final(f, paid)
	return true, nil
}
