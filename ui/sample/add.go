package sample

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"swarmbid/engine/swarm"
)

// ErrSource refuses a source whose name holds the word «broken».
var ErrSource = errors.New("sample: not a torrent")

// Preview makes a preview up from the text of the source. A magnet link has no
// files yet.
func (e *Engine) Preview(_ context.Context, src swarm.Source) (*swarm.Preview, error) {
	text := src.File + src.Magnet + src.URL + string(src.Metainfo)
	if strings.Contains(text, "broken") {
		return nil, fmt.Errorf("read %q: %w", text, ErrSource)
	}
	p := Preview()
	p.InfoHash = hashOf(text)
	e.mu.Lock()
	p.Known = e.more[p.InfoHash] != nil
	e.mu.Unlock()
	if src.Magnet != "" {
		p.Name, p.Size, p.Files, p.Metainfo, p.Comment = p.InfoHash.String(), 0, nil, nil, ""
	} else {
		p.Metainfo = []byte(text)
	}
	return p, nil
}

// Add adds what Preview showed.
func (e *Engine) Add(ctx context.Context, a swarm.Add) (swarm.InfoHash, error) {
	p, err := e.Preview(ctx, a.Source)
	if err != nil {
		return swarm.InfoHash{}, err
	}
	if p.Known {
		return p.InfoHash, fmt.Errorf("add %q: %w", p.Name, ErrKnown)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	t := swarm.Torrent{InfoHash: p.InfoHash, Name: p.Name, Size: p.Size, SavePath: a.SavePath, Label: a.Label, Added: e.now, SwarmSeeds: -1, SwarmPeers: -1, Seq: a.Sequential, EndsFst: a.FirstLast, Forced: a.Force}
	if a.Name != "" {
		t.Name = a.Name
	}
	r := &rest{files: p.Files}
	for i := range r.files {
		if a.Priorities != nil {
			r.files[i].Priority = a.Priorities[i]
		}
		if r.files[i].Priority != swarm.Skip {
			t.Wanted += r.files[i].Size
		}
	}
	if t.State = running(&t); a.Stopped {
		t.State = swarm.Stopped
	}
	e.more[t.InfoHash] = r
	if a.Top {
		e.torrents = append([]swarm.Torrent{t}, e.torrents...)
	} else {
		e.torrents = append(e.torrents, t)
	}
	e.number()
	e.calls = append(e.calls, "add "+t.Name)
	e.signal()
	return t.InfoHash, nil
}

// Preview is a torrent of several folders, to be shown in the add dialog.
func Preview() *swarm.Preview {
	p := &swarm.Preview{Name: "Open Film Collection 2026", Comment: "Films under free licences", Trackers: [][]string{{"udp://tracker.example.org:6969/announce"}}}
	first := 0
	for i, f := range []struct {
		path string
		size int64
		skip bool
	}{
		{"Sintel/Sintel.2010.2160p.mkv", 5_733_000_000, false},
		{"Sintel/Subtitles/English.srt", 61_000, false},
		{"Sintel/Subtitles/Deutsch.srt", 64_000, false},
		{"Sintel/Subtitles/Français.srt", 70_000, true},
		{"Tears of Steel/Tears.of.Steel.2012.1080p.mkv", 1_240_000_000, false},
		{"Tears of Steel/Behind the Scenes.mkv", 412_000_000, true},
		{"Cover.jpg", 1_830_000, false},
		{"Read me first.txt", 4_200, false},
	} {
		x := swarm.File{Index: i, Path: p.Name + "/" + f.path, Size: f.size, FirstPiece: first, Pieces: int(f.size>>22) + 1}
		if f.skip {
			x.Priority = swarm.Skip
		}
		first += x.Pieces - 1
		p.Size += f.size
		p.Files = append(p.Files, x)
	}
	return p
}
