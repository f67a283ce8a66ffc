package wallet

import (
	"context"
	"fmt"
	"time"

	"swarmbid/wallet/keystore"
)

// maxSleep is how long Run sleeps at most: a timer stands still while the
// computer is asleep, the clock does not.
const maxSleep = 30 * time.Second

// Unlock puts the key of the spending account into memory until the deadline, or
// until Lock if the deadline is zero. Errors: keystore.ErrPassword, ErrWatchOnly,
// those of the file.
func (w *Wallet) Unlock(password []byte, deadline time.Time) error {
	var key keystore.Secret
	err := w.with(password, func(info Info, s *sealed) (err error) {
		key, _, err = info.Spending.Path.key(s.seed.Bytes())
		return err
	})
	if err != nil {
		return fmt.Errorf("unlock wallet: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spending.Zero()
	w.spending = key
	w.setDeadline(deadline)
	return nil
}

// Lock clears the key.
func (w *Wallet) Lock() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lock()
}

// Unlocked reports whether Sign has a key.
func (w *Wallet) Unlocked() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lockIfDue()
	return w.spending.Bytes() != nil
}

// Extend moves the deadline of an unlocked wallet, because somebody is there.
func (w *Wallet) Extend(deadline time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lockIfDue()
	if w.spending.Bytes() != nil {
		w.setDeadline(deadline)
	}
}

// Run locks the wallet at its deadline, and when ctx ends, whose error it
// returns. [Wallet.Sign] looks at the deadline itself; Run clears the key even if
// nobody signs.
func (w *Wallet) Run(ctx context.Context) error {
	defer w.Lock()
	for {
		w.mu.Lock()
		w.lockIfDue()
		changed, sleep := w.changed, maxSleep
		if !w.deadline.IsZero() {
			sleep = min(sleep, time.Until(w.deadline))
		}
		w.mu.Unlock()
		timer := time.NewTimer(sleep)
		select {
		case <-timer.C:
		case <-changed:
		case <-ctx.Done():
		}
		timer.Stop()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// The methods below are called with mu held.

// setDeadline drops the monotonic clock, which stands still during sleep.
func (w *Wallet) setDeadline(t time.Time) {
	w.deadline = t.Round(0)
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *Wallet) lockIfDue() {
	if !w.deadline.IsZero() && !time.Now().Before(w.deadline) {
		w.lock()
	}
}

func (w *Wallet) lock() {
	w.spending.Zero()
	w.deadline = time.Time{}
}
