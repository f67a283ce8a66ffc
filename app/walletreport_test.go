package main

import (
	"context"
	"encoding/hex"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"swarmbid/engine/swarm"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/ledger"
)

// seller is an engine of one torrent.
type seller struct {
	torrent swarm.Torrent
	market  swarm.Market
	gone    bool
}

// Snapshot implements trader.
func (s *seller) Snapshot() *swarm.Snapshot {
	if s.gone {
		return &swarm.Snapshot{}
	}
	return &swarm.Snapshot{Torrents: []swarm.Torrent{s.torrent}}
}

// Details implements trader.
func (s *seller) Details(context.Context, swarm.InfoHash, swarm.Part) (*swarm.Details, error) {
	if s.torrent.Name == "removed" {
		return nil, errors.New("unknown")
	}
	m := s.market
	return &swarm.Details{Market: &m}, nil
}

// TestMeter: only the time in which something is bought counts, connections that come
// and go lose nothing, a sleeping computer bought nothing, and a restart goes on.
func TestMeter(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.db")
	book, err := ledger.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	e := &seller{torrent: swarm.Torrent{InfoHash: swarm.InfoHash{7}, Size: 1000, Wanted: 1000}}
	e.market.Estimate = swarm.Estimate{FreeRate: 100, PaidRate: 400, Cost: 50}
	m, now := newMeter(e), time.Unix(1_800_000_000, 0)
	step := func(gap time.Duration, down int64, verified ...int64) {
		t.Helper()
		now = now.Add(gap)
		e.torrent.Downloaded += down
		e.market.Bids = nil
		for i, v := range verified {
			e.market.Bids = append(e.market.Bids, swarm.Purchase{Key: swarm.PeerKey(i + 1), Verified: v})
		}
		if err := m.measure(t.Context(), book, now); err != nil {
			t.Fatal(err)
		}
	}
	step(5*time.Second, 5000) // nothing is bought
	if _, ok, err := book.Speed(t.Context(), hex.EncodeToString(e.torrent.InfoHash[:])); ok || err != nil {
		t.Errorf("measured before anything was bought: %v", err)
	}
	e.torrent.Spending = 9
	step(5*time.Second, 5000, 100)      // begins
	step(5*time.Second, 2000, 1100)     // 1000 more are paid for
	step(5*time.Second, 2000, 1300, 70) // another provider
	step(time.Hour, 9000, 1300, 70)     // the computer slept: bytes count, time does not
	e.market.Estimate.FreeRate = 300
	e.torrent.Spending = 0
	step(5*time.Second, 1000, 1300, 80) // ends
	step(5*time.Second, 7000, 1300, 80)
	e.torrent.Spending = 9
	e.torrent.Name = "removed"
	step(5*time.Second, 0)
	e.gone = true
	step(5*time.Second, 0)
	if len(m.last) != 0 {
		t.Errorf("still kept: %v", m.last)
	}
	ih := e.torrent.InfoHash
	for _, x := range []ledger.Transfer{
		{ID: ledger.ID{1}, Debit: ledger.Leeching, Credit: ledger.Payable("p"), Amount: 40},
		{ID: ledger.ID{2}, Debit: ledger.Leeching, Credit: ledger.Payable("q"), Amount: 2},
		{ID: ledger.ID{3}, Debit: ledger.Receivable("q"), Credit: ledger.Seeding, Amount: 5},
	} {
		x.At, x.Kind, x.Phase, x.Torrent = now, "x", ledger.Posted, hex.EncodeToString(ih[:])
		if err := book.Record(t.Context(), x); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	if book, err = ledger.Open(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	r, err := reportOf(t.Context(), book, ih)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Measured || r.Buying != 15*time.Second || r.Bytes != 14_000 || r.Paid != 1280 || r.Free != 100*5+100*5+300*5 {
		t.Errorf("measured %+v", r)
	}
	if r.Spent != 42 || r.Earned != 5 || r.Peers != 2 || r.Estimate.FreeRate != 100 || r.Estimate.PaidRate != 400 || btt.Amount(r.Estimate.Cost) != 50 {
		t.Errorf("report %+v", r)
	}
	if other, err := reportOf(t.Context(), book, swarm.InfoHash{8}); err != nil || other.Measured || other.Spent != 0 {
		t.Errorf("of another: %+v, %v", other, err)
	}
}
