package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/containerd/stargz-snapshotter/estargz"
)

// order is what the library makes of a list of paths.
type order struct {
	Front  []string `json:"front"`
	Missed []string `json:"missed"`
}

// printOrder has the library convert a layer with the files of a list in front, and prints the names of the entries
// that stand before the landmark, and the paths that the library did not find.
func printOrder(layer, list string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	file, err := os.Open(layer)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	found := order{Front: []string{}, Missed: []string{}}
	blob, err := estargz.Build(io.NewSectionReader(file, 0, info.Size()), estargz.WithCompressionLevel(gzip.BestSpeed),
		estargz.WithPrioritizedFiles(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")),
		estargz.WithAllowPrioritizeNotFound(&found.Missed))
	if err != nil {
		return err
	}
	defer blob.Close()
	unzip, err := gzip.NewReader(bufio.NewReaderSize(blob, 1<<20))
	if err != nil {
		return err
	}
	entries := tar.NewReader(unzip)
	for {
		header, err := entries.Next()
		if err == io.EOF {
			return errors.New("the library wrote no landmark")
		}
		if err != nil {
			return err
		}
		if header.Name == estargz.PrefetchLandmark {
			return json.NewEncoder(os.Stdout).Encode(found)
		}
		found.Front = append(found.Front, header.Name)
	}
}
