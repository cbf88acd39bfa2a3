package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"

	containerd "github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/images/converter"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/platforms"
	"github.com/containerd/stargz-snapshotter/estargz"
	native "github.com/containerd/stargz-snapshotter/nativeconverter/estargz"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// convert does what `ctr-remote image convert --estargz --oci` does, and with a record what `ctr-remote image optimize`
// does when it has run the image: the library's conversion with its defaults.
func convert(arguments []string) error {
	flags := flag.NewFlagSet("convert", flag.ExitOnError)
	address := flags.String("address", "", "socket of containerd")
	record := flags.String("record", "", "what a run of the image read, as record writes it; goes first in the layers")
	flags.Parse(arguments)
	if flags.NArg() < 2 || flags.NArg()%2 != 0 || *address == "" {
		return errors.New("convert needs -address, and of each image its name in containerd and one for the new image")
	}
	client, err := containerd.New(*address)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, release, err := client.WithLease(namespaces.WithNamespace(context.Background(), namespace))
	if err != nil {
		return err
	}
	defer release(ctx)
	plain := once(native.LayerConvertFunc())
	for images := flags.Args(); len(images) > 0; images = images[2:] {
		layers := plain
		if *record != "" {
			first, err := prioritized(ctx, client, images[0], *record)
			if err != nil {
				return err
			}
			layers = native.LayerConvertWithLayerAndCommonOptsFunc(first)
		}
		made, err := converter.Convert(ctx, client, images[1], images[0], converter.WithPlatform(platforms.DefaultStrict()),
			converter.WithDockerToOCI(true), converter.WithLayerConvertFunc(layers))
		if err != nil {
			return err
		}
		fmt.Println(made.Target.Digest)
	}
	return nil
}

// once converts a layer that several images have once.
func once(convert converter.ConvertFunc) converter.ConvertFunc {
	var mutex sync.Mutex
	done := map[digest.Digest]*ocispec.Descriptor{}
	return func(ctx context.Context, store content.Store, layer ocispec.Descriptor) (*ocispec.Descriptor, error) {
		mutex.Lock()
		made, known := done[layer.Digest]
		mutex.Unlock()
		if known {
			return made, nil
		}
		made, err := convert(ctx, store, layer)
		if err == nil {
			mutex.Lock()
			done[layer.Digest] = made
			mutex.Unlock()
		}
		return made, err
	}
}

// prioritized says for each layer of the image which of its files were read, in the order of the record.
func prioritized(ctx context.Context, client *containerd.Client, name, record string) (map[digest.Digest][]estargz.Option, error) {
	image, err := client.GetImage(ctx, name)
	if err != nil {
		return nil, err
	}
	manifest, err := images.Manifest(ctx, client.ContentStore(), image.Target(), platforms.DefaultStrict())
	if err != nil {
		return nil, err
	}
	file, err := os.Open(record)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	files := map[digest.Digest][]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var read struct {
			Path       string
			LayerIndex int
		}
		if err := json.Unmarshal(lines.Bytes(), &read); err != nil {
			return nil, fmt.Errorf("%s: %w", record, err)
		}
		if read.LayerIndex >= len(manifest.Layers) {
			return nil, fmt.Errorf("%s is of another image: it has layer %d of %d", record, read.LayerIndex, len(manifest.Layers))
		}
		layer := manifest.Layers[read.LayerIndex].Digest
		files[layer] = append(files[layer], read.Path)
	}
	first := map[digest.Digest][]estargz.Option{}
	var missed []string // files that this build of the image does not have
	for layer, paths := range files {
		first[layer] = []estargz.Option{estargz.WithPrioritizedFiles(paths), estargz.WithAllowPrioritizeNotFound(&missed)}
	}
	return first, nil
}
