package assets

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update-licences", false, "write licences.json anew from the modules of the program")

// required reads the modules of go.mod with their versions; direct are those that
// the program itself imports.
func required(t *testing.T) (versions map[string]string, direct []string) {
	t.Helper()
	b, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	versions = map[string]string{}
	line := regexp.MustCompile(`(?m)^(?:require )?\s*([a-zA-Z0-9.\-_~/!]+\.[a-zA-Z0-9.\-_~/!]+) (v[^\s]+)( // indirect)?$`)
	for _, m := range line.FindAllStringSubmatch(string(b), -1) {
		versions[m[1]] = m[2]
		if m[3] == "" {
			direct = append(direct, m[1])
		}
	}
	return versions, direct
}

// testsOnly are modules that go.mod requires directly and the program does not hold.
func testsOnly() []string {
	return []string{"github.com/ethereum/go-ethereum", "github.com/holiman/uint256", "go.uber.org/goleak", "pgregory.net/rapid"}
}

// TestLicencesFitGoMod: every module that go.mod asks for directly is listed, with
// the version it asks for, and nothing else that it does not know.
func TestLicencesFitGoMod(t *testing.T) {
	if *update {
		generate(t)
	}
	versions, direct := required(t)
	if len(direct) < 10 {
		t.Fatalf("go.mod was read as %v", direct)
	}
	have := map[string]bool{}
	list := Licences()
	for i, l := range list {
		have[l.Module] = true
		if v := versions[l.Module]; v != l.Version {
			t.Errorf("%s is listed as %s, go.mod has %q; run with -update-licences", l.Module, l.Version, v)
		}
		if l.Licence == "" || strings.Contains(l.Licence, "?") {
			t.Errorf("%s: licence %q", l.Module, l.Licence)
		}
		if i > 0 && list[i-1].Module >= l.Module {
			t.Errorf("%s is not in order", l.Module)
		}
	}
	for _, m := range direct {
		if m == "github.com/anacrolix/go-utp" { // engine/utp stands in for it
			continue
		}
		if !have[m] && !slices.Contains(testsOnly(), m) {
			t.Errorf("%s is not listed; run with -update-licences", m)
		}
	}
}

// generate lists the modules of the program with what their licence files say.
func generate(t *testing.T) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{with .Replace}}{{.Dir}}{{else}}{{.Dir}}{{end}}{{end}}{{end}}`, "./app")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	versions, _ := required(t)
	seen := map[string]bool{}
	var list []Licence
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		ours := len(f) == 3 && strings.HasPrefix(f[2], root) // a module of this repository that stands in for another
		if len(f) != 3 || seen[f[0]] || versions[f[0]] == "" || ours {
			continue
		}
		seen[f[0]] = true
		list = append(list, Licence{f[0], versions[f[0]], licenceOf(t, f[2])})
	}
	slices.SortFunc(list, func(a, b Licence) int { return strings.Compare(a.Module, b.Module) })
	b, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("licences.json", append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	licences = b
}

// licenceOf recognises the licences in a module's folder by words that only they
// have.
func licenceOf(t *testing.T, dir string) string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"LICEN[CS]E*", "licen[cs]e*", "Licen[cs]e*", "COPYING*", "copying*", "MIT-LICENSE*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				continue // a folder of that name
			}
			if s := classify(string(b)); s != "" && !slices.Contains(found, s) {
				found = append(found, s)
			}
		}
	}
	if len(found) == 0 {
		return "?"
	}
	return strings.Join(found, " AND ")
}

func classify(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	has := func(s string) bool { return strings.Contains(text, s) }
	switch {
	case has("Mozilla Public License Version 2.0"), has("Mozilla Public License, version 2.0"):
		return "MPL-2.0"
	case has("Apache License Version 2.0"), has("Apache License, Version 2.0"):
		return "Apache-2.0"
	case has("GNU LESSER GENERAL PUBLIC LICENSE Version 3"):
		return "LGPL-3.0"
	case has("GNU LESSER GENERAL PUBLIC LICENSE"):
		return "LGPL-2.1"
	case has("GNU GENERAL PUBLIC LICENSE"):
		return "GPL-3.0"
	case has("Permission is hereby granted, free of charge"):
		return "MIT"
	case has("Permission to use, copy, modify, and distribute this software"), has("Permission to use, copy, modify, and/or distribute this software"):
		return "ISC"
	case has("Redistribution and use in source and binary forms") && (has("Neither the name") || has("may not be used to endorse") || has("may be used to endorse")):
		return "BSD-3-Clause"
	case has("Redistribution and use in source and binary forms"):
		return "BSD-2-Clause"
	case has("This is free and unencumbered software released into the public domain"):
		return "Unlicense"
	case has("CC0"):
		return "CC0-1.0"
	}
	return ""
}

func TestClassify(t *testing.T) {
	for text, want := range map[string]string{
		"Permission is hereby granted,\n free of charge, to any": "MIT",
		"nothing of the kind":                 "",
		"Mozilla Public License\nVersion 2.0": "MPL-2.0",
	} {
		if got := classify(text); got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
}
