package lane

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"swarmbid/wallet/btt"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden replays the dialogues of testdata/dialogue. After a change of
// behaviour run with -update and read the diff before you commit it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogue/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d dialogues: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			in, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, string(in))
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

// replay copies the comments and commands of a dialogue and writes, indented, what
// each makes the two ends do.
//
//	connect            a new connection, both accounts proved
//	offer 2000000      the payer's bid
//	grant 1000000      the payee's allocator
//	serve 4M           payload; at the payer it is verified by the piece
//	flow               all that is on its way arrives, also the answers
//	arrive 2           that many things arrive at the payer
//	loss               the connection drops
//	restart payee      it forgets what is not recorded
//	wait 5s            time passes, with a tick for both
//	deposit, allow 5   in BTT
//	choke              by the payee
func replay(t *testing.T, in string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := newWorld(t, 1, cheats{})
	w.observe = func(_ *world, payee bool, e Effect) {
		if s := spell(e); s != "" {
			fmt.Fprintf(&out, "    %s %s\n", map[bool]string{true: "payee", false: "payer"}[payee], s)
		}
	}
	phases := ""
	for line := range strings.Lines(in) {
		if line[0] == ' ' {
			continue
		}
		out.WriteString(line)
		if f := strings.Fields(line); len(f) > 0 && f[0] != "#" {
			w.command(f[0], strings.Join(f[1:], " "))
			now := "-"
			if len(w.payee.Conns) > 0 && len(w.payer.Conns) > 0 {
				now = fmt.Sprintf("%v, %v", w.payee.Conns[0].Phase, w.payer.Conns[0].Phase)
			}
			if now != phases {
				fmt.Fprintf(&out, "    = %s\n", now)
			}
			phases = now
		}
	}
	fmt.Fprint(&out)
	return out.Bytes()
}

func (w *world) command(name, arg string) {
	number := func() int64 {
		s, mega := strings.CutSuffix(arg, "M")
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			w.t.Fatalf("%s %s: %v", name, arg, err)
		}
		if mega {
			n <<= 20
		}
		return n
	}
	switch name {
	case "connect":
		w.conn++
		w.live, w.sent, w.limit = true, 0, 1<<62
		w.toPayee(Funded{w.deposit})
		w.toPayee(Opened{Conn: w.conn, Torrent: Torrent{1}, Piece: testPiece})
		w.toPayer(Allowed{Amount: w.allow})
		w.toPayer(Opened{Conn: w.conn, Torrent: Torrent{1}, Piece: testPiece})
	case "offer":
		w.toPayer(Offer{w.conn, Bid{Price: btt.Rate(number()), Most: min(w.allow, 1e9)}})
		w.flow()
	case "grant":
		w.toPayee(Granted{w.conn, btt.Rate(number()), 1 << 20})
	case "serve":
		for n := number(); n > 0 && w.sent < w.limit; n -= Block {
			w.down = append(w.down, item{conn: w.conn, pos: w.sent, n: Block})
			w.sent += Block
			w.toPayee(Served{w.conn, w.sent})
		}
	case "flow":
		w.flow()
	case "arrive":
		for range number() {
			w.arrive()
		}
	case "loss":
		w.lost()
		w.down, w.up = nil, nil
	case "restart":
		w.restart(arg == "payee")
		w.down, w.up = nil, nil
	case "wait":
		d, err := time.ParseDuration(arg)
		if err != nil {
			w.t.Fatal(err)
		}
		w.now = w.now.Add(d)
		w.toPayee(Tick{})
		w.toPayer(Tick{})
	case "deposit":
		w.deposit = btt.Amount(number()) * btt.One
		w.toPayee(Funded{w.deposit})
	case "allow":
		w.allow = btt.Amount(number()) * btt.One
		w.toPayer(Allowed{Amount: w.allow})
	case "choke":
		w.toPayee(Choked{w.conn, w.sent})
		w.flow()
		w.toPayer(Choked{w.conn, w.sent})
	default:
		w.t.Fatalf("no command %s", name)
	}
}

// flow lets all arrive that is on its way.
func (w *world) flow() {
	for len(w.down)+len(w.up) > 0 && w.live {
		if len(w.down) > 0 {
			w.arrive()
			continue
		}
		m := w.up[0]
		w.up = w.up[1:]
		w.toPayee(Heard{Conn: w.conn, Message: m})
	}
}

// spell writes an effect; how far may be served only where it is bounded.
func spell(e Effect) string {
	switch e := e.(type) {
	case Record:
		b := e.Book
		s := fmt.Sprintf("record due=%d promised=%d bytes=%d", b.Due, b.Cumulative, b.Bytes)
		if b.Unpaid > 0 {
			s += fmt.Sprintf(" unpaid=%d", b.Unpaid)
		}
		if b.Repay > 0 {
			s += fmt.Sprintf(" repay=%d", b.Repay)
		}
		if b.Strikes > 0 {
			s += fmt.Sprintf(" strikes=%d until=%s", b.Strikes, b.Until.Sub(epoch))
		}
		if e.Moved > 0 {
			s += fmt.Sprintf(" moved=%d", e.Moved)
		}
		return s
	case Sign:
		return fmt.Sprintf("sign %d", e.Voucher.Cumulative)
	case Send:
		return "say " + spellMessage(e.Message)
	case Place:
		return "place " + spellMessage(e.Message)
	case Tell:
		return fmt.Sprintf("tell %v %d µBTT, %d bytes", e.Fact, e.Amount, e.Bytes)
	case Limit:
		return ""
	default:
		return fmt.Sprintf("%T %+v", e, e)
	}
}

func spellMessage(m Message) string {
	switch m := m.(type) {
	case Quote:
		return fmt.Sprintf("quote %d p=%d w=%d q=%d y=%d c=%d", m.Number, m.Price, m.Window, m.Prepay, m.Served, m.Held)
	case Pay:
		return fmt.Sprintf("pay c=%d b=%d", m.Cumulative, m.Verified)
	case Need:
		return fmt.Sprintf("need c=%d in %v", m.Cumulative, m.Grace)
	case Bid:
		return fmt.Sprintf("bid p=%d m=%d", m.Price, m.Most)
	default:
		return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T%+v", m, m), "lane."))
	}
}
