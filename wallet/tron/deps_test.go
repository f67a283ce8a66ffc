package tron

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestDependencies keeps USB out of the program: five packages of gotron-sdk
// bring zondax/hid, which is cgo and opens devices. It also keeps the SDK to the
// parts that were examined.
func TestDependencies(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const sdk = "github.com/fbsobreira/gotron-sdk/pkg/"
	// the first line is what is used, the second what the client brings
	allowed := []string{
		"client", "address", "common", "proto/api", "proto/core",
		"abi", "account", "keys", "keys/hd", "keystore", "mnemonic", "store",
	}
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		for _, bad := range []string{"zondax/hid", "karalabe/hid", "karalabe/usb", "gousb", "ledger-go"} {
			if strings.Contains(dep, bad) {
				t.Errorf("depends on %s", dep)
			}
		}
		part, ok := strings.CutPrefix(dep, sdk)
		if !ok {
			continue
		}
		if !slices.Contains(allowed, part) {
			t.Errorf("uses %s, which nobody has examined", dep)
		}
	}
}
