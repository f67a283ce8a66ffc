package desktop

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// endpoint is where starts of one user with one data folder meet: a mutex decides
// who is the program, a named pipe that admits nobody else carries the messages.
type endpoint struct {
	mutex, pipe *uint16
	sid         string
}

func newEndpoint(name, dataDir string) (endpoint, error) {
	key, err := folderKey(dataDir)
	if err != nil {
		return endpoint{}, err
	}
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return endpoint{}, fmt.Errorf("find the user's SID: %w", err)
	}
	e := endpoint{sid: u.User.Sid.String()}
	suffix := name + "-" + e.sid + "-" + key
	if e.mutex, err = windows.UTF16PtrFromString(`Local\` + suffix); err != nil {
		return e, err
	}
	e.pipe, err = windows.UTF16PtrFromString(`\\.\pipe\` + suffix)
	return e, err
}

// access admits the user and nobody else, however privileged the process is.
func (e endpoint) access() (*windows.SecurityAttributes, error) {
	sd, err := windows.SecurityDescriptorFromString("D:P(A;;GA;;;" + e.sid + ")")
	if err != nil {
		return nil, fmt.Errorf("security descriptor: %w", err)
	}
	return &windows.SecurityAttributes{Length: uint32(unsafe.Sizeof(windows.SecurityAttributes{})), SecurityDescriptor: sd}, nil
}

func (e endpoint) listen() (listener, error) {
	sa, err := e.access()
	if err != nil {
		return nil, err
	}
	m, err := windows.CreateMutex(sa, false, e.mutex)
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		// A handle of ours would keep the claim of a program that has ended alive.
		if err := windows.CloseHandle(m); err != nil {
			return nil, fmt.Errorf("mutex: %w", err)
		}
		return nil, errTaken
	}
	if err != nil {
		return nil, fmt.Errorf("mutex: %w", err)
	}
	l := &pipeListener{endpoint: e, claim: m, sa: sa}
	if l.next, err = l.create(windows.FILE_FLAG_FIRST_PIPE_INSTANCE); err != nil {
		return nil, errors.Join(fmt.Errorf("create the pipe: %w", err), windows.CloseHandle(m))
	}
	return l, nil
}

func (e endpoint) dial(until time.Time) (io.ReadWriteCloser, error) {
	// Only the process that the user's click started may let another one come to the
	// front; it does not know which one will answer.
	const anyProcess = ^uintptr(0)
	_, _, _ = user32("AllowSetForegroundWindow").Call(anyProcess)
	// Whoever might own the pipe's name learns who we are and may not act as us.
	const identifyOnly = windows.SECURITY_SQOS_PRESENT | windows.SECURITY_IDENTIFICATION
	h, err := windows.CreateFile(e.pipe, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.OPEN_EXISTING, identifyOnly, 0)
	if err != nil {
		return nil, err
	}
	return newPipeEnd(h, false, until), nil
}

type pipeListener struct {
	endpoint
	claim windows.Handle
	sa    *windows.SecurityAttributes
	next  windows.Handle // the instance that the next client gets
}

func (l *pipeListener) create(flags uint32) (windows.Handle, error) {
	const mode = windows.PIPE_TYPE_BYTE | windows.PIPE_REJECT_REMOTE_CLIENTS
	return windows.CreateNamedPipe(l.pipe, windows.PIPE_ACCESS_DUPLEX|flags, mode, windows.PIPE_UNLIMITED_INSTANCES, maxMessage, maxMessage, 0, l.sa)
}

func (l *pipeListener) accept() (io.ReadWriteCloser, error) {
	for {
		err := windows.ConnectNamedPipe(l.next, nil)
		if errors.Is(err, windows.ERROR_NO_DATA) { // came and went
			if err := windows.DisconnectNamedPipe(l.next); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil && !errors.Is(err, windows.ERROR_PIPE_CONNECTED) {
			return nil, err
		}
		h := l.next
		// The name stays while this client is served.
		if l.next, err = l.create(0); err != nil {
			return nil, errors.Join(err, newPipeEnd(h, true, time.Now()).Close())
		}
		return newPipeEnd(h, true, time.Now().Add(talkTime)), nil
	}
}

// unblock comes as a client: nothing else ends a wait for one on every Windows.
func (l *pipeListener) unblock() {
	if c, err := l.dial(time.Now().Add(talkTime)); err == nil {
		_ = c.Close()
	}
}

func (l *pipeListener) close() error {
	return errors.Join(windows.CloseHandle(l.next), windows.CloseHandle(l.claim))
}

// pipeEnd is one end of a connected pipe. What takes longer than allowed is
// cancelled.
type pipeEnd struct {
	h      windows.Handle
	server bool
	timer  *time.Timer

	mu     sync.Mutex
	closed bool // h may be another file's by now
}

func newPipeEnd(h windows.Handle, server bool, until time.Time) *pipeEnd {
	p := &pipeEnd{h: h, server: server}
	p.timer = time.AfterFunc(time.Until(until), p.cancel)
	return p
}

func (p *pipeEnd) cancel() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		_ = windows.CancelIoEx(p.h, nil)
		p.timer.Reset(retryTime) // what begins later is as late
	}
}

// Read implements io.Reader.
func (p *pipeEnd) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	var n uint32
	err := windows.ReadFile(p.h, b, &n, nil)
	if errors.Is(err, windows.ERROR_BROKEN_PIPE) || err == nil && n == 0 {
		return 0, io.EOF
	}
	return int(n), err
}

// Write implements io.Writer.
func (p *pipeEnd) Write(b []byte) (int, error) {
	var n uint32
	err := windows.WriteFile(p.h, b, &n, nil)
	return int(n), err
}

// Close implements io.Closer.
func (p *pipeEnd) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.timer.Stop()
	var err error
	if p.server {
		err = windows.DisconnectNamedPipe(p.h)
	}
	return errors.Join(err, windows.CloseHandle(p.h))
}
