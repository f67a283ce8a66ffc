//go:build !windows

package engine

func diskFull(error) bool { return false }
