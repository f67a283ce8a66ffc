package wallet

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/crypto/pbkdf2"
	"golang.org/x/text/unicode/norm"

	"swarmbid/wallet/keystore"
)

var (
	// ErrWordCount is returned for a number of words other than 12, 15, 18, 21 or 24.
	ErrWordCount = errors.New("wallet: not 12, 15, 18, 21 or 24 words")
	// ErrMnemonic is returned for words of a list that do not belong together: one
	// is wrong, missing or in the wrong place.
	ErrMnemonic = errors.New("wallet: checksum of the words does not match")
)

// WordError says that a word is in no list, or in another than the words before.
// It does not say which word, so that it may be logged; see [Suggest].
type WordError struct{ Position int } // from 1

// Error implements error.
func (e *WordError) Error() string { return fmt.Sprintf("wallet: word %d is in no list", e.Position) }

// Mnemonic is the words of BIP-39, kept as the entropy that they stand for. The
// zero value has no words.
type Mnemonic struct {
	lang    Language
	entropy keystore.Secret
}

// NewMnemonic returns 12 or 24 new English words: 128 or 256 random bits. It
// returns ErrWordCount for other numbers.
func NewMnemonic(words int) (Mnemonic, error) {
	if words != 12 && words != 24 {
		return Mnemonic{}, ErrWordCount
	}
	entropy := make([]byte, words/3*4)
	if _, err := rand.Read(entropy); err != nil {
		return Mnemonic{}, fmt.Errorf("wallet: random numbers: %w", err)
	}
	return Mnemonic{English, keystore.NewSecret(entropy)}, nil
}

// ParseMnemonic reads words of any of the twelve languages, in any Unicode form
// and in capitals or not, between any white space. Errors: ErrWordCount,
// ErrMnemonic, and a *WordError.
func ParseMnemonic(text []byte) (Mnemonic, error) {
	lower := bytes.ToLower(text)
	defer clear(lower)
	text = norm.NFKD.Append(nil, lower...)
	defer clear(text)
	words := bytes.Fields(text)
	if n := len(words); n < 12 || n > 24 || n%3 != 0 {
		return Mnemonic{}, ErrWordCount
	}
	known := 0 // words that the best language knows
	for lang := range languages {
		indexes, n := lookUp(lang, words)
		known = max(known, n)
		if n < len(words) {
			continue
		}
		// The two Chinese lists share words, so another language may still fit. It
		// cannot matter which one does: the seed comes from the words themselves.
		if entropy, ok := toEntropy(indexes); ok {
			return Mnemonic{lang, keystore.NewSecret(entropy)}, nil
		}
	}
	if known < len(words) {
		return Mnemonic{}, &WordError{known + 1}
	}
	return Mnemonic{}, ErrMnemonic
}

// lookUp returns the places of words in the list of lang, up to the first that
// is not there.
func lookUp(lang Language, words [][]byte) (indexes []int, known int) {
	list := make(map[string]int, 2048)
	for i, w := range lang.words() {
		list[norm.NFKD.String(w)] = i
	}
	for _, w := range words {
		i, ok := list[string(w)]
		if !ok {
			break
		}
		indexes = append(indexes, i)
	}
	return indexes, len(indexes)
}

// toEntropy undoes toIndexes and checks the checksum.
func toEntropy(indexes []int) ([]byte, bool) {
	bits := new(big.Int)
	for _, i := range indexes {
		bits.Or(bits.Lsh(bits, 11), big.NewInt(int64(i)))
	}
	checkBits := uint(len(indexes) / 3)
	check := new(big.Int).And(bits, big.NewInt(1<<checkBits-1))
	entropy := bits.Rsh(bits, checkBits).FillBytes(make([]byte, len(indexes)/3*4))
	wipe(bits)
	sum := sha256.Sum256(entropy)
	return entropy, uint64(sum[0]>>(8-checkBits)) == check.Uint64()
}

// toIndexes splits the entropy and its checksum, one bit for each 32 of the
// entropy, into numbers of 11 bits.
func toIndexes(entropy []byte) []int {
	checkBits := uint(len(entropy) / 4)
	sum := sha256.Sum256(entropy)
	bits := new(big.Int).SetBytes(entropy)
	bits.Or(bits.Lsh(bits, checkBits), big.NewInt(int64(sum[0]>>(8-checkBits))))
	defer wipe(bits)
	indexes := make([]int, len(entropy)/4*3)
	for i := len(indexes) - 1; i >= 0; i-- {
		indexes[i] = int(new(big.Int).And(bits, big.NewInt(2047)).Int64())
		bits.Rsh(bits, 11)
	}
	return indexes
}

// wipe overwrites the words of a number.
func wipe(i *big.Int) { clear(i.Bits()[:cap(i.Bits())]) }

// Words returns the words, to be shown and forgotten: strings cannot be cleared.
func (m Mnemonic) Words() []string {
	if len(m.entropy.Bytes()) == 0 {
		return nil
	}
	list := m.lang.words()
	var words []string
	for _, i := range toIndexes(m.entropy.Bytes()) {
		words = append(words, list[i])
	}
	return words
}

// Len returns the number of words.
func (m Mnemonic) Len() int { return len(m.entropy.Bytes()) / 4 * 3 }

// Zero overwrites the entropy.
func (m Mnemonic) Zero() { m.entropy.Zero() }

// Seed returns the 64 bytes that the words and a passphrase give. Every
// passphrase gives a seed: a mistyped one opens another, empty wallet.
func (m Mnemonic) Seed(passphrase []byte) keystore.Secret {
	words := norm.NFKD.AppendString(nil, strings.Join(m.Words(), " "))
	defer clear(words)
	salt := norm.NFKD.Append([]byte("mnemonic"), passphrase...)
	defer clear(salt)
	return keystore.NewSecret(pbkdf2.Key(words, salt, 2048, 64, sha512.New))
}
