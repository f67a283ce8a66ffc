package view

import (
	"time"

	"swarmbid/wallet/btt"
)

// WalletPhase says how far a wallet is open. The zero value is not at all.
type WalletPhase uint8

// The phases.
const (
	WalletAsleep   WalletPhase = iota // nothing was opened or asked yet
	WalletNone                        // there is no wallet
	WalletLocked                      // there is one; nothing is signed without the password
	WalletUnlocked                    // vouchers are signed without asking; a withdrawal still wants the password
	WalletFailed                      // its file or its books cannot be used; Fault says why
)

// Coin is what an address can hold. Amounts of all of them are millionths.
type Coin string

// The coins. One BTTOLD is 1,000 BTT.
const (
	BTT    Coin = "btt"
	BTTOLD Coin = "bttold"
	TRX    Coin = "trx"
)

// Coins returns all coins in the order in which they are shown.
func Coins() []Coin { return []Coin{BTT, BTTOLD, TRX} }

// Name is how a coin is written, in every language.
func (c Coin) Name() string {
	return map[Coin]string{BTT: "BTT", BTTOLD: "BTTOLD", TRX: "TRX"}[c]
}

// WalletTrust says how far balances can be relied on. The zero value is not at all.
type WalletTrust uint8

// The degrees of trust.
const (
	TrustUnknown  WalletTrust = iota // never read
	TrustOffline                     // no node answers: the balances are those of At
	TrustOneNode                     // one of several nodes answers: likewise
	TrustAgreed                      // every node says so
	TrustDisputed                    // the nodes contradict each other: the balances are those of At
)

// Wallet is what is known of the user's money. The zero value is a wallet that
// nobody has opened.
type Wallet struct {
	Phase   WalletPhase
	Fault   string // name of the sentinel error of WalletFailed
	Network string // "mainnet", "nile", "testnode"
	Trust   WalletTrust
	Why     string    // name of the sentinel error that explains Trust; "" = none
	At      time.Time // of the balances; zero = never read, they are those of the books
	Block   int64     // the newest solid one; 0 = unknown
	Stopped string    // name of the error that ended the work on the chain; "" = it goes on

	Address  string    // receives top-ups
	BackedUp bool      // the words are written down
	LockAt   time.Time // while unlocked: when it locks by itself; zero = never

	Options WalletOptions
	Coins   []CoinState
	Payers  []Payer // the accounts money can be sent from, the main one first
	Txs     []WalletTx

	Pay      Pay
	Escrow   Escrow
	Vouchers []Voucher
	Redeem   Redeem      // of all that can be redeemed
	Next     *NextRedeem // nil = nothing is queued
	Rotation Rotation
	Former   []FormerAccount
	Turnover Turnover
	Direct   Direct
	// PayFault is the name of the error, or its text, for which nothing is paid or earned
	// although the user wants it; "" = there is none.
	PayFault string
}

// WalletOptions is what the user may set.
type WalletOptions struct {
	Network     string // as in Wallet
	LockMinutes int    // until an unlocked wallet locks itself; 0 = never
	TestNode    string // host:port of the test node
	Escrow      string // the contract on a test network; "" = none
}

// CoinState is the balance of one coin over all accounts.
type CoinState struct {
	Coin    Coin
	Chain   btt.Amount // what nothing can take back
	Escrow  btt.Amount
	In, Out btt.Amount // on the way
	Claimed btt.Amount // what a single node says, while HasClaim
	// HasClaim says that one of several nodes is all that answers.
	HasClaim bool
}

// Payer is an account that money can be sent from.
type Payer struct {
	Address string
	Role    PayerRole
	Have    map[Coin]btt.Amount
}

// PayerRole is what an account is for. The zero value is the main account.
type PayerRole uint8

// The roles.
const (
	Savings  PayerRole = iota
	Spending           // signs vouchers, owns the deposit
	Former             // found when restoring, or used before
)

// TxKind is which way a transaction went. The zero value is in.
type TxKind uint8

// The kinds.
const (
	TxIn        TxKind = iota // received
	TxOut                     // sent by this wallet
	TxElsewhere               // left the address without this wallet
	TxCall                    // a call of a contract
)

// TxState is how far a transaction has come. The zero value is final.
type TxState uint8

