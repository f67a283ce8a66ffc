package metafile

import "errors"

// The reasons to refuse. Every error of Parse, ParseInfo and ParseMagnet wraps
// exactly one of them and says which field it stumbled over.
var (
	// ErrTooLarge means that the file, a list or the number of pieces is over a limit.
	ErrTooLarge = errors.New("over a limit")
	// ErrBencode means that the bytes are not one well-formed bencoded value.
	ErrBencode = errors.New("not well-formed bencoding")
	// ErrNoTorrent means well-formed bytes that are no torrent: no dictionary, or no info in it.
	ErrNoTorrent = errors.New("not a torrent")
	// ErrName means that the torrent or a file in it has no usable name.
	ErrName = errors.New("name missing or of the wrong type")
	// ErrPieceLength means a piece length that is missing, not positive or, for v2, no power of two.
	ErrPieceLength = errors.New("piece length missing or invalid")
	// ErrPieces means that the hashes are missing, cut off or do not fit the size.
	ErrPieces = errors.New("piece hashes missing or of the wrong number")
	// ErrSize means a file size that is missing, negative or too large, or nothing to download at all.
	ErrSize = errors.New("file size missing or invalid")
	// ErrFiles means that there is no list of files, or that it cannot be read.
	ErrFiles = errors.New("list of files missing or invalid")
	// ErrDuplicates means more equal file names than can be told apart sensibly.
	ErrDuplicates = errors.New("too many files of the same name")
	// ErrHybrid means that the v1 and the v2 part of a hybrid describe different files (BEP 52).
	ErrHybrid = errors.New("v1 and v2 part do not agree")
	// ErrPiecesRoot means a v2 file without a merkle root, or with one that cannot be (BEP 52).
	ErrPiecesRoot = errors.New("merkle root missing or invalid")
	// ErrPieceLayers means piece layers that do not belong to the merkle roots (BEP 52).
	ErrPieceLayers = errors.New("piece layers do not fit the merkle roots")
	// ErrUnsupported means a valid torrent of a kind that this program cannot run.
	ErrUnsupported = errors.New("not supported")
	// ErrInfoHash means that metadata does not belong to the infohash it was asked for by.
	ErrInfoHash = errors.New("metadata of another infohash")
	// ErrMagnet means that a text is no magnet link, or one without a usable infohash.
	ErrMagnet = errors.New("not a usable magnet link")
)
