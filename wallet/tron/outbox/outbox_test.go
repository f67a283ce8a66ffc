package outbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

var id = [32]byte{1}

// at is a transaction in each state, as a life leads there.
func at(s State) Tx {
	tx := Tx{State: s, ID: id, Expires: 100}
	switch s {
	case Built, Void:
		return Tx{State: s}
	case InBlock, SolidOK, SolidFailed:
		tx.Block = 7
	case Signed, Broadcast, Expired:
	}
	return tx
}

func event(k Kind) Event {
	return Event{Kind: k, ID: id, Expires: 100, Block: 8, Fee: 5, OK: true, Now: 101}
}

// TestEveryStateAndEvent is the table of the design, cell by cell; an empty cell
// means that nothing happens.
func TestEveryStateAndEvent(t *testing.T) {
	type cell struct {
		to State
		do []Effect
	}
	do := func(e ...Effect) []Effect { return e }
	table := map[State]map[Kind]cell{
		Built: {
			Sign:    {Signed, do(Save, Send)},
			Abandon: {Void, do(Save, Release, Tell)},
		},
		Signed: {
			Tick:     {Signed, do(Send)},
			Accepted: {Broadcast, do(Save, Tell)},
			Refuse:   {Signed, do(Save, Tell)},
			Seen:     {InBlock, do(Save, Tell)},
			Solid:    {SolidOK, do(Save, Book, Tell)},
			Passed:   {Expired, do(Save, Release, Tell)},
		},
		Broadcast: {
			Tick:   {Broadcast, do(Send)},
			Seen:   {InBlock, do(Save, Tell)},
			Solid:  {SolidOK, do(Save, Book, Tell)},
			Passed: {Expired, do(Save, Release, Tell)},
		},
		InBlock: {
			Seen:   {InBlock, do(Save, Tell)}, // another block than before
			Unseen: {Broadcast, do(Save, Send)},
			Solid:  {SolidOK, do(Save, Book, Tell)},
			Passed: {Expired, do(Save, Release, Tell)},
		},
	}
	for _, s := range States() {
		for _, k := range Kinds() {
			before := at(s)
			after, effects := Step(before, event(k))
			want, ok := table[s][k]
			switch {
			case !ok && (after != before || effects != nil):
				t.Errorf("%v, event %d: became %+v, %v", s, k, after, effects)
			case ok && (after.State != want.to || !slices.Equal(effects, want.do)):
				t.Errorf("%v, event %d: %v %v, want %v %v", s, k, after.State, effects, want.to, want.do)
			}
		}
	}
}

func TestDetails(t *testing.T) {
	failed := event(Solid)
	failed.OK, failed.Reason = false, "REVERT"
	if tx, _ := Step(at(InBlock), failed); tx.State != SolidFailed || tx.Reason != "REVERT" || tx.Fee != 5 || tx.Block != 8 {
		t.Errorf("failed: %+v", tx)
	}
	early := event(Passed)
	early.Now = 100
	if tx, do := Step(at(Broadcast), early); tx.State != Broadcast || do != nil {
		t.Errorf("a block at the expiry itself: %+v, %v", tx, do)
	}
	no := event(Refuse)
	no.Reason = "balance is not sufficient"
	tx, _ := Step(at(Signed), no)
	if !tx.Refused || tx.Reason != no.Reason || !tx.State.Live() {
		t.Errorf("refused: %+v", tx)
	}
	if _, do := Step(tx, event(Tick)); do != nil {
		t.Errorf("what was refused is sent again: %v", do)
	}
	if again, do := Step(tx, no); again != tx || do != nil {
		t.Errorf("refused twice: %+v, %v", again, do)
	}
	if tx, _ = Step(tx, event(Accepted)); tx.Refused || tx.Reason != "" || tx.State != Broadcast {
		t.Errorf("accepted elsewhere: %+v", tx)
	}
	same := event(Seen)
	same.Block = 7
	if tx, do := Step(at(InBlock), same); tx != at(InBlock) || do != nil {
		t.Errorf("seen in the same block: %+v, %v", tx, do)
	}
}

func TestStatesHaveWords(t *testing.T) {
	for _, s := range States() {
		if got, err := ParseState(s.String()); err != nil || got != s {
			t.Errorf("%v: %v, %v", s, got, err)
		}
	}
	for _, w := range []string{"", "Built", "state 9"} {
		if s, err := ParseState(w); !errors.Is(err, ErrState) {
			t.Errorf("%q: %v, %v", w, s, err)
		}
	}
	if got := State(99).String(); got != "state 99" {
		t.Errorf("%q", got)
	}
}

// world carries effects out against a model disk that may be killed at any
// effect, and counts what the invariants are about.
type world struct {
	mem, disk  Tx
	signatures int
	ends       int // Book and Release on the disk
	wire       [][32]byte
}

// apply takes a step and carries out at most upTo effects; a kill in between
// leaves what is on the disk.
func (w *world) apply(e Event, upTo int) error {
	before := w.mem
	tx, effects := Step(w.mem, e)
	if tx.State != before.State || tx != before {
		if len(effects) == 0 || effects[0] != Save {
			return fmt.Errorf("changed without saving first: %v", effects)
		}
	}
	w.mem = tx
	for i, f := range effects {
		if i >= upTo {
			w.mem = w.disk // killed, started again
			return nil
		}
		switch f {
		case Save:
			if i != 0 {
				return fmt.Errorf("saved late: %v", effects)
			}
			if i+1 < len(effects) && (effects[i+1] == Book || effects[i+1] == Release) {
				w.ends++ // one write with Save
			}
			w.disk = tx
		case Send:
			if w.disk.ID == ([32]byte{}) {
				return errors.New("sent what was not saved")
			}
			w.wire = append(w.wire, w.disk.ID)
		case Book, Release, Tell:
		}
	}
	return nil
}

// TestInvariants plays random lives with kills and checks OneSignature,
// RecordedFirst, SameBytes, EndsOnce and ExpiredIsProven after every event.
func TestInvariants(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	for life := range 5000 {
		w := &world{mem: Tx{State: Built}, disk: Tx{State: Built}}
		var first [32]byte
		for step := range 60 {
			e := event(Kinds()[rng.IntN(len(Kinds()))])
			e.OK, e.Block, e.Now = rng.IntN(2) == 0, int64(rng.IntN(5)), int64(rng.IntN(200))
			e.ID = [32]byte{byte(step + 1)} // each signature would have an id of its own
			before := w.disk
			if err := w.apply(e, rng.IntN(5)); err != nil {
				t.Fatalf("seed %d life %d: %v", seed, life, err)
			}
			if w.disk.ID != before.ID {
				w.signatures++
				first = w.disk.ID
			}
			if w.disk.State == Expired && before.State != Expired && e.Kind != Passed && e.Now <= before.Expires {
				t.Fatalf("seed %d life %d: expired by event %d at %d of %d", seed, life, e.Kind, e.Now, before.Expires)
			}
			if !before.State.Live() && w.disk != before {
				t.Fatalf("seed %d life %d: an end was changed from %+v to %+v", seed, life, before, w.disk)
			}
		}
		for _, sent := range w.wire {
			if sent != first {
				t.Fatalf("seed %d life %d: sent %x, signed %x", seed, life, sent[:2], first[:2])
			}
		}
		ended := 0
		if !w.disk.State.Live() {
			ended = 1
		}
		if w.signatures > 1 || w.ends != ended {
			t.Fatalf("seed %d life %d: %d signatures, %d ends in state %v", seed, life, w.signatures, w.ends, w.disk.State)
		}
	}
}
