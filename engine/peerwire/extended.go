package peerwire

import "encoding/binary"

// Names of the extensions whose payload is checked.
const (
	NameMetadata  = "ut_metadata"  // BEP 9
	NamePex       = "ut_pex"       // BEP 11
	NameHolepunch = "ut_holepunch" // BEP 55
)

const (
	// MetadataPiece is the size of a ut_metadata piece in bytes (BEP 9).
	MetadataPiece = 16 << 10
	// MaxMetadata is the longest info dictionary that is accepted, in bytes; the
	// library's bound.
	MaxMetadata = 16 << 20
	// MaxExtensions bounds the names in an extended handshake.
	MaxExtensions = 64
	// maxPex bounds the addresses of one ut_pex message. BEP 11 allows 50 added
	// and 50 dropped, except in the first one.
	maxPex = 500
	// maxClient cuts the client's name.
	maxClient = 64
)

// Extension is one name of an extended handshake's m.
type Extension struct {
	Name string
	ID   uint8 // 0 = taken back
}

// ExtHandshake is what matters of an extended handshake (BEP 10).
type ExtHandshake struct {
	Extensions   []Extension
	Client       string // v, cut and made printable
	MetadataSize int    // 0 = unknown
	Reqq         int    // requests the sender takes; 0 = not said
}

// IDs returns the numbers of the extensions whose payload is checked.
func (h *ExtHandshake) IDs() (ids ExtensionIDs) {
	for _, e := range h.Extensions {
		switch e.Name {
		case NameMetadata:
			ids.Metadata = e.ID
		case NamePex:
			ids.Pex = e.ID
		case NameHolepunch:
			ids.Holepunch = e.ID
		}
	}
	return ids
}

// ParseExtHandshake reads the payload after the extended id 0. The error is nil
// or a *FrameError.
func ParseExtHandshake(p []byte) (ExtHandshake, error) {
	var h ExtHandshake
	bad := error(nil)
	number := func(val []byte, most int64) int {
		v, n := readInt(val)
		if n == 0 || v < 0 || v > most {
			bad = fault(Extended, ErrExtended, "value", v, most)
		}
		return int(v)
	}
	n := eachKey(p, func(key, val []byte) bool {
		switch string(key) {
		case "m":
			if !h.readM(val) {
				bad = fault(Extended, ErrExtended, "names", int64(len(h.Extensions)), MaxExtensions)
			}
		case "v":
			s, n := readString(val)
			if n == 0 {
				bad = fault(Extended, ErrExtended, "", 0, 0)
			}
			h.Client = printable(s)
		case "metadata_size":
			h.MetadataSize = number(val, MaxMetadata)
		case "reqq":
			h.Reqq = number(val, 1<<31-1)
		case "p":
			number(val, 1<<16-1)
		}
		return bad == nil
	})
	if bad != nil {
		return ExtHandshake{}, bad
	}
	if n != len(p) || n == 0 {
		return ExtHandshake{}, fault(Extended, ErrBencode, "bytes", int64(len(p)), 0)
	}
	return h, nil
}

func (h *ExtHandshake) readM(val []byte) bool {
	n := eachKey(val, func(name, val []byte) bool {
		id, n := readInt(val)
		if n == 0 || id < 0 || id > 255 || len(h.Extensions) >= MaxExtensions {
			return false
		}
		h.Extensions = append(h.Extensions, Extension{Name: string(name), ID: uint8(id)})
		return true
	})
	return n == len(val) && n > 0
}

// printable cuts s to a sane length and replaces what is not printable ASCII, so
// that it can be shown and logged.
func printable(s []byte) string {
	out := []byte(string(s[:min(len(s), maxClient)]))
	for i, c := range out {
		if c < ' ' || c > '~' {
			out[i] = '?'
		}
	}
	return string(out)
}

// MetadataKind is the msg_type of a ut_metadata message.
type MetadataKind int64

// The kinds of BEP 9. Others have to be ignored.
const (
	MetadataRequest MetadataKind = 0
	MetadataData    MetadataKind = 1
	MetadataReject  MetadataKind = 2
)

// Metadata is a ut_metadata message.
type Metadata struct {
	Kind      MetadataKind
	Piece     int64
	TotalSize int64  // of MetadataData: length of the whole dictionary
	Data      []byte // of MetadataData
}

