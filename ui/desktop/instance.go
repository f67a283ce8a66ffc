package desktop

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// The ways in which Acquire does not make this process the program.
var (
	// ErrHandedOff means that the running program has taken the message: this
	// process has nothing left to do.
	ErrHandedOff = errors.New("handed to the running program")
	// ErrNoAnswer means that a program runs with this data folder and does not take
	// messages.
	ErrNoAnswer = errors.New("the running program does not answer")
	// ErrMessage means that a message is longer than a program takes.
	ErrMessage = errors.New("too much to hand to the running program")

	errTaken = errors.New("another process is the program")
)

const (
	maxMessage  = 64 << 10               // bytes on the wire
	maxWaiting  = 64                     // messages the program has not read yet
	talkTime    = 2 * time.Second        // for one conversation
	acquireTime = 10 * time.Second       // for a start to find its place
	retryTime   = 20 * time.Millisecond  // between two tries
	quitPoll    = 100 * time.Millisecond // between two looks at a program that ends
	accepted    = "ok\n"
	refused     = "busy\n"
)

// Message is what a later start hands to the running program. The zero value asks
// it to show its window.
type Message struct {
	Dir  string   `json:"dir"`  // working directory of the later start, absolute
	Args []string `json:"args"` // its files, links and addresses
	Quit bool     `json:"quit,omitempty"`
}

// Instance is the claim to be the one program of a user with a data folder. The
// system takes it back when the process ends, however it ends.
type Instance struct {
	l        listener
	messages chan Message
}

// listener is one end of the channel between starts. Accept returns an error that
// is errClosed after close.
type listener interface {
	accept() (io.ReadWriteCloser, error)
	unblock() // makes a waiting accept return, or does not: then again
	close() error
}

// Acquire makes this process the program of dataDir, or hands m to the one that
// is. Exactly one of the results is not nil. The error is ErrHandedOff, ErrNoAnswer,
// ErrMessage or of the system. Name is letters and digits.
func Acquire(ctx context.Context, name, dataDir string, m Message) (*Instance, error) {
	end, err := newEndpoint(name, dataDir)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, acquireTime)
	defer cancel()
	for {
		l, err := end.listen()
		if err == nil {
			return &Instance{l: l, messages: make(chan Message, maxWaiting)}, nil
		}
		if !errors.Is(err, errTaken) {
			return nil, fmt.Errorf("become the running program: %w", err)
		}
		if err = end.send(ctx, m); err == nil {
			return nil, ErrHandedOff
		}
		if errors.Is(err, ErrMessage) {
			return nil, err
		}
		if wait(ctx, retryTime) != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
		}
	}
}

// QuitRunning asks the program of dataDir to end and waits until it has, or until
// ctx ends. It returns nil if none runs.
func QuitRunning(ctx context.Context, name, dataDir string) error {
	end, err := newEndpoint(name, dataDir)
	if err != nil {
		return err
	}
	asked := false
	for {
		l, err := end.listen()
		if err == nil {
			return l.close()
		}
		if !errors.Is(err, errTaken) {
			return fmt.Errorf("look for the running program: %w", err)
		}
		if !asked {
			asked = end.send(ctx, Message{Quit: true}) == nil
		}
		if err := wait(ctx, quitPoll); err != nil {
			return fmt.Errorf("%w: wait for it to end: %w", ErrNoAnswer, err)
		}
	}
}

// Messages are those of later starts, in the order they came.
func (i *Instance) Messages() <-chan Message { return i.messages }

// Run takes messages until ctx ends.
func (i *Instance) Run(ctx context.Context) error {
	returned, end := context.WithCancel(context.Background())
	defer end()
	stop := context.AfterFunc(ctx, func() {
		for i.l.unblock(); wait(returned, retryTime) == nil; {
			i.l.unblock()
		}
	})
	defer stop()
	for {
		c, err := i.l.accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = c.Close()
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("take messages of later starts: %w", err)
		}
		i.answer(c)
	}
}

// answer reads one message. A peer that talks nonsense or too slowly costs
// talkTime and nothing else.
func (i *Instance) answer(c io.ReadWriteCloser) {
	defer c.Close() //nolint:errcheck // the peer has its answer, or none
	var m Message
	if json.NewDecoder(io.LimitReader(c, maxMessage)).Decode(&m) != nil {
		return
	}
	reply := accepted
	select {
	case i.messages <- m:
	default:
		reply = refused
	}
	if _, err := io.WriteString(c, reply); err != nil {
		return
	}
	// The peer closes when it has read the answer; to close before could lose it.
	_, _ = io.Copy(io.Discard, io.LimitReader(c, maxMessage))
}

// Close gives up the claim. It is called after Run has returned.
func (i *Instance) Close() error { return i.l.close() }

// send hands m over a fresh connection and waits for the answer.
func (e endpoint) send(ctx context.Context, m Message) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	if len(raw) >= maxMessage {
		return fmt.Errorf("%w: %d bytes, %d are the limit", ErrMessage, len(raw), maxMessage)
	}
	c, err := e.dial(time.Now().Add(patience(ctx)))
	if err != nil {
		return fmt.Errorf("reach the running program: %w", err)
	}
	defer c.Close() //nolint:errcheck // the answer is what counts
	if _, err := c.Write(append(raw, '\n')); err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	answer, err := bufio.NewReader(io.LimitReader(c, maxMessage)).ReadString('\n')
	if err != nil {
		return fmt.Errorf("read the running program's answer: %w", err)
	}
	if answer != accepted {
		return fmt.Errorf("the running program answers %q", answer)
	}
	return nil
}

// patience is how long one conversation may take now.
func patience(ctx context.Context) time.Duration {
	if end, ok := ctx.Deadline(); ok {
		return min(talkTime, time.Until(end))
	}
	return talkTime
}

// wait returns nil after d and an error if ctx ends before.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
