package engine

import "golang.org/x/sys/windows"

// freeSpace is what a user may still write to the drive of dir; 0 = unknown.
func freeSpace(dir string) int64 {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0
	}
	var free uint64
	if windows.GetDiskFreeSpaceEx(p, &free, nil, nil) != nil {
		return 0
	}
	return int64(min(free, 1<<62)) //nolint:gosec // bounded
}
