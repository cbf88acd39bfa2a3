package main

import (
	"context"
	"errors"
	"flag"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	snapshotsapi "github.com/containerd/containerd/api/services/snapshots/v1"
	"github.com/containerd/containerd/v2/contrib/snapshotservice"
	"github.com/containerd/stargz-snapshotter/service"
	"github.com/containerd/stargz-snapshotter/service/keychain/dockerconfig"
	metrics "github.com/docker/go-metrics"
	"github.com/pelletier/go-toml/v2"
	"google.golang.org/grpc"
)

func serveSnapshots(arguments []string) error {
	flags := flag.NewFlagSet("snapshotter", flag.ExitOnError)
	address := flags.String("address", "", "socket to serve")
	root := flags.String("root", "", "folder of snapshots and caches, an absolute path")
	file := flags.String("config", "", "configuration, in the format of containerd-stargz-grpc")
	meter := flags.String("metrics", "", "address for GET /metrics")
	flags.Parse(arguments)
	if *address == "" || *root == "" || *file == "" {
		return errors.New("snapshotter needs -address, -root and -config")
	}
	text, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	var settings service.Config
	if err := toml.Unmarshal(text, &settings); err != nil {
		return err
	}
	ctx := context.Background()
	snapshotter, err := service.NewStargzSnapshotterService(ctx, *root, &settings,
		service.WithCredsFuncs(dockerconfig.NewDockerconfigKeychain(ctx)))
	if err != nil {
		return err
	}
	defer snapshotter.Close() // the mounts are served by this process
	if *meter != "" {
		listener, err := net.Listen("tcp", *meter)
		if err != nil {
			return err
		}
		mux := http.NewServeMux()
		mux.Handle("/metrics", metrics.Handler())
		go http.Serve(listener, mux)
	}
	os.Remove(*address) // of one that was killed
	listener, err := net.Listen("unix", *address)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	snapshotsapi.RegisterSnapshotsServer(server, snapshotservice.FromSnapshotter(snapshotter))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	select {
	case err := <-ended:
		return err
	case <-stop:
		return nil
	}
}
