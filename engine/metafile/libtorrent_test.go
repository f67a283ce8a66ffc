//go:build libtorrentset

package metafile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// libtorrentSet names the folder test/ of a libtorrent source tree (BSD-3). The
// files are not part of this repository; the table below is.
const libtorrentSet = "LIBTORRENT_TEST_DIR"

// What libtorrent's own test/test_torrent_info.cpp expects of a file.
const (
	silent  = iota // it has no expectation there
	accepts        // it is in test_torrents
	refuses        // it is in test_error_torrents
)

// TestLibtorrentSet reads every torrent of libtorrent's test set and compares
// with the table, which says why where the two differ. What is accepted goes
// through the engine's library.
func TestLibtorrentSet(t *testing.T) {
	dir := os.Getenv(libtorrentSet)
	var files []string
	for _, sub := range []string{"test_torrents", "mutable_test_torrents"} {
		found, err := filepath.Glob(filepath.Join(dir, sub, "*.torrent"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if dir == "" || len(files) < 108 {
		t.Fatalf("%s=%q holds %d torrents; set it to the folder test/ of libtorrent's source", libtorrentSet, dir, len(files))
	}
	seen := 0
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".torrent")
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want, ok := libtorrentTable()[name]
			if !ok {
				t.Fatalf("not in the table")
			}
			seen++
			m, err := ParseWith(b, Posix)
			if !errors.Is(err, want.err) {
				t.Fatalf("got %v, want %v", err, want.err)
			}
			if differ := (want.err == nil) != (want.theirs == accepts) && want.theirs != silent; differ != (want.why != "") {
				t.Errorf("differs from libtorrent: %v, reason given: %q", differ, want.why)
			}
			if err == nil {
				checkPromises(t, m)
				addToClient(t, newClient(t), m)
			}
		})
	}
	if seen != len(libtorrentTable()) {
		t.Errorf("%d files for %d rows", seen, len(libtorrentTable()))
	}
}

type libtorrentRow struct {
	err    error // nil = accepted
	theirs int
	why    string // they differ, because
}

