package main

import (
	"slices"

	"swarmbid/wallet"
	"swarmbid/wallet/btt"
	"swarmbid/wallet/keystore"
	"swarmbid/wallet/ledger"
	"swarmbid/wallet/payout"
	"swarmbid/wallet/till"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// walletSentinels are the errors of keys, chain and books that reach the window,
// narrow ones first.
func walletSentinels() []sentinel {
	return slices.Concat(keySentinels(), chainSentinels(), bookSentinels())
}

func keySentinels() []sentinel {
	return []sentinel{
		{errReview, "app.ErrReview"},
		{errNoWallet, "app.ErrNoWallet"},
		{till.ErrOrder, "till.ErrOrder"},
		{till.ErrDeposit, "till.ErrDeposit"},
		{till.ErrNothing, "till.ErrNothing"},
		{till.ErrConfig, "till.ErrConfig"},
		{payout.ErrConfig, "till.ErrConfig"},
		{payout.ErrOrder, "till.ErrOrder"},
		{wallet.ErrNotBackedUp, "wallet.ErrNotBackedUp"},
		{wallet.ErrAnswer, "wallet.ErrAnswer"},
		{wallet.ErrPasswordShort, "wallet.ErrPasswordShort"},
		{wallet.ErrWordCount, "wallet.ErrWordCount"},
		{wallet.ErrMnemonic, "wallet.ErrMnemonic"},
		{wallet.ErrLocked, "wallet.ErrLocked"},
		{wallet.ErrWatchOnly, "wallet.ErrWatchOnly"},
		{wallet.ErrNoAccount, "wallet.ErrNoAccount"},
		{wallet.ErrTooMany, "wallet.ErrTooMany"},
		{wallet.ErrDerive, "wallet.ErrDerive"},
		{wallet.ErrContent, "wallet.ErrContent"},
		{keystore.ErrPassword, "keystore.ErrPassword"},
		{keystore.ErrExists, "keystore.ErrExists"},
		{keystore.ErrVersion, "keystore.ErrVersion"},
		{keystore.ErrTruncated, "keystore.ErrTruncated"},
		{keystore.ErrDamaged, "keystore.ErrDamaged"},
		{keystore.ErrParams, "keystore.ErrParams"},
		{keystore.ErrFormat, "keystore.ErrFormat"},
		{voucher.ErrChecksum, "voucher.ErrChecksum"},
		{voucher.ErrPrefix, "voucher.ErrPrefix"},
		{voucher.ErrAddress, "voucher.ErrAddress"},
	}
}

func chainSentinels() []sentinel {
	return []sentinel{
		{tron.ErrSent, "tron.ErrSent"},
		{tron.ErrDiffers, "tron.ErrDiffers"},
		{tron.ErrSigner, "tron.ErrSigner"},
		{tron.ErrSelf, "tron.ErrSelf"},
		{tron.ErrIntent, "tron.ErrIntent"},
		{tron.ErrToContract, "tron.ErrToContract"},
		{tron.ErrNotActivated, "tron.ErrNotActivated"},
		{tron.ErrNotEnoughTRX, "tron.ErrNotEnoughTRX"},
		{tron.ErrNotEnough, "tron.ErrNotEnough"},
		{tron.ErrFee, "tron.ErrFee"},
		{tron.ErrWouldFail, "tron.ErrWouldFail"},
		{tron.ErrOutOfEnergy, "tron.ErrOutOfEnergy"},
		{tron.ErrReverted, "tron.ErrReverted"},
		{tron.ErrRejected, "tron.ErrRejected"},
		{tron.ErrExpired, "tron.ErrExpired"},
		{tron.ErrAbandoned, "tron.ErrAbandoned"},
		{tron.ErrUnknownTx, "tron.ErrUnknownTx"},
		{tron.ErrEscrow, "tron.ErrEscrow"},
		{tron.ErrWrongChain, "tron.ErrWrongChain"},
		{tron.ErrClock, "tron.ErrClock"},
		{tron.ErrDisagree, "tron.ErrDisagree"},
		{tron.ErrStaleNode, "tron.ErrStaleNode"},
		{tron.ErrAnswer, "tron.ErrAnswer"},
		{tron.ErrOffline, "tron.ErrOffline"},
		{voucher.ErrSignature, "voucher.ErrSignature"},
		{voucher.ErrKey, "voucher.ErrKey"},
	}
}

func bookSentinels() []sentinel {
	return []sentinel{
		{ledger.ErrFull, "ledger.ErrFull"},
		{ledger.ErrBusy, "ledger.ErrBusy"},
		{ledger.ErrNewer, "ledger.ErrNewer"},
		{ledger.ErrEdited, "ledger.ErrEdited"},
		{ledger.ErrBooks, "ledger.ErrBooks"},
		{ledger.ErrDamaged, "ledger.ErrDamaged"},
		{ledger.ErrLimit, "ledger.ErrLimit"},
		{ledger.ErrClosed, "ledger.ErrClosed"},
		{ledger.ErrConflict, "ledger.ErrConflict"},
		{ledger.ErrResolved, "ledger.ErrResolved"},
		{ledger.ErrNotPending, "ledger.ErrNotPending"},
		{ledger.ErrUnit, "ledger.ErrUnit"},
		{ledger.ErrStale, "ledger.ErrStale"},
		{ledger.ErrPeriod, "ledger.ErrPeriod"},
		{ledger.ErrFalls, "ledger.ErrFalls"},
		{ledger.ErrSettled, "ledger.ErrSettled"},
		{ledger.ErrLive, "ledger.ErrLive"},
		{ledger.ErrNetting, "ledger.ErrNetting"},
		{ledger.ErrVouchers, "ledger.ErrVouchers"},
		{ledger.ErrInvalid, "ledger.ErrInvalid"},
		{btt.ErrAmbiguous, "btt.ErrAmbiguous"},
		{btt.ErrPrecision, "btt.ErrPrecision"},
		{btt.ErrSyntax, "btt.ErrSyntax"},
		{btt.ErrOverflow, "btt.ErrOverflow"},
		{btt.ErrNegative, "btt.ErrNegative"},
	}
}
