package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"time"

	containerd "github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/containerd/v2/pkg/oci"
	"github.com/containerd/log"
	"github.com/containerd/stargz-snapshotter/analyzer"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	runtimespec "github.com/opencontainers/runtime-spec/specs-go"
)

func record(arguments []string) error {
	flags := flag.NewFlagSet("record", flag.ExitOnError)
	address := flags.String("address", "", "socket of containerd")
	netns := flags.String("netns", "", "network namespace of the container; a new one without connections if none is given")
	limit := flags.Duration("limit", time.Minute, "the longest that the container runs")
	out := flags.String("out", "", "file of the record")
	flags.Parse(arguments)
	if flags.NArg() != 1 || *address == "" || *out == "" {
		return errors.New("record needs -address, -out and one image")
	}
	// The status of the container is something that the analyzer says only here.
	log.SetLevel("info")
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
	digest, err := analyzer.Analyze(ctx, client, flags.Arg(0), analyzer.WithPeriod(*limit),
		analyzer.WithSpecOpts(func(image containerd.Image, root string) ([]oci.SpecOpts, func() error, error) {
			// Neither kubelets nor Docker put a file system over /run.
			options := []oci.SpecOpts{oci.WithDefaultSpec(), oci.WithoutRunMount, oci.WithDefaultUnixDevices, oci.WithRootFSPath(root),
				oci.WithImageConfig(image)}
			if *netns != "" {
				options = append(options, oci.WithLinuxNamespace(runtimespec.LinuxNamespace{Type: runtimespec.NetworkNamespace, Path: *netns}))
			}
			return options, func() error { return nil }, nil
		}))
	if err != nil {
		return err
	}
	lines, err := content.ReadBlob(ctx, client.ContentStore(), ocispec.Descriptor{Digest: digest})
	if err != nil {
		return err
	}
	return os.WriteFile(*out, lines, 0o644)
}
