package sample

import (
	"crypto/sha1"
	"fmt"
	"net/netip"
	"time"

	"swarmbid/engine/swarm"
)

// Start is the time of the first snapshot.
func Start() time.Time { return time.Date(2026, 11, 20, 14, 5, 0, 0, time.UTC) }

func hashOf(s string) swarm.InfoHash { return swarm.InfoHash(sha1.Sum([]byte(s))) }

// line is one torrent of the sample in short: sizes in MiB, rates in KiB/s.
type line struct {
	name    string
	size    int64
	done    int // percent
	state   swarm.State
	down    int64
	up      int64
	label   string
	tracker string
	fault   swarm.Fault
}

func lines() []line {
	const deb, arch, film = "tracker.debian.example", "tracker.archlinux.example", "films.example.org"
	return []line{
		{"debian-13.2.0-amd64-DVD-1.iso", 3812, 64, swarm.Downloading, 4210, 312, "Linux", deb, 0},
		{"archlinux-2026.11.01-x86_64.iso", 1187, 52, swarm.Downloading, 2875, 640, "Linux", arch, 0},
		{"Sintel (2010) 4K HDR [Blender Foundation]", 5467, 31, swarm.Downloading, 1630, 95, "Films", film, 0},
		{"Tears of Steel – Überarbeitete Fassung", 6912, 12, swarm.Downloading, 0, 0, "Films", film, 0},
		{"Wikipedia enwiki 20261101 pages-articles-multistream.xml.bz2", 24310, 5, swarm.Queued, 0, 0, "Wikipedia", "", 0},
		{"Big Buck Bunny 1080p 60fps Surround", 652, 48, swarm.Paused, 0, 0, "Films", film, 0},
		{"OpenStreetMap planet-261116.osm.pbf", 81240, 77, swarm.Errored, 0, 0, "", "osm.example.net", swarm.DiskFull},
		{"magnet: 9f2c4e1d77aa", 0, 0, swarm.Metadata, 0, 0, "", "", 0},
		{"ubuntu-26.04.1-desktop-amd64.iso", 6120, 100, swarm.Seeding, 0, 1187, "Linux", "torrent.ubuntu.example", 0},
		{"Fedora-Workstation-Live-x86_64-44", 2380, 100, swarm.Seeding, 0, 402, "Linux", "torrent.fedora.example", 0},
		{"LibreOffice_26.2.3_Win_x86-64.msi", 364, 100, swarm.Seeding, 0, 0, "Programs", "", 0},
		{"Cosmos Laundromat – First Cycle (Director's Cut)", 1833, 100, swarm.Seeding, 0, 88, "Films", film, 0},
		{"Русская классика – аудиокниги", 3984, 100, swarm.QueuedSeed, 0, 0, "Books", "", 0},
		{"Project Gutenberg DVD 2026 August", 8010, 100, swarm.Finished, 0, 0, "Books", "gutenberg.example.org", 0},
		{"NASA Apollo 11 flight audio, all reels", 19822, 58, swarm.Checking, 0, 0, "", "archive.example.org", 0},
		{"Creative Commons Music Sampler 14", 214, 22, swarm.Stopped, 0, 0, "Music", "", 0},
		{"kali-linux-2026.3-installer-amd64.iso", 4105, 100, swarm.Seeding, 0, 2210, "Linux", "", 0},
		{"Elephants Dream 1080p", 815, 100, swarm.Moving, 0, 0, "Films", film, 0},
		{"MIT OpenCourseWare 6.006 Introduction to Algorithms", 11402, 100, swarm.Finished, 0, 0, "Courses", "ocw.example.edu", 0},
		{"stanford-encyclopedia-of-philosophy-2026", 1912, 43, swarm.Downloading, 318, 44, "Books", "", 0},
	}
}

// New makes an engine with the sample torrents, and with as many more as it
// takes to have n.
func New(n int) *Engine {
	e := &Engine{now: Start(), more: map[swarm.InfoHash]*rest{}, changed: make(chan struct{}, 1), rnd: 1, up: 8 << 20, days: usage()}
	ls := lines()
	for i := range max(n, len(ls)) {
		l := ls[i%len(ls)]
		if i >= len(ls) {
			l.name = fmt.Sprintf("%s #%04d", l.name, i+1)
		}
		e.add(i, l)
	}
	e.number()
	return e
}

// roll is a small generator of numbers below n, the same in every run.
func (e *Engine) roll(n int64) int64 {
	e.rnd = e.rnd*6364136223846793005 + 1442695040888963407
	return int64(e.rnd>>33) % max(1, n)
}

