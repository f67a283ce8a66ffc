package bidding

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// TestGolden replays the dialogues of testdata/allocate. After a change of
// behaviour run with -update and read the diff before you commit it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/allocate/*.txt")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d dialogues: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			in, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, in)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			} else if !bytes.Equal(got, in) {
				t.Errorf("got:\n%s\nwant:\n%s", got, in)
			}
		})
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// script is a dialogue in progress: what the engine would remember.
type script struct {
	now   time.Time
	p     Policy
	names []string // in order of arrival; the key of a peer is its place here, from 1
	peers map[string]*Peer
}

// replay copies a dialogue and writes the decision after each «round» line.
//
//	policy slots=4 …        sets fields of the policy; the rest stay
//	peer name bid=5 …       adds a peer or sets fields of one; "new" peers are interested and in good standing
//	gone name               the peer has left
//	round 10s               lets time pass and decides
func replay(t *testing.T, in []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	s := script{now: epoch, peers: map[string]*Peer{}}
	answer := false
	for sc := bufio.NewScanner(bytes.NewReader(in)); sc.Scan(); {
		line := sc.Text()
		if answer && strings.HasPrefix(line, "  ") {
			continue // the old answer
		}
		answer = false
		fmt.Fprintln(&out, line)
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || strings.HasPrefix(line, "#"):
		case f[0] == "policy":
			s.policy(t, f[1:])
		case f[0] == "peer":
			s.peer(t, f[1], f[2:])
		case f[0] == "gone":
			delete(s.peers, f[1])
		case f[0] == "round":
			d, err := time.ParseDuration(f[1])
			if err != nil {
				t.Fatal(err)
			}
			s.now = s.now.Add(d)
			s.round(&out)
			answer = true
		default:
			t.Fatalf("unknown line %q", line)
		}
	}
	return out.Bytes()
}

// field splits "name=value" and reads the value as a number, with k for 1000.
func field(t *testing.T, f string) (name, text string, n int64) {
	t.Helper()
	name, text, _ = strings.Cut(f, "=")
	digits, kilo := strings.CutSuffix(text, "k")
	n, _ = strconv.ParseInt(digits, 10, 64)
	if kilo {
		n *= 1000
	}
	return name, text, n
}

func (s *script) policy(t *testing.T, fields []string) {
	t.Helper()
	for _, f := range fields {
		switch name, text, n := field(t, f); name {
		case "default":
			s.p = DefaultPolicy()
		case "uplink":
			s.p.Uplink = n
		case "slots":
			s.p.Slots = int(n)
		case "torrent":
			s.p.TorrentSlots = int(n)
		case "optimistic":
			s.p.Optimistic = int(n)
		case "subnet":
			s.p.SubnetSlots = int(n)
		case "free":
			s.p.FreeShare = int(n)
		case "market":
			s.p.Market = text == "on"
		default:
			t.Fatalf("unknown field %q", f)
		}
	}
}

func (s *script) peer(t *testing.T, who string, fields []string) {
	t.Helper()
	q := s.peers[who]
	if q == nil {
		s.names = append(s.names, who)
		q = &Peer{Key: PeerKey(len(s.names)), Interested: true, Standing: true, Since: s.now, Turn: s.now}
		s.peers[who] = q
	}
	for _, f := range fields {
		switch name, text, n := field(t, f); name {
		case "torrent":
			copy(q.Torrent[:], text)
		case "addr":
			q.Addr = netip.MustParseAddr(text)
		case "interested":
			q.Interested = text == "yes"
		case "seeding":
			q.Seeding = text == "yes"
		case "received":
			q.Received = n
		case "owed":
			q.Owed = n
		case "demand":
			q.Demand = n
		case "cap":
			q.Cap = n
		case "bid":
			q.Bid = btt.Rate(n)
		case "standing":
			q.Standing = text == "yes"
		case "reserve":
			q.Reserve = btt.Rate(n)
		case "bids":
			q.NoBids = text == "no"
		default:
			t.Fatalf("unknown field %q", f)
		}
	}
}

// round decides, prints what was decided and remembers it, as the engine does.
func (s *script) round(out *bytes.Buffer) {
	var peers []Peer
	for _, q := range s.peers {
		peers = append(peers, *q)
	}
	for _, g := range Allocate(s.now, s.p, peers) {
		q := s.peers[s.names[g.Key-1]]
		fmt.Fprintf(out, "  %-6s %-10s %6d  %s", s.names[g.Key-1], g.Slot, g.Rate, g.Reason)
		if g.Bid != NoBid {
			fmt.Fprintf(out, "; bid %s", g.Bid)
		}
		if g.Slot == Paid {
			fmt.Fprintf(out, " at %d", int64(g.Price))
		}
		if g.Requote {
			fmt.Fprint(out, ", new quote")
			q.Quote = Quote{Price: g.Price, Rate: g.Rate, At: s.now}
		}
		fmt.Fprintln(out)
		if g.Slot != Paid {
			q.Quote = Quote{}
		}
		if g.Slot != q.Slot {
			q.Slot, q.Since = g.Slot, s.now
			if g.Slot == Optimistic {
				q.Turn = s.now
			}
		}
	}
}
