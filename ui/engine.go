package ui

import (
	"context"

	"swarmbid/engine/swarm"
)

// Engine is what the window needs of the session. Methods may be called from any
// goroutine. Those with a context may wait; the window never calls them on its
// main goroutine.
type Engine interface {
	// Snapshot returns the present state; never nil.
	Snapshot() *swarm.Snapshot
	// Changed receives when there is a new snapshot; it has room for one signal.
	Changed() <-chan struct{}
	// Details returns the asked parts of one torrent.
	Details(ctx context.Context, ih swarm.InfoHash, parts swarm.Part) (*swarm.Details, error)

	// Preview reads a source without adding it. A URL is fetched; a magnet link
	// answers at once with what it says itself.
	Preview(ctx context.Context, src swarm.Source) (*swarm.Preview, error)
	// Add adds a torrent and returns its infohash.
	Add(ctx context.Context, a swarm.Add) (swarm.InfoHash, error)
	// Remove forgets torrents, withData with their files.
	Remove(ctx context.Context, withData bool, ihs ...swarm.InfoHash) error

	Start(ctx context.Context, ihs ...swarm.InfoHash) error
	Stop(ctx context.Context, ihs ...swarm.InfoHash) error
	Pause(ctx context.Context, ihs ...swarm.InfoHash) error
	ForceStart(ctx context.Context, ihs ...swarm.InfoHash) error
	Recheck(ctx context.Context, ihs ...swarm.InfoHash) error
	Reannounce(ctx context.Context, ihs ...swarm.InfoHash) error

	// Move brings the data of a torrent to another folder.
	Move(ctx context.Context, ih swarm.InfoHash, dir string) error
	// Rename changes the name of a torrent, shown and on disk.
	Rename(ctx context.Context, ih swarm.InfoHash, name string) error
	// SetPriority sets the priority of files by index.
	SetPriority(ctx context.Context, ih swarm.InfoHash, p swarm.Priority, files ...int) error
	// SetOrder says in which order pieces are asked for.
	SetOrder(ctx context.Context, ih swarm.InfoHash, sequential, firstLast bool) error
	// SetLabel sets the label; "" takes it away.
	SetLabel(ctx context.Context, label string, ihs ...swarm.InfoHash) error
	// SetLimits sets the limits of torrents.
	SetLimits(ctx context.Context, l swarm.Limits, ihs ...swarm.InfoHash) error
	// Limits returns the limits of a torrent.
	Limits(ctx context.Context, ih swarm.InfoHash) (swarm.Limits, error)
	// SetBandwidth changes how torrents trade.
	SetBandwidth(ctx context.Context, b swarm.Bandwidth, ihs ...swarm.InfoHash) error
	// Bandwidth returns how a torrent trades.
	Bandwidth(ctx context.Context, ih swarm.InfoHash) (swarm.Bandwidth, error)
	// MoveInQueue changes the places of torrents in the queue.
	MoveInQueue(ctx context.Context, m swarm.QueueMove, ihs ...swarm.InfoHash) error
	// RenameFile gives one file of a torrent, by index, another path, with slashes.
	RenameFile(ctx context.Context, ih swarm.InfoHash, file int, path string) error
	// Path returns where a file of a torrent lies now, by index; -1 is its folder.
	Path(ctx context.Context, ih swarm.InfoHash, file int) (string, error)
	// Relocate says that the data lies in another folder already, and checks it.
	Relocate(ctx context.Context, ih swarm.InfoHash, dir string) error
	// DeleteCopies deletes the copies of .torrent files kept for the user.
	DeleteCopies(ctx context.Context, ihs ...swarm.InfoHash) error
	// Options returns what else the user set for a torrent; SetOptions sets it.
	Options(ctx context.Context, ih swarm.InfoHash) (swarm.Options, error)
	SetOptions(ctx context.Context, ih swarm.InfoHash, o swarm.Options) error
	// Create makes a torrent until ctx ends. progress gets the bytes read and the
	// bytes in all; it is called from other goroutines and must not block.
	Create(ctx context.Context, c swarm.Create, progress func(done, total int64)) (swarm.Created, error)
	// ClearPeers forgets the addresses known of torrents.
	ClearPeers(ctx context.Context, ihs ...swarm.InfoHash) error
	// LiftBans lets every banned address connect again.
	LiftBans(ctx context.Context) error
	// ReloadFilter reads the address filter again.
	ReloadFilter(ctx context.Context) error
	// SetTrackers replaces the trackers, tier by tier.
	SetTrackers(ctx context.Context, ih swarm.InfoHash, tiers [][]string) error
	// AddPeer connects to host:port.
	AddPeer(ctx context.Context, ih swarm.InfoHash, addr string) error
	// BanPeer closes a connection and accepts no other of its address.
	BanPeer(ctx context.Context, ih swarm.InfoHash, key swarm.PeerKey) error
	// Usage is the traffic of the last days, oldest first; ResetUsage forgets it.
	Usage(ctx context.Context) ([]swarm.Day, error)
	ResetUsage(ctx context.Context) error
	// SetRateLimits limits the whole session, bytes per second, 0 = unlimited.
	SetRateLimits(ctx context.Context, down, up int64) error
	// TestPort finds out what can be known from here of whether peers reach us.
	TestPort(ctx context.Context) (swarm.PortTest, error)
	// Magnet returns the magnet link of a torrent.
	Magnet(ctx context.Context, ih swarm.InfoHash) (string, error)
}

// Feeds are the RSS feeds that the user follows. Methods may be called from any
// goroutine; those with a context may wait.
type Feeds interface {
	// View returns the feeds and the filters as they are. The caller must not change
	// them.
	View() ([]swarm.Feed, []swarm.FeedFilter)
	// Loads returns what was added from feeds, newest first. The caller must not change
	// it.
	Loads() []swarm.FeedLoad
	// Changed receives when View has something new; it has room for one signal.
	Changed() <-chan struct{}
	// Follow adds a feed; name may be "".
	Follow(ctx context.Context, url, name string) (id string, err error)
	// Edit changes the address and the name of a feed.
	Edit(ctx context.Context, id, url, name string) error
	// Drop forgets feeds.
	Drop(ctx context.Context, ids ...string) error
	// Refresh fetches feeds now; none named means all.
	Refresh(ctx context.Context, ids ...string) error
	// Seen notes that the user has looked at the items of feeds.
	Seen(ctx context.Context, ids ...string) error
	// Taken notes that the user has added an item.
	Taken(ctx context.Context, id, key string) error
	// Check reports what is wrong with a filter. It does not wait.
	Check(f *swarm.FeedFilter) error
	// SetFilters replaces the filters.
	SetFilters(ctx context.Context, fs []swarm.FeedFilter) error
}
