package wallet

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"swarmbid/wallet/keystore"
	"swarmbid/wallet/voucher"
)

var (
	// ErrLocked is returned where a key is needed and the wallet is locked.
	ErrLocked = errors.New("wallet: locked")
	// ErrWatchOnly is returned where a key is needed and there never was one.
	ErrWatchOnly = errors.New("wallet: an address to watch, without keys")
	// ErrPasswordShort is returned for a new password of fewer than 8 characters.
	ErrPasswordShort = errors.New("wallet: password of fewer than 8 characters")
	// ErrNoAccount is returned for a path that is no account of the wallet.
	ErrNoAccount = errors.New("wallet: no such account")
)

// minPassword is the least number of characters of a new password.
const minPassword = 8

// Wallet is the user's wallet. It is safe for concurrent use. See [Create],
// [Open], [Import] and [Watch].
type Wallet struct {
	path   string // of the file, empty for a wallet to watch
	params keystore.Params
	file   sync.Mutex // held while the file is read, derived from and written

	mu       sync.Mutex // guards what follows
	info     Info
	spending keystore.Secret // the key, empty while locked
	deadline time.Time       // when to lock, zero for never
	changed  chan struct{}   // closed and replaced when deadline changes
}

// Setup says what a new wallet is made of.
type Setup struct {
	Mnemonic   Mnemonic
	Passphrase []byte // of BIP-39, on top of the words; empty for none
	// Restored says that the user typed the words in, and so has them.
	Restored bool
	// Found is what [Discover] found. The highest i of a path i'/0/0 above 0 becomes
	// the spending account, by default 1; the rest become Others.
	Found []Account
	Now   time.Time
}

// Create makes a wallet and its file, and returns it locked. Mnemonic and
// Passphrase stay the caller's to clear.
//
// Errors: ErrPasswordShort, ErrWordCount for no words, keystore.ErrExists, and
// those of the file system.
func Create(path string, password []byte, s Setup, p keystore.Params) (*Wallet, error) {
	if s.Mnemonic.Len() == 0 {
		return nil, ErrWordCount
	}
	content := &sealed{mnemonic: s.Mnemonic, seed: s.Mnemonic.Seed(s.Passphrase)}
	defer content.seed.Zero()
	info, err := s.info(content.seed.Bytes())
	if err != nil {
		return nil, fmt.Errorf("create wallet: %w", err)
	}
	w := &Wallet{path: path, params: p, changed: make(chan struct{})}
	if err := w.write(password, info, content, keystore.Create); err != nil {
		return nil, fmt.Errorf("create wallet: %w", err)
	}
	return w, nil
}

// info returns the public part of the wallet that s describes.
func (s Setup) info(seed []byte) (Info, error) {
	paths := []Path{{}, {Account: 1}} // savings, spending
	for _, a := range s.Found {
		if a.Path.Index == 0 {
			paths[1].Account = max(paths[1].Account, a.Path.Account)
		}
	}
	for _, a := range s.Found {
		if !slices.Contains(paths, a.Path) {
			paths = append(paths, a.Path)
		}
	}
	accounts := make([]Account, len(paths))
	for i, p := range paths {
		a, err := p.address(seed)
		if err != nil {
			return Info{}, err
		}
		accounts[i] = Account{p, a}
	}
	return Info{
		Created: s.Now.UTC().Truncate(time.Second), BackedUp: s.Restored,
		Savings: accounts[0], Spending: accounts[1], Others: accounts[2:],
	}, nil
}

// Open reads the public part of a wallet's file and returns the wallet locked.
// Passwords set later are derived with p. Errors are those of keystore.Load, and
// ErrContent.
func Open(path string, p keystore.Params) (*Wallet, error) {
	file, err := keystore.Load(path)
	if err != nil {
		return nil, err
	}
	w := &Wallet{path: path, params: p, changed: make(chan struct{})}
	if w.info, err = infoOf(file); err != nil {
		return nil, fmt.Errorf("open wallet %s: %w", path, err)
	}
	return w, nil
}

func infoOf(file []byte) (Info, error) {
	public, err := keystore.Public(file)
	if err != nil {
		return Info{}, err
	}
	return decodeInfo(public)
}

// Watch returns a wallet that knows an address and no key. It has no file.
func Watch(a Address) *Wallet {
	return &Wallet{info: Info{Savings: Account{Address: a}, WatchOnly: true}, changed: make(chan struct{})}
}

// Info returns what is known of the wallet, locked or not.
func (w *Wallet) Info() Info {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.info
}

// Sign signs a digest with the key of the spending account, while the wallet is
// unlocked: else ErrLocked, or ErrWatchOnly.
func (w *Wallet) Sign(d voucher.Digest) (voucher.Signature, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lockIfDue()
	switch {
	case w.info.WatchOnly:
		return voucher.Signature{}, ErrWatchOnly
	case w.spending.Bytes() == nil:
		return voucher.Signature{}, ErrLocked
	}
	return voucher.Sign(d, w.spending.Bytes())
}

