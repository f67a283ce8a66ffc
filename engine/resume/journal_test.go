package resume

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestJournalComesBack(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.Save(sample(1)))
	j := journal(t, s, 1, 20)
	must(t, j.Begun(3))
	must(t, j.Begun(4))
	must(t, j.Begun(5))
	must(t, j.Verified([]int{4, 19}))
	must(t, j.Lost(5))
	must(t, j.Lost(19))
	if err := j.Begun(20); err == nil {
		t.Error("piece 20 of 20 was noted")
	}
	l := all(t, s)[0] // as after a kill: nobody closed it
	if got := listed(l.Have); !slices.Equal(got, []int{4}) || l.Pieces != 20 {
		t.Errorf("have %v of %d", got, l.Pieces)
	}
	if got := listed(l.Begun); !slices.Equal(got, []int{3}) {
		t.Errorf("begun %v", got)
	}
	if got := l.Doubtful(20, nil); !slices.Equal(got, []int{3}) {
		t.Errorf("doubtful %v", got)
	}
	must(t, j.Close())
	if err := j.Begun(1); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: %v", err)
	}
	j = journal(t, s, 1, 20)
	if got := listed(j.Have()); !slices.Equal(got, []int{4}) {
		t.Errorf("opened again: %v", got)
	}
	must(t, j.Trust([]byte{0xff, 0xff, 0xff})) // spare bits are ignored
	if got := all(t, s)[0]; len(listed(got.Have)) != 20 || len(listed(got.Begun)) != 0 {
		t.Errorf("trusted: %v, begun %v", listed(got.Have), listed(got.Begun))
	}
}

func TestTornEndCostsOnlyTheEnd(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.Save(sample(1)))
	j := journal(t, s, 1, 20)
	must(t, j.Verified([]int{1, 2}))
	must(t, j.Verified([]int{3}))
	must(t, j.Close())
	path := fileOf(s, 1, extPieces)
	whole, err := os.ReadFile(path)
	must(t, err)
	for cut := 1; cut <= recordSize; cut++ {
		must(t, os.WriteFile(path, whole[:len(whole)-cut], 0o600))
		if got := listed(all(t, s)[0].Have); !slices.Equal(got, []int{1, 2}) {
			t.Errorf("%d bytes short: %v", cut, got)
		}
		// What is appended later must not hide behind the torn record.
		j = journal(t, s, 1, 20)
		must(t, j.Verified([]int{9}))
		must(t, j.Close())
		if got := listed(all(t, s)[0].Have); !slices.Equal(got, []int{1, 2, 9}) {
			t.Errorf("%d bytes short, appended: %v", cut, got)
		}
	}
	// Zeros, as some file systems leave after a loss of power.
	must(t, os.WriteFile(path, append(slices.Clone(whole), make([]byte, 30)...), 0o600))
	if got := listed(all(t, s)[0].Have); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("zeros at the end: %v", got)
	}
	// A bad record in the middle may have been a loss.
	flip(t, path, len(whole)-2*recordSize)
	loaded, problems, err := s.LoadAll()
	must(t, err)
	if !loaded[0].Recheck || len(problems) != 1 {
		t.Errorf("bad record in the middle: %+v, %v", loaded[0], problems)
	}
	// Begun anew it stays doubtful, also if the program is killed before the check.
	must(t, journal(t, s, 1, 20).Close())
	if got := all(t, s)[0]; got.Recheck || len(got.Doubtful(20, nil)) != 20 {
		t.Errorf("begun anew: %+v", got)
	}
	journal(t, s, 1, 21)
	if got := all(t, s)[0]; len(got.Doubtful(21, nil)) != 21 || len(listed(got.Have)) != 0 {
		t.Errorf("another number of pieces: %+v", got)
	}
}

