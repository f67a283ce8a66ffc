package lab

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"

	"swarmbid/engine/swarm"
)

// aria2 drives aria2c over JSON-RPC. It has no command that adds a peer, so the
// driver gives each download a tracker of its own, asked every second, that knows
// the peers told by AddPeer. What a connection is encrypted with stands only in
// its log.
type aria2 struct {
	*process
	rpc     *caller
	url     string
	addr    netip.AddrPort
	tracker *Tracker // answers with what AddPeer told
	mse     mseLog
}

// StartAria2 starts aria2c (Debian package aria2).
func StartAria2(ctx context.Context, o Options) (Client, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	control, err := freePort()
	if err != nil {
		return nil, err
	}
	t, err := StartTracker(TrackerConfig{})
	if err != nil {
		return nil, err
	}
	log := filepath.Join(o.Dir, "aria2.log")
	args := []string{
		"--no-conf", "--enable-rpc", "--rpc-listen-all=false", "--rpc-listen-port=" + str(control), "--listen-port=" + str(port),
		"--interface=lo", "--log=" + log, "--log-level=" + map[bool]string{true: "warn", false: "debug"}[o.Quiet], "--console-log-level=warn", "--summary-interval=0",
		"--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false",
		"--enable-peer-exchange=" + strconv.FormatBool(o.PEX), "--disable-ipv6=" + strconv.FormatBool(!o.IPv6),
		"--bt-tracker=" + t.HTTP(), "--bt-tracker-interval=1", "--seed-ratio=0.0", "--bt-hash-check-seed=true",
		"--check-integrity=true", "--allow-overwrite=true", "--auto-file-renaming=false", "--file-allocation=none",
		"--max-overall-download-limit=" + str(o.Down), "--max-overall-upload-limit=" + str(o.Up), "--max-concurrent-downloads=100",
	}
	if o.Encryption == Require {
		args = append(args, "--bt-force-encryption=true")
	} else {
		args = append(args, "--bt-require-crypto=false", "--bt-min-crypto-level="+map[bool]string{true: "arc4", false: "plain"}[o.Encryption == Prefer])
	}
	p, err := start(ctx, command{name: "aria2", path: "aria2c", pkg: "aria2", dir: o.Dir, args: args})
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	p.logs = append(p.logs, log)
	a := &aria2{process: p, rpc: newCaller(), url: "http://" + loopback(control).String() + "/jsonrpc", addr: loopback(port), tracker: t, mse: mseLog{file: log}}
	if err := p.ready(ctx, func(ctx context.Context) error { return a.call(ctx, nil, "getVersion") }); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// str writes a number in decimal.
func str[T ~int | ~uint16 | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// Addr is where it accepts peers.
func (a *aria2) Addr() netip.AddrPort { return a.addr }

// call does one JSON-RPC method of the aria2 namespace.
func (a *aria2) call(ctx context.Context, into any, method string, params ...any) error {
	var out struct {
		Result any
		Error  *struct{ Message string }
	}
	out.Result = into
	if params == nil {
		params = []any{}
	}
	in := map[string]any{"jsonrpc": "2.0", "id": "1", "method": "aria2." + method, "params": params}
	if _, err := a.rpc.json(ctx, a.url, in, &out); err != nil {
		return fmt.Errorf("aria2: %s: %w", method, err)
	}
	if out.Error != nil {
		return fmt.Errorf("aria2: %s: %s", method, out.Error.Message)
	}
	return nil
}

// Add adds a .torrent file.
func (a *aria2) Add(ctx context.Context, file, saveDir string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("aria2: %w", err)
	}
	return a.call(ctx, nil, "addTorrent", base64.StdEncoding.EncodeToString(b), []string{}, map[string]string{"dir": saveDir})
}

// AddMagnet adds a magnet link.
func (a *aria2) AddMagnet(ctx context.Context, link, saveDir string) error {
	return a.call(ctx, nil, "addUri", []string{link}, map[string]string{"dir": saveDir})
}

// AddPeer lets the driver's tracker name the peer; aria2 asks within a second.
func (a *aria2) AddPeer(_ context.Context, ih swarm.InfoHash, peer netip.AddrPort) error {
	a.tracker.AddPeer(ih, peer)
	return nil
}

// aria2Download is an entry of tellActive, tellWaiting or tellStopped.
type aria2Download struct {
	GID, Status, InfoHash, ErrorMessage                            string
	TotalLength, CompletedLength, VerifiedLength, UploadLength     string
	Seeder, VerifyIntegrityPending, DownloadSpeed, NumSeeders, Dir string
	Bittorrent                                                     struct{ Info *struct{ Name string } }
}

// find looks for the download of ih that has its metadata.
func (a *aria2) find(ctx context.Context, ih swarm.InfoHash) (*aria2Download, error) {
	for _, m := range []string{"tellActive", "tellWaiting", "tellStopped"} {
		var params []any
		if m != "tellActive" {
			params = []any{0, 1000}
		}
		var list []aria2Download
		if err := a.call(ctx, &list, m, params...); err != nil {
			return nil, err
		}
		for _, d := range list {
			if d.InfoHash == ih.String() && d.Bittorrent.Info != nil {
				return &d, nil
			}
		}
	}
	return nil, fmt.Errorf("aria2: %w", ErrUnknownTorrent)
}

// Progress reports the download. aria2 says that it seeds only when it has
// verified everything.
func (a *aria2) Progress(ctx context.Context, ih swarm.InfoHash) (Progress, error) {
	d, err := a.find(ctx, ih)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Size: num(d.TotalLength), Done: num(d.CompletedLength), Uploaded: num(d.UploadLength), State: d.Status, Error: d.ErrorMessage}
	if d.VerifyIntegrityPending == "true" || d.VerifiedLength != "" {
		p.State = "checking"
	}
	p.Complete = d.Seeder == "true" && p.Done == p.Size
	p.Downloaded = p.Done
	return p, nil
}

// num reads one of aria2's numbers, which come as strings; "" is 0.
func num(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Peers reports the connections of ih.
func (a *aria2) Peers(ctx context.Context, ih swarm.InfoHash) ([]Peer, error) {
	d, err := a.find(ctx, ih)
	if err != nil {
		return nil, err
	}
	var list []struct{ IP, Port, PeerID, AmChoking, PeerChoking, DownloadSpeed, UploadSpeed string }
	if err := a.call(ctx, &list, "getPeers", d.GID); err != nil {
		return nil, err
	}
	encrypted, err := a.mse.update()
	if err != nil {
		return nil, err
	}
	var out []Peer
	for _, p := range list {
		addr, err := netip.ParseAddr(p.IP)
		if err != nil {
			return nil, fmt.Errorf("aria2: peer %q: %w", p.IP, err)
		}
		if p.PeerID == "" {
			continue // no handshake yet
		}
		out = append(out, Peer{
			Addr: netip.AddrPortFrom(addr, uint16(num(p.Port))), Client: unescape(p.PeerID), Down: num(p.DownloadSpeed), Up: num(p.UploadSpeed),
			ChokesUs: p.PeerChoking == "true", Choked: p.AmChoking == "true", Encrypted: encrypted[unescape(p.PeerID)],
		})
	}
	return out, nil
}

// SetLimits sets the overall limits.
func (a *aria2) SetLimits(ctx context.Context, down, up int64) error {
	return a.call(ctx, nil, "changeGlobalOption", map[string]string{
		"max-overall-download-limit": str(down), "max-overall-upload-limit": str(up),
	})
}

// Close ends aria2 and its tracker.
func (a *aria2) Close() error {
	a.rpc.close()
	return errors.Join(a.kill(), a.tracker.Close())
}
