package disk

import (
	"bytes"
	"errors"
	"testing"
)

// TestReadVerified reads blocks of verified pieces and of no others. A file that is
// gone is a fault.
func TestReadVerified(t *testing.T) {
	p, _ := sample(t)
	p.Have.Set(1)
	p.Have.Set(3)
	p.Have.Set(4)
	p.Unknown.Set(4)
	var fault error
	p.OnFault = func(err error) { fault = err }
	d := open(t, p)
	model := bytes.Repeat([]byte{7, 3, 1}, int(p.Length)/3+1)[:p.Length]
	if _, err := d.WriteAt(model, 0); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 300)
	if err := d.ReadVerified(3, 200, got); err != nil || !bytes.Equal(got, model[3200:3500]) {
		t.Errorf("a verified block: %v", err)
	}
	for _, c := range []struct {
		piece int
		begin int64
	}{{0, 0}, {-1, 0}, {100, 0}, {4, 0}, {3, 701}, {3, -1}} {
		if err := d.ReadVerified(c.piece, c.begin, got); !errors.Is(err, ErrUnverified) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if fault != nil {
		t.Errorf("a fault of the disk: %v", fault)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.ReadVerified(3, 0, got); !errors.Is(err, ErrUnverified) {
		t.Errorf("after Close: %v", err)
	}
}
