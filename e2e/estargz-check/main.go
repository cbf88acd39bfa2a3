// estargz-check is the referee for converted images: it reads an image from an OCI layout directory with the
// stargz snapshotter's own library and judges every layer the way a lazy client would.
//
//	estargz-check [-all] [-packed] [-platform os/arch] LAYOUT:TAG
//	estargz-check [-packed] -tree DIGEST BLOB
//	estargz-check -order LIST LAYER
//	estargz-check -build TARGET [-packed] LAYER
//
// With -packed files may share gzip members, as a minimal chunk size makes them. The library reads such layers, but its
// own verifier takes none of them, so the digests of table and chunks are then compared here.
//
// A layer whose descriptor carries a TOC digest must open, its table of contents must have that digest, every chunk
// of every regular file must have the digest the table gives for it, and the size annotation must be true. Every gzip
// layer, lazy or not, must unpack to the DiffID in the configuration. One line is printed per layer. The exit code is
// 1 when anything is wrong, when no layer is lazy, or, with -all, when a layer is not lazy.
//
// With -tree it reads one blob whose table of contents has to have that digest, and prints what is in it as JSON, for
// a comparison with the tar that it was made of.
//
// With -order it judges nothing: the library converts a layer, gzip or plain, with the files of a list of paths in
// front, and the order in which it puts them is printed as JSON. With -build it converts a layer, and nothing else.
package main

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/containerd/stargz-snapshotter/estargz"
	digest "github.com/opencontainers/go-digest"
)

// packed is the option of the same name.
var packed bool

const uncompressedSizeAnnotation = "io.containers.estargz.uncompressed-size"

func main() {
	all := flag.Bool("all", false, "every layer has to be eStargz")
	flag.BoolVar(&packed, "packed", false, "files may share gzip members")
	platform := flag.String("platform", "linux/amd64", "which child of an index to read")
	list := flag.String("order", "", "file with paths that the library is to put in front of a layer")
	tree := flag.String("tree", "", "digest of the table of contents of a blob that is to be printed")
	target := flag.String("build", "", "file that is to be the converted layer")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: estargz-check [-all] [-packed] [-platform os/arch] LAYOUT:TAG\n"+
			"       estargz-check [-packed] -tree DIGEST BLOB\n       estargz-check -order LIST LAYER\n"+
			"       estargz-check -build TARGET [-packed] LAYER")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	var err error
	switch {
	case *list != "":
		err = printOrder(flag.Arg(0), *list)
	case *target != "":
		err = build(flag.Arg(0), *target)
	case *tree != "":
		err = printTree(flag.Arg(0), *tree)
	default:
		err = run(flag.Arg(0), *platform, *all)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "estargz-check:", err)
		os.Exit(1)
	}
}

func run(ref, platform string, all bool) error {
	image, err := openImage(ref, platform)
	if err != nil {
		return err
	}
	lazy, bad := 0, 0
	for i, layer := range image.layers {
		report, err := checkLayer(image, layer, image.diffIDs[i])
		switch {
		case err != nil:
			bad++
			fmt.Printf("layer %d %s BAD %v\n", i, layer.Digest, err)
		case report.lazy:
			lazy++
			fmt.Printf("layer %d %s eStargz ok: %d files, %d chunks, %d bytes\n", i, layer.Digest, report.files, report.chunks, report.bytes)
		default:
			fmt.Printf("layer %d %s not eStargz, DiffID ok\n", i, layer.Digest)
		}
	}
	switch {
	case bad > 0:
		return fmt.Errorf("%d of %d layers are wrong", bad, len(image.layers))
	case lazy == 0:
		return errors.New("no layer is eStargz")
	case all && lazy < len(image.layers):
		return fmt.Errorf("only %d of %d layers are eStargz", lazy, len(image.layers))
	}
	return nil
}

type layerReport struct {
	lazy          bool
	files, chunks int
	bytes         int64
}

func checkLayer(image *image, layer descriptor, diffID digest.Digest) (layerReport, error) {
	var report layerReport
	file, err := os.Open(image.blobPath(layer.Digest))
	if err != nil {
		return report, err
	}
	defer file.Close()

	unpacked, err := checkDiffID(file, layer, diffID)
	if err != nil {
		return report, err
	}
	toc, ok := layer.Annotations[estargz.TOCJSONDigestAnnotation]
	if !ok {
		return report, nil
	}
	report.lazy = true
	if want := layer.Annotations[uncompressedSizeAnnotation]; want != strconv.FormatInt(unpacked, 10) {
		return report, fmt.Errorf("annotation %s is %q, the layer unpacks to %d bytes", uncompressedSizeAnnotation, want, unpacked)
	}
	reader, err := estargz.Open(io.NewSectionReader(file, 0, layer.Size))
	if err != nil {
		return report, fmt.Errorf("open: %w", err)
	}
	verifier, err := verifierOf(reader, digest.Digest(toc))
	if err != nil {
		return report, fmt.Errorf("table of contents: %w", err)
	}
	root, ok := reader.Lookup("")
	if !ok {
		return report, errors.New("no root entry")
	}
	if err := checkLandmark(reader); err != nil {
		return report, err
	}
	return report, checkTree(reader, verifier, root, "", &report)
}

