#!/usr/bin/env bash
# Installs what the end-to-end tests need: Debian packages (as root), and Go programs at pinned versions in the cache
# folder. What is there already at its version is left alone, so a second run takes a second.
#
#   e2e/tools.sh
set -euo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/cache.sh"

# clients under test: buildah containerd docker.io podman skopeo umoci; image builder: mmdebstrap; Lighter's encoder: libdeflate0;
# a network to break: iproute2 iptables; the image: binutils, and qemu-user-static to run the one of another platform
# the page: chromium chromium-driver fonts-liberation2
# Kubernetes of one node: busybox-static containernetworking-plugins openssl; lazy mounts: fuse3
packages=(attr binutils buildah busybox-static ca-certificates chromium chromium-driver containerd containernetworking-plugins curl docker.io fonts-liberation2 fuse3 iproute2 iptables jq libdeflate0 mmdebstrap openssl podman python3 qemu-user-static runc skopeo umoci util-linux)
# Debian's packages of npm would take other people's away.
command -v npm >/dev/null || packages+=(npm)

# program   package   version   module
programs=(
  'crane    github.com/google/go-containerregistry/cmd/crane    v0.22.1 github.com/google/go-containerregistry'
  'registry github.com/distribution/distribution/v3/cmd/registry v3.1.2 github.com/distribution/distribution/v3'
  'regctl   github.com/regclient/regclient/cmd/regctl           v0.11.5 github.com/regclient/regclient'
  'oras     oras.land/oras/cmd/oras                             v1.3.3  oras.land/oras'
  'helm     helm.sh/helm/v4/cmd/helm                            v4.2.4  helm.sh/helm/v4'
  'cosign   github.com/sigstore/cosign/v3/cmd/cosign            v3.1.2  github.com/sigstore/cosign/v3'
)

fail() {
  echo "tools: $*" >&2
  exit 1
}

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  if [[ ${#missing[@]} -eq 0 ]]; then
    echo "Debian packages: there"
    return
  fi
  [[ $EUID -eq 0 ]] || fail "installing ${missing[*]} needs root"
  export DEBIAN_FRONTEND=noninteractive
  retry_download apt-get update -q
  retry_download apt-get install -q -y --no-install-recommends --download-only "${missing[@]}"
  # The tests start a containerd of their own; the package must not start the machine's.
  local policy=/usr/sbin/policy-rc.d ours=
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    ours=yes
  fi
  local status=0
  apt-get install -q -y --no-install-recommends "${missing[@]}" || status=$?
  [[ -z $ours ]] || rm -f $policy
  [[ $status -eq 0 ]] || fail "apt-get could not install ${missing[*]}"
}

# A build that stopped half-way leaves nothing behind: each is made in a folder of its own and moved.
staged() { # NAME COMMAND...   the command writes $stage/NAME
  local name=$1 started=$SECONDS
  shift
  stage=$(mktemp -d "$cache/.stage.XXXXXX")
  "$@" || { rm -rf "$stage"; fail "$name could not be built"; }
  mv -f "$stage/$name" "$cache/bin/$name"
  rm -rf "$stage"
  echo "$name: built in $((SECONDS - started)) s"
}

# Again only when the network was at fault. The machine is shared with the build of Lighter: two compilers, and last.
go_install() { # PACKAGE VERSION MODULE
  local attempt log
  for attempt in 1 2 3; do
    if log=$(CGO_ENABLED=0 GOFLAGS='' GOBIN=$stage nice go install -p 2 "$1@$2" 2>&1); then
      return
    fi
    # go install wants the list of all versions too, to warn of deprecated ones; not every proxy has it for every module.
    if grep -q 'loading deprecation' <<<"$log"; then
      build_in_module "$@"
      return
    fi
    echo "$log" >&2
    grep -qiE 'dial |timeout|reset by peer|unexpected EOF|: 5[0-9][0-9] ' <<<"$log" || return 1
    sleep $((attempt * 5))
  done
  return 1
}

# The module's own folder, with its own go.mod and go.sum.
build_in_module() { # PACKAGE VERSION MODULE
  local folder
  folder=$(cd "$stage" && retry_download go mod download -json "$3@$2" | jq -er .Dir) || return 1
  (cd "$folder" && CGO_ENABLED=0 GOFLAGS='' nice go build -p 2 -o "$stage/" ".${1#"$3"}")
}

# Programs of this repository, which judge with libraries of others.
checkers=(estargz-check chart-check)

build_checker() { # NAME
  (cd "$e2e/$1" && retry_download go mod download && CGO_ENABLED=0 GOFLAGS='' nice go build -p 2 -o "$stage/$1" .)
}

install_programs() {
  command -v go >/dev/null || fail "no go on the PATH; Go 1.26 or newer builds the referees"
  local program name package version module key
  for program in "${programs[@]}"; do
    read -r name package version module <<<"$program"
    if [[ -x $cache/bin/$name && $(cat "$cache/$name.version" 2>/dev/null) == "$version" ]]; then
      echo "$name $version: there"
    else
      rm -f "$cache/$name.version"
      staged "$name" go_install "$package" "$version" "$module"
      echo "$version" >"$cache/$name.version"
    fi
  done
  for name in "${checkers[@]}"; do
    key=$(cat "$e2e/$name"/{*.go,go.mod,go.sum} | sha256sum | cut -c1-16)
    if [[ -x $cache/bin/$name && $(cat "$cache/$name.key" 2>/dev/null) == "$key" ]]; then
      echo "$name $key: there"
    else
      staged "$name" build_checker "$name"
      echo "$key" >"$cache/$name.key"
    fi
  done
}

install_packages
install_programs
"$e2e/kubernetes/build.sh" "$cache/kubernetes"
