package settings

import (
	"errors"

	"swarmbid/wallet/btt"
)

// Market is the trade in bandwidth. Prices and amounts are µBTT. A file of before
// there was a market has none of it, which is off.
type Market struct {
	On            bool       `json:"on"`
	FreeShare     int        `json:"freeSharePercent"` // of the uplink, for those that do not pay; 10 to 100
	Reserve       btt.Amount `json:"reservePerGiB"`    // least price taken
	ReserveRarity bool       `json:"reserveByRarity"`  // Reserve is the cap of a price that follows rarity
	BidMode       string     `json:"bidMode"`          // "off", "eco", "balanced", "fast", "paper"
	MaxPrice      btt.Amount `json:"bidMaxPricePerGiB"`
	MaxTorrent    btt.Amount `json:"bidMaxPerTorrent"`
	MaxDay        btt.Amount `json:"bidMaxPerDay"`
	Spending      int        `json:"bidSpendingPercent"` // "paper": part of the balance bid for what remains, 0 to 10; 0 = nothing is bid
}

// DefaultMarket returns what a new user gets: off, and spending nothing.
func DefaultMarket() Market {
	return Market{FreeShare: 20, ReserveRarity: true, BidMode: "off", Spending: maxSpending}
}

// maxMoney bounds prices and amounts, µBTT: ten billion BTT.
const maxMoney = btt.Amount(1e16)

// maxSpending is what bidding.AutoBid allows, in percent: the BTT white paper's 100
// would bid the whole balance for every download.
const maxSpending = 10

// Validate reports every value that is out of range.
func (m *Market) Validate() error {
	low, high := min(m.Reserve, m.MaxPrice, m.MaxTorrent, m.MaxDay), max(m.Reserve, m.MaxPrice, m.MaxTorrent, m.MaxDay)
	return errors.Join(
		check(m.FreeShare >= 10 && m.FreeShare <= 100, "a free share of %d %%", m.FreeShare),
		check(low >= 0 && high <= maxMoney, "a price or a limit on bids"),
		oneOf("bid mode", m.BidMode, "off", "eco", "balanced", "fast", "paper"),
		check(m.Spending >= 0 && m.Spending <= maxSpending, "a part of %d %% of the balance", m.Spending))
}
