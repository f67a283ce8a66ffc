package link

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when a link, its writer or its server outlives Links.Close.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
