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
	BidMode       string     `json:"bidMode"`          // "off", "eco", "balanced", "fast"
	MaxPrice      btt.Amount `json:"bidMaxPricePerGiB"`
	MaxTorrent    btt.Amount `json:"bidMaxPerTorrent"`
	MaxDay        btt.Amount `json:"bidMaxPerDay"`
}

// DefaultMarket returns what a new user gets: off, and spending nothing.
func DefaultMarket() Market { return Market{FreeShare: 20, ReserveRarity: true, BidMode: "off"} }

// maxMoney bounds prices and amounts, µBTT: ten billion BTT.
const maxMoney = btt.Amount(1e16)

// Validate reports every value that is out of range.
func (m *Market) Validate() error {
	low, high := min(m.Reserve, m.MaxPrice, m.MaxTorrent, m.MaxDay), max(m.Reserve, m.MaxPrice, m.MaxTorrent, m.MaxDay)
	return errors.Join(
		check(m.FreeShare >= 10 && m.FreeShare <= 100, "a free share of %d %%", m.FreeShare),
		check(low >= 0 && high <= maxMoney, "a price or a limit on bids"),
		oneOf("bid mode", m.BidMode, "off", "eco", "balanced", "fast"))
}
