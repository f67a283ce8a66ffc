//go:build !windows

package desktop

import "testing"

// hives are the registries that a test runs on.
func hives(*testing.T) map[string]hive { return map[string]hive{"memory": mapHive{}} }
