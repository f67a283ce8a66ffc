package view

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"swarmbid/engine/swarm"
)

// FileNode is one row of a tree of files: a file, or a folder that stands for
// all files below it.
type FileNode struct {
	Path      string // below the torrent's folder, with slashes; unique
	Name      string
	Depth     int
	Folder    bool
	Open      bool  // of a folder
	Files     []int // indexes of its files; one for a file
	Size      int64
	Completed int64
	Priority  swarm.Priority // of all files below
	Mixed     bool           // the files below differ in Priority
	Ticked    Tick
	First     int // first piece; of a folder, of its first file
	Pieces    int

	kids []*FileNode
}

// FileTree sets the files of a torrent out as a tree and returns the rows that
// show: folders before files, sorted within their folder, without what lies in
// a folder of closed. Pad files (BEP 47) never show.
func FileTree(files []swarm.File, closed map[string]bool, o Order) []*FileNode {
	root := &FileNode{Folder: true, Depth: -1}
	dirs := map[string]*FileNode{"": root}
	for i := range files {
		f := &files[i]
		if f.Pad {
			continue
		}
		dir, name := "", f.Path
		if k := strings.LastIndexByte(f.Path, '/'); k >= 0 {
			dir, name = f.Path[:k], f.Path[k+1:]
		}
		parent := folder(dirs, dir)
		n := &FileNode{Path: f.Path, Name: name, Depth: parent.Depth + 1, Files: []int{f.Index}, Size: f.Size, Completed: f.Completed, Priority: f.Priority, First: f.FirstPiece, Pieces: f.Pieces}
		n.Ticked = tick(n)
		parent.kids = append(parent.kids, n)
	}
	root.sum()
	return root.rows(nil, closed, fileOrder(o))
}

// folder returns the node of a directory, made with those above it when needed.
func folder(dirs map[string]*FileNode, path string) *FileNode {
	if d := dirs[path]; d != nil {
		return d
	}
	up, name := "", path
	if k := strings.LastIndexByte(path, '/'); k >= 0 {
		up, name = path[:k], path[k+1:]
	}
	parent := folder(dirs, up)
	d := &FileNode{Path: path, Name: name, Depth: parent.Depth + 1, Folder: true}
	dirs[path] = d
	parent.kids = append(parent.kids, d)
	return d
}

// sum adds up a folder from what is below it.
func (n *FileNode) sum() {
	if !n.Folder {
		return
	}
	for i, k := range n.kids {
		k.sum()
		n.Files = append(n.Files, k.Files...)
		n.Size, n.Completed, n.Pieces = n.Size+k.Size, n.Completed+k.Completed, n.Pieces+k.Pieces
		if i == 0 {
			n.Priority, n.First = k.Priority, k.First
		}
		n.Mixed = n.Mixed || k.Mixed || k.Priority != n.Priority
		n.First = min(n.First, k.First)
	}
	n.Ticked = tick(n)
}

// tick is off when nothing below is wanted, on when everything is.
func tick(n *FileNode) Tick {
	if !n.Folder {
		if n.Priority == swarm.Skip {
			return TickOff
		}
		return TickOn
	}
	t := NoTick
	for _, k := range n.kids {
		switch {
		case t == NoTick:
			t = k.Ticked
		case t != k.Ticked:
			return TickPart
		}
	}
	return t
}

func (n *FileNode) rows(out []*FileNode, closed map[string]bool, less func(a, b *FileNode) int) []*FileNode {
	slices.SortStableFunc(n.kids, less)
	for _, k := range n.kids {
		out = append(out, k)
		if k.Folder {
			if k.Open = !closed[k.Path]; k.Open {
				out = k.rows(out, closed, less)
			}
		}
	}
	return out
}

