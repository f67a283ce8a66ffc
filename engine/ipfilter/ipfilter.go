package ipfilter

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a list.
const (
	maxBytes  = 1 << 30 // of text
	maxRanges = 20_000_000
	maxLine   = 64 << 10
	// blocked is the access level from which ipfilter.dat lets addresses in.
	blocked = 128
)

// ErrTooLarge means that a list is beyond all that is in use.
var ErrTooLarge = errors.New("ipfilter: the list is too large")

// range4 is an interval of IPv4 addresses, range6 one of IPv6; both ends belong to it.
type (
	range4 struct{ lo, hi uint32 }
	range6 struct{ lo, hi netip.Addr }
)

// List is a set of addresses. The zero value is empty.
type List struct {
	v4  []range4
	v6  []range6
	bad int
}

// Len is the number of intervals.
func (l *List) Len() int { return len(l.v4) + len(l.v6) }

// Bad is the number of lines that could not be read.
func (l *List) Bad() int { return l.bad }

// Has reports whether the list names an address.
func (l *List) Has(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		x := number(a)
		i, _ := slices.BinarySearchFunc(l.v4, x, func(r range4, x uint32) int { return cmp.Compare(r.hi, x) })
		return i < len(l.v4) && l.v4[i].lo <= x
	}
	i, _ := slices.BinarySearchFunc(l.v6, a, func(r range6, a netip.Addr) int { return r.hi.Compare(a) })
	return i < len(l.v6) && !a.Less(l.v6[i].lo)
}

// Read reads a list. The error is that of r, of gzip, or wraps ErrTooLarge.
func Read(r io.Reader) (*List, error) {
	br := bufio.NewReaderSize(r, maxLine)
	if head, err := br.Peek(2); err == nil && bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, fmt.Errorf("ipfilter: %w", err)
		}
		br = bufio.NewReaderSize(z, maxLine)
	}
	l, read := &List{}, 0
	for {
		line, err := br.ReadSlice('\n')
		read += len(line)
		if read > maxBytes || l.Len() > maxRanges {
			return nil, ErrTooLarge
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			l.bad++
			for errors.Is(err, bufio.ErrBufferFull) { // the rest of a line that is no line
				line, err = br.ReadSlice('\n')
				if read += len(line); read > maxBytes {
					return nil, ErrTooLarge
				}
			}
		} else {
			l.add(string(bytes.TrimSpace(line)))
		}
		if errors.Is(err, io.EOF) {
			l.tidy()
			return l, nil
		}
		if err != nil {
			return nil, fmt.Errorf("ipfilter: %w", err)
		}
	}
}

// add takes one line.
func (l *List) add(line string) {
	if line == "" || line[0] == '#' || line[0] == ';' || strings.HasPrefix(line, "//") {
		return
	}
	lo, hi, ok, allowed := parse(line)
	switch {
	case !ok || lo.Is4() != hi.Is4() || hi.Less(lo):
		l.bad++
	case allowed:
	case lo.Is4():
		l.v4 = append(l.v4, range4{number(lo), number(hi)})
	default:
		l.v6 = append(l.v6, range6{lo, hi})
	}
}

// parse reads «lo - hi , level , words», «words:lo-hi», «lo-hi», «a/n» or «a».
func parse(line string) (lo, hi netip.Addr, ok, allowed bool) {
	text, rest, _ := strings.Cut(line, ",")
	if level, _, found := strings.Cut(rest, ","); found || rest != "" {
		n, err := strconv.Atoi(strings.TrimSpace(level))
		if err == nil {
			allowed = n >= blocked
		}
	}
	if lo, hi, ok = interval(text); ok {
		return lo, hi, true, allowed
	}
	if i := strings.LastIndexByte(line, ':'); i >= 0 { // PeerGuardian: words may hold anything
		lo, hi, ok = interval(line[i+1:])
	}
	return lo, hi, ok, false
}

// interval reads lo-hi, a prefix or one address.
func interval(s string) (lo, hi netip.Addr, ok bool) {
	s = strings.TrimSpace(s)
	if p, err := netip.ParsePrefix(s); err == nil {
		p = p.Masked()
		return p.Addr(), last(p), true
	}
	a, b, isRange := strings.Cut(s, "-")
	lo, ok = address(a)
	if !isRange || !ok {
		return lo, lo, ok && !isRange
	}
	hi, ok = address(b)
	return lo, hi, ok
}

// last is the highest address of a prefix.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// address reads an address, IPv4 also with leading zeros as ipfilter.dat has it.
func address(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if strings.Contains(s, ":") {
		a, err := netip.ParseAddr(s)
		return a.Unmap(), err == nil && a.Zone() == ""
	}
	var b [4]byte
	for i := range b {
		part, rest, more := strings.Cut(s, ".")
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(part) > 3 || more != (i < 3) {
			return netip.Addr{}, false
		}
		b[i], s = byte(n), rest
	}
	return netip.AddrFrom4(b), true
}

func number(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// tidy sorts the intervals and joins those that touch.
func (l *List) tidy() {
	slices.SortFunc(l.v4, func(a, b range4) int { return cmp.Compare(a.lo, b.lo) })
	n4 := 0
	for _, r := range l.v4 {
		if n4 > 0 && (l.v4[n4-1].hi == 1<<32-1 || r.lo <= l.v4[n4-1].hi+1) {
			l.v4[n4-1].hi = max(l.v4[n4-1].hi, r.hi)
			continue
		}
		l.v4[n4] = r
		n4++
	}
	l.v4 = slices.Clone(l.v4[:n4])
	slices.SortFunc(l.v6, func(a, b range6) int { return a.lo.Compare(b.lo) })
	n6 := 0
	for _, r := range l.v6 {
		if n6 > 0 && !l.v6[n6-1].hi.Less(r.lo) {
			if l.v6[n6-1].hi.Less(r.hi) {
				l.v6[n6-1].hi = r.hi
			}
			continue
		}
		l.v6[n6] = r
		n6++
	}
	l.v6 = slices.Clone(l.v6[:n6])
}
