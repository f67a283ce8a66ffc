package engine

import (
	"errors"
	"io/fs"
	"syscall"

	"swarmbid/engine/disk"
	"swarmbid/engine/swarm"
)

// Errors of commands. Each says what the caller can do about it.
var (
	// ErrStopped is returned by a command that reaches an engine no longer running.
	ErrStopped = errors.New("engine: stopped")
	// ErrUnknown is returned when no torrent has the infohash.
	ErrUnknown = errors.New("engine: no such torrent")
	// ErrKnown is returned by Add when the torrent is there already; its trackers
	// were added to the known one.
	ErrKnown = errors.New("engine: torrent is there already")
	// ErrNoMetadata is returned by a command that needs the info dictionary of a
	// magnet link whose metadata has not arrived yet.
	ErrNoMetadata = errors.New("engine: metadata is not known yet")
	// ErrBusy is returned by a command that must wait for a move to end.
	ErrBusy = errors.New("engine: files are being moved")
	// ErrPeerAddress is returned by AddPeer for an address that is not host:port.
	ErrPeerAddress = errors.New("engine: not an address of a peer")
	// ErrFetch is returned when a .torrent could not be fetched from its address.
	ErrFetch = errors.New("engine: could not fetch the torrent")
	// ErrListen is returned when no port could be opened for peers.
	ErrListen = errors.New("engine: cannot listen for peers")
	// ErrName is returned by RenameFile for a name that another file has.
	ErrName = errors.New("engine: the name is taken")
	// ErrConfig is returned for a setting out of its range.
	ErrConfig = errors.New("engine: bad setting")
)

// errMissing marks verified data that is not on the disk any more.
var errMissing = errors.New("verified data is missing")

// faultOf says what kind of trouble err is.
func faultOf(err error) swarm.Fault {
	switch {
	case err == nil:
		return swarm.NoFault
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, disk.ErrNoRoom), diskFull(err):
		return swarm.DiskFull
	case errors.Is(err, errMissing), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO):
		return swarm.MissingData
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return swarm.ReadOnly
	}
	return swarm.IOFault
}
