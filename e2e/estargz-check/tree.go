package main

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/containerd/stargz-snapshotter/estargz"
	digest "github.com/opencontainers/go-digest"
)

// node is one path of a layer as a lazy client sees it. Same has the first path at which the same inode was met.
type node struct {
	Path    string            `json:"path"`
	Type    string            `json:"type"`
	Mode    int64             `json:"mode"`
	UID     int               `json:"uid"`
	GID     int               `json:"gid"`
	ModTime string            `json:"mtime"`
	Size    int64             `json:"size"`
	Link    string            `json:"link"`
	Major   int               `json:"major"`
	Minor   int               `json:"minor"`
	Xattrs  map[string][]byte `json:"xattrs"`
	SHA256  string            `json:"sha256"`
	Same    string            `json:"same"`
}

// summary is what the whole blob is; it follows the nodes.
type summary struct {
	Size         int64  `json:"size"`
	DiffID       string `json:"diffId"`
	Uncompressed int64  `json:"uncompressedSize"`
	Chunks       int    `json:"chunks"`
}

// printTree opens one blob, verifies it against the digest of its table of contents, reads every file through the
// library, and prints what is in it, one JSON object a line.
func printTree(path, toc string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	reader, err := estargz.Open(io.NewSectionReader(file, 0, info.Size()))
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	verifier, err := verifierOf(reader, digest.Digest(toc))
	if err != nil {
		return fmt.Errorf("table of contents: %w", err)
	}
	if err := checkFooter(file, info.Size()); err != nil {
		return err
	}
	if err := checkLandmark(reader); err != nil {
		return err
	}
	root, ok := reader.Lookup("")
	if !ok {
		return errors.New("no root entry")
	}
	buffered := bufio.NewWriterSize(os.Stdout, 1<<20)
	tree := treePrinter{reader: reader, verifier: verifier, out: json.NewEncoder(buffered), met: map[*estargz.TOCEntry]string{}}
	if err := tree.print(root, ""); err != nil {
		return err
	}
	whole, err := measure(file, info.Size())
	if err != nil {
		return err
	}
	whole.Chunks = tree.report.chunks
	if err := tree.out.Encode(whole); err != nil {
		return err
	}
	return buffered.Flush()
}

// checkFooter wants the footer of 51 bytes, which clients look for first, and not one of its older kinds.
func checkFooter(file *os.File, size int64) error {
	toc, footer, err := estargz.OpenFooter(io.NewSectionReader(file, 0, size))
	if err != nil {
		return fmt.Errorf("footer: %w", err)
	}
	if footer != estargz.FooterSize || toc <= 0 || toc >= size-footer {
		return fmt.Errorf("footer of %d bytes, table of contents at %d of %d", footer, toc, size)
	}
	return nil
}

type treePrinter struct {
	reader   *estargz.Reader
	verifier estargz.TOCEntryVerifier
	out      *json.Encoder
	met      map[*estargz.TOCEntry]string
	report   layerReport
}

func (t *treePrinter) print(entry *estargz.TOCEntry, path string) error {
	first, again := t.met[entry]
	if !again {
		first = path
		t.met[entry] = path
	}
	n := node{
		Path: path, Type: entry.Type, Mode: entry.Mode, UID: entry.UID, GID: entry.GID, Size: entry.Size,
		ModTime: entry.ModTime().UTC().Format("2006-01-02T15:04:05Z"), Link: entry.LinkName,
		Major: entry.DevMajor, Minor: entry.DevMinor, Xattrs: entry.Xattrs, Same: first,
	}
	if entry.Type == "reg" && !again {
		// By its own name: the library does not find the chunks of a file by that of a hard link.
		if err := checkFile(t.reader, t.verifier, entry, entry.Name, &t.report); err != nil {
			return err
		}
		sum, err := t.sum(entry.Name, entry.Size)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if entry.Digest != "sha256:"+sum {
			return fmt.Errorf("%s: content is not what %q promises", path, entry.Digest)
		}
		n.SHA256 = sum
	}
	if err := t.out.Encode(n); err != nil {
		return err
	}
	var failure error
	entry.ForeachChild(func(base string, child *estargz.TOCEntry) bool {
		name := base
		if path != "" {
			name = path + "/" + base
		}
		failure = t.print(child, name)
		return failure == nil
	})
	return failure
}

// sum hashes a file as a program reads it: through the lazy reader, in pieces that know nothing of chunks.
func (t *treePrinter) sum(path string, size int64) (string, error) {
	content := io.NewSectionReader(nil, 0, 0)
	if size > 0 {
		var err error
		if content, err = t.reader.OpenFile(path); err != nil {
			return "", err
		}
	}
	hash := sha256.New()
	// The reader unzips a chunk from its start for every call, so the pieces are large; their length is odd on purpose.
	n, err := io.CopyBuffer(struct{ io.Writer }{hash}, struct{ io.Reader }{content}, make([]byte, min(size, 5<<20)+511))
	if err != nil {
		return "", err
	}
	if n != size {
		return "", fmt.Errorf("%d bytes instead of %d", n, size)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func measure(file *os.File, size int64) (summary, error) {
	unzip, err := gzip.NewReader(bufio.NewReaderSize(io.NewSectionReader(file, 0, size), 1<<20))
	if err != nil {
		return summary{}, fmt.Errorf("gunzip: %w", err)
	}
	hash := sha256.New()
	n, err := io.Copy(hash, unzip)
	if err != nil {
		return summary{}, fmt.Errorf("gunzip: %w", err)
	}
	return summary{Size: size, DiffID: "sha256:" + hex.EncodeToString(hash.Sum(nil)), Uncompressed: n}, nil
}
