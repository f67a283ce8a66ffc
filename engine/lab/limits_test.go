package lab_test

import (
	"context"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

// TestLimitsHold measures the upload limit of each program at a raw peer, because
// other tests rest on it.
func TestLimitsHold(t *testing.T) {
	needsPrograms(t)
	for _, kind := range lab.Programs() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			p := mustMake(t, lab.OneFile(t.TempDir(), 32<<20))
			const limit = 1 << 20
			seed := run(t, kind, lab.Options{Up: limit, Encryption: lab.Off})
			if err := lab.Seed(ctx, seed, p, p.Dir); err != nil {
				t.Fatal(err)
			}
			var l *lab.Leecher
			err := lab.Until(ctx, func() (ok bool, err error) {
				// qBittorrent takes nobody for a second after its check.
				l, err = lab.Leech(ctx, seed.Addr(), lab.LeecherConfig{Hello: lab.Hello{Reserved: lab.Reserved(true, true, false)}, Shape: p.Shape()})
				return err == nil, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			var from time.Time
			var before int64
			err = lab.Until(ctx, func() (bool, error) {
				n := l.Counts().Bytes
				if from.IsZero() && n > limit { // the first burst is over
					from, before = time.Now(), n
				}
				return !from.IsZero() && time.Since(from) > 4*time.Second, nil
			})
			if err != nil {
				t.Fatalf("%v: %+v", err, l.Counts())
			}
			rate := float64(l.Counts().Bytes-before) / time.Since(from).Seconds()
			if rate > limit*1.4 || rate < limit*0.5 {
				t.Errorf("%.0f bytes a second under a limit of %d", rate, limit)
			}
		})
	}
}
