//go:build !linux

package lab

import "os/exec"

// ownGroup does nothing here: only the child itself is killed.
func ownGroup(*exec.Cmd) {}

// killGroup kills the child.
func killGroup(c *exec.Cmd) error { return c.Process.Kill() }