// add makes one torrent of a line.
func (e *Engine) add(i int, l line) {
	const mib = 1 << 20
	size := l.size*mib + e.roll(mib)*min(1, l.size)
	t := swarm.Torrent{
		InfoHash: hashOf(l.name), Name: l.name, State: l.state, Fault: l.fault, Size: size, Wanted: size, Completed: size / 100 * int64(l.done), Label: l.label, Tracker: l.tracker,
		Down: l.down << 10, Up: l.up << 10, SavePath: "/home/user/Downloads", SwarmSeeds: -1, SwarmPeers: -1, Availability: float64(e.roll(24000)) / 1000,
		Added: Start().Add(-time.Duration(i*i+3*i+1) * 37 * time.Minute), CreatedBy: "mktorrent 1.1", Comment: "https://" + l.tracker + "/about",
	}
	t.Created = t.Added.Add(-50 * time.Hour)
	if l.done == 100 {
		t.Completed, t.Done = size, t.Added.Add(3*time.Hour)
	}
	t.Downloaded = t.Completed
	t.Uploaded = t.Completed / 1000 * e.roll(2600)
	t.Wasted, t.HashFails = e.roll(9*mib), int(e.roll(3))
	if l.state == swarm.Downloading || l.state == swarm.Seeding || l.state == swarm.Paused {
		t.Seeds, t.Peers = int(e.roll(30)), int(e.roll(40))
		t.SwarmSeeds, t.SwarmPeers = t.Seeds+int(e.roll(600)), t.Peers+int(e.roll(300))
		t.LastActive = Start().Add(-time.Duration(e.roll(90)) * time.Second)
	}
	if l.state == swarm.Seeding {
		t.Seeds = 0
	}
	t.Active, t.Seeded = time.Duration(3600+e.roll(400000))*time.Second, time.Duration(e.roll(90000))*time.Second
	if l.state == swarm.Errored {
		t.Error = "write piece 1234: no space left on device"
	}
	if l.state == swarm.Checking || l.state == swarm.Moving {
		t.Checked = 0.414
	}
	r := e.details(&t)
	if r.files != nil { // what is wanted is what the files say
		t.Wanted, t.Completed = 0, 0
		for _, f := range r.files {
			if f.Priority != swarm.Skip {
				t.Wanted, t.Completed = t.Wanted+f.Size, t.Completed+f.Completed
			}
		}
	}
	e.torrents = append(e.torrents, t)
	e.more[t.InfoHash] = r
}

// details makes up the rest of a torrent. What is never looked at costs a list
// of 5,000 little: pieces are few.
func (e *Engine) details(t *swarm.Torrent) *rest {
	r := &rest{pieces: swarm.Pieces{Length: 4 << 20}}
	if t.Size == 0 {
		return r
	}
	n := min(600, int(t.Size/r.pieces.Length)+1)
	r.pieces.Length = max(r.pieces.Length, t.Size/int64(n)+1)
	r.pieces.State, r.pieces.Avail = make([]swarm.PieceState, n), make([]uint16, n)
	share, level := float64(t.Completed)/float64(t.Size), int64(0)
	for i := range n {
		if i%9 == 0 { // neighbours are alike, as in a real swarm
			level = int64(t.Availability) + e.roll(4)
		}
		r.pieces.Avail[i] = uint16(max(0, level+e.roll(2)))
		at := float64(i) / float64(n)
		switch {
		case share == 1 || at < share*0.7 || float64(e.roll(1000)) < share*600:
			r.pieces.State[i] = swarm.PieceHave
		case e.roll(28) == 0 && t.State == swarm.Downloading:
			r.pieces.State[i] = swarm.PiecePartial
		}
	}
	first := 0
	for i, part := range []struct {
		path  string
		share int64
	}{{t.Name, 940}, {"Extras/Making of.mkv", 52}, {"Extras/Notes/Liesmich.txt", 1}, {"Extras/Notes/Read me.txt", 1}, {"checksums.sha256", 6}} {
		f := swarm.File{Index: i, Path: t.Name + "/" + part.path, Size: t.Size / 1000 * part.share, FirstPiece: first, Pieces: n*int(part.share)/1000 + 1}
		f.Completed = int64(float64(f.Size) * share)
		if i == 1 {
			f.Priority, f.Completed = swarm.High, f.Size
		}
		if i == 3 {
			f.Priority, f.Completed = swarm.Skip, 0
		}
		first += f.Pieces - 1
		r.files = append(r.files, f)
	}
	r.trackers = trackers(t)
	e.peers(t, r)
	return r
}

