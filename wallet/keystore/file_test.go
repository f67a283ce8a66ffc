package keystore

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

const (
	kills    = 100
	childEnv = "KEYSTORE_TEST_CHILD" // the file that a child process saves for ever
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		fmt.Fprintln(os.Stderr, child(path))
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// child saves one generation after the other until it is killed, and reports
// each that is acknowledged. The generations differ in length by some pages.
func child(path string) error {
	file, err := Load(path)
	if err != nil {
		return err
	}
	first, err := generation(file)
	if err != nil {
		return err
	}
	for n := first + 1; ; n++ {
		if err := Save(path, generationFile(file, n)); err != nil {
			return err
		}
		fmt.Println(n) //nolint:forbidigo // the report to the parent
	}
}

// generationFile returns file with another public part, without the cost of the
// derivation: parse, Load and Save take it, Open would not.
func generationFile(file []byte, n int) []byte {
	f, err := parse(file)
	if err != nil {
		return nil
	}
	public := append(strconv.AppendInt(nil, int64(n), 10), bytes.Repeat([]byte{' '}, n%7*4096)...)
	b := append(bytes.Clone(f.data[:head]), public...)
	b[60], b[61], b[62] = byte(len(public)), byte(len(public)>>8), byte(len(public)>>16)
	return resum(append(append(b, f.sealed...), make([]byte, 32)...))
}

func generation(file []byte) (int, error) {
	public, err := Public(file)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(bytes.TrimSpace(public)))
}

// TestCrash kills a process that saves, 100 times: the file is whole each time,
// and no older than the last one acknowledged.
func TestCrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wallet.btt")
	if err := Create(path, sealed(t, "0", "secret")); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	last := 0
	for range kills {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stop, seen := 1+r.IntN(12), 0
		for sc := bufio.NewScanner(out); sc.Scan(); {
			if n, err := strconv.Atoi(sc.Text()); err == nil && n > last {
				last = n
			}
			if seen++; seen == stop {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait()
		if seen < stop {
			t.Fatal("the child ended by itself")
		}
		file, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := generation(file)
		if err != nil || n < last {
			t.Fatalf("generation %d, %v; %d was acknowledged", n, err, last)
		}
		if _, err := Load(Backup(path)); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d generations", kills, last)
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "wallet.btt")
	a, b := sealed(t, "a", "secret"), sealed(t, "b", "secret")
	want := func(path string, want []byte) {
		t.Helper()
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what it should be, %v", filepath.Base(path), err)
		}
		info, err := os.Stat(path)
		if err == nil && runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", filepath.Base(path), info.Mode())
		}
	}
	if err := os.WriteFile(path+".tmp", []byte("left by a crash"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, a); err != nil {
		t.Fatal(err)
	}
	want(path, a)
	if err := Create(path, b); !errors.Is(err, ErrExists) {
		t.Errorf("created over a wallet: %v", err)
	}
	if err := Save(path, b); err != nil {
		t.Fatal(err)
	}
	want(path, b)
	want(Backup(path), a)

	if err := os.WriteFile(path, b[:50], 0o600); err != nil { // a damaged file must not become the backup
		t.Fatal(err)
	}
	if err := Save(path, b); err != nil {
		t.Fatal(err)
	}
	want(path, b)
	want(Backup(path), a)

	if err := Forget(path); err != nil {
		t.Fatal(err)
	}
	want(Backup(path), b)
	if err := Save(path, a[:90]); !errors.Is(err, ErrTruncated) {
		t.Errorf("saved what is no wallet: %v", err)
	}
	want(path, b)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := Create(path, a); !errors.Is(err, ErrExists) {
		t.Errorf("created beside a backup: %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("files left: %v, %v", left, err)
	}
}

// TestSaveFails: where the new file cannot be written the old one stays.
func TestSaveFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "wallet.btt")
	a, b := sealed(t, "a", "secret"), sealed(t, "b", "secret")
	if err := Create(path, a); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".tmp", 0o700); err != nil { // in the way
		t.Fatal(err)
	}
	if err := Save(path, b); err == nil {
		t.Error("saved")
	}
	if got, err := Load(path); err != nil || !bytes.Equal(got, a) {
		t.Errorf("the old file is gone: %v", err)
	}
	if err := Save(filepath.Join(dir, "none", "wallet.btt"), a); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such folder: %v", err)
	}
	if err := Forget(filepath.Join(dir, "none", "wallet.btt")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wallet.btt")
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(magic); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(1<<40), f.Close()); err != nil { // a terabyte of nothing
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.Is(err, ErrDamaged) {
		t.Errorf("a terabyte: %v", err)
	}
}
