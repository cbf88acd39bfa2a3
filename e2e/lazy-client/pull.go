package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	containerd "github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/containerd/v2/core/remotes/docker/config"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/containerd/v2/pkg/snapshotters"
)

func pull(arguments []string) error {
	flags := flag.NewFlagSet("pull", flag.ExitOnError)
	address := flags.String("address", "", "socket of containerd")
	flags.Parse(arguments)
	if flags.NArg() != 1 || *address == "" {
		return errors.New("pull needs -address and one image")
	}
	client, err := containerd.New(*address)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx := namespaces.WithNamespace(context.Background(), namespace)
	// Registries of the tests speak plain HTTP on the loopback.
	hosts := config.ConfigureHosts(ctx, config.HostOptions{DefaultScheme: "http"})
	image, err := client.Pull(ctx, flags.Arg(0),
		containerd.WithResolver(docker.NewResolver(docker.ResolverOptions{Hosts: hosts})),
		containerd.WithPullUnpack,
		containerd.WithPullSnapshotter("stargz"),
		containerd.WithImageHandlerWrapper(snapshotters.AppendInfoHandlerWrapper(flags.Arg(0))))
	if err != nil {
		return err
	}
	fmt.Println(image.Target().Digest)
	return nil
}
