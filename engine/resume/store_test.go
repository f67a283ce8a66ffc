package resume

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestEverythingComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "session")
	s := open(t, dir)
	var want []*Torrent
	for i := range 3 {
		r := sample(i)
		must(t, s.SaveMetainfo(r.InfoHash, []byte("metainfo")))
		must(t, s.Save(r))
		want = append(want, r)
	}
	must(t, s.Save(&Torrent{InfoHash: hashOf(9)}))
	must(t, s.SaveSession(Session{Nodes: []string{"1.2.3.4:5"}, Uploaded: 7}))
	must(t, s.Close())
	if err := s.Save(want[0]); !errors.Is(err, ErrClosed) {
		t.Errorf("save after close: %v", err)
	}

	s = open(t, dir)
	loaded := all(t, s)
	if len(loaded) != 4 {
		t.Fatalf("%d torrents", len(loaded))
	}
	for _, l := range loaded {
		if l.InfoHash == hashOf(9) {
			if !reflect.DeepEqual(l, Loaded{Torrent: Torrent{InfoHash: hashOf(9)}}) {
				t.Errorf("the empty record came back as %+v", l)
			}
			continue
		}
		if i := l.Queue - 1; !reflect.DeepEqual(&l.Torrent, want[i]) || string(l.Metainfo) != "metainfo" || !l.Recheck {
			t.Errorf("got  %+v\nwant %+v", l, want[i])
		}
	}
	if got := s.Session(); !reflect.DeepEqual(got, Session{Nodes: []string{"1.2.3.4:5"}, Uploaded: 7}) {
		t.Errorf("session %+v", got)
	}
}

func TestDeletedDoesNotComeBack(t *testing.T) {
	s := open(t, t.TempDir())
	r := sample(1)
	save := func() {
		must(t, s.SaveMetainfo(r.InfoHash, []byte("x")))
		must(t, s.Save(r))
		r.Queue++
		must(t, s.Save(r)) // makes a backup
		must(t, journal(t, s, 1, 8).Close())
	}
	save()
	must(t, s.Delete(r.InfoHash))
	if left, _ := os.ReadDir(s.Dir()); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	must(t, s.Delete(r.InfoHash)) // again does no harm

	save()
	must(t, os.WriteFile(fileOf(s, 1, extRemoved), nil, 0o600)) // as if killed right after the decision
	must(t, os.WriteFile(filepath.Join(s.Dir(), "junk.tmp"), nil, 0o600))
	s = open(t, s.Dir())
	if left, _ := os.ReadDir(s.Dir()); len(left) != 0 {
		t.Errorf("left after opening: %v", left)
	}
	save()
	if got := all(t, s); len(got) != 1 {
		t.Errorf("added again: %d", len(got))
	}
}

func TestUnchangedRecordIsNotWritten(t *testing.T) {
	s := open(t, t.TempDir())
	r := sample(1)
	must(t, s.Save(r))
	old := time.Unix(1000, 0)
	must(t, os.Chtimes(fileOf(s, 1, extRecord), old, old))
	must(t, s.Save(r))
	s = open(t, s.Dir())
	must(t, s.Save(r)) // also when it was only read
	if st, err := os.Stat(fileOf(s, 1, extRecord)); err != nil || !st.ModTime().Equal(old) {
		t.Errorf("written again: %v, %v", st.ModTime(), err)
	}
	r.Queue++
	must(t, s.Save(r))
	if got := all(t, s); got[0].Queue != r.Queue {
		t.Errorf("queue %d", got[0].Queue)
	}
}

