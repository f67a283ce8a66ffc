package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"swarmbid/app/settings"
	"swarmbid/ui"
	"swarmbid/ui/view"
	"swarmbid/wallet"
	"swarmbid/wallet/keystore"
	"swarmbid/wallet/tron"
	"swarmbid/wallet/voucher"
)

// errNoWallet is returned where a wallet is needed and there is none.
var errNoWallet = errors.New("there is no wallet")

// errReview is returned for a review that is not the last one, or too old.
var errReview = errors.New("what was reviewed cannot be sent any more")

// purse is the wallet as the window wants it: keys, books and chain of one
// network. It is made without opening anything; Open does that when the user
// opens the wallet's page.
type purse struct {
	path     string                      // of the wallet's file
	books    func(network string) string // path of the books of a network
	settings *settings.Store             // network, auto-lock
	log      *slog.Logger
	params   keystore.Params                           // cost of the password
	tune     func(*tron.Config)                        // for tests; nil = nothing
	notice   time.Duration                             // likewise, of transfers to peers; 0 = their default
	engine   trader                                    // whose buying is measured; nil = nothing is
	pay      func(context.Context, *desk)              // has peers paid over a desk; nil = nobody is
	start    func(run func(ctx context.Context) error) // runs it below the program's group
	changed  chan struct{}                             // capacity 1
	hears    atomic.Pointer[listener]                  // see hear
	version  atomic.Int64                              // of what a snapshot shows, beside the chain's own
	known    atomic.Pointer[tron.Known]                // what addresses are checked against; nil = nothing yet

	using sync.RWMutex // held for reading while the desk is used, for writing while it is replaced

	mu     sync.Mutex // guards what follows
	opened bool       // Open has looked for the file
	keys   *wallet.Wallet
	fault  error        // why the wallet cannot be used
	desk   *desk        // nil = not needed yet
	review *tron.Review // the last one prepared
	cache  cached
	payErr error     // why nothing is paid or earned although the user wants it; nil = it is, or need not be
	lockAt time.Time // when keys lock themselves, while they are unlocked
}

// cached is the part of a snapshot that the books were read for.
type cached struct {
	of      *tron.Snapshot
	version int64
	view    *view.Wallet
}

var _ ui.Wallet = (*purse)(nil)

// newPurse makes a purse over the data folder. start is set before it is opened.
func newPurse(p settings.Paths, s *settings.Store, log *slog.Logger) *purse {
	return &purse{
		path: p.Wallet, books: func(network string) string { return booksOf(p, network) }, settings: s, log: log,
		params: keystore.DefaultParams(), changed: make(chan struct{}, 1),
	}
}

// booksOf keeps the money of test networks out of the books of real money.
func booksOf(p settings.Paths, network string) string {
	if network == "mainnet" {
		return p.Ledger
	}
	return strings.TrimSuffix(p.Ledger, ".db") + "-" + network + ".db"
}

// networkOf is the profile that the settings name.
//
// The contract of a test network is the user's to name; that of the main network is
// nobody's to choose.
func networkOf(s settings.Wallet) tron.Network {
	n := tron.Mainnet()
	switch s.Network {
	case "nile":
		n = tron.Nile()
	case "testnode":
		n = tron.Testnode(s.TestNode)
	default:
		return n
	}
	if a, err := wallet.ParseAddress(s.Escrow); err == nil {
		n.Escrow = a
	}
	return n
}

// Changed implements ui.Wallet.
func (p *purse) Changed() <-chan struct{} { return p.changed }

// tell says that there is a new snapshot.
func (p *purse) tell() {
	p.version.Add(1)
	select {
	case p.changed <- struct{}{}:
	default: // it is known already
	}
}

