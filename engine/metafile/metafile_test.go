package metafile

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"

	"swarmbid/engine/swarm"
)

// dict is a bencoded dictionary under construction.
type dict = map[string]any

const testPiece = 16 << 10

func hashes(n int) string { return strings.Repeat("aaaaaaaaaaaaaaaaaaaa", n) }

func marshal(tb testing.TB, v any) []byte {
	tb.Helper()
	b, err := bencode.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// single returns a valid v1 info dictionary of one file, changed by edits; a nil
// value deletes the key.
func single(edits dict) dict {
	return edit(dict{"name": "temp", "length": 425, "piece length": testPiece, "pieces": hashes(1)}, edits)
}

func edit(base, edits dict) dict {
	d := maps.Clone(base)
	for k, v := range edits {
		if d[k] = v; v == nil {
			delete(d, k)
		}
	}
	return d
}

// multi returns a valid v1 info dictionary of the given files.
func multi(files ...dict) dict {
	list, size := []any{}, 0
	for _, f := range files {
		list = append(list, f)
		n, _ := f["length"].(int)
		size += n
	}
	return dict{
		"name": "temp", "files": list, "piece length": testPiece,
		"pieces": hashes(min(1000, (size+testPiece-1)/testPiece)),
	}
}

func file(size int, path ...string) dict { return dict{"length": size, "path": path} }

func torrentBytes(tb testing.TB, info any, outer dict) []byte {
	tb.Helper()
	return marshal(tb, edit(dict{"info": info}, outer))
}

// v2 returns a v2 info dictionary and the piece layers of files of zero bytes.
// Sizes are by path; a path has slashes.
func v2(name string, sizes map[string]int) (info, layers dict) {
	tree, layers := dict{}, dict{}
	for p, size := range sizes {
		at := tree
		for part := range strings.SplitSeq(p, "/") {
			if at[part] == nil {
				at[part] = dict{}
			}
			at = at[part].(dict)
		}
		props := dict{"length": size}
		if size > 0 {
			root, layer := slowMerkle(size)
			props["pieces root"] = root
			if size > testPiece {
				layers[root] = layer
			}
		}
		at[""] = props
	}
	return dict{"name": name, "meta version": 2, "piece length": testPiece, "file tree": tree}, layers
}

func first(a, _ dict) dict { return a }

// slowMerkle hashes size zero bytes by the letter of BEP 52, with pieces of one
// block: leaves, filled up with zero hashes to a power of two.
func slowMerkle(size int) (root, layer string) {
	var row [][32]byte
	for left := size; left > 0; left -= testPiece {
		row = append(row, sha256.Sum256(make([]byte, min(left, testPiece))))
	}
	for _, h := range row {
		layer += string(h[:])
	}
	for n := 1; n < len(row) || n == 1; n *= 2 {
		for len(row) > n && len(row) < 2*n {
			row = append(row, [32]byte{})
		}
	}
	for len(row) > 1 {
		var up [][32]byte
		for i := 0; i < len(row); i += 2 {
			up = append(up, sha256.Sum256(append(row[i][:], row[i+1][:]...)))
		}
		row = up
	}
	return string(row[0][:]), layer
}

func TestParseReadsEveryField(t *testing.T) {
	info := multi(file(100, "dir", "a"), file(0, "empty"), file(2*testPiece, "b"))
	info["private"], info["source"] = 1, "SRC"
	b := torrentBytes(t, info, dict{
		"announce":      "http://ignored/announce",
		"announce-list": []any{[]any{" udp://one/a ", "http://two/a"}, []any{"http://two/a"}, []any{"http://three/a"}},
		"url-list":      []any{"http://seed/my file/", "gopher://no", "http://seed/my file/"},
		"nodes":         []any{[]any{"router.example", 6881}, []any{"::1", 70000}},
		"comment":       "two\nlines\x00", "created by": "somebody", "creation date": 1234567,
	})
	m, err := ParseWith(append(slices.Clone(b), "\r\n"...), Posix)
	if err != nil {
		t.Fatal(err)
	}
	infoBytes := marshal(t, info)
	want := Metafile{
		Raw: b, Info: infoBytes, InfoHash: sha1.Sum(infoBytes), V1: sha1.Sum(infoBytes),
		Name: "temp", Size: 100 + 2*testPiece, PieceLength: testPiece, Pieces: 3, Private: true, Source: "SRC",
		Trackers: [][]string{{"udp://one/a", "http://two/a"}, {"http://three/a"}},
		WebSeeds: []string{"http://seed/my%20file/"}, Nodes: []string{"router.example:6881"},
		Comment: "two\nlines", CreatedBy: "somebody", Created: time.Unix(1234567, 0).UTC(),
		Files: []File{
			{Path: "temp/dir/a", Raw: []string{"dir", "a"}, Size: 100},
			{Path: "temp/empty", Raw: []string{"empty"}, Offset: 100},
			{Path: "temp/b", Raw: []string{"b"}, Size: 2 * testPiece, Offset: 100},
		},
	}
	if got, want := fmt.Sprintf("%+v", *m), fmt.Sprintf("%+v", want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	sf := m.SwarmFiles()
	if sf[2].FirstPiece != 0 || sf[2].Pieces != 3 || sf[1].Pieces != 0 || sf[0].Pieces != 1 {
		t.Errorf("pieces of files: %+v", sf)
	}
	mi := m.MetaInfo()
	if mi.HashInfoBytes() != [20]byte(m.V1) || len(mi.AnnounceList) != 2 || mi.CreationDate != 1234567 {
		t.Errorf("converted: %+v", mi)
	}
}

// TestRefused holds one torrent for each thing that can be wrong with one.
func TestRefused(t *testing.T) {
	v2info, layers := v2("temp", map[string]int{"temp": 3 * testPiece})
	root, layer := slowMerkle(3 * testPiece)
	v2file := func(props dict) dict { return edit(v2info, dict{"file tree": dict{"temp": dict{"": props}}}) }
	hybrid := func(files ...dict) dict { return edit(multi(files...), v2info) }
	deep := strings.Repeat("l", maxDepth+1) + strings.Repeat("e", maxDepth+1)
	manySame := slices.Repeat([]dict{file(1, "a")}, maxEqual+2)
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"empty":                {nil, ErrBencode},
		"cut off":              {torrentBytes(t, single(nil), nil)[:60], ErrBencode},
		"leading zero":         {[]byte("d4:infod6:lengthi01e4:name1:a12:piece lengthi16384eee"), ErrBencode},
		"minus zero":           {[]byte("d1:ai-0ee"), ErrBencode},
		"number too large":     {[]byte("d1:ai9223372036854775808ee"), ErrBencode},
		"string too long":      {[]byte("d4:info99999999999:xe"), ErrBencode},
		"key twice":            {[]byte("d1:ai1e1:ai2ee"), ErrBencode},
		"key is a number":      {[]byte("di1ei2ee"), ErrBencode},
		"deep":                 {[]byte("d1:a" + deep + "e"), ErrBencode},
		"a string":             {[]byte("4:info"), ErrNoTorrent},
		"a list":               {[]byte("le"), ErrNoTorrent},
		"no info":              {[]byte("d8:announce1:xe"), ErrNoTorrent},
		"info is a string":     {[]byte("d4:info4:tempe"), ErrNoTorrent},
		"too large":            {make([]byte, MaxBytes+1), ErrTooLarge},
		"no name":              {torrentBytes(t, single(dict{"name": nil}), nil), ErrName},
		"name is a number":     {torrentBytes(t, single(dict{"name": 5}), nil), ErrName},
		"no piece length":      {torrentBytes(t, single(dict{"piece length": nil}), nil), ErrPieceLength},
		"piece length zero":    {torrentBytes(t, single(dict{"piece length": 0}), nil), ErrPieceLength},
		"piece length -1":      {torrentBytes(t, single(dict{"piece length": -1}), nil), ErrPieceLength},
		"piece length a text":  {torrentBytes(t, single(dict{"piece length": "x"}), nil), ErrPieceLength},
		"piece length huge":    {torrentBytes(t, single(dict{"piece length": MaxPieceLength + 1}), nil), ErrPieceLength},
		"no pieces":            {torrentBytes(t, single(dict{"pieces": nil}), nil), ErrPieces},
		"pieces a list":        {torrentBytes(t, single(dict{"pieces": []any{}}), nil), ErrPieces},
		"pieces cut off":       {torrentBytes(t, single(dict{"pieces": hashes(1)[:19]}), nil), ErrPieces},
		"pieces missing one":   {torrentBytes(t, single(dict{"length": testPiece + 1}), nil), ErrPieces},
		"pieces one too many":  {torrentBytes(t, single(dict{"pieces": hashes(2)}), nil), ErrPieces},
		"length negative":      {torrentBytes(t, single(dict{"length": -1}), nil), ErrSize},
		"length a text":        {torrentBytes(t, single(dict{"length": "5"}), nil), ErrSize},
		"length zero":          {torrentBytes(t, single(dict{"length": 0, "pieces": ""}), nil), ErrSize},
		"length overflows":     {torrentBytes(t, single(dict{"length": int64(1) << 62}), nil), ErrSize},
		"sum overflows":        {torrentBytes(t, multi(file(MaxSize, "a"), file(MaxSize, "b"), file(1, "c")), nil), ErrSize},
		"neither":              {torrentBytes(t, single(dict{"length": nil}), nil), ErrFiles},
		"both":                 {torrentBytes(t, edit(multi(file(1, "a")), dict{"length": 1}), nil), ErrFiles},
		"no files":             {torrentBytes(t, edit(multi(), dict{"pieces": hashes(1)}), nil), ErrFiles},
		"files a dictionary":   {torrentBytes(t, edit(multi(file(1, "a")), dict{"files": dict{}}), nil), ErrFiles},
		"file a string":        {torrentBytes(t, edit(multi(), dict{"files": []any{"a"}, "pieces": hashes(1)}), nil), ErrFiles},
		"file without path":    {torrentBytes(t, multi(dict{"length": 1}), nil), ErrName},
		"path empty":           {torrentBytes(t, multi(file(1)), nil), ErrName},
		"path a string":        {torrentBytes(t, multi(dict{"length": 1, "path": "a"}), nil), ErrName},
		"path with a number":   {torrentBytes(t, multi(dict{"length": 1, "path": []any{"a", 1}}), nil), ErrName},
		"path endless":         {torrentBytes(t, multi(file(1, slices.Repeat([]string{"a"}, maxPath+1)...)), nil), ErrName},
		"file without length":  {torrentBytes(t, edit(multi(dict{"path": []any{"a"}}), dict{"pieces": hashes(1)}), nil), ErrSize},
		"link with length":     {torrentBytes(t, multi(edit(file(1, "a"), dict{"attr": "l"})), nil), ErrUnsupported},
		"too many pieces":      {torrentBytes(t, single(dict{"length": MaxPieces + 1, "piece length": 1}), nil), ErrTooLarge},
		"too many equal names": {torrentBytes(t, multi(manySame...), nil), ErrDuplicates},
		"version 3":            {torrentBytes(t, edit(v2info, dict{"meta version": 3}), nil), ErrUnsupported},
		"v2 odd piece length":  {torrentBytes(t, edit(v2info, dict{"piece length": 3 * testPiece}), nil), ErrPieceLength},
		"v2 tiny piece length": {torrentBytes(t, edit(v2info, dict{"piece length": 8 << 10}), nil), ErrPieceLength},
		"v2 no tree":           {torrentBytes(t, edit(v2info, dict{"file tree": nil}), nil), ErrFiles},
		"v2 empty tree":        {torrentBytes(t, edit(v2info, dict{"file tree": dict{}}), nil), ErrFiles},
		"v2 tree a list":       {torrentBytes(t, edit(v2info, dict{"file tree": []any{}}), nil), ErrFiles},
		"v2 file at the root":  {torrentBytes(t, edit(v2info, dict{"file tree": dict{"": dict{"length": 0}}}), nil), ErrFiles},
		"v2 empty folder":      {torrentBytes(t, edit(v2info, dict{"file tree": dict{"a": dict{}}}), nil), ErrFiles},
		"v2 file and folder":   {torrentBytes(t, edit(v2info, dict{"file tree": dict{"a": dict{"": dict{"length": 0}, "b": dict{"": dict{"length": 0}}}}}), nil), ErrFiles},
		"v2 file a string":     {torrentBytes(t, edit(v2info, dict{"file tree": dict{"a": dict{"": "x"}}}), nil), ErrFiles},
		"v2 pad file":          {torrentBytes(t, v2file(dict{"length": 5, "pieces root": root, "attr": "p"}), nil), ErrFiles},
		"v2 no root":           {torrentBytes(t, v2file(dict{"length": 5}), nil), ErrPiecesRoot},
		"v2 short root":        {torrentBytes(t, v2file(dict{"length": 5, "pieces root": root[:31]}), nil), ErrPiecesRoot},
		"v2 zero root":         {torrentBytes(t, v2file(dict{"length": 5, "pieces root": string(make([]byte, 32))}), nil), ErrPiecesRoot},
		"v2 root of nothing":   {torrentBytes(t, v2file(dict{"length": 0, "pieces root": root}), nil), ErrPiecesRoot},
		"v2 negative":          {torrentBytes(t, v2file(dict{"length": -5, "pieces root": root}), nil), ErrSize},
		"v2 nothing":           {torrentBytes(t, v2file(dict{"length": 0}), nil), ErrSize},
		"v2 too many pieces":   {torrentBytes(t, v2file(dict{"length": (MaxPieces + 1) * testPiece, "pieces root": root}), nil), ErrTooLarge},
		"v2 layer unknown":     {torrentBytes(t, v2info, dict{"piece layers": dict{strings.Repeat("r", 32): layer}}), ErrPieceLayers},
		"v2 layer key":         {torrentBytes(t, v2info, dict{"piece layers": dict{"r": layer}}), ErrPieceLayers},
		"v2 layer short":       {torrentBytes(t, v2info, dict{"piece layers": dict{root: layer[:64]}}), ErrPieceLayers},
		"v2 layer wrong":       {torrentBytes(t, v2info, dict{"piece layers": dict{root: strings.Repeat("x", 96)}}), ErrPieceLayers},
		"v2 layer a number":    {torrentBytes(t, v2info, dict{"piece layers": dict{root: 5}}), ErrPieceLayers},
		"v2 layers a list":     {torrentBytes(t, v2info, dict{"piece layers": []any{}}), ErrPieceLayers},
		"v2 unordered":         {[]byte(strings.Replace(string(torrentBytes(t, v2info, nil)), "4:name4:temp12:piece lengthi16384e", "12:piece lengthi16384e4:name4:temp", 1)), ErrBencode},
		"v2 empty in between":  {torrentBytes(t, first(v2("temp", map[string]int{"a": 1, "b": 0, "c": 1})), nil), ErrUnsupported},
		"hybrid other size":    {torrentBytes(t, hybrid(file(3*testPiece-1, "temp")), dict{"piece layers": layers}), ErrHybrid},
		"hybrid other path":    {torrentBytes(t, hybrid(file(3*testPiece, "tmp")), dict{"piece layers": layers}), ErrHybrid},
		"hybrid missing":       {torrentBytes(t, edit(hybrid(file(0, "a")), dict{"pieces": hashes(3)}), dict{"piece layers": layers}), ErrHybrid},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := ParseWith(c.b, Posix)
			if !errors.Is(err, c.want) || m != nil {
				t.Errorf("got %v, %v; want %v", m, err, c.want)
			}
		})
	}
}

