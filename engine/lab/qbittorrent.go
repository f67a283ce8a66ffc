package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"swarmbid/engine/swarm"
)

// qbittorrent drives qbittorrent-nox over its Web API, version 2. It rests on
// libtorrent, with settings of its own.
type qbittorrent struct {
	*process
	rpc  *caller
	url  string
	addr netip.AddrPort
}

// StartQBittorrent starts qbittorrent-nox (Debian package of that name).
func StartQBittorrent(ctx context.Context, o Options) (Client, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	control, err := freePort()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(o.Dir, "qBittorrent", "config")
	if err := os.MkdirAll(config, 0o755); err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	if err := os.WriteFile(filepath.Join(config, "qBittorrent.conf"), []byte(qbittorrentConfig(o, port, control)), 0o600); err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	p, err := start(ctx, command{
		name: "qbittorrent", path: "qbittorrent-nox", pkg: "qbittorrent-nox", dir: o.Dir,
		args: []string{"--profile=" + o.Dir},
	})
	if err != nil {
		return nil, err
	}
	p.logs = append(p.logs, filepath.Join(o.Dir, "qBittorrent", "data", "logs", "qbittorrent.log"))
	q := &qbittorrent{process: p, rpc: newCaller(), url: "http://" + loopback(control).String() + "/api/v2/", addr: loopback(port)}
	if err := p.ready(ctx, func(ctx context.Context) error { return q.get(ctx, nil, "app/version", nil) }); err != nil {
		return nil, errors.Join(err, q.Close())
	}
	return q, nil
}

// qbittorrentConfig is the settings file of version 4.5. The legal notice is
// accepted there and calls from loopback need no password.
func qbittorrentConfig(o Options, port, control uint16) string {
	lines := []string{
		"[LegalNotice]", "Accepted=true",
		"[Application]", "FileLogger\\Enabled=true", "FileLogger\\Path=" + filepath.Join(o.Dir, "qBittorrent", "data", "logs"),
		"[BitTorrent]",
		"Session\\Port=" + str(port), "Session\\Interface=lo", "Session\\InterfaceAddress=" + map[bool]string{true: "", false: "127.0.0.1"}[o.IPv6],
		"Session\\DHTEnabled=false", "Session\\LSDEnabled=false",
		"Session\\PeXEnabled=" + fmt.Sprint(o.PEX),
		"Session\\Encryption=" + map[Encryption]string{Prefer: "0", Require: "1", Off: "2"}[o.Encryption],
		"Session\\BTProtocol=" + map[Transport]string{Both: "Both", TCP: "TCP", UTP: "UTP"}[o.Transport],
		"Session\\MultiConnectionsPerIp=true", "Session\\uTPMixedMode=TCP", "Session\\QueueingSystemEnabled=false",
		"Session\\GlobalDLSpeedLimit=" + str((o.Down+1023)/1024), "Session\\GlobalUPSpeedLimit=" + str((o.Up+1023)/1024),
		"Session\\IgnoreLimitsOnLAN=false", "Session\\ReannounceWhenAddressChanged=false", "Session\\SlowTorrentsDownloadRate=0",
		"[Network]", "PortForwardingEnabled=false",
		"[Preferences]",
		"WebUI\\Enabled=true", "WebUI\\Address=127.0.0.1", "WebUI\\Port=" + str(control), "WebUI\\LocalHostAuth=false",
		"WebUI\\CSRFProtection=false", "WebUI\\HostHeaderValidation=false", "WebUI\\UseUPnP=false",
		"Connection\\UPnP=false", "Connection\\ResolvePeerCountries=false", "General\\Locale=en",
	}
	return strings.Join(lines, "\n") + "\n"
}

// Addr is where it accepts peers.
func (q *qbittorrent) Addr() netip.AddrPort { return q.addr }

// answer reads an answer of the API.
func (q *qbittorrent) answer(path string, r reply, err error, into any) error {
	switch {
	case err != nil:
		return fmt.Errorf("qbittorrent: %s: %w", path, err)
	case r.status == http.StatusNotFound:
		return fmt.Errorf("qbittorrent: %s: %w", path, ErrUnknownTorrent)
	case r.status != http.StatusOK || string(r.body) == "Fails.":
		return fmt.Errorf("qbittorrent: %s: status %d: %.200s", path, r.status, r.body)
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(r.body, into); err != nil {
		return fmt.Errorf("qbittorrent: %s: %w", path, err)
	}
	return nil
}

func (q *qbittorrent) get(ctx context.Context, into any, path string, v url.Values) error {
	r, err := q.rpc.do(ctx, http.MethodGet, q.url+path+"?"+v.Encode(), "", nil)
	return q.answer(path, r, err, into)
}

func (q *qbittorrent) post(ctx context.Context, path string, v url.Values) error {
	r, err := q.rpc.do(ctx, http.MethodPost, q.url+path, "application/x-www-form-urlencoded", []byte(v.Encode()))
	return q.answer(path, r, err, nil)
}

// add posts the form of torrents/add.
func (q *qbittorrent) add(ctx context.Context, saveDir string, fill func(*multipart.Writer) error) error {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	err := errors.Join(fill(w), w.WriteField("savepath", saveDir), w.WriteField("autoTMM", "false"),
		w.WriteField("contentLayout", "Original"), w.Close())
	if err != nil {
		return fmt.Errorf("qbittorrent: %w", err)
	}
	r, err := q.rpc.do(ctx, http.MethodPost, q.url+"torrents/add", w.FormDataContentType(), form.Bytes())
	return q.answer("torrents/add", r, err, nil)
}

// Add adds a .torrent file.
func (q *qbittorrent) Add(ctx context.Context, file, saveDir string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("qbittorrent: %w", err)
	}
	return q.add(ctx, saveDir, func(w *multipart.Writer) error {
		part, err := w.CreateFormFile("torrents", "lab.torrent")
		if err != nil {
			return err
		}
		_, err = part.Write(b)
		return err
	})
}

