package escrow

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"swarmbid/wallet/voucher"
)

//go:embed contracts/BttEscrow.json
var compiled []byte

// ErrCompiled means that the embedded compiled form is damaged: a mistake of the program.
var ErrCompiled = errors.New("escrow: compiled contract unreadable")

// InitCode is what is deployed: the contract for the TRC-20 token at that address.
func InitCode(token voucher.Address) ([]byte, error) {
	var c struct{ Init string }
	if err := json.Unmarshal(compiled, &c); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCompiled, err)
	}
	code, err := hex.DecodeString(c.Init)
	if err != nil || len(code) == 0 {
		return nil, errors.Join(ErrCompiled, err)
	}
	return append(code, address(token)...), nil
}

// IsOurs reports whether code, the init code that a node says a contract was
// deployed with, is this version for that token. Anything else is not trusted
// with a deposit.
func IsOurs(code []byte, token voucher.Address) bool {
	want, err := InitCode(token)
	return err == nil && bytes.Equal(code, want)
}
