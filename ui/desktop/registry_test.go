package desktop

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// mapHive is a registry in memory: folded "key\x00name" to value. A key is there
// while it has values or keys.
type mapHive map[string]string

func at(key, name string) string {
	return strings.ToLower(strings.TrimSuffix(key, `\`) + "\x00" + name)
}

func (h mapHive) value(key, name string) (string, bool, error) {
	v, ok := h[at(key, name)]
	return v, ok, nil
}

func (h mapHive) set(key, name, value string) error {
	h[at(key, name)] = value
	return nil
}

func (h mapHive) unset(key, name string) error {
	delete(h, at(key, name))
	return nil
}

func (h mapHive) deleteTree(key string) error {
	maps.DeleteFunc(h, func(k, _ string) bool {
		return strings.HasPrefix(k, at(key, "")) || strings.HasPrefix(k, strings.ToLower(key)+`\`)
	})
	return nil
}

func (h mapHive) deleteEmpty(string) error { return nil } // it has none

var testProgram = Program{Name: "SwarmbidTest", ID: "org.swarmbid.test", Exe: `C:\Users\Jörg\AppData\Local\Programs\Swarmbid\Swarmbid.exe`, Icon: []byte("png"), IconSVG: []byte("<svg/>")}

const other = `"C:\Program Files\Other\other.exe" "%1"`

func TestAssociateIntoNothing(t *testing.T) {
	for name, h := range hives(t) {
		t.Run(name, func(t *testing.T) {
			r := registration{testProgram}
			if a, err := r.check(h); err != nil || a != (Associations{}) {
				t.Fatalf("before: %+v, %v", a, err)
			}
			if err := r.associate(h); err != nil {
				t.Fatal(err)
			}
			if a, err := r.check(h); err != nil || a != (Associations{Registered: true, Torrent: true, Magnet: true}) {
				t.Errorf("associated: %+v, %v", a, err)
			}
			for _, key := range []string{classesKey + r.progTorrent(), classesKey + r.progMagnet(), classesKey + magnetScheme} {
				v, _, err := h.value(key+commandKey, "")
				if want := `"` + testProgram.Exe + `" -- "%1"`; err != nil || v != want {
					t.Errorf("%s opens %s, %v; want %s", key, v, err, want)
				}
			}
			for _, on := range []bool{true, false} {
				if err := r.autostart(h, on); err != nil {
					t.Fatal(err)
				}
				if a, err := r.check(h); err != nil || a.Autostart != on {
					t.Errorf("autostart %v: %+v, %v", on, a, err)
				}
			}
			if err := r.dissociate(h); err != nil {
				t.Fatal(err)
			}
			if a, err := r.check(h); err != nil || a != (Associations{}) {
				t.Errorf("after: %+v, %v", a, err)
			}
			if err := r.dissociate(h); err != nil {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}

func TestDefaultsOfOthersStay(t *testing.T) {
	for name, h := range hives(t) {
		t.Run(name, func(t *testing.T) {
			r := registration{testProgram}
			for _, e := range []entry{
				{classesKey + torrentExt, "", "Other.torrent"},
				{classesKey + torrentExt + `\OpenWithProgids`, "Other.torrent", ""},
				{classesKey + magnetScheme, "", "URL:Other"},
				{classesKey + magnetScheme + commandKey, "", other},
				{registeredKey, "Other", "x"},
			} {
				if err := h.set(e.key, e.name, e.value); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.associate(h); err != nil {
				t.Fatal(err)
			}
			if a, err := r.check(h); err != nil || a != (Associations{Registered: true}) {
				t.Errorf("beside another program: %+v, %v", a, err)
			}
			if err := r.dissociate(h); err != nil {
				t.Fatal(err)
			}
			for _, e := range []entry{{classesKey + torrentExt, "", "Other.torrent"}, {classesKey + magnetScheme, "", "URL:Other"}, {classesKey + magnetScheme + commandKey, "", other}, {registeredKey, "Other", "x"}} {
				if v, ok, err := h.value(e.key, e.name); err != nil || !ok || v != e.value {
					t.Errorf("%s %s is %q, %v after we left; want %q", e.key, e.name, v, err, e.value)
				}
			}
		})
	}
}

// What was there before is there after, whatever it was, and nothing else is.
func TestOnlyOurs(t *testing.T) {
	r := registration{testProgram}
	foreign := [][]entry{ // what comes and goes together
		{{classesKey + torrentExt, "", "Other.torrent"}},
		{{classesKey + torrentExt, "Content Type", "application/x-other"}},
		{{classesKey + torrentExt + `\OpenWithProgids`, "Other.torrent", ""}},
		{{classesKey + torrentExt + `\Shell`, "", "x"}},
		{{classesKey + magnetScheme, "", "URL:Other"}, {classesKey + magnetScheme, "URL Protocol", ""}, {classesKey + magnetScheme + commandKey, "", other}},
		{{classesKey + `Applications\other.exe` + commandKey, "", other}},
		{{classesKey + "SwarmbidTest.torrentx", "", "x"}},
		{{registeredKey, "Other", "x"}},
		{{runKey, "Other", "x"}},
		{{`Software\SwarmbidTest\Theirs`, "a", "b"}},
		{{`Software\SwarmbidTester`, "a", "b"}},
	}
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		h := mapHive{}
		for _, g := range foreign {
			if rnd.IntN(2) == 0 {
				continue
			}
			for _, e := range g {
				_ = h.set(e.key, e.name, e.value)
			}
		}
		before := maps.Clone(h)
		for range 1 + rnd.IntN(3) {
			if err := r.associate(h); err != nil {
				t.Fatal(err)
			}
		}
		for k, v := range before {
			if h[k] != v {
				t.Errorf("seed %d: associate made %q of %q = %q", seed, h[k], k, v)
			}
		}
		if err := r.autostart(h, true); err != nil {
			t.Fatal(err)
		}
		// Since then another program or the user may have changed the defaults.
		if rnd.IntN(3) == 0 {
			for _, e := range slices.Concat(foreign...) {
				_ = h.set(e.key, e.name, e.value)
				before[at(e.key, e.name)] = e.value
			}
		}
		if err := r.dissociate(h); err != nil {
			t.Fatal(err)
		}
		if err := r.autostart(h, false); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(h, before) {
			t.Fatalf("seed %d: left\n%v\nwant\n%v", seed, h, before)
		}
	}
}

func TestRepairAfterAMove(t *testing.T) {
	for name, h := range hives(t) {
		t.Run(name, func(t *testing.T) {
			old := testProgram
			old.Exe = `D:\Old place\swarmbid.exe`
			if err := (registration{old}).associate(h); err != nil {
				t.Fatal(err)
			}
			r := registration{testProgram}
			if a, err := r.check(h); err != nil || a.Registered {
				t.Errorf("registered at the old place: %+v, %v", a, err)
			}
			if err := r.associate(h); err != nil {
				t.Fatal(err)
			}
			if a, err := r.check(h); err != nil || a != (Associations{Registered: true, Torrent: true, Magnet: true}) {
				t.Errorf("repaired: %+v, %v", a, err)
			}
			if v, _, _ := h.value(classesKey+magnetScheme+commandKey, ""); v != r.command() {
				t.Errorf("magnet links open %s", v)
			}
		})
	}
}

func TestUserChoiceCounts(t *testing.T) {
	for name, h := range hives(t) {
		t.Run(name, func(t *testing.T) {
			r := registration{testProgram}
			if err := r.associate(h); err != nil {
				t.Fatal(err)
			}
			const ext, link = `Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts\.torrent\UserChoice`, `Software\Microsoft\Windows\Shell\Associations\UrlAssociations\magnet\UserChoice`
			for _, c := range []struct {
				torrent, magnet string
				want            Associations
			}{
				{"Other.torrent", "Other.magnet", Associations{Registered: true}},
				{r.progTorrent(), "Other.magnet", Associations{Registered: true, Torrent: true}},
				{"Other.torrent", r.progMagnet(), Associations{Registered: true, Magnet: true}},
			} {
				_ = h.set(ext, "ProgId", c.torrent)
				_ = h.set(link, "ProgId", c.magnet)
				if a, err := r.check(h); err != nil || a != c.want {
					t.Errorf("user chose %s and %s: %+v, %v", c.torrent, c.magnet, a, err)
				}
			}
		})
	}
}
