package wallet

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"swarmbid/wallet/keystore"
)

// ErrContent is returned for a file that is an intact keystore but holds no
// wallet this version knows.
var ErrContent = errors.New("wallet: unknown content of the file")

// Info is what is known of a wallet without its password. The zero value is no
// wallet.
type Info struct {
	Created  time.Time `json:"created"`  // UTC, whole seconds
	BackedUp bool      `json:"backedUp"` // the user has shown that the words are written down
	Savings  Account   `json:"savings"`  // receives top-ups
	Spending Account   `json:"spending"` // signs vouchers, owns the escrow deposit
	// Others are accounts that were found when the wallet was restored, and former
	// spending accounts. They are only emptied.
	Others []Account `json:"others"`
	// WatchOnly says that there are no keys: of Savings only the address is known.
	WatchOnly bool `json:"-"`
}

// Accounts returns all accounts, savings first.
func (i Info) Accounts() []Account {
	if i.WatchOnly {
		return []Account{i.Savings}
	}
	return append([]Account{i.Savings, i.Spending}, i.Others...)
}

// publicPart is how Info stands in the file.
type publicPart struct {
	Version int `json:"version"`
	Info
}

// contentVersion is the version of both parts.
const contentVersion = 1

func (i Info) encode() ([]byte, error) { return json.Marshal(publicPart{contentVersion, i}) }

func decodeInfo(b []byte) (Info, error) {
	var p publicPart
	if err := json.Unmarshal(b, &p); err != nil {
		return Info{}, fmt.Errorf("%w: %w", ErrContent, err)
	}
	p.Created = p.Created.UTC().Truncate(time.Second)
	back, err := json.Marshal(p) // there is one encoding
	if err != nil || p.Version != contentVersion || !bytes.Equal(back, b) {
		return Info{}, fmt.Errorf("%w: version %d", ErrContent, p.Version)
	}
	return p.Info, nil
}

// sealed is the secret part of a file:
//
//	1 byte version, 1 byte language, 1 byte length of the entropy, entropy, 64
//	bytes seed, 1 byte number of attachments; of each in the order of names: 1
//	byte length of the name, name, 4 bytes length (big-endian), data
type sealed struct {
	mnemonic    Mnemonic
	seed        keystore.Secret
	attachments map[string][]byte
}

// zero overwrites the secrets.
func (s *sealed) zero() {
	s.mnemonic.Zero()
	s.seed.Zero()
}

const seedLen = 64

func (s *sealed) encode() (keystore.Secret, error) {
	names := slices.Sorted(maps.Keys(s.attachments))
	size := 4 + len(s.mnemonic.entropy.Bytes()) + seedLen
	for _, n := range names {
		size += 5 + len(n) + len(s.attachments[n])
		if len(n) > 255 || len(names) > 255 || size > 1<<24 {
			return keystore.Secret{}, fmt.Errorf("%w: attachment %.20q too long", ErrContent, n)
		}
	}
	b := make([]byte, 0, size) // allocated once: append would leave copies behind
	b = append(b, contentVersion, byte(s.mnemonic.lang), byte(len(s.mnemonic.entropy.Bytes())))
	b = append(b, s.mnemonic.entropy.Bytes()...)
	b = append(b, s.seed.Bytes()...)
	b = append(b, byte(len(names)))
	for _, n := range names {
		b = append(b, byte(len(n)))
		b = append(b, n...)
		b = binary.BigEndian.AppendUint32(b, uint32(len(s.attachments[n])))
		b = append(b, s.attachments[n]...)
	}
	return keystore.NewSecret(b), nil
}

// decodeSealed copies what it returns out of b.
func decodeSealed(b []byte) (s *sealed, err error) {
	s = &sealed{attachments: map[string][]byte{}}
	rest := b
	take := func(n int) []byte {
		if n > len(rest) {
			err = ErrContent
			return make([]byte, min(n, seedLen))
		}
		var part []byte
		part, rest = rest[:n], rest[n:]
		return part
	}
	version, lang, n := take(1)[0], Language(take(1)[0]), int(take(1)[0])
	s.mnemonic = Mnemonic{lang, keystore.NewSecret(bytes.Clone(take(n)))}
	s.seed = keystore.NewSecret(bytes.Clone(take(seedLen)))
	for count := take(1)[0]; count > 0 && err == nil; count-- {
		name := string(take(int(take(1)[0])))
		s.attachments[name] = bytes.Clone(take(int(binary.BigEndian.Uint32(take(4)))))
	}
	if err == nil && (version != contentVersion || lang >= languages || n < 16 || n > 32 || n%4 != 0 || len(rest) > 0) {
		err = ErrContent
	}
	if err == nil { // there is one encoding
		back, errEncode := s.encode()
		if errEncode != nil || !bytes.Equal(back.Bytes(), b) {
			err = ErrContent
		}
		back.Zero()
	}
	if err != nil {
		s.zero()
		return nil, err
	}
	return s, nil
}
