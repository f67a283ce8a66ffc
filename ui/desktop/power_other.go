//go:build !windows

package desktop

import (
	"context"
	"fmt"
	"os/exec"
)

// PowerOff shuts the computer down. The desktop asks other users and programs.
func PowerOff(ctx context.Context) error { return systemctl(ctx, "poweroff") }

// Hibernate puts the computer to sleep without power.
func Hibernate(ctx context.Context) error { return systemctl(ctx, "hibernate") }

// Suspend puts the computer to sleep.
func Suspend(ctx context.Context) error { return systemctl(ctx, "suspend") }

func systemctl(ctx context.Context, verb string) error {
	tool, err := exec.LookPath("systemctl")
	if err != nil {
		return fmt.Errorf("%s: %w: %w", verb, ErrUnsupported, err)
	}
	if err := exec.CommandContext(ctx, tool, verb).Run(); err != nil { //nolint:gosec // the verb is one of ours
		return fmt.Errorf("systemctl %s: %w", verb, err)
	}
	return nil
}
