package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// ErrExists is returned where a new wallet would take the place of another.
var ErrExists = errors.New("keystore: there is a wallet file already")

// Backup returns the path of the copy that Save keeps of the file before.
func Backup(path string) string { return path + ".bak" }

// Load reads a file. It returns the error of the operating system, fs.ErrNotExist
// among them, or those that need no password.
func Load(path string) ([]byte, error) {
	b, err := load(path)
	if err != nil {
		return nil, fmt.Errorf("load wallet %s: %w", path, err)
	}
	return b, nil
}

func load(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	_, err = parse(b)
	return b, err
}

// Create writes a file where there is none, nor a backup of one: else ErrExists.
func Create(path string, file []byte) error {
	for _, p := range []string{path, Backup(path)} {
		if _, err := os.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("create wallet %s: %w", p, errors.Join(ErrExists, err))
		}
	}
	return Save(path, file)
}

// Save replaces the file at path, and keeps the one before as [Backup] if it was
// intact. When it returns nil the new file is on the disk; until then the old one
// is, and at no time none.
func Save(path string, file []byte) error {
	if err := save(path, file); err != nil {
		return fmt.Errorf("save wallet %s: %w", path, err)
	}
	return nil
}

func save(path string, file []byte) error {
	if _, err := parse(file); err != nil {
		return err
	}
	old, err := load(path)
	if err == nil {
		err = replace(Backup(path), old)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrFormat), errors.Is(err, ErrTruncated),
		errors.Is(err, ErrDamaged), errors.Is(err, ErrParams): // nothing worth keeping
	case err != nil:
		return err
	}
	return replace(path, file)
}

// Forget removes the backup's content by writing the file over it. A changed
// password would otherwise leave a file that the old one opens.
func Forget(path string) error {
	b, err := load(path)
	if err == nil {
		err = replace(Backup(path), b)
	}
	if err != nil {
		return fmt.Errorf("overwrite backup of wallet %s: %w", path, err)
	}
	return nil
}

// replace writes a file beside path, makes sure that the disk has it and gives
// back what was written, and puts it in the place of path.
func replace(path string, b []byte) (err error) {
	temp := path + ".tmp"
	f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(f, b)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if runtime.GOOS == "windows" { // a folder cannot be synced there
		return nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// write makes f a private file with content b.
func write(f *os.File, b []byte) error {
	if err := f.Chmod(0o600); err != nil && runtime.GOOS != "windows" { // a file left by a crash may have had another mode
		return err
	}
	if _, err := f.Write(b); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	back := make([]byte, len(b))
	if _, err := f.ReadAt(back, 0); err != nil {
		return err
	}
	if !bytes.Equal(back, b) {
		return ErrDamaged
	}
	return nil
}
