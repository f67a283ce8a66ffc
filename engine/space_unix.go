//go:build unix

package engine

import "syscall"

// freeSpace is what a user may still write to the drive of dir; 0 = unknown.
func freeSpace(dir string) int64 {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return 0
	}
	return int64(st.Bavail) * int64(st.Bsize) //nolint:gosec,unconvert // types differ between systems
}