func verifierOf(reader *estargz.Reader, toc digest.Digest) (estargz.TOCEntryVerifier, error) {
	if !packed {
		return reader.VerifyTOC(toc)
	}
	if reader.TOCDigest() != toc {
		return nil, fmt.Errorf("it has digest %s, not %s", reader.TOCDigest(), toc)
	}
	return chunkDigests{}, nil
}

// chunkDigests verifies chunks by what the table of contents says of them.
type chunkDigests struct{}

func (chunkDigests) Verifier(chunk *estargz.TOCEntry) (digest.Verifier, error) {
	promised, err := digest.Parse(chunk.ChunkDigest)
	if err != nil {
		return nil, err
	}
	return promised.Verifier(), nil
}

// checkLandmark wants exactly one of the two files that tell a lazy client what to fetch ahead.
func checkLandmark(reader *estargz.Reader) error {
	_, prefetch := reader.Lookup(estargz.PrefetchLandmark)
	_, none := reader.Lookup(estargz.NoPrefetchLandmark)
	if prefetch == none {
		return fmt.Errorf("one landmark file is wanted; %s: %t, %s: %t", estargz.PrefetchLandmark, prefetch, estargz.NoPrefetchLandmark, none)
	}
	return nil
}

func checkTree(reader *estargz.Reader, verifier estargz.TOCEntryVerifier, dir *estargz.TOCEntry, path string, report *layerReport) error {
	var failure error
	dir.ForeachChild(func(base string, entry *estargz.TOCEntry) bool {
		name := base
		if path != "" {
			name = path + "/" + base
		}
		switch entry.Type {
		case "dir":
			failure = checkTree(reader, verifier, entry, name, report)
		case "reg":
			// A hard link's entry is that of the file, which has the chunks by its own name.
			failure = checkFile(reader, verifier, entry, entry.Name, report)
		}
		return failure == nil
	})
	return failure
}

// checkFile reads a file chunk by chunk, as the lazy file system does, and compares each with its digest.
func checkFile(reader *estargz.Reader, verifier estargz.TOCEntryVerifier, entry *estargz.TOCEntry, name string, report *layerReport) error {
	report.files++
	if entry.Size == 0 {
		return nil
	}
	content, err := reader.OpenFile(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for offset := int64(0); offset < entry.Size; {
		chunk, ok := reader.ChunkEntryForOffset(name, offset)
		if !ok || chunk.ChunkSize <= 0 {
			return fmt.Errorf("%s: no chunk at offset %d of %d", name, offset, entry.Size)
		}
		check, err := verifier.Verifier(chunk)
		if err != nil {
			return fmt.Errorf("%s at %d: %w", name, offset, err)
		}
		// In one piece: every read unzips its chunk from the start.
		data := make([]byte, chunk.ChunkSize)
		if _, err := content.ReadAt(data, chunk.ChunkOffset); err != nil && err != io.EOF {
			return fmt.Errorf("%s at %d: %w", name, offset, err)
		}
		if _, err := check.Write(data); err != nil {
			return fmt.Errorf("%s at %d: %w", name, offset, err)
		}
		if !check.Verified() {
			return fmt.Errorf("%s at %d: chunk is not what %s promises", name, offset, chunk.ChunkDigest)
		}
		report.chunks++
		report.bytes += chunk.ChunkSize
		offset = chunk.ChunkOffset + chunk.ChunkSize
	}
	return nil
}

// checkDiffID unpacks a layer the way a client does that knows nothing of eStargz.
func checkDiffID(file *os.File, layer descriptor, want digest.Digest) (int64, error) {
	if info, err := file.Stat(); err != nil || info.Size() != layer.Size {
		return 0, fmt.Errorf("the blob does not have the %d bytes of its descriptor (%v)", layer.Size, err)
	}
	// Hashed on the way through: gunzipping reads to the end of the file, member after member.
	blob := layer.Digest.Verifier()
	compressed := io.TeeReader(file, blob)
	tar := compressed
	if layer.gzip() {
		unzip, err := gzip.NewReader(bufio.NewReaderSize(compressed, 1<<20))
		if err != nil {
			return 0, fmt.Errorf("gunzip: %w", err)
		}
		tar = unzip
	}
	hash := sha256.New()
	size, err := io.Copy(hash, tar)
	if err != nil {
		return 0, fmt.Errorf("gunzip: %w", err)
	}
	if _, err := io.Copy(io.Discard, compressed); err != nil {
		return 0, err
	}
	if !blob.Verified() {
		return 0, errors.New("the blob is not the bytes its digest promises")
	}
	if got := "sha256:" + hex.EncodeToString(hash.Sum(nil)); got != want.String() {
		return 0, fmt.Errorf("unpacks to %s, the configuration says %s", got, want)
	}
	return size, nil
}