// Open implements ui.Wallet. Without a wallet it creates no file and asks nobody.
// After a failure it tries again.
func (p *purse) Open(ctx context.Context) error {
	p.mu.Lock()
	again := p.opened && p.fault == nil
	p.opened = true
	keys := p.keys
	p.mu.Unlock()
	if again {
		return nil
	}
	err := error(nil)
	if keys == nil {
		keys, err = wallet.Open(p.path, p.params)
	}
	if err == nil {
		err = p.adopt(ctx, keys)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	p.failed(err)
	return nil
}

// failed notes why the wallet cannot be used, for the page to say; nil is that
// it can.
func (p *purse) failed(err error) {
	if err != nil {
		p.log.Warn("the wallet cannot be opened", "err", err)
	}
	p.mu.Lock()
	p.fault = err
	p.mu.Unlock()
	p.tell()
}

// adopt makes keys the wallet and begins to watch its addresses.
func (p *purse) adopt(ctx context.Context, keys *wallet.Wallet) error {
	p.mu.Lock()
	known := p.keys == keys
	p.keys = keys
	p.mu.Unlock()
	if !known {
		p.mind(keys)
	}
	d, free, err := p.use(ctx)
	if err != nil {
		return err
	}
	defer free()
	if err := d.openTill(ctx, p, keys); err != nil {
		return err
	}
	return d.chain.SetWatch(addresses(keys.Info()))
}

// mind locks the keys at their deadline and when the program ends.
func (p *purse) mind(keys *wallet.Wallet) {
	p.start(func(ctx context.Context) error {
		if err := keys.Run(ctx); ctx.Err() == nil {
			return err
		}
		return nil
	})
}

func addresses(i wallet.Info) (all []voucher.Address) {
	const most = 16 // what a chain watches
	for _, a := range i.Accounts() {
		all = append(all, a.Address)
	}
	return all[:min(len(all), most)]
}

// wallet returns the keys, or errNoWallet.
func (p *purse) wallet() (*wallet.Wallet, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys == nil {
		return nil, errNoWallet
	}
	return p.keys, nil
}

// use returns the desk of the network in use, opened if need be. Until free is
// called it is not replaced.
func (p *purse) use(ctx context.Context) (d *desk, free func(), err error) {
	p.using.RLock()
	p.mu.Lock()
	d = p.desk
	p.mu.Unlock()
	if d != nil {
		return d, p.using.RUnlock, nil
	}
	p.using.RUnlock()
	p.using.Lock()
	if p.desk == nil {
		d, err = p.openDesk(ctx)
		p.mu.Lock()
		p.desk = d
		p.mu.Unlock()
	}
	p.using.Unlock()
	if err != nil {
		return nil, nil, err
	}
	return p.use(ctx)
}

// openDesk opens books and chain of the network that the settings name. The
// caller holds using.
func (p *purse) openDesk(ctx context.Context) (*desk, error) {
	s := p.settings.Get().Wallet
	d, err := newDesk(ctx, p, networkOf(s), p.books(s.Network))
	if err != nil {
		return nil, err
	}
	p.start(d.run)
	return d, nil
}

// SetOptions implements dialogs.Wallet. Another network gets books and a chain
// of its own; what is under way in the one before goes on when it is chosen again.
func (p *purse) SetOptions(ctx context.Context, o view.WalletOptions) error {
	before := p.settings.Get().Wallet
	now := before
	now.Network, now.LockMinutes, now.TestNode, now.Escrow = o.Network, o.LockMinutes, strings.TrimSpace(o.TestNode), strings.TrimSpace(o.Escrow)
	if now.Escrow != "" {
		if _, err := wallet.ParseAddress(now.Escrow); err != nil {
			return err
		}
	}
	if err := p.settings.Update(func(s *settings.Settings) error {
		s.Wallet = now
		return nil
	}); err != nil {
		return fmt.Errorf("keep the wallet's settings: %w", err)
	}
	defer p.tell()
	if was, is := networkOf(before), networkOf(now); was.Name == is.Name && was.Escrow == is.Escrow && (now.Network != "testnode" || before.TestNode == now.TestNode) {
		return nil
	}
	if err := p.leave(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	keys := p.keys
	p.mu.Unlock()
	if keys == nil { // nothing is asked before there is one
		return nil
	}
	err := p.adopt(ctx, keys)
	p.failed(err)
	return err
}

// leave closes the desk, if there is one.
func (p *purse) leave(ctx context.Context) error {
	p.using.Lock()
	defer p.using.Unlock()
	p.mu.Lock()
	d := p.desk
	p.desk, p.review, p.cache = nil, nil, cached{}
	p.mu.Unlock()
	p.known.Store(nil)
	if d == nil {
		return nil
	}
	close(d.quit)
	select {
	case <-d.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Refresh implements ui.Wallet.
func (p *purse) Refresh() {
	p.mu.Lock()
	d := p.desk
	p.mu.Unlock()
	if d != nil {
		d.chain.Refresh()
		if t := d.tillNow(); t != nil {
			t.Look()
		}
	}
}

// Lock implements ui.Wallet.
func (p *purse) Lock() {
	if keys, err := p.wallet(); err == nil {
		keys.Lock()
		p.tell()
	}
}

// Unlock implements dialogs.Wallet.
func (p *purse) Unlock(_ context.Context, password []byte) error {
	keys, err := p.wallet()
	if err != nil {
		return err
	}
	at := p.deadline()
	if err := keys.Unlock(password, at); err != nil {
		return err
	}
	p.mu.Lock()
	p.lockAt = at
	p.mu.Unlock()
	p.tell()
	return nil
}

// deadline is when a wallet that is unlocked now locks itself.
func (p *purse) deadline() time.Time {
	minutes := p.settings.Get().Wallet.LockMinutes
	if minutes == 0 {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(minutes) * time.Minute)
}

// WriteCSV implements ui.Wallet.
func (p *purse) WriteCSV(ctx context.Context, dir string) (string, error) {
	d, free, err := p.use(ctx)
	if err != nil {
		return "", err
	}
	defer free()
	return create(dir, "swarmbid-transactions", ".csv", func(path string) error { return writeCSV(ctx, d.book, path) })
}

// maxCopies bounds how many files of one day a folder gets.
const maxCopies = 100

// create makes a file of today's date with a name that is free.
func create(dir, name, ext string, write func(path string) error) (string, error) {
	name += "-" + time.Now().Format(time.DateOnly)
	for i := range maxCopies {
		path := filepath.Join(dir, name+ext)
		if i > 0 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d%s", name, i+1, ext))
		}
		err := write(path)
		if errors.Is(err, fs.ErrExist) || errors.Is(err, keystore.ErrExists) {
			continue
		}
		return path, err
	}
	return "", fmt.Errorf("%s has %d files of that name: %w", dir, maxCopies, fs.ErrExist)
}
