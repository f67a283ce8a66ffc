package upload

import (
	"testing"

	"github.com/anacrolix/torrent"

	"swarmbid/engine/link"
)

func peerAt(addr string) []torrent.PeerInfo {
	return []torrent.PeerInfo{{Addr: torrent.StringAddr(addr), Trusted: true}}
}

func TestTwoRealClientsCopyATorrent(t *testing.T) {
	for name, policy := range map[string]link.Policy{"plain": link.Off, "header": link.Prefer, "rc4": link.Require} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			mi := payload(t, dir, 8<<20+12345, 256<<10)
			seed := newHouse(t, dir, link.Config{Encryption: policy}, Config{})
			seed.add(t, mi)
			leech := newHouse(t, t.TempDir(), link.Config{Encryption: policy}, Config{})
			lt := leech.add(t, mi)
			lt.DownloadAll()
			lt.AddPeers(peerAt(seed.addr))
			until(t, "connected", func() bool { return len(seed.links.All()) == 1 })
			seed.serveAll()
			until(t, "complete", func() bool { return lt.BytesMissing() == 0 })
		})
	}
}
