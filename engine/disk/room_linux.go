package disk

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// taken is the room a file has on the drive, in bytes.
func taken(st fs.FileInfo) int64 {
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * 512 // stat(2): the unit of st_blocks
	}
	return st.Size()
}

// allocate gives a file the room of size bytes; what is in it stays.
func allocate(f *os.File, size int64) error {
	st, err := f.Stat()
	if err != nil || st.Size() >= size && taken(st) >= size {
		return err
	}
	for {
		err = syscall.Fallocate(int(f.Fd()), 0, 0, size) //nolint:gosec // a descriptor
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) {
		return errNoAllocate
	}
	return err
}

// thin is for other systems: here every file takes only the room of what is written.
func thin(*os.File) error { return nil }