func TestV2AndHybrid(t *testing.T) {
	sizes := map[string]int{"b/c": 5 * testPiece / 2, "a": 1, "0": 0, "b/d": testPiece}
	info, layers := v2("temp", sizes)
	m, err := ParseWith(torrentBytes(t, info, dict{"piece layers": layers}), Posix)
	if err != nil {
		t.Fatal(err)
	}
	infoBytes := marshal(t, info)
	sum := sha256.Sum256(infoBytes)
	if m.V2 != sum || !m.V1.IsZero() || m.InfoHash != swarm.InfoHash(sum[:20]) || m.MissingLayers || m.Pieces != 5 {
		t.Errorf("v2: %+v", m)
	}
	var got []string
	for _, f := range m.Files {
		got = append(got, fmt.Sprint(f.Path, " ", f.Size, " ", f.Offset/testPiece))
	}
	want := []string{"temp/0 0 0", "temp/a 1 0", "temp/b/c 40960 1", "temp/b/d 16384 4"}
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if mi := m.MetaInfo(); len(mi.PieceLayers) != 1 {
		t.Errorf("%d layers converted", len(mi.PieceLayers))
	}

	pad := func(n int) dict { return dict{"length": n, "attr": "p", "path": []any{".pad", fmt.Sprint(n)}} }
	both := edit(multi(file(1, "a"), pad(testPiece-1), file(5*testPiece/2, "b", "c"), pad(testPiece/2),
		file(testPiece, "b", "d"), file(0, "0")), info)
	h, err := ParseWith(torrentBytes(t, both, dict{"piece layers": layers}), Posix)
	if err != nil {
		t.Fatal(err)
	}
	if h.V1.IsZero() || h.V2 == [32]byte{} || h.InfoHash != h.V1 || len(h.Files) != 4 || h.Size != m.Size {
		t.Errorf("hybrid: %+v", h)
	}
	if _, err := ParseWith(torrentBytes(t, edit(both, multi(file(1, "a"), file(5*testPiece/2, "b", "c"),
		file(testPiece, "b", "d"))), dict{"piece layers": layers}), Posix); !errors.Is(err, ErrHybrid) {
		t.Errorf("unaligned hybrid: %v", err)
	}
	if m, err := ParseWith(torrentBytes(t, info, nil), Posix); err != nil || !m.MissingLayers {
		t.Errorf("without layers: %v, %v", m, err)
	}
}