// ParseMetadata reads the payload after the extended id. The error is nil or a
// *FrameError.
func ParseMetadata(p []byte) (Metadata, error) {
	m := Metadata{Kind: -1, Piece: -1}
	n := eachKey(p, func(key, val []byte) bool {
		v, n := readInt(val)
		switch string(key) {
		case "msg_type":
			m.Kind = MetadataKind(v)
		case "piece":
			m.Piece = v
		case "total_size":
			m.TotalSize = v
		default:
			return true
		}
		return n > 0
	})
	if n == 0 {
		return Metadata{}, fault(Extended, ErrBencode, "", 0, 0)
	}
	m.Data = p[n:]
	return m, nil
}

// checkMetadata judges a ut_metadata message.
func (c *Checker) checkMetadata(p []byte) error {
	m, err := ParseMetadata(p)
	if err != nil {
		return err
	}
	if m.Kind < MetadataRequest || m.Kind > MetadataReject {
		return nil
	}
	size := int64(MaxMetadata)
	if c.Shape.MetadataSize > 0 {
		size = int64(c.Shape.MetadataSize)
	}
	if last := (size - 1) / MetadataPiece; m.Piece < 0 || m.Piece > last {
		return fault(Extended, ErrMetadata, "piece", m.Piece, last)
	}
	if m.Kind != MetadataData {
		return nil
	}
	if m.TotalSize <= 0 || m.TotalSize > size {
		return fault(Extended, ErrMetadata, "total size", m.TotalSize, size)
	}
	want := min(MetadataPiece, m.TotalSize-m.Piece*MetadataPiece)
	if want <= 0 || int64(len(m.Data)) != want {
		return fault(Extended, ErrMetadata, "data bytes", int64(len(m.Data)), want)
	}
	return nil
}

// checkExtended judges a BEP 10 message by its payload, as far as it is one we
// know.
func (c *Checker) checkExtended(body []byte) error {
	id, p := body[0], body[1:]
	switch id {
	case 0:
		_, err := ParseExtHandshake(p)
		return err
	case c.Ours.Metadata:
		return c.checkMetadata(p)
	case c.Ours.Pex:
		return checkPex(p)
	case c.Ours.Holepunch:
		return checkHolepunch(p)
	}
	return nil
}

func checkPex(p []byte) error {
	var added, flags, added6, flags6, total int
	bad := error(nil)
	n := eachKey(p, func(key, val []byte) bool {
		var size int
		switch string(key) {
		case "added", "dropped":
			size = 6
		case "added6", "dropped6":
			size = 18
		case "added.f", "added6.f":
			size = 1
		default:
			return true
		}
		s, n := readString(val)
		if n == 0 || len(s)%size != 0 {
			bad = fault(Extended, ErrPex, "bytes", int64(len(s)), 0)
			return false
		}
		switch string(key) {
		case "added":
			added = len(s) / size
		case "added6":
			added6 = len(s) / size
		case "added.f":
			flags = len(s)
			return true
		case "added6.f":
			flags6 = len(s)
			return true
		}
		total += len(s) / size
		return true
	})
	switch {
	case bad != nil:
		return bad
	case n == 0 || n != len(p):
		return fault(Extended, ErrBencode, "bytes", int64(len(p)), 0)
	case total > maxPex:
		return fault(Extended, ErrPex, "addresses", int64(total), maxPex)
	case flags > added || flags6 > added6:
		return fault(Extended, ErrPex, "flags", int64(flags+flags6), int64(added+added6))
	}
	return nil
}

// checkHolepunch judges a BEP 55 message: type, address type, address, port,
// error code.
func checkHolepunch(p []byte) error {
	if len(p) < 12 {
		return fault(Extended, ErrHolepunch, "bytes", int64(len(p)), 12)
	}
	want := 12
	if p[1] == 1 {
		want = 24
	}
	if p[0] > 2 || p[1] > 1 || len(p) != want {
		return fault(Extended, ErrHolepunch, "bytes", int64(len(p)), int64(want))
	}
	if port := binary.BigEndian.Uint16(p[want-6:]); port == 0 && p[0] != 2 {
		return fault(Extended, ErrHolepunch, "port", 0, 0)
	}
	return nil
}