// AddMagnet adds a magnet link.
func (q *qbittorrent) AddMagnet(ctx context.Context, link, saveDir string) error {
	return q.add(ctx, saveDir, func(w *multipart.Writer) error { return w.WriteField("urls", link) })
}

// AddPeer connects to a peer. qBittorrent adds torrents in the background, so a
// fresh one may not be known yet; that is waited for.
func (q *qbittorrent) AddPeer(ctx context.Context, ih swarm.InfoHash, peer netip.AddrPort) error {
	err := Until(ctx, func() (bool, error) {
		_, err := q.Progress(ctx, ih)
		if errors.Is(err, ErrUnknownTorrent) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return err
	}
	return q.post(ctx, "torrents/addPeers", url.Values{"hashes": {ih.String()}, "peers": {peer.String()}})
}

// Progress reports the torrent. The states of a complete and checked one end in
// «UP», as «uploading», «stalledUP».
func (q *qbittorrent) Progress(ctx context.Context, ih swarm.InfoHash) (Progress, error) {
	var list []struct {
		Size              int64
		Completed         int64
		DownloadedSession int64 `json:"downloaded_session"`
		UploadedSession   int64 `json:"uploaded_session"`
		State             string
	}
	if err := q.get(ctx, &list, "torrents/info", url.Values{"hashes": {ih.String()}}); err != nil {
		return Progress{}, err
	}
	if len(list) == 0 {
		return Progress{}, fmt.Errorf("qbittorrent: %w", ErrUnknownTorrent)
	}
	g := list[0]
	p := Progress{Size: g.Size, Done: g.Completed, Downloaded: g.DownloadedSession, Uploaded: g.UploadedSession, State: g.State}
	if g.State == "error" || g.State == "missingFiles" {
		p.Error = g.State
	}
	p.Complete = g.Size > 0 && g.Completed == g.Size &&
		(g.State == "uploading" || strings.HasSuffix(g.State, "UP") && !strings.HasPrefix(g.State, "checking"))
	return p, nil
}

// Peers reports the connections of ih. Of the flags, upper and lower case of D and
// U and the letters K and ? tell who chokes whom; P is uTP, E RC4, e only the
// handshake.
func (q *qbittorrent) Peers(ctx context.Context, ih swarm.InfoHash) ([]Peer, error) {
	var got struct {
		Peers map[string]struct {
			IP, Client, Flags, Connection string
			Port                          uint16
			DownSpeed                     int64 `json:"dl_speed"`
			UpSpeed                       int64 `json:"up_speed"`
		}
	}
	if err := q.get(ctx, &got, "sync/torrentPeers", url.Values{"hash": {ih.String()}, "rid": {"0"}}); err != nil {
		return nil, err
	}
	var out []Peer
	for _, p := range got.Peers {
		addr, err := netip.ParseAddr(p.IP)
		if err != nil {
			return nil, fmt.Errorf("qbittorrent: peer %q: %w", p.IP, err)
		}
		out = append(out, Peer{
			Addr: netip.AddrPortFrom(addr, p.Port), Client: p.Client, Down: p.DownSpeed, Up: p.UpSpeed, Flags: p.Flags,
			ChokesUs: !strings.ContainsAny(p.Flags, "DK"), Choked: !strings.ContainsAny(p.Flags, "U?"),
			Encrypted: strings.Contains(p.Flags, "E"), UTP: strings.Contains(p.Flags, "P"),
		})
	}
	return out, nil
}

// SetLimits sets the global limits.
func (q *qbittorrent) SetLimits(ctx context.Context, down, up int64) error {
	return errors.Join(
		q.post(ctx, "transfer/setDownloadLimit", url.Values{"limit": {str(down)}}),
		q.post(ctx, "transfer/setUploadLimit", url.Values{"limit": {str(up)}}),
	)
}

// Close ends the program.
func (q *qbittorrent) Close() error {
	q.rpc.close()
	return q.kill()
}
