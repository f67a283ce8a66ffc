package lab

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"

	"swarmbid/engine/swarm"
)

// transmission drives transmission-daemon 3.00 over its RPC. It takes loopback
// addresses neither from trackers nor from PEX (peer-mgr.c, «martian» addresses)
// and has no command that adds a peer: it has to be dialled. It reviews whom to
// unchoke and what it is interested in only every 10 s.
type transmission struct {
	*process
	rpc  *caller
	url  string
	addr netip.AddrPort
}

// StartTransmission starts transmission-daemon (Debian package of that name).
func StartTransmission(ctx context.Context, o Options) (Client, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	control, err := freePort()
	if err != nil {
		return nil, err
	}
	settings, err := json.Marshal(transmissionSettings(o, port, control))
	if err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	if err := os.WriteFile(filepath.Join(o.Dir, "settings.json"), settings, 0o600); err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	p, err := start(ctx, command{
		name: "transmission", path: "transmission-daemon", pkg: "transmission-daemon", dir: o.Dir,
		args: []string{"--foreground", "--config-dir", o.Dir, "--log-debug"},
	})
	if err != nil {
		return nil, err
	}
	t := &transmission{process: p, rpc: newCaller(), url: "http://" + loopback(control).String() + "/transmission/rpc", addr: loopback(port)}
	if err := p.ready(ctx, func(ctx context.Context) error { return t.call(ctx, nil, "session-get", nil) }); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// transmissionSettings is the settings.json.
func transmissionSettings(o Options, port, control uint16) map[string]any {
	s := map[string]any{
		"bind-address-ipv4": "127.0.0.1", "bind-address-ipv6": "::1",
		"peer-port": port, "peer-port-random-on-start": false, "port-forwarding-enabled": false,
		"rpc-enabled": true, "rpc-bind-address": "127.0.0.1", "rpc-port": control,
		"rpc-authentication-required": false, "rpc-whitelist-enabled": false, "rpc-host-whitelist-enabled": false,
		"dht-enabled": false, "lpd-enabled": false, "pex-enabled": o.PEX, "utp-enabled": o.Transport != TCP,
		"encryption":             map[Encryption]int{Off: 0, Prefer: 1, Require: 2}[o.Encryption],
		"download-dir":           filepath.Join(o.Dir, "downloads"),
		"incomplete-dir-enabled": false, "rename-partial-files": false, "preallocation": 0,
		"download-queue-enabled": false, "seed-queue-enabled": false, "queue-stalled-enabled": false,
		"ratio-limit-enabled": false, "idle-seeding-limit-enabled": false, "start-added-torrents": true,
		"message-level": 3, "scrape-paused-torrents-enabled": false, "trash-original-torrent-files": false,
	}
	for k, v := range transmissionLimits(o.Down, o.Up) {
		s[k] = v
	}
	return s
}

// transmissionLimits are the settings of both limits, in kB/s as it wants them.
func transmissionLimits(down, up int64) map[string]any {
	return map[string]any{
		"speed-limit-down": (down + 999) / 1000, "speed-limit-down-enabled": down > 0,
		"speed-limit-up": (up + 999) / 1000, "speed-limit-up-enabled": up > 0,
	}
}

// Addr is where it accepts peers.
func (t *transmission) Addr() netip.AddrPort { return t.addr }

// call does one RPC method. Its guard against cross-site requests answers the
// first one with 409 and the session id to use.
func (t *transmission) call(ctx context.Context, into any, method string, args map[string]any) error {
	for range 2 {
		var out struct {
			Result    string
			Arguments json.RawMessage
		}
		r, err := t.rpc.json(ctx, t.url, map[string]any{"method": method, "arguments": args}, &out)
		switch {
		case err != nil:
			return fmt.Errorf("transmission: %s: %w", method, err)
		case r.status == http.StatusConflict:
			t.rpc.header = http.Header{"X-Transmission-Session-Id": r.header["X-Transmission-Session-Id"]}
			continue
		case out.Result != "success":
			return fmt.Errorf("transmission: %s: %s", method, out.Result)
		case into == nil:
			return nil
		}
		if err := json.Unmarshal(out.Arguments, into); err != nil {
			return fmt.Errorf("transmission: %s: %w", method, err)
		}
		return nil
	}
	return fmt.Errorf("transmission: %s: session id refused", method)
}

// Add adds a .torrent file.
func (t *transmission) Add(ctx context.Context, file, saveDir string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("transmission: %w", err)
	}
	return t.call(ctx, nil, "torrent-add", map[string]any{"metainfo": base64.StdEncoding.EncodeToString(b), "download-dir": saveDir})
}

