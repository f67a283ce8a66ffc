package ledger

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	kills    = 100
	childEnv = "LEDGER_TEST_CHILD" // the file in which a child process records for ever
)

func TestMain(m *testing.M) {
	if file := os.Getenv(childEnv); file != "" {
		fmt.Fprintln(os.Stderr, child(file))
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// child records transfers until it is killed, some of them pending and ended in
// the next transaction, and writes the ID of each to standard output once it is
// acknowledged.
func child(file string) error {
	ctx := context.Background()
	l, err := Open(ctx, file)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	next := func() (id ID) {
		for i := range id {
			id[i] = byte(r.Uint32())
		}
		return id
	}
	for {
		var batch []Transfer
		for range 1 + r.IntN(3) {
			batch = append(batch, Transfer{
				ID: next(), At: epoch, Kind: "crash", Phase: Posted, Debit: "a/b", Credit: "c/d", Amount: 1,
			})
		}
		if r.IntN(3) == 0 {
			batch[0].Phase = Pending
		}
		if err := l.Record(ctx, batch...); err != nil {
			return err
		}
		if batch[0].Phase == Pending {
			end := Transfer{ID: next(), At: epoch, Kind: "crash", Phase: Post, Resolves: batch[0].ID}
			if err := l.Record(ctx, end); err != nil {
				return err
			}
			batch = append(batch, end)
		}
		for _, t := range batch {
			fmt.Println(t.ID) //nolint:forbidigo // the report to the parent
		}
	}
}

// TestDurable kills a process that records, 100 times, and finds every transfer
// it reported, and books that add up.
func TestDurable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.db")
	r := rand.New(rand.NewPCG(3, 4))
	reported := map[string]bool{}
	for range kills {
		if err := runAndKill(t.Context(), file, 1+r.IntN(40), reported); err != nil {
			t.Fatal(err)
		}
	}
	l := openFile(t, file) // audits
	there := 0
	if err := l.each(t.Context(), func(scan func(...any) error) error {
		var b []byte
		err := scan(&b)
		there++
		delete(reported, hex.EncodeToString(b))
		return err
	}, `SELECT id FROM transfer`); err != nil {
		t.Fatal(err)
	}
	if len(reported) > 0 || there < kills {
		t.Errorf("%d transfers there, %d reported ones missing", there, len(reported))
	}
	t.Logf("%d kills, %d transfers", kills, there)
}

// runAndKill kills a child after it reported that many transfers, and adds all
// that it reported.
func runAndKill(ctx context.Context, file string, after int, reported map[string]bool) error {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+file)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	n := 0
	for sc := bufio.NewScanner(out); sc.Scan(); {
		if len(sc.Text()) == 64 { // not a line that the kill cut short
			reported[sc.Text()] = true
		}
		if n++; n == after {
			if err := cmd.Process.Kill(); err != nil {
				return err
			}
		}
	}
	_ = cmd.Wait()
	if n < after {
		return errors.New("the child ended by itself")
	}
	return nil
}
