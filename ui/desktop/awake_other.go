//go:build !windows

package desktop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// awakeSystem is a systemd-inhibit that lasts as long as its standard input, so
// that it ends with this process however that ends.
type awakeSystem struct {
	cmd  *exec.Cmd
	hold io.WriteCloser
}

func (s *awakeSystem) begin(why string) error {
	tool, err := exec.LookPath("systemd-inhibit")
	if err != nil {
		return fmt.Errorf("stay awake: %w: %w", ErrUnsupported, err)
	}
	cmd := exec.CommandContext(context.Background(), tool, "--what=sleep:idle", "--mode=block", "--who=Swarmbid", "--why="+why, "cat") //nolint:gosec // no shell
	hold, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("stay awake: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return errors.Join(fmt.Errorf("stay awake: %w", err), hold.Close())
	}
	s.cmd, s.hold = cmd, hold
	return nil
}

func (s *awakeSystem) end() error {
	err := s.hold.Close()
	var exit *exec.ExitError
	if werr := s.cmd.Wait(); !errors.As(werr, &exit) { // it may have been refused
		err = errors.Join(err, werr)
	}
	*s = awakeSystem{}
	if err != nil {
		return fmt.Errorf("let the computer sleep: %w", err)
	}
	return nil
}