// AddMagnet adds a magnet link.
func (t *transmission) AddMagnet(ctx context.Context, link, saveDir string) error {
	return t.call(ctx, nil, "torrent-add", map[string]any{"filename": link, "download-dir": saveDir})
}

// AddPeer is not supported.
func (t *transmission) AddPeer(context.Context, swarm.InfoHash, netip.AddrPort) error {
	return fmt.Errorf("transmission: adding a peer: %w", errors.ErrUnsupported)
}

// transmissionTorrent is what torrent-get returns of the fields that are asked for.
type transmissionTorrent struct {
	TotalSize, HaveValid, LeftUntilDone, DownloadedEver, UploadedEver int64
	Status                                                            int
	ErrorString                                                       string
	Peers                                                             []struct {
		Address, ClientName, FlagStr                     string
		Port                                             uint16
		ClientIsChoked, PeerIsChoked, IsEncrypted, IsUTP bool
		RateToClient, RateToPeer                         int64
	}
}

func (t *transmission) get(ctx context.Context, ih swarm.InfoHash, fields ...string) (*transmissionTorrent, error) {
	var out struct{ Torrents []transmissionTorrent }
	if err := t.call(ctx, &out, "torrent-get", map[string]any{"ids": []string{ih.String()}, "fields": fields}); err != nil {
		return nil, err
	}
	if len(out.Torrents) == 0 {
		return nil, fmt.Errorf("transmission: %w", ErrUnknownTorrent)
	}
	return &out.Torrents[0], nil
}

// Progress reports the torrent; status 6 is «seeding».
func (t *transmission) Progress(ctx context.Context, ih swarm.InfoHash) (Progress, error) {
	g, err := t.get(ctx, ih, "totalSize", "haveValid", "leftUntilDone", "downloadedEver", "uploadedEver", "status", "errorString")
	if err != nil {
		return Progress{}, err
	}
	return Progress{
		Size: g.TotalSize, Done: g.HaveValid, Downloaded: g.DownloadedEver, Uploaded: g.UploadedEver,
		State: str(g.Status), Error: g.ErrorString,
		Complete: g.TotalSize > 0 && g.HaveValid == g.TotalSize && g.Status == 6,
	}, nil
}

// Peers reports the connections of ih.
func (t *transmission) Peers(ctx context.Context, ih swarm.InfoHash) ([]Peer, error) {
	g, err := t.get(ctx, ih, "peers")
	if err != nil {
		return nil, err
	}
	var out []Peer
	for _, p := range g.Peers {
		addr, err := netip.ParseAddr(p.Address)
		if err != nil {
			return nil, fmt.Errorf("transmission: peer %q: %w", p.Address, err)
		}
		out = append(out, Peer{
			Addr: netip.AddrPortFrom(addr, p.Port), Client: p.ClientName, Down: p.RateToClient, Up: p.RateToPeer,
			ChokesUs: p.ClientIsChoked, Choked: p.PeerIsChoked, Encrypted: p.IsEncrypted, UTP: p.IsUTP, Flags: p.FlagStr,
		})
	}
	return out, nil
}

// SetLimits sets the limits, rounded up to 1000 bytes per second.
func (t *transmission) SetLimits(ctx context.Context, down, up int64) error {
	return t.call(ctx, nil, "session-set", transmissionLimits(down, up))
}

// Close ends the daemon.
func (t *transmission) Close() error {
	t.rpc.close()
	return t.kill()
}
