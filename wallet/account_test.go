package wallet

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// chain says which addresses are in use, and counts the questions.
type chain struct {
	used  map[Address]bool
	asked int
}

func (c *chain) ask(_ context.Context, a Address) (bool, error) {
	c.asked++
	return c.used[a], nil
}

func address(tb testing.TB, m Mnemonic, p Path) Address {
	tb.Helper()
	_, a, err := p.key(m.Seed(nil).Bytes())
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func TestDiscover(t *testing.T) {
	m := mnemonic(t, legal)
	for _, tt := range []struct {
		name  string
		used  []Path
		found []Path
		asked int
	}{
		{"nothing", nil, nil, 5 + 5},
		{"the first", []Path{{0, 0}}, []Path{{0, 0}}, 6 + 5},
		{"both styles", []Path{{0, 0}, {1, 0}, {4, 0}, {0, 2}}, []Path{{0, 0}, {1, 0}, {4, 0}, {0, 2}}, 10 + 7},
		{"at the gap", []Path{{4, 0}, {9, 0}, {0, 5}, {0, 10}}, []Path{{4, 0}, {9, 0}, {0, 5}, {0, 10}}, 15 + 15},
		{"beyond the gap", []Path{{5, 0}, {0, 6}}, nil, 5 + 5},
	} {
		c := chain{used: map[Address]bool{}}
		for _, p := range tt.used {
			c.used[address(t, m, p)] = true
		}
		got, err := Discover(t.Context(), m, nil, c.ask)
		var paths []Path
		for _, a := range got {
			paths = append(paths, a.Path)
			if a.Address != address(t, m, a.Path) {
				t.Errorf("%s: wrong address of %v", tt.name, a.Path)
			}
		}
		if err != nil || !slices.Equal(paths, tt.found) || c.asked != tt.asked {
			t.Errorf("%s: %v after %d questions, %v; want %v after %d", tt.name, paths, c.asked, err, tt.found, tt.asked)
		}
	}
}

func TestDiscoverFails(t *testing.T) {
	m := mnemonic(t, legal)
	liar := func(context.Context, Address) (bool, error) { return true, nil }
	if _, err := Discover(t.Context(), m, nil, liar); !errors.Is(err, ErrTooMany) {
		t.Errorf("everything in use: %v", err)
	}
	down := errors.New("no network")
	for failAt := range 10 {
		n := 0
		_, err := Discover(t.Context(), m, nil, func(context.Context, Address) (bool, error) {
			if n++; n > failAt {
				return false, down
			}
			return false, nil
		})
		if !errors.Is(err, down) {
			t.Errorf("no network at question %d: %v", failAt, err)
		}
	}
}

func TestLooksLike(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH", "TUEZSdKsoDHQMeZwieaU9x9UVn15BFbYdH", true},
		{"TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH", "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH", false}, // the same
		{"TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH", "TSeJkUh4Qv67VNFwY8LaAxERygNdy6NQZK", false},
	} {
		a, errA := ParseAddress(tt.a)
		b, errB := ParseAddress(tt.b)
		if got := LooksLike(a, b); got != tt.want || LooksLike(b, a) != got || errA != nil || errB != nil {
			t.Errorf("%s, %s: %v, %v, %v", a, b, got, errA, errB)
		}
	}
}
