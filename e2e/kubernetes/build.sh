#!/usr/bin/env bash
# Builds Kubernetes for one node from Go modules, at the versions that programs/*/go.mod pin: API server, controllers,
# scheduler, kubelet, kube-proxy, kubectl, etcd, containerd, CoreDNS. 10 to 20 minutes and some gigabytes of Go's
# caches the first time; what is there at its version is left alone.
#
#   e2e/kubernetes/build.sh FOLDER
set -euo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/../cache.sh"
folder=$(mkdir -p "${1:?usage: build.sh FOLDER}" && cd "$1" && pwd)
here=$e2e/kubernetes/programs
command -v go >/dev/null || { echo "build: no go on the PATH; Go 1.26 or newer is needed" >&2; exit 1; }
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOWORK=off

pinned() { # MODULE-FOLDER MODULE   its version
  (cd "$here/$1" && go list -m -f '{{.Version}}' "$2")
}

build() { # MODULE-FOLDER LINKER-FLAGS TAGS PACKAGE...
  local module=$1 flags=$2 tags=$3 key
  shift 3
  key=$(cat "$here/$module"/* | sha256sum | cut -c1-16)
  if [[ $(cat "$folder/$module.key" 2>/dev/null) == "$key" ]]; then
    echo "$module $key: there"
    return
  fi
  local started=$SECONDS stage
  stage=$(mktemp -d "$folder/.stage.XXXXXX")
  (cd "$here/$module" && retry_download go mod download && nice go build -p 2 -trimpath -tags "$tags" -ldflags "-s -w $flags" -o "$stage/" "$@") || {
    rm -rf "$stage"
    return 1
  }
  mv -f "$stage"/* "$folder/"
  rmdir "$stage"
  echo "$key" >"$folder/$module.key"
  echo "$module: built in $((SECONDS - started)) s"
}

version=$(pinned kube k8s.io/kubernetes)
minor=${version#v1.}
build kube "-X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${minor%%.*}" '' \
  k8s.io/kubernetes/cmd/kube-{apiserver,controller-manager,proxy,scheduler} k8s.io/kubernetes/cmd/{kubectl,kubelet} go.etcd.io/etcd/server/v3
# The package of etcd is named by its version.
[[ ! -f $folder/v3 ]] || mv -f "$folder/v3" "$folder/etcd"
[[ ! -f $folder/server ]] || mv -f "$folder/server" "$folder/etcd"
build containerd "-X github.com/containerd/containerd/v2/version.Version=$(pinned containerd github.com/containerd/containerd/v2)" no_btrfs,no_devmapper,no_zfs \
  github.com/containerd/containerd/v2/cmd/{containerd,containerd-shim-runc-v2,ctr}
build coredns '' '' .
