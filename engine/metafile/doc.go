// Package metafile reads .torrent files and magnet links, checks them and says
// why one is refused. It also makes torrents.
//
// A metafile is hostile until proved otherwise: every size has a bound, nesting
// is limited, no length is believed before the bytes are there, and a path from
// the file never reaches the disk as it came. What Parse returns can be handed
// to the engine without a further check: paths stay below the save folder and
// differ from each other on every file system, sizes add up, the number of
// hashes fits, merkle roots fit their layers.
//
// Terms: BEP 3 (the info dictionary), BEP 9 (magnet links and metadata from
// peers), BEP 12 (tiers of trackers), BEP 19 (web seeds), BEP 27 (private),
// BEP 47 (pad files and attributes), BEP 52 (v2: file tree, merkle roots, piece
// layers; a hybrid carries both forms), BEP 53 (choice of files in a magnet
// link).
//
// Names are changed as little as safety allows, and the same bytes always give
// the same names: see Rules.
package metafile