func libtorrentTable() map[string]libtorrentRow {
	return map[string]libtorrentRow{
		"absolute_filename":                    {nil, accepts, ""},
		"backslash_path":                       {nil, accepts, ""},
		"bad_name":                             {ErrBencode, refuses, ""},
		"base":                                 {nil, accepts, ""},
		"collection":                           {nil, accepts, ""},
		"collection2":                          {nil, accepts, ""},
		"creation_date":                        {nil, accepts, ""},
		"dht_nodes":                            {nil, accepts, ""},
		"duplicate_files":                      {nil, accepts, ""},
		"duplicate_files2":                     {nil, refuses, "equal names are numbered up to 1000, not 100"},
		"duplicate_web_seeds":                  {nil, accepts, ""},
		"empty-files-1":                        {ErrUnsupported, accepts, "the library panics on a v2 file followed by an empty one"},
		"empty-files-2":                        {ErrUnsupported, accepts, "the library panics on a v2 file followed by an empty one"},
		"empty-files-3":                        {ErrUnsupported, accepts, "the library panics on a v2 file followed by an empty one"},
		"empty-files-4":                        {nil, accepts, ""},
		"empty-files-5":                        {nil, accepts, ""},
		"empty_httpseed":                       {nil, accepts, ""},
		"empty_path":                           {nil, accepts, ""},
		"empty_path_multi":                     {nil, accepts, ""},
		"hidden_parent_path":                   {nil, accepts, ""},
		"httpseed":                             {nil, accepts, ""},
		"invalid_directory_name":               {nil, accepts, ""},
		"invalid_file_size":                    {ErrSize, refuses, ""},
		"invalid_filename":                     {nil, accepts, ""},
		"invalid_filename2":                    {nil, accepts, ""},
		"invalid_info":                         {ErrNoTorrent, refuses, ""},
		"invalid_name":                         {ErrName, refuses, ""},
		"invalid_name2":                        {nil, accepts, ""},
		"invalid_name3":                        {nil, accepts, ""},
		"invalid_path_list":                    {ErrName, refuses, ""},
		"invalid_piece_len":                    {ErrPieceLength, refuses, ""},
		"invalid_pieces":                       {ErrPieces, refuses, ""},
		"invalid_symlink":                      {ErrName, refuses, ""},
		"large":                                {nil, accepts, ""},
		"large_piece_size":                     {nil, accepts, ""},
		"long_name":                            {nil, accepts, ""},
		"many_pieces":                          {ErrTooLarge, refuses, ""},
		"missing_path_list":                    {ErrName, refuses, ""},
		"missing_piece_len":                    {ErrPieceLength, refuses, ""},
		"negative_file_size":                   {ErrSize, refuses, ""},
		"negative_piece_len":                   {ErrPieceLength, refuses, ""},
		"negative_size":                        {ErrSize, refuses, ""},
		"no_creation_date":                     {nil, accepts, ""},
		"no_files":                             {ErrFiles, refuses, ""},
		"no_name":                              {ErrName, refuses, ""},
		"overlapping_symlinks":                 {nil, accepts, ""},
		"pad_file":                             {nil, accepts, ""},
		"pad_file_no_path":                     {nil, accepts, ""},
		"parent_path":                          {nil, accepts, ""},
		"sample":                               {nil, silent, ""},
		"similar":                              {nil, accepts, ""},
		"similar2":                             {nil, accepts, ""},
		"single_multi_file":                    {nil, accepts, ""},
		"slash_path":                           {nil, accepts, ""},
		"slash_path2":                          {nil, accepts, ""},
		"slash_path3":                          {nil, accepts, ""},
		"string":                               {ErrNoTorrent, refuses, ""},
		"symlink1":                             {ErrUnsupported, accepts, "a link with a length: the library counts it, libtorrent does not, so their hashes differ"},
		"symlink2":                             {nil, accepts, ""},
		"symlink_filtered_path":                {nil, accepts, ""},
		"symlink_zero_size":                    {nil, accepts, ""},
		"test1":                                {nil, silent, ""},
		"test1_pad_files":                      {nil, silent, ""},
		"test1_single":                         {nil, silent, ""},
		"test1_single_padded":                  {nil, silent, ""},
		"test2":                                {nil, silent, ""},
		"test2_pad_files":                      {nil, silent, ""},
		"test3":                                {nil, silent, ""},
		"test3_pad_files":                      {nil, silent, ""},
		"unaligned_pieces":                     {ErrPieces, refuses, ""},
		"unordered":                            {nil, accepts, ""},
		"url_list":                             {nil, accepts, ""},
		"url_list2":                            {nil, accepts, ""},
		"url_list3":                            {nil, accepts, ""},
		"url_seed":                             {nil, accepts, ""},
		"url_seed_multi":                       {nil, accepts, ""},
		"url_seed_multi_single_file":           {nil, accepts, ""},
		"url_seed_multi_space":                 {nil, accepts, ""},
		"url_seed_multi_space_nolist":          {nil, accepts, ""},
		"v2":                                   {nil, accepts, ""},
		"v2_bad_file_alignment":                {ErrHybrid, refuses, ""},
		"v2_deep_recursion":                    {ErrBencode, refuses, ""},
		"v2_empty_file":                        {ErrUnsupported, silent, ""},
		"v2_empty_filename":                    {ErrSize, refuses, ""},
		"v2_hybrid-missing-tailpad":            {nil, silent, ""},
		"v2_hybrid":                            {nil, accepts, ""},
		"v2_incomplete_piece_layer":            {nil, accepts, ""},
		"v2_invalid_file":                      {ErrFiles, refuses, ""},
		"v2_invalid_filename":                  {nil, accepts, ""},
		"v2_invalid_filename2":                 {nil, accepts, ""},
		"v2_invalid_pad_file":                  {ErrFiles, refuses, ""},
		"v2_invalid_piece_layer":               {ErrPieceLayers, refuses, ""},
		"v2_invalid_piece_layer_root":          {ErrPieceLayers, refuses, ""},
		"v2_invalid_piece_layer_size":          {ErrPieceLayers, refuses, ""},
		"v2_invalid_root_hash":                 {ErrPieceLayers, silent, ""},
		"v2_large_file":                        {ErrTooLarge, refuses, ""},
		"v2_large_offset":                      {ErrTooLarge, refuses, ""},
		"v2_mismatching_metadata":              {ErrHybrid, refuses, ""},
		"v2_missing_file_root_invalid_symlink": {ErrPiecesRoot, refuses, ""},
		"v2_multipiece_file":                   {nil, accepts, ""},
		"v2_multiple_files":                    {nil, accepts, ""},
		"v2_no_piece_layers":                   {nil, accepts, ""},
		"v2_no_power2_piece":                   {ErrPieceLength, refuses, ""},
		"v2_non_multiple_piece_layer":          {ErrPieceLayers, refuses, ""},
		"v2_only":                              {nil, accepts, ""},
		"v2_overlong_integer":                  {ErrBencode, refuses, ""},
		"v2_piece_layer_invalid_file_hash":     {ErrPieceLayers, refuses, ""},
		"v2_piece_size":                        {ErrPieceLength, refuses, ""},
		"v2_symlinks":                          {nil, accepts, ""},
		"v2_unknown_piece_layer_entry":         {ErrPieceLayers, refuses, ""},
		"v2_unordered_files":                   {ErrBencode, refuses, ""},
		"v2_zero_root":                         {ErrPiecesRoot, refuses, ""},
		"v2_zero_root_small":                   {ErrPiecesRoot, refuses, ""},
		"whitespace_url":                       {nil, accepts, ""},
		"zero":                                 {ErrSize, refuses, ""},
		"zero2":                                {ErrPieces, refuses, ""},
	}
}
