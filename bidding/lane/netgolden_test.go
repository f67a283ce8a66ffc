package lane

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

// TestNettingGolden replays the dialogues of testdata/netting, as TestGolden does those
// of one lane. first is the end that proposes.
//
//	connect [plain]    a new connection, both accounts proved; plain = without setting off
//	trade 1000000      each bids, and each serves the other at that price
//	serve first 4M     payload from that end; at the other it is verified by the piece
//	flow               all that is on its way arrives, also the answers
//	lose first         what is on its way to that end is lost
//	loss               the connection drops
//	restart first      it forgets what is not recorded
//	wait 2s            time passes, with a tick for both
//	say second 1 5 5   it says that of setting off: number, total, proposed
func TestNettingGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/netting/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d dialogues: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			in, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replayPair(t, string(in))
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

func replayPair(t *testing.T, in string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := newDuplex(t, 0, tricks{})
	if !w.ends[0].pair.Net.proposes() {
		w = newDuplex(t, 1, tricks{})
	}
	names := map[*station]string{w.ends[0]: "first", w.ends[1]: "second"}
	w.observe = func(_ *duplex, s *station, paid bool, e Effect) {
		text := spell(e)
		switch e := e.(type) {
		case RecordNet:
			text = fmt.Sprintf("record net %+v moved=%d", e.Book, e.Moved)
		case Place, Ask:
			return // prices are not what it is about; what is asked for is said
		case Send:
			if m, ok := e.Message.(Netted); ok {
				text = fmt.Sprintf("say netted k=%d n=%d p=%d", m.Number, m.Total, m.Proposed)
			} else if _, ok := e.Message.(Bid); ok {
				return
			}
		}
		if text != "" {
			fmt.Fprintf(&out, "    %s %s\n", names[s], strings.Replace(text, "record due", map[bool]string{true: "record sale due", false: "record purchase due"}[paid], 1))
		}
	}
	for line := range strings.Lines(in) {
		if line[0] == ' ' {
			continue
		}
		out.WriteString(line)
		if f := strings.Fields(line); len(f) > 0 && f[0] != "#" {
			w.command(f[0], f[1:])
		}
	}
	return out.Bytes()
}

func (w *duplex) command(name string, args []string) {
	number := func(i int) int64 {
		s, mega := strings.CutSuffix(args[i], "M")
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			w.t.Fatalf("%s %v: %v", name, args, err)
		}
		if mega {
			n <<= 20
		}
		return n
	}
	end := func() *station { return w.ends[map[string]int{"first": 0, "second": 1}[args[0]]] }
	switch name {
	case "connect":
		w.gross = float64(len(args))
		w.connect()
	case "trade":
		w.flow()
		for _, s := range w.ends {
			w.step(s, true, Granted{w.conn, btt.Rate(number(0)), 1 << 20})
		}
		w.flow()
	case "serve":
		s := end()
		for n := number(1); n > 0 && s.sent < s.limit; n -= Block {
			w.other(s).in = append(w.other(s).in, item{conn: w.conn, pos: s.sent, n: Block})
			s.sent += Block
			w.step(s, true, Served{w.conn, s.sent})
		}
	case "flow":
		w.flow()
	case "lose":
		end().in = nil
	case "loss":
		w.lost()
	case "restart":
		w.restart(end())
		w.ends[0].in, w.ends[1].in = nil, nil
	case "wait":
		d, err := time.ParseDuration(args[0])
		if err != nil {
			w.t.Fatal(err)
		}
		w.now = w.now.Add(d)
		w.tick(w.ends[0])
		w.tick(w.ends[1])
	case "say":
		w.put(end(), Netted{number(1), btt.Amount(number(2)), btt.Amount(number(3))})
	default:
		w.t.Fatalf("no command %s", name)
	}
}

// flow lets all arrive that is on its way.
func (w *duplex) flow() {
	for len(w.ends[0].in)+len(w.ends[1].in) > 0 && w.live {
		w.arrive(w.ends[0])
		w.arrive(w.ends[1])
	}
}