// SignAs signs a digest with the key of any account of the wallet, which exists
// for the moment of signing only. The wallet may be locked. Errors:
// keystore.ErrPassword, ErrNoAccount, ErrWatchOnly, those of the file.
func (w *Wallet) SignAs(password []byte, p Path, d voucher.Digest) (sig voucher.Signature, err error) {
	err = w.with(password, func(info Info, s *sealed) error {
		for _, a := range info.Accounts() {
			if a.Path != p {
				continue
			}
			key, _, err := p.key(s.seed.Bytes())
			if err != nil {
				return err
			}
			defer key.Zero()
			sig, err = voucher.Sign(d, key.Bytes())
			return err
		}
		return ErrNoAccount
	})
	if err != nil {
		return voucher.Signature{}, fmt.Errorf("sign as %s: %w", p, err)
	}
	return sig, nil
}

// Reveal returns the words, to be shown and cleared.
func (w *Wallet) Reveal(password []byte) (m Mnemonic, err error) {
	err = w.with(password, func(_ Info, s *sealed) error {
		m = Mnemonic{s.mnemonic.lang, keystore.NewSecret(append([]byte(nil), s.mnemonic.entropy.Bytes()...))}
		return nil
	})
	if err != nil {
		return Mnemonic{}, fmt.Errorf("reveal words: %w", err)
	}
	return m, nil
}

// ChangePassword gives the file, and its backup, another password. Errors:
// keystore.ErrPassword for the old one, ErrPasswordShort for the new one.
func (w *Wallet) ChangePassword(old, next []byte) error {
	err := w.with(old, func(info Info, s *sealed) error {
		if err := w.write(next, info, s, keystore.Save); err != nil {
			return err
		}
		return keystore.Forget(w.path)
	})
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	return nil
}

// Rotate makes the next account the spending account and returns it: for
// somebody who left the escrow and wants to be a stranger again, or fears for the
// key. The one before is kept in Others. The wallet is locked afterwards.
func (w *Wallet) Rotate(password []byte) (next Account, err error) {
	err = w.with(password, func(info Info, s *sealed) error {
		next.Path = Path{Account: info.Spending.Path.Account + 1}
		if next.Address, err = next.Path.address(s.seed.Bytes()); err != nil {
			return err
		}
		info.Others = append(append([]Account{}, info.Others...), info.Spending)
		info.Spending = next
		return w.write(password, info, s, keystore.Save)
	})
	if err != nil {
		return Account{}, fmt.Errorf("rotate spending account: %w", err)
	}
	w.Lock()
	return next, nil
}

// with opens the file, calls f with what it holds, and clears that.
func (w *Wallet) with(password []byte, f func(Info, *sealed) error) error {
	if w.path == "" {
		return ErrWatchOnly
	}
	w.file.Lock()
	defer w.file.Unlock()
	file, err := keystore.Load(w.path)
	if err != nil {
		return err
	}
	info, s, err := unseal(file, password)
	if err != nil {
		return err
	}
	defer s.zero()
	w.mu.Lock()
	w.info = info // somebody may have put another file there
	w.mu.Unlock()
	return f(info, s)
}

// unseal opens a file.
func unseal(file, password []byte) (Info, *sealed, error) {
	password = composed(password)
	defer clear(password)
	plain, err := keystore.Open(file, password)
	if err != nil {
		return Info{}, nil, err
	}
	defer plain.Zero()
	info, err := infoOf(file)
	if err != nil {
		return Info{}, nil, err
	}
	s, err := decodeSealed(plain.Bytes())
	return info, s, err
}

// write seals the wallet, has the file saved and takes over info. The caller
// holds file, or nobody else has the wallet yet.
func (w *Wallet) write(password []byte, info Info, s *sealed, save func(string, []byte) error) error {
	file, err := seal(password, info, s, w.params)
	if err != nil {
		return err
	}
	if err := save(w.path, file); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.info = info
	return nil
}

func seal(password []byte, info Info, s *sealed, p keystore.Params) ([]byte, error) {
	password = composed(password)
	defer clear(password)
	if utf8.RuneCount(password) < minPassword {
		return nil, ErrPasswordShort
	}
	public, err := info.encode()
	if err != nil {
		return nil, err
	}
	plain, err := s.encode()
	if err != nil {
		return nil, err
	}
	defer plain.Zero()
	return keystore.Seal(password, public, plain.Bytes(), p)
}

// composed returns a copy of a password in one Unicode form, because keyboards
// differ in how they compose letters. Form.Bytes would return the caller's own
// bytes where there is nothing to do.
func composed(password []byte) []byte { return norm.NFKC.Append(nil, password...) }