func trackers(t *swarm.Torrent) []swarm.Tracker {
	next := Start().Add(17*time.Minute + 12*time.Second)
	src := func(name string, got int) swarm.Tracker {
		return swarm.Tracker{URL: name, Tier: -1, Status: swarm.TrackerSourcePeer, Seeds: -1, Peers: -1, Downloads: -1, PeersGot: got}
	}
	host := t.Tracker
	if host == "" {
		host = "tracker.example.org"
	}
	return []swarm.Tracker{
		src("[DHT]", 41), src("[Local Peer Discovery]", 0), src("[Peer Exchange]", 18),
		{URL: "udp://" + host + ":6969/announce", Tier: 0, Status: swarm.TrackerWorking, Seeds: max(0, t.SwarmSeeds), Peers: max(0, t.SwarmPeers), Downloads: 12480, NextAnnounce: next, LastAnnounce: Start().Add(-13 * time.Minute), PeersGot: 50},
		{URL: "https://" + host + "/announce", Tier: 0, Status: swarm.TrackerNotNeeded, Seeds: -1, Peers: -1, Downloads: -1},
		{URL: "http://old-tracker.example.net/announce", Tier: 1, Status: swarm.TrackerFailed, Message: "connection refused", Seeds: -1, Peers: -1, Downloads: -1, NextAnnounce: next, LastAnnounce: Start().Add(-2 * time.Minute)},
	}
}

func (e *Engine) peers(t *swarm.Torrent, r *rest) {
	clients := []string{"qBittorrent/5.1.2", "Transmission 4.0.6", "µTorrent 3.5.5", "libtorrent/2.0.11", "Swarmbid 1.0", "Deluge 2.2.0", "aria2/1.37.0", "BiglyBT 3.8"}
	flags := []swarm.PeerFlags{
		swarm.Interesting | swarm.Choked | swarm.UTP | swarm.FromPEX | swarm.Encrypted,
		swarm.Interesting | swarm.Interested | swarm.FromTracker,
		swarm.Interesting | swarm.ChokingUs | swarm.Choked | swarm.FromDHT | swarm.UTP,
		swarm.Interesting | swarm.Interested | swarm.Incoming | swarm.EncryptedHead,
		swarm.Interested | swarm.ChokingUs | swarm.FromLSD | swarm.WePay,
		swarm.Interesting | swarm.Choked | swarm.Snubbed | swarm.FromDHT | swarm.Holepunched | swarm.UTP,
	}
	for i := range min(14, t.Seeds+t.Peers) {
		e.seq++
		addr := netip.AddrFrom4([4]byte{203, 0, 113, byte(7 + i*11)})
		if i%5 == 4 {
			addr = netip.MustParseAddr(fmt.Sprintf("2001:db8:%x::%x", 17+i, 3+i))
		}
		p := swarm.Peer{
			Key: swarm.PeerKey(e.seq), Addr: netip.AddrPortFrom(addr, uint16(20000+e.roll(30000))), Client: clients[i%len(clients)], Flags: flags[i%len(flags)],
			Progress: float64(e.roll(1000)) / 1000, Down: e.roll(900) << 10, Up: e.roll(200) << 10, Downloaded: e.roll(900 << 20), Uploaded: e.roll(90 << 20),
			RequestsOut: int(e.roll(40)), RequestsIn: int(e.roll(6)), Since: Start().Add(-time.Duration(e.roll(9000)) * time.Second), LastBlock: Start().Add(-time.Duration(e.roll(60)) * time.Second), AskedAt: Start().Add(-time.Duration(i) * time.Second),
		}
		if i%3 == 0 {
			p.Progress, p.Up, p.RequestsIn, p.Uploaded = 1, 0, 0, 0
			p.Flags |= swarm.Seed
		}
		if p.Flags.Has(swarm.Choked) {
			p.Up, p.RequestsIn = 0, 0
		}
		if p.Flags.Has(swarm.ChokingUs) {
			p.Down, p.RequestsOut, p.AskedAt = 0, 0, time.Time{}
		}
		if i == 3 {
			p.Slot = swarm.Optimistic
		}
		r.peers = append(r.peers, p)
	}
}

// Tick moves the time on by a second and changes every active torrent, or, with
// all, every torrent, as a benchmark wants it.
func (e *Engine) Tick(all bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now = e.now.Add(time.Second)
	for i := range e.torrents {
		t := &e.torrents[i]
		if all || t.State == swarm.Downloading && t.Down > 0 {
			t.Down = (t.Down*7 + e.roll(6<<20)) / 8
			if t.Completed += t.Down; t.Completed >= t.Wanted {
				t.Completed = t.Wanted / 2 // a sample never ends
			}
			t.Downloaded += t.Down
			t.Peers = int(e.roll(40))
		}
		if all || t.Up > 0 {
			t.Up = (t.Up*7 + e.roll(1<<20)) / 8
			t.Uploaded += t.Up
		}
	}
	e.signal()
}
