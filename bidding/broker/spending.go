package broker

import (
	"context"
	"encoding/hex"
	"time"

	"swarmbid/bidding"
	"swarmbid/bidding/lane"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/voucher"
)

// spending counts what the caps bound. The ledger is asked once for each torrent
// and each day; in between it is counted along.
type spending struct {
	caps    Caps
	where   *time.Location
	day     time.Time // its first moment
	today   btt.Amount
	torrent map[bidding.TorrentKey]btt.Amount
	debts   btt.Amount                        // in all lanes without a contract
	debt    map[lane.Key]btt.Amount           // likewise, of each
	own     map[bidding.TorrentKey]btt.Amount // caps of torrents that have their own; 0 = it has not
}

// newDay begins to count a day, if now is in another than before.
func (s *spending) newDay(ctx context.Context, l *ledger.Ledger, now time.Time) error {
	y, m, d := now.In(s.where).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, s.where)
	if day.Equal(s.day) {
		return nil
	}
	f, err := l.Flow(ctx, ledger.Period{From: day})
	if err != nil {
		return err
	}
	s.day, s.today = day, f.Spent
	return nil
}

// owing reads what an account owes.
func (s *spending) owing(ctx context.Context, l *ledger.Ledger, us voucher.Address) error {
	all, err := l.Lanes(ctx, false)
	if err != nil {
		return err
	}
	for _, x := range all {
		if k := (lane.Key{Chain: x.Chain, Escrow: x.Escrow, Payer: x.Payer, Payee: x.Payee}); k.Direct() && k.Payer == us {
			s.setDebt(k, x.Due-x.Cumulative)
		}
	}
	return nil
}

// owe counts what a record changes in it.
func (s *spending) owe(x recorded) {
	if x.key.Direct() && !x.paid {
		s.setDebt(x.key, x.Book.Due-x.Book.Cumulative)
	}
}

func (s *spending) setDebt(k lane.Key, debt btt.Amount) {
	if s.debt == nil {
		s.debt = map[lane.Key]btt.Amount{}
	}
	s.debts += max(0, debt) - s.debt[k]
	s.debt[k] = max(0, debt)
}

// maxTorrents bounds the torrents whose spending is asked for: those with the
// greatest flow.
const maxTorrents = 10_000

// know makes sure that it is known what a torrent has cost.
func (s *spending) know(ctx context.Context, l *ledger.Ledger, t bidding.TorrentKey) error {
	if _, ok := s.torrent[t]; ok {
		return nil
	}
	all, err := l.FlowByTorrent(ctx, ledger.Period{}, maxTorrents)
	if err != nil {
		return err
	}
	s.torrent[t] = 0
	for _, f := range all {
		if f.Key == name(t) {
			s.torrent[t] = f.Spent
		}
	}
	return nil
}

// add counts what was promised.
func (s *spending) add(t bidding.TorrentKey, a btt.Amount) {
	s.today += a
	s.torrent[t] += a
}

// left is what the caps leave for a torrent and an address that was promised so
// much.
func (s *spending) left(t bidding.TorrentKey, promised btt.Amount) btt.Amount {
	most := s.caps.Torrent
	if own := s.own[t]; own > 0 {
		most = own
	}
	return max(min(most-s.torrent[t], s.caps.Day-s.today, s.caps.Peer-promised), 0)
}

// name is a torrent as the ledger writes it.
func name[T bidding.TorrentKey | lane.Torrent](t T) string { return hex.EncodeToString(t[:]) }