// The states.
const (
	TxFinal   TxState = iota // carried out for good
	TxBuilt                  // decided, not signed
	TxSigned                 // signed and recorded, not known to have arrived
	TxRefused                // the nodes refuse it; it is dead when it has expired
	TxSent                   // a node has it
	TxInBlock                // in a block that could still be replaced
	TxFailed                 // in a block, failed, its fee spent
	TxExpired                // in no block and never will be
	TxVoid                   // given up before it was signed
)

// WalletTx is one line of the history.
type WalletTx struct {
	ID      string // tells lines apart
	At      time.Time
	Kind    TxKind
	State   TxState
	Coin    Coin      // "" for a call
	Order   OrderKind // of a call or a transfer of ours, what it is for; "" = nothing of these
	Amount  btt.Amount
	Peer    string  // the other address; "" = unknown
	Fee     btt.Sun // burnt; while under way what is reserved for it
	TxID    string  // hexadecimal; "" = not signed or not known
	Block   int64   // 0 = in none
	Fault   string  // name of the sentinel error that explains State; "" = all is well
	Reason  string  // the node's words for it
	Expires time.Time
}

// Live reports whether the transaction has not come to an end.
func (t *WalletTx) Live() bool {
	switch t.State {
	case TxBuilt, TxSigned, TxRefused, TxSent, TxInBlock:
		return true
	case TxFinal, TxFailed, TxExpired, TxVoid:
	}
	return false
}

// Payment is what the user wants to send.
type Payment struct {
	From   string // one of our accounts; "" = the main one
	To     string
	Coin   Coin
	Amount btt.Amount
	All    bool // as much as there is; Amount is not looked at
}

// Concern is a reason to look twice at a recipient. The zero value is none.
type Concern uint8

// The concerns, the gravest first.
const (
	ToContract   Concern = iota + 1 // money sent there is lost
	ToOwn                           // it is an address of this wallet
	ToLookAlike                     // it resembles a known one
	ToNotActive                     // its account does not exist yet
	ToFirstUse                      // nothing was ever sent there
	ToNotChecked                    // no node could be asked
)

// Finding is one concern; Like is the known address of ToLookAlike.
type Finding struct {
	Concern Concern
	Like    string
}

// WalletQuote is what a payment costs now. Fields beyond Findings are zero as
// far as nothing could be asked.
type WalletQuote struct {
	Findings   []Finding
	Amount     btt.Amount // the one asked for, or all there is
	Have       btt.Amount // of the coin
	HaveTRX    btt.Sun
	Energy     int64 // units, Staked of them free
	Staked     int64
	Price      btt.Sun // of a unit
	EnergyFee  btt.Sun
	Bytes      int64 // bandwidth
	Bandwidth  btt.Sun
	Activation btt.Sun
	Fee        btt.Sun // expected
	MaxFee     btt.Sun // at worst, and reserved
}

// WalletReview is what will be signed, read back from its bytes.
type WalletReview struct {
	ID       string // for Send
	TxID     string
	Network  string
	From, To string
	Coin     Coin
	Amount   btt.Amount
	Order    MoneyOrder // what the call does, if it is one; Kind "" = a payment
	Contract string     // the contract that is called; "" = none
	FeeLimit btt.Sun    // what it may burn
	Fee      btt.Sun    // expected in all
	MaxFee   btt.Sun
	Expires  time.Time
	Findings []Finding
}

// WordsCheck is what is to be said of words while they are typed.
type WordsCheck struct {
	Count    int  // words so far
	Unknown  int  // place of the first word that is in no list, from 1; 0 = none. The last word may be unfinished
	Complete bool // the checksum is right
	Mismatch bool // as many words as there may be, all known, but they do not belong together
}

// WithWallet puts the wallet's entry into the sidebar, above the labels.
func WithWallet(f *Format, rows []*Entry) []*Entry {
	at := len(rows)
	for i, r := range rows {
		if r.Filter.Kind == GroupLabels {
			at = i
			break
		}
	}
	e := &Entry{Filter: Filter{Kind: WalletPage}, Title: f.T("side.wallet"), Icon: "wallet", Tone: Dim, Count: -1}
	return append(rows[:at:at], append([]*Entry{e}, rows[at:]...)...)
}
