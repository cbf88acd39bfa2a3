package main

import (
	"compress/gzip"
	"io"
	"os"

	"github.com/containerd/stargz-snapshotter/estargz"
)

// leastMember is what the library gets for a minimal chunk size with -packed; it counts compressed bytes.
const leastMember = 50_000

// build has the library convert a layer.
func build(layer, target string) error {
	file, err := os.Open(layer)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	options := []estargz.Option{estargz.WithCompressionLevel(gzip.BestSpeed)}
	if packed {
		options = append(options, estargz.WithMinChunkSize(leastMember))
	}
	blob, err := estargz.Build(io.NewSectionReader(file, 0, info.Size()), options...)
	if err != nil {
		return err
	}
	defer blob.Close()
	out, err := os.Create(target)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, blob); err != nil {
		return err
	}
	return out.Close()
}
