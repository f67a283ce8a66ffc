package escrow

import (
	"bytes"
	"encoding/hex"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

// Log is an event as the chain stores it.
type Log struct {
	Address voucher.Address
	Topics  [][32]byte
	Data    []byte
}

// Event is one of the types below. Amounts are whole µBTT.
type Event interface{ event() }

// Deposited says that From paid Amount into the deposit of Account.
type Deposited struct {
	From, Account voucher.Address
	Amount        btt.Amount
}

// Redeemed says that Payee collected Amount from Payer. The contract logs one for
// a whole batch; here there is one for each payer.
type Redeemed struct {
	Payer, Payee voucher.Address
	Amount       btt.Amount
}

// Bounced says that Payer's deposit lacked Missing.
type Bounced struct {
	Payer, Payee voucher.Address
	Missing      btt.Amount
}

// ExitStarted says that Account is leaving with Exiting in all, from Ready on.
type ExitStarted struct {
	Account voucher.Address
	Exiting btt.Amount
	Ready   time.Time
}

// ExitCancelled says that Amount is free again.
type ExitCancelled struct {
	Account voucher.Address
	Amount  btt.Amount
}

// ExitFinished says that Account has taken Amount out.
type ExitFinished struct {
	Account voucher.Address
	Amount  btt.Amount
}

func (Deposited) event()     {}
func (Redeemed) event()      {}
func (Bounced) event()       {}
func (ExitStarted) event()   {}
func (ExitCancelled) event() {}
func (ExitFinished) event()  {}

// Topics of the events: keccak256 of the signature.
const (
	topicDeposited     = "8752a472e571a816aea92eec8dae9baf628e840f4929fbcc2d155e6233ff68a7" // Deposited(address,address,uint256)
	topicRedeemed      = "cc7eef182646d19cf4ea37f7979e37137d608f17d4884f694d58ccd5ca51b436" // Redeemed(address,address[],uint256[])
	topicBounced       = "ec98bca1408fb8fa9f5acd4b6068a691867b8d30a590f40c4d3da82c61c6acd1" // Bounced(address,address,uint256)
	topicExitStarted   = "6c9374646b4d35662dde4ca2bb96514bf9013aeea644051e5065267ad6cedea9" // ExitStarted(address,uint256,uint64)
	topicExitCancelled = "c13b3459e1e44bb22a6eaf26970a9cbea34628d966d84909f839f724003175e3" // ExitCancelled(address,uint256)
	topicExitFinished  = "ee792642e64d43ae426dddba2d68391fe324e433d4c7f062907a3efa3738e476" // ExitFinished(address,uint256)
)

// Events reads the logs of the contract at escrow, in order. Logs of others, and
// what this contract never writes, are left out.
func Events(escrow voucher.Address, logs []Log) []Event {
	var all []Event
	for _, l := range logs {
		if l.Address == escrow && len(l.Topics) >= 2 && len(l.Topics) <= 3 && len(l.Data)%32 == 0 && len(l.Data) > 0 {
			all = append(all, parse(l)...)
		}
	}
	return all
}

// parse reads a log with one or two topics beside its name and at least a word.
func parse(l Log) []Event {
	var who [2]voucher.Address
	for n, t := range l.Topics[1:] {
		copy(who[n][:], t[12:])
	}
	topics, words := len(l.Topics)-1, len(l.Data)/32
	name := hex.EncodeToString(l.Topics[0][:])
	if name == topicRedeemed && topics == 1 {
		return redeemed(who[0], l.Data)
	}
	amount, err := amountAt(l.Data, 0)
	if err != nil {
		return nil
	}
	switch {
	case name == topicDeposited && topics == 2 && words == 1:
		return []Event{Deposited{who[0], who[1], amount}}
	case name == topicBounced && topics == 2 && words == 1:
		return []Event{Bounced{who[0], who[1], amount}}
	case name == topicExitCancelled && topics == 1 && words == 1:
		return []Event{ExitCancelled{who[0], amount}}
	case name == topicExitFinished && topics == 1 && words == 1:
		return []Event{ExitFinished{who[0], amount}}
	case name == topicExitStarted && topics == 1 && words == 2:
		if ready, err := unix(l.Data[32:]); err == nil {
			return []Event{ExitStarted{who[0], amount, ready}}
		}
	}
	return nil
}

// redeemed reads two arrays of the same length: payers and amounts.
func redeemed(payee voucher.Address, data []byte) []Event {
	n := (len(data)/32 - 4) / 2
	if n < 1 || n > MaxBatch || len(data) != 32*(4+2*n) {
		return nil
	}
	at := func(word int) []byte { return data[32*word : 32*word+32] }
	for word, want := range map[int]int{0: 64, 1: 64 + 32*(n+1), 2: n, 3 + n: n} {
		if !bytes.Equal(at(word), number(uint64(want))) {
			return nil
		}
	}
	var all []Event
	for i := range n {
		amount, err := amountAt(data, 4+n+i)
		if err != nil {
			return nil
		}
		payer := voucher.Address(at(3 + i)[12:])
		if payer != (voucher.Address{}) {
			all = append(all, Redeemed{payer, payee, amount})
		}
	}
	return all
}

// amountAt reads word n of data, which has it.
func amountAt(data []byte, n int) (btt.Amount, error) {
	a, _, err := btt.FromWord(btt.Word(data[32*n : 32*n+32]))
	return a, err
}