// TestApart damages each file of one torrent at each byte.
func TestApart(t *testing.T) {
	s := open(t, t.TempDir())
	for i := range 2 {
		r := sample(i)
		must(t, s.SaveMetainfo(r.InfoHash, []byte("metainfo")))
		must(t, s.Save(r))
		r.Queue = 77
		must(t, s.Save(r))
		j := journal(t, s, i, 20)
		must(t, j.Verified([]int{1, 2}))
		must(t, j.Close())
	}
	for _, ext := range []string{extRecord, extPieces} {
		whole, err := os.ReadFile(fileOf(s, 0, ext))
		must(t, err)
		for at := range whole {
			flip(t, fileOf(s, 0, ext), at)
			checkApart(t, s, ext, at)
			must(t, os.WriteFile(fileOf(s, 0, ext), whole[:at], 0o600)) // cut off
			checkApart(t, s, ext, at)
			must(t, os.WriteFile(fileOf(s, 0, ext), whole, 0o600))
		}
	}
	// Both records: the metainfo and the pieces are left.
	flip(t, fileOf(s, 0, extRecord), -1)
	flip(t, fileOf(s, 0, extRecord+extBackup), -1)
	loaded, problems, err := s.LoadAll()
	must(t, err)
	for _, l := range loaded {
		if l.InfoHash == hashOf(0) && (string(l.Metainfo) != "metainfo" || l.State != Stopped || l.Pieces != 20) {
			t.Errorf("salvaged %+v", l)
		}
	}
	if len(loaded) != 2 || len(problems) != 1 || !errors.Is(problems[0], ErrDamaged) {
		t.Errorf("%d torrents, problems %v", len(loaded), problems)
	}
}

// checkApart expects both torrents, the second one whole and the first one with
// the record or its backup and with its pieces or a recheck.
func checkApart(t *testing.T, s *Store, ext string, at int) {
	t.Helper()
	s = open(t, s.Dir())
	loaded, problems, err := s.LoadAll()
	must(t, err)
	if len(loaded) != 2 {
		t.Fatalf("%s damaged at %d: %d torrents, %v", ext, at, len(loaded), problems)
	}
	for _, l := range loaded {
		good := l.InfoHash != hashOf(0)
		pieces := len(listed(l.Have)) == 2 && l.Pieces == 20
		// A torn end is no damage: it costs the last records and no check.
		torn := ext == extPieces && !l.Recheck && l.Pieces == 20 && len(listed(l.Have)) < 2
		if l.SavePath != "/save/here" || string(l.Metainfo) != "metainfo" ||
			good && (!pieces || l.Queue != 77) || !pieces && !l.Recheck && !torn {
			t.Errorf("%s damaged at %d: %+v, %v", ext, at, l, problems)
		}
	}
	for _, p := range problems {
		var problem *FileError
		if !errors.As(p, &problem) || problem.InfoHash != hashOf(0) || !strings.HasSuffix(problem.File, ext) {
			t.Errorf("%s damaged at %d: problem %v", ext, at, p)
		}
	}
}

func TestFuture(t *testing.T) {
	s := open(t, t.TempDir())
	newer := sealAs(version+1, []byte("in a form of its own"))
	for _, name := range []string{fileOf(s, 1, extRecord), filepath.Join(s.Dir(), sessionFile)} {
		must(t, os.WriteFile(name, newer, 0o600))
	}
	must(t, os.WriteFile(fileOf(s, 1, extRecord+extBackup), seal([]byte("{}")), 0o600))
	futureJournal := append([]byte(journalMagic), 0, 0, 0, version+1, 0, 0, 0, 16+5+32)
	futureJournal = append(futureJournal, "other"...)
	sum := digest(futureJournal)
	futureJournal = append(futureJournal, sum[:]...)
	must(t, os.WriteFile(fileOf(s, 1, extPieces), futureJournal, 0o600))
	must(t, os.WriteFile(fileOf(s, 1, extMetainfo), []byte("m"), 0o600))

	for _, load := range []bool{false, true} {
		s = open(t, s.Dir())
		if load {
			loaded, problems, err := s.LoadAll()
			must(t, err)
			if len(loaded) != 0 || len(problems) != 1 || !errors.Is(problems[0], ErrNewer) {
				t.Errorf("loaded %v, problems %v", loaded, problems)
			}
		}
		if err := s.Save(sample(1)); !errors.Is(err, ErrNewer) {
			t.Errorf("save: %v", err)
		}
		if err := s.Delete(hashOf(1)); !errors.Is(err, ErrNewer) {
			t.Errorf("delete: %v", err)
		}
		if err := s.SaveSession(Session{}); !errors.Is(err, ErrNewer) {
			t.Errorf("save session: %v", err)
		}
		if _, err := s.Journal(hashOf(1), 8); !errors.Is(err, ErrNewer) {
			t.Errorf("journal: %v", err)
		}
	}
	for name, want := range map[string][]byte{
		fileOf(s, 1, extRecord): newer, filepath.Join(s.Dir(), sessionFile): newer, fileOf(s, 1, extPieces): futureJournal,
	} {
		if b, err := os.ReadFile(name); err != nil || !bytes.Equal(b, want) {
			t.Errorf("%s was changed: %q, %v", name, b, err)
		}
	}
}

