package view

// walletErrorKey returns the key of the words for an error of the wallet, its
// books or the chain; "" for an unknown one.
func walletErrorKey(name string) string {
	for _, find := range []func(string) string{keysErrorKey, chainErrorKey, booksErrorKey} {
		if k := find(name); k != "" {
			return k
		}
	}
	return ""
}

// keysErrorKey is about the file, its password and the words.
func keysErrorKey(name string) string {
	switch name {
	case "keystore.ErrPassword":
		return "wallet.error.password"
	case "keystore.ErrDamaged", "keystore.ErrTruncated", "keystore.ErrFormat", "wallet.ErrContent", "keystore.ErrParams":
		return "wallet.error.file"
	case "keystore.ErrVersion":
		return "wallet.error.newer"
	case "keystore.ErrExists":
		return "wallet.error.exists"
	case "wallet.ErrPasswordShort":
		return "wallet.error.short"
	case "wallet.ErrWordCount":
		return "wallet.error.count"
	case "wallet.ErrMnemonic":
		return "wallet.error.checksum"
	case "wallet.ErrWord":
		return "wallet.error.word"
	case "wallet.ErrAnswer":
		return "wallet.error.answer"
	case "wallet.ErrNotBackedUp":
		return "wallet.error.backup"
	case "wallet.ErrLocked":
		return "wallet.error.locked"
	case "wallet.ErrWatchOnly", "wallet.ErrNoAccount", "wallet.ErrDerive", "wallet.ErrTooMany":
		return "wallet.error.account"
	case "voucher.ErrAddress":
		return "wallet.error.address"
	case "voucher.ErrChecksum":
		return "wallet.error.addressSum"
	case "voucher.ErrPrefix":
		return "wallet.error.addressPrefix"
	case "voucher.ErrKey", "voucher.ErrSignature", "tron.ErrSigner", "tron.ErrDiffers", "tron.ErrIntent":
		return "wallet.error.differs"
	case "btt.ErrSyntax":
		return "wallet.error.syntax"
	case "btt.ErrAmbiguous":
		return "wallet.error.ambiguous"
	case "btt.ErrPrecision":
		return "wallet.error.precision"
	case "btt.ErrOverflow", "btt.ErrNegative":
		return "wallet.error.range"
	}
	return ""
}

// chainErrorKey is about nodes and transactions.
func chainErrorKey(name string) string {
	switch name {
	case "tron.ErrOffline":
		return "wallet.error.offline"
	case "tron.ErrWrongChain":
		return "wallet.error.wrongChain"
	case "tron.ErrAnswer":
		return "wallet.error.answerOfNode"
	case "tron.ErrDisagree":
		return "wallet.error.disagree"
	case "tron.ErrStaleNode":
		return "wallet.error.stale"
	case "tron.ErrClock":
		return "wallet.error.clock"
	case "tron.ErrSelf":
		return "wallet.error.self"
	case "tron.ErrToContract":
		return "wallet.error.contract"
	case "tron.ErrNotActivated":
		return "wallet.error.notActivated"
	case "tron.ErrNotEnoughTRX":
		return "wallet.error.notEnoughTRX"
	case "tron.ErrNotEnough":
		return "wallet.error.notEnough"
	case "tron.ErrFee":
		return "wallet.error.fee"
	case "tron.ErrWouldFail":
		return "wallet.error.wouldFail"
	case "tron.ErrSent":
		return "wallet.error.sent"
	case "tron.ErrRejected":
		return "wallet.error.rejected"
	case "tron.ErrReverted":
		return "wallet.error.reverted"
	case "tron.ErrOutOfEnergy":
		return "wallet.error.outOfEnergy"
	case "tron.ErrExpired":
		return "wallet.error.expired"
	case "tron.ErrAbandoned":
		return "wallet.error.abandoned"
	case "tron.ErrUnknownTx":
		return "wallet.error.unknownTx"
	case "tron.ErrEscrow":
		return "wallet.error.escrow"
	case "till.ErrOrder":
		return "wallet.error.order"
	case "till.ErrDeposit":
		return "wallet.error.deposit"
	case "till.ErrNothing":
		return "wallet.error.nothing"
	case "ledger.ErrVouchers":
		return "wallet.error.vouchers"
	case "app.ErrReview":
		return "wallet.error.review"
	case "app.ErrNoWallet":
		return "wallet.error.none"
	}
	return ""
}

// booksErrorKey is about the ledger.
func booksErrorKey(name string) string {
	switch name {
	case "ledger.ErrDamaged", "ledger.ErrBooks", "ledger.ErrEdited":
		return "wallet.error.books"
	case "ledger.ErrNewer":
		return "wallet.error.booksNewer"
	case "ledger.ErrBusy":
		return "wallet.error.booksBusy"
	case "ledger.ErrFull":
		return "wallet.error.booksFull"
	case "ledger.ErrLimit", "ledger.ErrClosed", "ledger.ErrConflict", "ledger.ErrResolved", "ledger.ErrNotPending", "ledger.ErrUnit",
		"ledger.ErrInvalid", "ledger.ErrStale", "ledger.ErrPeriod", "ledger.ErrFalls", "ledger.ErrSettled", "ledger.ErrLive", "ledger.ErrNetting", "till.ErrConfig":
		return "wallet.error.booking"
	}
	return ""
}
