package engine

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets more tests run at once than there are cores: they wait for timers
// and other programs, not for the processor.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err) //nolint:forbidigo // a flag of package testing
	}
	os.Exit(m.Run())
}
