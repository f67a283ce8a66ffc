package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/anacrolix/torrent/mse"

	"swarmbid/engine/peerwire"
)

// secure settles how bytes get to the network, once.
func (l *Link) secure(r io.Reader, w io.Writer, e Encryption, err error) {
	l.secureOnce.Do(func() {
		l.r, l.w, l.encryption, l.secureErr = r, w, e, err
		if err == nil {
			l.endHandshake()
		}
		close(l.secured)
	})
}

// endHandshake gives the socket the library's deadlines back.
func (l *Link) endHandshake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	raw := l.rawConn()
	_ = raw.SetReadDeadline(l.read)
	_ = raw.SetWriteDeadline(l.write)
	l.applied = l.read
}

func (l *Link) startHandshake(raw net.Conn) {
	_ = raw.SetDeadline(time.Now().Add(l.links.cfg.HandshakeTimeout))
}

// secureIncoming finds out by the first bytes whether the peer speaks MSE. It is
// called by the first Read or the Write of the handshake, so that Accept never waits for a peer.
func (l *Link) secureIncoming() {
	raw := l.rawConn()
	l.startHandshake(raw)
	var first [len(peerwire.Protocol)]byte
	if _, err := io.ReadFull(raw, first[:]); err != nil {
		l.secure(nil, nil, Plain, err)
		return
	}
	rest := io.MultiReader(bytes.NewReader(first[:]), raw)
	policy := Policy(l.links.policy.Load())
	if string(first[:]) == peerwire.Protocol {
		var err error
		if policy == Require {
			err = ErrPlaintext
		}
		l.secure(rest, raw, Plain, err)
		return
	}
	if policy == Off {
		l.secure(nil, nil, Plain, ErrPlaintext)
		return
	}
	rw, method, err := mse.ReceiveHandshake(context.Background(), struct {
		io.Reader
		io.Writer
	}{rest, raw}, l.secrets, selectMethod(policy))
	if err != nil {
		l.secure(nil, nil, Plain, fmt.Errorf("link: obfuscated handshake from %v: %w", l.addr, err))
		return
	}
	l.secure(rw, rw, encryptionOf(method), nil)
}

// secureOutgoing sends the library's handshake hs, obfuscated if the policy says
// so. It is called by the Write that completes hs, for only then the torrent,
// which is the key, is known.
func (l *Link) secureOutgoing(hs []byte) {
	raw := l.rawConn()
	l.startHandshake(raw)
	policy := Policy(l.links.policy.Load())
	if policy != Off {
		rw, method, err := mse.InitiateHandshake(raw, hs[28:48], hs, providedMethods(policy))
		if err == nil {
			l.secure(rw, rw, encryptionOf(method), nil)
			return
		}
		err = fmt.Errorf("link: obfuscated handshake with %v: %w", l.addr, err)
		if policy == Require {
			l.secure(nil, nil, Plain, err)
			return
		}
		if raw, err = l.again(err); err != nil {
			l.secure(nil, nil, Plain, err)
			return
		}
	}
	_, err := raw.Write(hs)
	l.secure(raw, raw, Plain, err)
}

// again replaces a connection whose obfuscated handshake failed.
func (l *Link) again(cause error) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), l.links.cfg.HandshakeTimeout)
	defer cancel()
	l.rawMu.Lock()
	_ = l.raw.Close()
	l.abort = cancel
	l.rawMu.Unlock()
	if l.isDone() { // Close did not see abort
		return nil, net.ErrClosed
	}
	raw, err := l.redial(ctx)
	if err != nil {
		return nil, errors.Join(cause, err)
	}
	tune(raw)
	raw = &counted{Conn: raw}
	l.startHandshake(raw)
	l.rawMu.Lock()
	l.raw, l.abort = raw, nil
	l.rawMu.Unlock()
	if l.isDone() { // Close may have closed the old one only
		_ = raw.Close()
		return nil, net.ErrClosed
	}
	return raw, nil
}

// secrets yields the keys an incoming handshake may be made with.
func (l *Link) secrets(try func([]byte) bool) {
	for ih := range l.links.cfg.InfoHashes {
		if !try(ih[:]) {
			return
		}
	}
}

func providedMethods(p Policy) mse.CryptoMethod {
	if p == Require {
		return mse.CryptoMethodRC4
	}
	return mse.AllSupportedCrypto
}

// selectMethod answers an initiator's offer. 0 fails the handshake.
func selectMethod(p Policy) mse.CryptoSelector {
	return func(offered mse.CryptoMethod) mse.CryptoMethod {
		if p != Require && offered&mse.CryptoMethodPlaintext != 0 {
			return mse.CryptoMethodPlaintext
		}
		return offered & mse.CryptoMethodRC4
	}
}

func encryptionOf(m mse.CryptoMethod) Encryption {
	if m == mse.CryptoMethodRC4 {
		return RC4
	}
	return HeaderOnly
}
