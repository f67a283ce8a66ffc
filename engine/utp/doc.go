// Package utp offers the names that github.com/anacrolix/torrent v1.62.0 wants of
// github.com/anacrolix/go-utp, over the pure Go github.com/anacrolix/utp v0.1.0.
//
// It exists because the version of go-utp that the library asks for cannot be
// fetched from the public module proxy, and because the C++ implementation behind
// it measured slower on loopback (7 against 30 MiB/s) and would put a C++ runtime
// into the Windows build. The module's go.mod carries the replaced path; the main
// go.mod points here with a replace line. It can go as soon as go-utp resolves and
// is no slower.
package utp
