package escrow

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/voucher"
)

var (
	// ErrBatch means that vouchers cannot be redeemed together: none or too many,
	// of several payees, or of one payer twice.
	ErrBatch = errors.New("escrow: not a batch")
	// ErrAmount means that an amount is not positive.
	ErrAmount = errors.New("escrow: amount must be positive")
	// ErrReturn means that a contract returned something else than it should.
	ErrReturn = errors.New("escrow: unexpected return value")
)

// MaxBatch is the most vouchers that one call redeems.
const MaxBatch = 50

// Selectors of the methods: the first four bytes of keccak256 of the signature.
const (
	selApprove    = "095ea7b3" // approve(address,uint256), of the token
	selAllowance  = "dd62ed3e" // allowance(address,address), of the token
	selDeposit    = "b3fb6564" // deposit(address,uint128)
	selRedeem     = "269e1fe0" // redeem((address,uint256,bytes32,bytes32)[],bool)
	selStartExit  = "5fb8b2de" // startExit(uint128)
	selCancelExit = "fdf364e4" // cancelExit()
	selFinishExit = "25e14b7c" // finishExit()
	selStateOf    = "45b4903a" // stateOf(address)
	selPaid       = "4d900d95" // paid(address,address)
	selDigest     = "48ee429a" // digest(address,address,uint256)
)

// call joins a selector and words.
func call(selector string, words ...[]byte) []byte {
	data, _ := hex.DecodeString(selector) // constants of this file
	for _, w := range words {
		data = append(data, w...)
	}
	return data
}

func address(a voucher.Address) []byte { return append(make([]byte, 12), a[:]...) }

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 24), n) }

func amount(a btt.Amount) ([]byte, error) {
	if a <= 0 {
		return nil, ErrAmount
	}
	w, err := a.Word()
	return w[:], err
}

// Approve is the call of the token that lets the escrow take amount from the caller.
func Approve(escrow voucher.Address, a btt.Amount) ([]byte, error) {
	w, err := amount(a)
	if err != nil {
		return nil, fmt.Errorf("approve %v: %w", a, err)
	}
	return call(selApprove, address(escrow), w), nil
}

// Allowance is the token's view of what owner lets the escrow take, whose answer
// ParsePaid reads.
func Allowance(owner, escrow voucher.Address) []byte {
	return call(selAllowance, address(owner), address(escrow))
}

// Deposit is the call that moves amount from the caller, who has approved it,
// into the deposit of account.
func Deposit(account voucher.Address, a btt.Amount) ([]byte, error) {
	w, err := amount(a)
	if err != nil {
		return nil, fmt.Errorf("deposit %v: %w", a, err)
	}
	return call(selDeposit, address(account), w), nil
}

// StartExit is the call that announces the withdrawal of amount from the
// caller's deposit. It makes everything that is leaving wait seven days from now.
func StartExit(a btt.Amount) ([]byte, error) {
	w, err := amount(a)
	if err != nil {
		return nil, fmt.Errorf("exit with %v: %w", a, err)
	}
	return call(selStartExit, w), nil
}

// CancelExit is the call that makes free again what is leaving.
func CancelExit() []byte { return call(selCancelExit) }

// FinishExit is the call that pays what has waited seven days to the caller.
func FinishExit() []byte { return call(selFinishExit) }

// Claim is a voucher with its payer's signature.
type Claim struct {
	Voucher   voucher.Voucher
	Signature voucher.Signature
}

