//go:build !windows

package desktop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// maxSocket is how long the path of a socket may be, in bytes, on every system
// with sockets in the file system.
const maxSocket = 100

// endpoint is where starts of one user with one data folder meet: a locked file
// decides who is the program, a socket beside it carries the messages. Both lie in
// a folder that only the user may enter.
type endpoint struct{ lock, socket string }

func newEndpoint(name, dataDir string) (endpoint, error) {
	key, err := folderKey(dataDir)
	if err != nil {
		return endpoint{}, err
	}
	base := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), strings.ToLower(name)+"-"+key)
	if !filepath.IsAbs(base) || len(base) > maxSocket || !private(filepath.Dir(base)) {
		if dataDir, err = filepath.Abs(dataDir); err != nil {
			return endpoint{}, fmt.Errorf("data folder: %w", err)
		}
		if err := os.MkdirAll(dataDir, 0o700); err != nil {
			return endpoint{}, fmt.Errorf("create the data folder: %w", err)
		}
		base = filepath.Join(dataDir, "instance")
	}
	return endpoint{lock: base + ".lock", socket: base + ".sock"}, nil
}

// private reports whether nobody but the owner may enter a folder.
func private(dir string) bool {
	st, err := os.Stat(dir)
	return err == nil && st.IsDir() && st.Mode().Perm()&0o077 == 0
}

func (e endpoint) listen() (listener, error) {
	lock := flock.New(e.lock, flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", e.lock, err)
	}
	if !got {
		return nil, errTaken
	}
	// What is there now is of a program that was killed: the lock is ours.
	if err := os.Remove(e.socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, lock.Unlock())
	}
	l, err := bind(e.socket)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return &socketListener{UnixListener: l, lock: lock}, nil
}

// bind listens at a path that may be longer than the system lets a socket's be:
// the folder is then named by its descriptor.
func bind(path string) (*net.UnixListener, error) {
	short, release, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer release()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // by the short name, which is gone by then
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func shorten(path string) (short string, release func(), err error) {
	if len(path) <= maxSocket {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { _ = dir.Close() }, nil
}

func (e endpoint) dial(until time.Time) (io.ReadWriteCloser, error) {
	short, release, err := shorten(e.socket)
	if err != nil {
		return nil, err
	}
	defer release()
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", short)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(until); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

type socketListener struct {
	*net.UnixListener
	lock *flock.Flock
}

func (l *socketListener) accept() (io.ReadWriteCloser, error) {
	c, err := l.Accept()
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(talkTime)); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// unblock makes Accept return by a deadline in the past: a closed socket would
// refuse starts while the lock is still held.
func (l *socketListener) unblock() { _ = l.SetDeadline(time.Unix(1, 0)) }

// close leaves the files: to remove the lock's would let two processes lock two
// files of one name.
func (l *socketListener) close() error { return errors.Join(l.Close(), l.lock.Unlock()) }