// fileOrder sorts folders before files, and each by the chosen column.
func fileOrder(o Order) func(a, b *FileNode) int {
	by := func(a, b *FileNode) int { return 0 }
	for _, c := range FileColumns() {
		if c.ID == o.Column && c.Compare != nil {
			by = c.Compare
		}
	}
	return func(a, b *FileNode) int {
		if a.Folder != b.Folder {
			if a.Folder {
				return -1
			}
			return 1
		}
		if o.Desc {
			return by(b, a)
		}
		return by(a, b)
	}
}

// Files builds the rows of a tree of files.
func Files(f *Format, rows []*FileNode, show []string) *List[FileNode] {
	return Build(f, FileColumns(), show, rows)
}

func (f *Format) priority(n *FileNode) string {
	if n.Mixed {
		return f.T("prio.mixed")
	}
	return f.T(priorityKey(n.Priority))
}

func priorityKey(p swarm.Priority) string {
	switch p {
	case swarm.Skip:
		return "prio.skip"
	case swarm.Low:
		return "prio.low"
	case swarm.High:
		return "prio.high"
	case swarm.Normal:
	}
	return "prio.normal"
}

// FileColumns describes the Files tab.
func FileColumns() []Column[FileNode] {
	type node = FileNode
	share := func(n *node) float64 {
		if n.Size == 0 {
			return 1
		}
		return float64(n.Completed) / float64(n.Size)
	}
	return []Column[node]{
		{
			ID: "name", Title: "file.name", Width: 340, Text: func(b []byte, _ *Format, n *node) []byte { return append(b, n.Name...) },
			Mark: func(n *node, c *Cell) {
				c.Indent, c.Icon, c.Tone, c.Tick = n.Depth, "file", Dim, n.Ticked
				if n.Folder {
					c.Icon, c.Tone, c.Fold = "folder", Working, Closed
					if n.Open {
						c.Fold = Open
					}
				} else if n.Depth > 0 {
					c.Indent++
				}
				if n.Ticked == TickOff {
					c.Ink = Dim
				}
			}, Compare: func(a, b *node) int { return compareText(a.Name, b.Name) },
		},
		{ID: "size", Title: "file.size", Width: 80, Align: Right, Text: func(b []byte, f *Format, n *node) []byte { return f.AppendBytes(b, n.Size) }, Compare: byInt(func(n *node) int64 { return n.Size })},
		{ID: "completed", Title: "file.completed", Width: 80, Align: Right, Text: func(b []byte, f *Format, n *node) []byte { return f.AppendBytes(b, n.Completed) }, Compare: byInt(func(n *node) int64 { return n.Completed })},
		{
			ID: "done", Title: "file.done", Width: 76, Align: Center, Bar: true, Text: func(b []byte, f *Format, n *node) []byte { return f.AppendPercent(b, share(n)) },
			Mark: func(n *node, c *Cell) {
				c.Fraction, c.Tone = share(n), Arriving
				switch {
				case n.Ticked == TickOff:
					c.Tone = Resting
				case n.Completed >= n.Size:
					c.Tone = Giving
				}
			}, Compare: func(a, b *node) int { return cmp.Compare(share(a), share(b)) },
		},
		{ID: "first", Title: "file.first", Width: 72, Align: Right, Text: func(b []byte, f *Format, n *node) []byte { return f.AppendInt(b, int64(n.First)) }, Compare: byInt(func(n *node) int64 { return int64(n.First) })},
		{ID: "pieces", Title: "file.pieces", Width: 62, Align: Right, Text: func(b []byte, _ *Format, n *node) []byte { return strconv.AppendInt(b, int64(n.Pieces), 10) }, Compare: byInt(func(n *node) int64 { return int64(n.Pieces) })},
		{
			ID: "priority", Title: "file.priority", Width: 84, Text: func(b []byte, f *Format, n *node) []byte { return append(b, f.priority(n)...) },
			Mark: func(n *node, c *Cell) {
				if n.Ticked == TickOff {
					c.Ink = Dim
				}
			}, Compare: byInt(func(n *node) int64 { return int64(n.Priority) }),
		},
	}
}
