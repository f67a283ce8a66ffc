package sim

import (
	"bytes"
	"flag"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGoldenTable holds all tables against the ones that were looked at: a change of
// a rule or a strategy shows in the diff. Renew them with -update.
func TestGoldenTable(t *testing.T) {
	const file = "testdata/table.txt"
	var out bytes.Buffer
	if err := Table(&out, 20, 80, 8*time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := Strategic(&out, 2, 80, 8*time.Minute); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

// TestStudyIsTheMean: a study of two swarms is the mean of both, and its error half
// of what they differ by.
func TestStudyIsTheMean(t *testing.T) {
	for _, e := range Settings() {
		c := small(21)
		both := e.Run(c, 2, 6*time.Minute)
		one := e.Run(c, 1, 6*time.Minute)
		c.Seed++
		two := e.Run(c, 1, 6*time.Minute)
		for k := range strategies {
			mean, off := (one.Speed[k]+two.Speed[k])/2, math.Abs(one.Speed[k]-two.Speed[k])/2
			if math.Abs(both.Speed[k]-mean) > 1e-9 || math.Abs(both.Error[k]-off) > 1e-6 || one.Error[k] != 0 {
				t.Errorf("%s, %v: %.3f ± %.3f, want %.3f ± %.3f", e.Name, Strategy(k), both.Speed[k], both.Error[k], mean, off)
			}
		}
		if both.Rate <= 0 || both.Unearned <= 0 || both.Unearned >= 1 || (both.Liar > 0) != e.Payers {
			t.Errorf("%s: %+v", e.Name, both)
		}
		if base := map[bool]Strategy{true: Abstainer, false: Honest}[e.Payers]; math.Abs(both.Speed[base]-1) > 1e-9 {
			t.Errorf("%s: the measure is %.3f", e.Name, both.Speed[base])
		}
	}
}

// TestStudySettings: a study takes its connections and its mix from the setting, the
// rest from the caller, whose configuration it does not change.
func TestStudySettings(t *testing.T) {
	c := small(22)
	before := c.Mix
	r := Setting{"x", false, 5}.Run(c, 1, 3*time.Minute)
	if c.Mix != before || r.Speed[Payer] != 0 || r.Speed[Crowd] != 0 {
		t.Errorf("%+v", r)
	}
	if views := Settings(); len(views) != 4 || views[0].View == views[1].View || views[0].Payers == views[2].Payers {
		t.Errorf("%+v", views)
	}
}

// failing is a writer that fails.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

// TestTableTellsOfFailure: an error of the writer is returned.
func TestTableTellsOfFailure(t *testing.T) {
	if Table(failing{}, 1, 20, time.Minute) == nil || Strategic(failing{}, 1, 20, time.Minute) == nil {
		t.Error("no error")
	}
}

// TestTableHasAllRules: every rule and every strategy has its place.
func TestTableHasAllRules(t *testing.T) {
	b, err := os.ReadFile("testdata/table.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries() {
		if n := strings.Count(string(b), e.name); n != 3 {
			t.Errorf("%s stands %d times", e.name, n)
		}
	}
	for k := range strategies {
		if !strings.Contains(string(b), Strategy(k).String()) {
			t.Errorf("%v is missing", Strategy(k))
		}
	}
}