func TestDoubtful(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.Save(sample(1)))
	must(t, s.SaveMetainfo(hashOf(1), []byte("m")))
	dir := t.TempDir()
	// Five files of two pieces each; the border piece of c and d is shared.
	files := []FileAt{
		{filepath.Join(dir, "a"), 0, 2},
		{filepath.Join(dir, "b"), 2, 2},
		{filepath.Join(dir, "c"), 4, 2},
		{filepath.Join(dir, "d"), 5, 2},
		{"", 7, 1},
		{filepath.Join(dir, "empty"), 7, 0},
		{filepath.Join(dir, "none"), 8, 2},
	}
	for _, f := range files[:4] {
		must(t, os.WriteFile(f.Path, []byte("data"), 0o600))
	}
	marks := make([]FileMark, len(files))
	for i, f := range files {
		marks[i] = MarkFile(f.Path)
	}
	j := journal(t, s, 1, 10)
	must(t, j.Verified([]int{0, 1, 2, 3, 4, 5, 6}))
	must(t, j.Begun(7))
	must(t, j.Mark(marks))
	must(t, j.Close())

	doubt := func() []int {
		l := all(t, s)[0]
		return l.Doubtful(10, files)
	}
	if got := doubt(); !slices.Equal(got, []int{7}) {
		t.Errorf("nothing changed: %v", got)
	}
	later := time.Now().Add(time.Hour)
	must(t, os.Chtimes(files[1].Path, later, later))
	must(t, os.WriteFile(files[2].Path, []byte("longer"), 0o600))
	if got := doubt(); !slices.Equal(got, []int{2, 3, 4, 5, 7}) {
		t.Errorf("b and c changed: %v", got)
	}
	// Written by this program since: the mark says nothing any more.
	j = journal(t, s, 1, 10)
	must(t, j.Begun(3))
	must(t, j.Verified([]int{3}))
	must(t, j.Close())
	if got := doubt(); !slices.Equal(got, []int{4, 5, 7}) {
		t.Errorf("b written by us: %v", got)
	}
	must(t, os.Remove(fileOf(s, 1, extPieces)))
	if got := doubt(); !slices.Equal(got, []int{0, 1, 2, 3, 4, 5, 6}) {
		t.Errorf("journal lost: %v", got)
	}
}

func TestJournalStaysSmall(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.Save(sample(1)))
	j := journal(t, s, 1, 10)
	for i := range 20000 {
		must(t, j.Begun(i%10))
	}
	if st, err := os.Stat(fileOf(s, 1, extPieces)); err != nil || st.Size() > 60<<10 {
		t.Errorf("%d bytes, %v", st.Size(), err)
	}
	if got := listed(all(t, s)[0].Begun); len(got) != 10 {
		t.Errorf("begun %v", got)
	}
}

// TestClaims compares the journal with a map, over random histories with
// restarts, some of them after a torn write.
func TestClaims(t *testing.T) {
	for seed := range uint64(20) {
		r := seeded(seed)
		s := open(t, t.TempDir())
		must(t, s.Save(sample(1)))
		n := 1 + r.IntN(40)
		j := journal(t, s, 1, n)
		have, begun := make([]bool, n), make([]bool, n)
		for range 200 {
			p := r.IntN(n)
			switch r.IntN(5) {
			case 0, 1:
				must(t, j.Begun(p))
				have[p], begun[p] = false, true
			case 2:
				q := r.IntN(n)
				must(t, j.Verified([]int{p, q}))
				have[p], begun[p], have[q], begun[q] = true, false, true, false
			case 3:
				must(t, j.Lost(p))
				have[p], begun[p] = false, false
			case 4:
				if r.IntN(4) > 0 {
					break
				}
				must(t, j.Close())
				f, err := os.OpenFile(fileOf(s, 1, extPieces), os.O_WRONLY|os.O_APPEND, 0)
				must(t, err)
				_, err = f.Write(make([]byte, r.IntN(recordSize)))
				must(t, errors.Join(err, f.Close()))
				j = journal(t, s, 1, n)
			}
		}
		l := all(t, s)[0]
		for i := range n {
			if bit(l.Have, i) != have[i] || bit(l.Begun, i) != begun[i] {
				t.Fatalf("seed %d: piece %d: %v %v, want %v %v", seed, i, bit(l.Have, i), bit(l.Begun, i), have[i], begun[i])
			}
		}
		must(t, j.Close())
	}
}

func TestJournalRecoversFromAFailedWrite(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.Save(sample(1)))
	j := journal(t, s, 1, 10)
	must(t, j.Verified([]int{1}))
	must(t, j.f.Close()) // every write fails now, as on a drive that was removed
	if err := j.Verified([]int{2}); err == nil {
		t.Fatal("noted on a closed file")
	}
	block := fileOf(s, 1, extPieces+extTemp)
	must(t, os.MkdirAll(filepath.Join(block, "x"), 0o700))
	if err := j.Verified([]int{2}); err == nil {
		t.Fatal("noted without a file")
	}
	must(t, os.RemoveAll(block))
	j.f = nil
	must(t, j.Verified([]int{3}))
	if got := listed(all(t, s)[0].Have); !slices.Equal(got, []int{1, 3}) {
		t.Errorf("have %v", got)
	}
}

func FuzzJournal(f *testing.F) {
	st := newState(20)
	st.marks = []FileMark{{5, 6}}
	b := st.base()
	f.Add(append(slices.Clone(b), st.record(kindVerified, 3)...))
	f.Add(append(b, 1, 2, 3))
	f.Add([]byte(journalMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := readState(b)
		if err != nil && !errors.Is(err, errTorn) {
			return
		}
		again, err := readState(s.base())
		if err != nil || !slices.Equal(again.have, s.have) || !slices.Equal(again.begun, s.begun) || !slices.Equal(again.marks, s.marks) {
			t.Fatalf("%+v written and read as %+v, %v", s, again, err)
		}
	})
}
