// lazy-client is what this project's tests need of a node that pulls lazily, put together from the published library of
// the stargz snapshotter: its analyzer, its snapshotter and its way to pull.
//
//	lazy-client record -address SOCKET [-netns FILE] [-limit DURATION] -out FILE IMAGE
//	lazy-client snapshotter -address SOCKET -root FOLDER -config FILE [-metrics HOST:PORT]
//	lazy-client pull -address SOCKET IMAGE
//	lazy-client convert -address SOCKET [-record FILE] IMAGE NAME...
//
// record runs an image that containerd has, until it ends, is killed or the limit is over, and writes which files it
// opened or read, in the order of their first access: JSON lines {"path", "manifestDigest", "layerIndex"}, the format
// that ctr-remote keeps as its record. It is the same code: fanotify on the mount that is the container's root.
//
// snapshotter serves containerd until SIGTERM. pull has containerd pull lazily, with the labels that a kubelet's pulls
// have, and prints the digest. convert makes an eStargz image of one that containerd has, as ctr-remote would.
package main

import (
	"fmt"
	"os"

	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/log"
	fanotify "github.com/containerd/stargz-snapshotter/analyzer/fanotify/service"
)

// namespace is where containerd keeps what this program makes it do.
const namespace = "startset"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "lazy-client: a command is needed: record, snapshotter, pull or convert")
		os.Exit(2)
	}
	log.SetLevel("warn")
	os.Setenv(namespaces.NamespaceEnvVar, namespace)
	var err error
	switch command, arguments := os.Args[1], os.Args[2:]; command {
	case "record":
		err = record(arguments)
	case "snapshotter":
		err = serveSnapshots(arguments)
	case "pull":
		err = pull(arguments)
	case "convert":
		err = convert(arguments)
	case "fanotify": // the analyzer starts this program again, in the mount namespace that it watches
		err = fanotify.Serve(arguments[0], os.Stdin, os.Stdout)
	default:
		err = fmt.Errorf("unknown command %q; there are record, snapshotter, pull and convert", command)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lazy-client:", err)
		os.Exit(1)
	}
}