func TestMerkleRootAgainstSlowTwin(t *testing.T) {
	for n := 2; n < 70; n++ {
		root, layer := slowMerkle(n * testPiece)
		if got := merkleRoot([]byte(layer), zeroRoot(testPiece)); string(got[:]) != root {
			t.Errorf("%d pieces: root %x, want %x", n, got, root)
		}
	}
	// Two blocks a piece: the root of an absent piece is the hash of two zero leaves.
	if zero := sha256.Sum256(make([]byte, 64)); zeroRoot(2*testPiece) != zero {
		t.Error("zero root of two blocks")
	}
}

func TestUnorderedV1IsRead(t *testing.T) {
	b := bytes.Replace(torrentBytes(t, single(nil), nil), []byte("6:lengthi425e4:name4:temp"), []byte("4:name4:temp6:lengthi425e"), 1)
	if _, err := ParseWith(b, Posix); err != nil {
		t.Error(err)
	}
}

func TestFromInfo(t *testing.T) {
	infoBytes := marshal(t, single(nil))
	link := &Magnet{V1: sha1.Sum(infoBytes), Trackers: []string{"udp://a/", "http://b/"}, WebSeeds: []string{"http://w/"}}
	link.InfoHash = link.V1
	m, err := FromInfo(infoBytes, link, Posix)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseWith(m.Raw, Posix)
	if err != nil || again.InfoHash != link.InfoHash || len(again.Trackers) != 2 || again.WebSeeds[0] != "http://w/" {
		t.Errorf("kept file: %+v, %v", again, err)
	}
	if _, err := FromInfo(infoBytes[:len(infoBytes)-1], link, Posix); !errors.Is(err, ErrInfoHash) {
		t.Errorf("other bytes: %v", err)
	}
	if _, err := FromInfo(infoBytes, &Magnet{}, Posix); !errors.Is(err, ErrInfoHash) {
		t.Errorf("no hash: %v", err)
	}
	// Bytes that would bring keys of their own into the file around them.
	smuggle := append(slices.Clone(infoBytes), "8:url-listl12:http://evil/e"...)
	if _, err := FromInfo(smuggle, &Magnet{V1: sha1.Sum(smuggle), InfoHash: sha1.Sum(smuggle)}, Posix); !errors.Is(err, ErrBencode) {
		t.Errorf("smuggled keys: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	info, layers := v2("temp", map[string]int{"a": 0, "b/c": 3 * testPiece})
	f.Add(torrentBytes(f, single(nil), nil))
	f.Add(torrentBytes(f, multi(file(1, "..", "a"), file(0, "A"), file(3, "a")), dict{"announce": "x", "nodes": []any{[]any{"h", 1}}}))
	f.Add(torrentBytes(f, info, dict{"piece layers": layers}))
	f.Add([]byte("d4:infod5:filesld6:lengthi1e4:pathl2:..eeee"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, rules := range []Rules{Posix, Windows} {
			m, err := ParseWith(b, rules)
			if err != nil {
				continue
			}
			checkPromises(t, m)
		}
	})
}

// checkPromises holds a Metafile against what the package comment promises.
func checkPromises(t *testing.T, m *Metafile) {
	t.Helper()
	seen := make(map[string]bool)
	end := int64(0)
	for i, f := range m.Files {
		if !safePath(f.Path) || m.Single != (f.Path == m.Name) && m.Single {
			t.Fatalf("path %q of torrent %q", f.Path, m.Name)
		}
		if key := strings.ToLower(f.Path); seen[key] {
			t.Fatalf("path %q twice", f.Path)
		} else {
			seen[key] = true
		}
		if f.Offset < end || f.Size < 0 {
			t.Fatalf("file %d at %d with %d bytes after %d", i, f.Offset, f.Size, end)
		}
		end = f.Offset + f.Size
	}
	if want := (end + m.PieceLength - 1) / m.PieceLength; int64(m.Pieces) != want || m.Pieces == 0 {
		t.Fatalf("%d pieces, want %d", m.Pieces, want)
	}
	if _, err := m.MetaInfo().UnmarshalInfo(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkParse reads torrents as they are at the start of a session.
func BenchmarkParse(b *testing.B) {
	var many []dict
	for i := range 100 {
		many = append(many, file(10*testPiece, "season", fmt.Sprintf("episode %d.mkv", i)))
	}
	for name, t := range map[string][]byte{
		"single": torrentBytes(b, single(dict{"length": 1500 * testPiece, "pieces": hashes(1500)}), nil),
		"multi":  torrentBytes(b, multi(many...), nil),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := ParseWith(t, Posix); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
