package disk

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// taken is the room a file has on the drive, in bytes: its size, as a sparse file is
// made only where room is not to be taken at once.
func taken(st fs.FileInfo) int64 { return st.Size() }

// allocate gives a file the room of size bytes; what is in it stays. NTFS and FAT
// take the clusters of a file that is not sparse when its end is set.
func allocate(f *os.File, size int64) error {
	st, err := f.Stat()
	if err != nil || st.Size() >= size {
		return err
	}
	return f.Truncate(size)
}

// fsctlSetSparse is FSCTL_SET_SPARSE of winioctl.h.
const fsctlSetSparse = 0x900c4

// thin lets a file take only the room of what is written. A file system that cannot
// do that leaves it as it is.
func thin(f *os.File) error {
	var got uint32
	err := syscall.DeviceIoControl(syscall.Handle(f.Fd()), fsctlSetSparse, nil, 0, nil, 0, &got, nil)
	if errors.Is(err, syscall.Errno(1)) || errors.Is(err, syscall.Errno(50)) { // ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED
		return nil
	}
	return err
}
