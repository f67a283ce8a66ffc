package lab_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"swarmbid/engine/lab"
)

func TestCloseLeavesNoProcess(t *testing.T) {
	needsPrograms(t)
	for _, p := range lab.Programs() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			c, err := p.Start(t.Context(), lab.Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			pid := c.PID()
			u, err := lab.UsageOf(pid)
			if err != nil || u.Peak < 1<<20 {
				t.Errorf("usage %+v, %v", u, err)
			}
			for range 2 { // the second one has nothing to do
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
			if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil && pid != os.Getpid() {
				t.Errorf("process %d lives on", pid)
			}
		})
	}
}

func TestProgramEndsWithItsContext(t *testing.T) {
	needsPrograms(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, err := lab.StartAria2(ctx, lab.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	err = lab.Until(t.Context(), func() (bool, error) {
		_, err := os.Stat(fmt.Sprintf("/proc/%d", c.PID()))
		return err != nil, nil
	})
	if err := errors.Join(err, c.Close()); err != nil {
		t.Error(err)
	}
}

func TestMissingProgramIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := lab.StartAria2(t.Context(), lab.Options{Dir: t.TempDir()})
	if !errors.Is(err, lab.ErrMissing) {
		t.Errorf("got %v", err)
	}
}

func TestUsageCountsProcessorTime(t *testing.T) {
	before, err := lab.UsageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < 200*time.Millisecond; {
		_ = began // keep a core busy
	}
	after, err := lab.UsageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if d := after.CPU - before.CPU; d < 20*time.Millisecond || d > 10*time.Second {
		t.Errorf("a busy fifth of a second counts as %v", d)
	}
}
