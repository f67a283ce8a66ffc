package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/anacrolix/torrent/iplist"

	"swarmbid/engine/ipfilter"
	"swarmbid/engine/swarm"
)

// ErrFilter means that the file of the address filter could not be read.
var ErrFilter = errors.New("engine: address filter")

// filter is the user's list of addresses to have nothing to do with. It is safe for
// concurrent use; the zero value lets everybody in.
type filter struct {
	list    atomic.Pointer[ipfilter.List] // nil = let everybody in
	refused atomic.Int64                  // in this run
}

// has reports whether an address is refused, and counts it.
func (f *filter) has(a netip.Addr) bool {
	l := f.list.Load()
	if l == nil || !l.Has(a) {
		return false
	}
	f.refused.Add(1)
	return true
}

// NumRanges is for the library, which asks before it takes an address of peer
// exchange or the DHT.
func (f *filter) NumRanges() int {
	if l := f.list.Load(); l != nil {
		return l.Len()
	}
	return 0
}

// Lookup is for the library.
func (f *filter) Lookup(ip net.IP) (iplist.Range, bool) {
	a, ok := netip.AddrFromSlice(ip)
	return iplist.Range{First: ip, Last: ip, Description: "address filter"}, ok && f.has(a.Unmap())
}

// filterFile is what was read last. It belongs to the loop.
type filterFile struct {
	path    string
	size    int64
	mtime   time.Time
	err     error
	reading bool
}

// same reports whether the file is as it was when it was read.
func (x *filterFile) same(path string, i os.FileInfo) bool {
	return x.err == nil && x.path == path && x.size == i.Size() && x.mtime.Equal(i.ModTime())
}

// readFilter reads a list.
func readFilter(path string) (*ipfilter.List, filterFile, error) {
	file := filterFile{path: path}
	f, err := os.Open(path)
	if err != nil {
		return nil, file, fmt.Errorf("%w: %w", ErrFilter, err)
	}
	defer f.Close() //nolint:errcheck // it was read only
	if i, err := f.Stat(); err == nil {
		file.size, file.mtime = i.Size(), i.ModTime()
	}
	l, err := ipfilter.Read(f)
	if err != nil {
		return nil, file, fmt.Errorf("%w: read %s: %w", ErrFilter, path, err)
	}
	return l, file, nil
}

// lookAtFilter reads the list when it is switched on or its file has changed. A file
// that cannot be read leaves the list that is there.
func (e *Engine) lookAtFilter() {
	if !e.set.FilterOn || e.set.FilterFile == "" {
		if e.filter.list.Swap(nil) != nil || e.filterFile.err != nil {
			e.filterFile = filterFile{reading: e.filterFile.reading}
		}
		return
	}
	path := e.set.FilterFile
	i, err := os.Stat(path)
	if err == nil && e.filter.list.Load() != nil && e.filterFile.same(path, i) || e.filterFile.reading {
		return
	}
	e.filterFile.reading = true
	e.toWorker(func() {
		l, file, err := readFilter(path)
		e.post(func() { e.takeFilter(l, file, err) })
	})
}

// takeFilter puts a list in force and drops the peers in it.
func (e *Engine) takeFilter(l *ipfilter.List, file filterFile, err error) {
	if err != nil {
		if fmt.Sprint(e.filterFile.err) != err.Error() {
			e.cfg.Log.Warn("the address filter cannot be read", "err", err)
		}
		e.filterFile.err, e.filterFile.reading = err, false
		return
	}
	e.filterFile = file
	if !e.set.FilterOn || e.set.FilterFile != file.path {
		return // another was chosen meanwhile; the next look reads it
	}
	e.filter.list.Store(l)
	e.cfg.Log.Info("the address filter is read", "ranges", l.Len(), "lines that are none", l.Bad())
	for _, x := range e.links.All() {
		if e.filter.has(x.Addr().Addr()) {
			e.links.Drop(x.Key(), "in the address filter")
		}
	}
}

// ReloadFilter reads the address filter again. Errors wrap ErrFilter.
func (e *Engine) ReloadFilter(ctx context.Context) error {
	var path string
	if err := e.do(ctx, func() error { path = e.set.FilterFile; return nil }); err != nil {
		return err
	}
	l, file, err := readFilter(path)
	return errors.Join(err, e.do(ctx, func() error { e.takeFilter(l, file, err); return nil }))
}

func (e *Engine) fillFilter(t *swarm.Totals) {
	t.Refused, t.FilterFault = e.filter.refused.Load(), e.filterFile.err != nil
	if l := e.filter.list.Load(); l != nil {
		t.FilterRanges, t.FilterBad = l.Len(), l.Bad()
	}
}

// validateFilter refuses a filter without a usable file.
func (o *Outgoing) validateFilter() error {
	if o.FilterFile != "" && !filepath.IsAbs(o.FilterFile) {
		return fmt.Errorf("%w: address filter %q is not an absolute path", ErrConfig, o.FilterFile)
	}
	return nil
}
