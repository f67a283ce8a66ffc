package escrow

// Energy of the calls, in units, at most; held by TestBudget on the test chain.
// They say what settling would cost before a node is asked; what is sent is
// quoted by trying it.
const (
	EnergyApprove   = 22_500
	EnergyDeposit   = 42_000 // first of an account; later ones 15,000 less
	EnergyStartExit = 28_000 // first of an account; later ones 15,000 less
	EnergyFinish    = 35_500 // to a wallet without BTT; to another 15,000 less

	redeemBase     = 4_500  // of a call
	redeemCredit   = 20_000 // to a deposit that was empty
	redeemWithdraw = 28_500 // to a wallet that had no BTT
	redeemKnown    = 15_500 // per voucher of a pair that has settled before
	redeemNew      = 30_500 // … that has not: it fills one more slot
)

// Bytes of a transaction that redeems, at most: what the chain charges bandwidth for.
const (
	redeemBytes  = 450
	voucherBytes = 128
)

// RedeemBytes is the bandwidth of redeeming n vouchers in one call.
func RedeemBytes(n int) int64 { return redeemBytes + int64(n)*voucherBytes }

// RedeemEnergy is what redeeming known and fresh pairs in one call costs at most.
func RedeemEnergy(known, fresh int, withdraw bool) int64 {
	e := int64(redeemBase + known*redeemKnown + fresh*redeemNew)
	if withdraw {
		return e + redeemWithdraw
	}
	return e + redeemCredit
}