// Redeem is the call by which the payee of all claims collects them, to its
// wallet if withdraw, else to its own deposit. The claims are of different
// payers. The error is ErrBatch or that of a malformed voucher.
func Redeem(claims []Claim, withdraw bool) ([]byte, error) {
	if len(claims) == 0 || len(claims) > MaxBatch {
		return nil, fmt.Errorf("redeem %d vouchers: %w", len(claims), ErrBatch)
	}
	to := uint64(0)
	if withdraw {
		to = 1
	}
	data := call(selRedeem, number(0x40), number(to), number(uint64(len(claims))))
	seen := map[voucher.Address]bool{}
	for _, c := range claims {
		v := c.Voucher
		if v.Payee != claims[0].Voucher.Payee || seen[v.Payer] {
			return nil, fmt.Errorf("redeem a voucher of %s for %s: %w", v.Payer, v.Payee, ErrBatch)
		}
		seen[v.Payer] = true
		sum, err := v.Cumulative.Word()
		if err != nil {
			return nil, fmt.Errorf("redeem a voucher of %s: %w", v.Payer, err)
		}
		r, vs, err := compact(c.Signature)
		if err != nil {
			return nil, fmt.Errorf("redeem a voucher of %s: %w", v.Payer, err)
		}
		data = append(append(append(append(data, address(v.Payer)...), sum[:]...), r...), vs...)
	}
	return data, nil
}

// compact is a signature in 64 bytes: the parity v in the top bit of s, which is
// free in a low s (EIP-2098).
func compact(s voucher.Signature) (r, vs []byte, err error) {
	if s[32]&0x80 != 0 || s[64] != 27 && s[64] != 28 {
		return nil, nil, voucher.ErrSignature
	}
	vs = append(vs, s[32:64]...)
	vs[0] |= (s[64] - 27) << 7
	return s[:32], vs, nil
}

// State is an account of the escrow.
type State struct {
	Free, Exiting btt.Amount // whole µBTT
	Ready         time.Time  // from when an exit can be finished; zero if none was ever started
}

// StateOf is the view of an account, whose answer ParseState reads.
func StateOf(account voucher.Address) []byte { return call(selStateOf, address(account)) }

// ParseState reads what StateOf returned.
func ParseState(ret []byte) (State, error) {
	if len(ret) != 96 {
		return State{}, fmt.Errorf("read an account: %w: %d bytes", ErrReturn, len(ret))
	}
	free, _, err1 := btt.FromWord(btt.Word(ret[:32]))
	exiting, _, err2 := btt.FromWord(btt.Word(ret[32:64]))
	ready, err3 := unix(ret[64:])
	if err := errors.Join(err1, err2, err3); err != nil {
		return State{}, fmt.Errorf("read an account: %w: %w", ErrReturn, err)
	}
	return State{free, exiting, ready}, nil
}

// maxUnix is the end of the year 9999.
const maxUnix = 253_402_300_799

// unix reads a time in seconds; zero is the zero time.
func unix(word []byte) (time.Time, error) {
	s := binary.BigEndian.Uint64(word[24:])
	for _, b := range word[:24] {
		if b != 0 {
			s = maxUnix + 1
		}
	}
	switch {
	case s > maxUnix:
		return time.Time{}, ErrReturn
	case s == 0:
		return time.Time{}, nil
	}
	return time.Unix(int64(s), 0).UTC(), nil
}

// Paid is the view of what payer and payee have settled, which ParsePaid reads.
func Paid(payer, payee voucher.Address) []byte { return call(selPaid, address(payer), address(payee)) }

// ParsePaid reads what Paid returned, whole µBTT.
func ParsePaid(ret []byte) (btt.Amount, error) {
	if len(ret) != 32 {
		return 0, fmt.Errorf("read what was paid: %w: %d bytes", ErrReturn, len(ret))
	}
	a, _, err := btt.FromWord(btt.Word(ret))
	if err != nil {
		return 0, fmt.Errorf("read what was paid: %w: %w", ErrReturn, err)
	}
	return a, nil
}

// Digest is the view of what the contract wants signed; a client compares it
// with its own before it trusts a deployment.
func Digest(v voucher.Voucher) ([]byte, error) {
	sum, err := v.Cumulative.Word()
	if err != nil {
		return nil, err
	}
	return call(selDigest, address(v.Payer), address(v.Payee), sum[:]), nil
}
