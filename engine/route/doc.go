// Package route is the way out of the session: from which address of this computer
// connections begin, and through which proxy they go.
//
// A Route is immutable; other settings are another Route. Every connection of the
// session that is not about the local network is made by one: Dial and RoundTrip go
// through the proxy if there is one, Direct never does. Nothing falls back: where the
// proxy refuses, or the chosen address is gone, there is an error and no connection.
//
// SOCKS5 is golang.org/x/net/proxy. SOCKS4 with 4a and CONNECT (RFC 9110, 9.3.6) are
// here, since no library that is at hand speaks both over a connection that is given.
// None of them carries UDP here: who uses UDP must ask Proxied first.
package route
