package metafile

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"swarmbid/engine/swarm"
)

const (
	hex1 = "0123456789abcdef0123456789abcdef01234567"
	b321 = "AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH" // the same bytes
	mh   = "1220" + "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
)

func TestParseMagnet(t *testing.T) {
	v1, err := swarm.ParseInfoHash(hex1)
	if err != nil {
		t.Fatal(err)
	}
	var v2 [32]byte
	for i := range v2 {
		v2[i] = byte(i%16) * 0x11
	}
	for link, want := range map[string]Magnet{
		"magnet:?xt=urn:btih:" + hex1:                                                     {InfoHash: v1, V1: v1},
		"MAGNET:?XT=urn:BTIH:" + strings.ToUpper(hex1):                                    {InfoHash: v1, V1: v1},
		"magnet:?xt=urn:btih:" + b321:                                                     {InfoHash: v1, V1: v1},
		"  " + hex1 + "\n":                                                                {InfoHash: v1, V1: v1},
		strings.ToLower(b321):                                                             {InfoHash: v1, V1: v1},
		"magnet:?xt=urn:btmh:" + mh:                                                       {InfoHash: swarm.InfoHash(v2[:20]), V2: v2},
		"magnet:?xt.1=urn:btih:" + hex1 + "&xt.2=urn:btmh:" + mh:                          {InfoHash: v1, V1: v1, V2: v2},
		"magnet:?xt=urn:sha1:XYZ&xt=urn:btih:" + hex1:                                     {InfoHash: v1, V1: v1},
		"magnet:?dn=a+b%20%C3%A4%0a&xl=77&xt=urn:btih:" + hex1:                            {InfoHash: v1, V1: v1, Name: "a b ä", Size: 77},
		"magnet:?xl=-1&dn=%zz&xt=urn:btih:" + hex1:                                        {InfoHash: v1, V1: v1},
		"magnet:?xt=urn:btih:" + hex1 + "&tr=udp%3A%2F%2Fa&tr.2=b&tr=b":                   {InfoHash: v1, V1: v1, Trackers: []string{"udp://a", "b"}},
		"magnet:?xt=urn:btih:" + hex1 + "&x.pe=1.2.3.4:5&x.pe=[::1]:6&x.pe=h:0&x.pe=nope": {InfoHash: v1, V1: v1, Peers: []string{"1.2.3.4:5", "[::1]:6"}},
		"magnet:?xt=urn:btih:" + hex1 + "&ws=http://a/&ws=file:///etc&xs=http://b/x.torrent&as=http://c/": {
			InfoHash: v1, V1: v1, WebSeeds: []string{"http://a/"}, Sources: []string{"http://b/x.torrent", "http://c/"},
		},
		"magnet:?xt=urn:btih:" + hex1 + "&so=7,0,2-4,3-5": {InfoHash: v1, V1: v1, Selected: []int{0, 2, 3, 4, 5, 7}},
	} {
		got, err := ParseMagnet(link)
		if err != nil {
			t.Errorf("%s: %v", link, err)
			continue
		}
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", link, *got, want)
		}
		again, err := ParseMagnet(got.String())
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%s written as %s and read as %+v, %v", link, got, again, err)
		}
	}
}

func TestMagnetRefused(t *testing.T) {
	for _, link := range []string{
		"", "magnet:", "magnet:?", "http://x/", "magnet:?dn=x", "magnet:?xt=urn:btih:123",
		"magnet:?xt=urn:btih:" + strings.Repeat("0", 40),
		"magnet:?xt=urn:btih:" + strings.Repeat("g", 40),
		"magnet:?xt=urn:btmh:1120" + mh[4:],
		"magnet:?xt=urn:btmh:" + mh + "00",
		"magnet:?xt=urn:btih:" + hex1 + "&xt=urn:btih:" + strings.Repeat("1", 40),
		"magnet:?xt=urn:btih:" + hex1 + "&so=5-2",
		"magnet:?xt=urn:btih:" + hex1 + "&so=1,x",
		"magnet:?xt=urn:btih:" + hex1 + "&so=0-4294967295",
	} {
		if m, err := ParseMagnet(link); !errors.Is(err, ErrMagnet) {
			t.Errorf("%s: got %v, %v", link, m, err)
		}
	}
	if _, err := ParseMagnet("magnet:?dn=" + strings.Repeat("x", maxMagnet)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("long link: %v", err)
	}
}

func TestOverlappingSelectionStaysSmall(t *testing.T) {
	s := strings.TrimSuffix(strings.Repeat("0-999999,", 5000), ",")
	got, err := parseSelection(s)
	if err != nil || len(got) != 1000000 || !slices.IsSorted(got) {
		t.Errorf("%d indexes, %v", len(got), err)
	}
}

func TestMagnetOfMetafile(t *testing.T) {
	m, err := ParseWith(torrentBytes(t, single(nil), dict{"announce": "udp://a/"}), Posix)
	if err != nil {
		t.Fatal(err)
	}
	link, err := ParseMagnet(m.Magnet().String())
	if err != nil || link.InfoHash != m.InfoHash || link.Name != "temp" || link.Size != 425 || len(link.Trackers) != 1 {
		t.Errorf("got %+v, %v", link, err)
	}
}

func FuzzParseMagnet(f *testing.F) {
	f.Add("magnet:?xt=urn:btih:" + hex1 + "&dn=a&tr=b&so=1-3&x.pe=1.2.3.4:5&ws=http://a/%20b")
	f.Add("magnet:?xt=urn:btmh:" + mh)
	f.Fuzz(func(t *testing.T, link string) {
		m, err := ParseMagnet(link)
		if err != nil {
			return
		}
		again, err := ParseMagnet(m.String())
		if err != nil {
			t.Fatalf("%q written as %q: %v", link, m, err)
		}
		if again.InfoHash != m.InfoHash || !slices.Equal(again.Selected, m.Selected) || !slices.Equal(again.Peers, m.Peers) {
			t.Fatalf("%+v became %+v", m, again)
		}
	})
}
