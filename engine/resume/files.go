package resume

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// version is that of every file with a header.
const version = 1

// magic begins the header line.
const magic = "swarmbid resume "

func digest(b []byte) [32]byte { return sha256.Sum256(b) }

// seal puts the header line before body. Its form is that of every version, so
// that a newer file can be told from a damaged one: the digest is of version and
// body together.
func seal(body []byte) []byte { return sealAs(version, body) }

func sealAs(version int, body []byte) []byte { return append(header(version, body), body...) }

func header(version int, body []byte) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d\n", version) //nolint:errcheck // a digest takes everything
	h.Write(body)
	return fmt.Appendf(nil, "%s%d %d %s\n", magic, version, len(body), hex.EncodeToString(h.Sum(nil)))
}

// openEnvelope checks the header line and returns the body.
func openEnvelope(b []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	head, body, found := bytes.Cut(rest, []byte{'\n'})
	if !ok || !found || len(head) > 200 {
		return nil, fmt.Errorf("no header: %w", ErrDamaged)
	}
	v, err := strconv.Atoi(string(bytes.SplitN(head, []byte{' '}, 2)[0]))
	if err != nil || v < 1 || !bytes.Equal(b[:len(b)-len(body)], header(v, body)) {
		return nil, fmt.Errorf("header and content do not fit: %w", ErrDamaged)
	}
	if v > version {
		return nil, fmt.Errorf("version %d, this program reads %d: %w", v, version, ErrNewer)
	}
	return body, nil
}

// readFile reads a regular file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > limit {
		return nil, fmt.Errorf("%s is no file of at most %d bytes: %w", filepath.Base(path), limit, ErrDamaged)
	}
	b := make([]byte, st.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return b, nil
}

// writeFile replaces a file at once: after a crash it is the old one or the new
// one. It returns when the new one is durable. With backup the old one stays
// beside it.
func writeFile(path string, b []byte, backup bool) error {
	tmp := path + extTemp
	if err := writeSynced(tmp, b); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if backup {
		if err := keepBackup(path); err != nil {
			return errors.Join(fmt.Errorf("keep a backup: %w", err), os.Remove(tmp))
		}
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return syncDir(filepath.Dir(path))
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// keepBackup makes path.bak a second name of the file, or a copy where the file
// system has no second names. The file itself is there all the time.
func keepBackup(path string) error {
	bak := path + extBackup
	tmp := bak + extTemp
	_ = os.Remove(tmp) // left from a crash; Link says if it could not be
	err := os.Link(path, tmp)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the first one
	}
	if err != nil {
		var b []byte
		if b, err = readFile(path, maxRecord); errors.Is(err, ErrDamaged) {
			return nil // not worth keeping
		}
		if err == nil {
			err = writeSynced(tmp, b)
		}
	}
	if err == nil {
		err = os.Rename(tmp, bak)
	}
	return err
}

// syncDir makes renames and removals in a folder durable. Windows does so by
// itself and does not open folders for it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
