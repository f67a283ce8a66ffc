package testnode

import (
	"context"
	"math"
	"path"
	"slices"
	"time"

	"github.com/fbsobreira/gotron-sdk/pkg/proto/api"
	"github.com/fbsobreira/gotron-sdk/pkg/proto/core"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
)

// Fault makes the answers of one method late, failing or false.
type Fault struct {
	// Service is "Wallet" or "WalletSolidity"; empty means both.
	Service string
	// Method is a method's name, such as "GetAccount"; empty means every method.
	Method string
	// Times is how many answers are affected; 0 means all until removed.
	Times int
	// Delay comes before the answer. A client that gives up ends it.
	Delay time.Duration
	// Err replaces the answer, a gRPC status.
	Err error
	// Lie changes the answer; it gets a copy of its own.
	Lie func(req, answer proto.Message)
}

type fault struct {
	Fault
	left int
}

// Inject puts a fault in force, after those already there, and returns what removes it.
func (n *Node) Inject(f Fault) (remove func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	x := &fault{Fault: f, left: f.Times}
	n.faults = append(n.faults, x)
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.faults = slices.DeleteFunc(n.faults, func(y *fault) bool { return y == x })
	}
}

// faultsFor takes the faults of one call and counts them down.
func (n *Node) faultsFor(service, method string) []Fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []Fault
	for _, f := range n.faults {
		if f.Service != "" && "protocol."+f.Service != service || f.Method != "" && f.Method != method || f.Times > 0 && f.left == 0 {
			continue
		}
		f.left--
		out = append(out, f.Fault)
	}
	return out
}

// intercept carries the faults out around the real answer.
func (n *Node) intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	dir, method := path.Split(info.FullMethod)
	faults := n.faultsFor(path.Base(dir), method)
	for _, f := range faults {
		if f.Delay > 0 {
			t := time.NewTimer(f.Delay)
			defer t.Stop()
			select {
			case <-t.C:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		if f.Err != nil {
			return nil, f.Err
		}
	}
	answer, err := handle(ctx, req)
	if err != nil {
		return nil, err
	}
	for _, f := range faults {
		if f.Lie != nil {
			lie := proto.Clone(answer.(proto.Message))
			f.Lie(req.(proto.Message), lie)
			answer = lie
		}
	}
	return answer, nil
}

// Lies for [Fault.Lie].

// WrongChain gives block 0 the id of another chain.
func WrongChain(_, answer proto.Message) {
	if b, ok := answer.(*api.BlockExtention); ok && b.GetBlockHeader().GetRawData().GetNumber() == 0 {
		b.Blockid = slices.Clone(b.Blockid)
		b.Blockid[31] ^= 1
	}
}

// EmptyResult takes the data out of a constant call, which some clients read as zero.
func EmptyResult(_, answer proto.Message) {
	if x, ok := answer.(*api.TransactionExtention); ok {
		x.ConstantResult = [][]byte{{}}
	}
}

// Reverted makes a constant call look reverted.
func Reverted(_, answer proto.Message) {
	if x, ok := answer.(*api.TransactionExtention); ok {
		x.ConstantResult = [][]byte{{}}
		x.Result = &api.Return{Result: true, Message: []byte("REVERT opcode executed")}
		x.GetTransaction().Ret = []*core.Transaction_Result{{Ret: core.Transaction_Result_FAILED}}
	}
}

// Recipient makes the node's Create… methods pay somebody else.
func Recipient(to [20]byte) func(_, answer proto.Message) {
	return func(_, answer proto.Message) {
		x, ok := answer.(*api.TransactionExtention)
		if !ok || len(x.GetTransaction().GetRawData().GetContract()) == 0 {
			return
		}
		c := x.Transaction.RawData.Contract[0]
		msg, err := c.Parameter.UnmarshalNew()
		if err != nil {
			return
		}
		switch m := msg.(type) {
		case *core.TransferContract:
			m.ToAddress = tron(to)
		case *core.TransferAssetContract:
			m.ToAddress = tron(to)
		case *core.TriggerSmartContract:
			if len(m.Data) == 68 {
				copy(m.Data[16:36], to[:])
			}
		}
		if p, err := anypb.New(msg); err == nil {
			c.Parameter = p
			id := txID(x.Transaction)
			x.Txid = id[:]
		}
	}
}

// Missing empties every field of the answer.
func Missing(_, answer proto.Message) { proto.Reset(answer) }

// Huge sets every number in the answer to its largest value and every byte of
// its byte strings to 255.
func Huge(_, answer proto.Message) { huge(answer.ProtoReflect()) }

func huge(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, e protoreflect.Value) bool {
				v.Map().Set(k, hugeValue(f.MapValue(), e))
				return true
			})
		case f.IsList():
			for i := range v.List().Len() {
				v.List().Set(i, hugeValue(f, v.List().Get(i)))
			}
		default:
			m.Set(f, hugeValue(f, v))
		}
		return true
	})
}

func hugeValue(f protoreflect.FieldDescriptor, v protoreflect.Value) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(math.MaxInt64)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(math.MaxInt32)
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(slices.Repeat([]byte{255}, len(v.Bytes())))
	case protoreflect.MessageKind:
		if m := v.Message(); m.Descriptor().FullName() != "google.protobuf.Any" {
			huge(m)
		}
		return v
	default:
		return v
	}
}

// Endless repeats every list in the answer some thousand times, as a node does
// whose pages never end.
func Endless(_, answer proto.Message) {
	m := answer.ProtoReflect()
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if !f.IsList() || v.List().Len() == 0 {
			return true
		}
		for l, n := v.List(), v.List().Len(); l.Len() < 5000*n; {
			l.Append(l.Get(l.Len() - n))
		}
		return true
	})
}