func TestFailedWriteKeepsTheOldOne(t *testing.T) {
	s := open(t, t.TempDir())
	r := sample(1)
	must(t, s.Save(r))
	// A folder in the place of the temporary file makes the write fail for anybody.
	block := fileOf(s, 1, extRecord+extTemp)
	must(t, os.MkdirAll(filepath.Join(block, "x"), 0o700))
	r.Queue = 5
	if err := s.Save(r); err == nil {
		t.Fatal("saved through a folder")
	}
	must(t, os.RemoveAll(block))
	if got := all(t, s); got[0].Queue != 2 {
		t.Errorf("queue %d", got[0].Queue)
	}
	must(t, s.Save(r))
	if got := all(t, s); got[0].Queue != 5 {
		t.Errorf("queue %d", got[0].Queue)
	}
}

func TestHostileSizes(t *testing.T) {
	s := open(t, t.TempDir())
	f, err := os.Create(fileOf(s, 1, extRecord))
	must(t, err)
	must(t, f.Truncate(1<<40))
	must(t, f.Close())
	must(t, os.Mkdir(fileOf(s, 2, extRecord), 0o700))
	must(t, os.WriteFile(fileOf(s, 3, extPieces), append([]byte(journalMagic), 0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255), 0o600))
	must(t, os.WriteFile(fileOf(s, 3, extMetainfo), nil, 0o600))
	loaded, problems, err := s.LoadAll()
	must(t, err)
	if len(loaded) != 2 || len(problems) != 3 {
		t.Errorf("%+v, %v", loaded, problems)
	}
	if err := s.SaveMetainfo(hashOf(1), make([]byte, maxMetainfo+1)); err == nil {
		t.Error("a huge metainfo was saved")
	}
}

func FuzzEnvelope(f *testing.F) {
	b, err := encodeRecord(sample(1))
	must(f, err)
	f.Add(b)
	f.Add(sealAs(2, []byte("x")))
	f.Add(seal([]byte(`{"State":9}`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		body, err := openEnvelope(b)
		if err != nil {
			body = b // the decoder must stand it as well
		}
		r, err := decodeRecord(hashOf(1), body)
		if err != nil {
			return
		}
		again, err := encodeRecord(&r)
		if err != nil {
			return // too long once written
		}
		body, err = openEnvelope(again)
		must(t, err)
		if _, err := decodeRecord(hashOf(1), body); err != nil {
			t.Fatalf("written and not read: %v", err)
		}
	})
}

// BenchmarkLoadAll is the start of a session of 10,000 torrents.
func BenchmarkLoadAll(b *testing.B) {
	s := open(b, b.TempDir())
	meta := bytes.Repeat([]byte("m"), 30<<10)
	for i := range 10000 {
		r := sample(i)
		body, err := encodeRecord(r)
		must(b, err)
		must(b, os.WriteFile(fileOf(s, i, extRecord), body, 0o600))
		must(b, os.WriteFile(fileOf(s, i, extMetainfo), meta, 0o600))
		st := newState(1000)
		must(b, os.WriteFile(fileOf(s, i, extPieces), st.base(), 0o600))
	}
	for b.Loop() {
		loaded, problems, err := s.LoadAll()
		if len(loaded) != 10000 || len(problems) != 0 || err != nil {
			b.Fatal(len(loaded), problems, err)
		}
	}
}
