package wallet

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"swarmbid/wallet/btt"
	"swarmbid/wallet/keystore"
)

var (
	// ErrAnswer means that a word asked back was not the right one.
	ErrAnswer = errors.New("wallet: that is not the word")
	// ErrNotBackedUp is returned for a withdrawal above the limit before the user
	// has shown that the words are written down.
	ErrNotBackedUp = errors.New("wallet: words not backed up")
)

// Challenge asks for three of the words, by their places from 1, ascending.
type Challenge [3]int

// NewChallenge picks three random places among that many words.
func NewChallenge(words int) (c Challenge, err error) {
	if words < len(c) {
		return c, ErrWordCount
	}
	places := map[int]bool{}
	for len(places) < len(c) {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(words)))
		if err != nil {
			return c, fmt.Errorf("wallet: random numbers: %w", err)
		}
		places[int(i.Int64())+1] = true
	}
	copy(c[:], slices.Sorted(maps.Keys(places)))
	return c, nil
}

// Check returns nil if answers are the words asked for, else ErrAnswer. Capitals
// and Unicode forms do not matter.
func (c Challenge) Check(m Mnemonic, answers [3]string) error {
	words := m.Words()
	right := 1
	for i, place := range c {
		if place < 1 || place > len(words) {
			return ErrAnswer
		}
		answer := norm.NFKD.String(strings.ToLower(strings.TrimSpace(answers[i])))
		right &= subtle.ConstantTimeCompare([]byte(answer), []byte(norm.NFKD.String(words[place-1])))
	}
	if right != 1 {
		return ErrAnswer
	}
	return nil
}

// ConfirmBackup notes in the file that the words are written down, if the answers
// to a challenge show it: else ErrAnswer.
func (w *Wallet) ConfirmBackup(password []byte, c Challenge, answers [3]string) error {
	err := w.with(password, func(info Info, s *sealed) error {
		if err := c.Check(s.mnemonic, answers); err != nil {
			return err
		}
		info.BackedUp = true
		return w.write(password, info, s, keystore.Save)
	})
	if err != nil {
		return fmt.Errorf("confirm backup: %w", err)
	}
	return nil
}

// MayWithdraw returns ErrNotBackedUp for more than limit from a wallet whose
// words are not backed up: who withdraws much has much to lose.
func (i Info) MayWithdraw(a, limit btt.Amount) error {
	if !i.BackedUp && a > limit {
		return ErrNotBackedUp
	}
	return nil
}

// Export writes a copy of the wallet to a new file, with attachments such as the
// vouchers received, which are money too: at most 255, with names of at most 255
// bytes, 16 MiB in all. The copy has the password of the wallet.
func (w *Wallet) Export(password []byte, path string, attachments map[string][]byte) error {
	err := w.with(password, func(info Info, s *sealed) error {
		file, err := seal(password, info, &sealed{s.mnemonic, s.seed, attachments}, w.params)
		if err != nil {
			return err
		}
		return keystore.Create(path, file)
	})
	if err != nil {
		return fmt.Errorf("export wallet: %w", err)
	}
	return nil
}

// Import makes the wallet at path from an exported file, and returns it locked,
// with the attachments. Errors: those of keystore.Load and keystore.Open for the
// exported file, keystore.ErrExists for path, ErrContent.
func Import(path, exported string, password []byte, p keystore.Params) (*Wallet, map[string][]byte, error) {
	fail := func(err error) (*Wallet, map[string][]byte, error) {
		return nil, nil, fmt.Errorf("import wallet: %w", err)
	}
	file, err := keystore.Load(exported)
	if err != nil {
		return fail(err)
	}
	info, s, err := unseal(file, password)
	if err != nil {
		return fail(err)
	}
	defer s.zero()
	w := &Wallet{path: path, params: p, changed: make(chan struct{})}
	if err := w.write(password, info, &sealed{s.mnemonic, s.seed, nil}, keystore.Create); err != nil {
		return fail(err)
	}
	return w, s.attachments, nil
}
