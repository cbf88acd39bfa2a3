#!/usr/bin/env bash
# Installs what the end-to-end tests need: Debian packages (as root), and Go programs at pinned versions in the cache
# folder. What is there already at its version is left alone, so a second run takes a second.
#
#   e2e/tools.sh
set -euo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/cache.sh"

# clients under test: skopeo umoci containerd; image builder: mmdebstrap; Lighter's encoder: libdeflate0
packages=(attr ca-certificates containerd curl jq libdeflate0 mmdebstrap python3 runc skopeo umoci util-linux)

# program   package   version   module
programs=(
  'crane    github.com/google/go-containerregistry/cmd/crane    v0.22.1 github.com/google/go-containerregistry'
  'registry github.com/distribution/distribution/v3/cmd/registry v3.1.2 github.com/distribution/distribution/v3'
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

go_program_is() { # PATH MODULE VERSION
  [[ -x $1 ]] && go version -m "$1" 2>/dev/null |
    awk -v m="$2" -v v="$3" '$1 == "mod" && $2 == m && $3 == v { ok = 1 } END { exit !ok }'
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

go_install() { # PACKAGE@VERSION   again only when the network was at fault
  local attempt log
  for attempt in 1 2 3; do
    if log=$(CGO_ENABLED=0 GOFLAGS='' GOBIN=$stage go install "$1" 2>&1); then
      return
    fi
    echo "$log" >&2
    grep -qiE 'dial |timeout|reset by peer|unexpected EOF|: 5[0-9][0-9] ' <<<"$log" || return 1
    sleep $((attempt * 5))
  done
  return 1
}

build_checker() {
  (cd "$e2e/estargz-check" && retry_download go mod download && CGO_ENABLED=0 GOFLAGS='' go build -o "$stage/estargz-check" .)
}

install_programs() {
  command -v go >/dev/null || fail "no go on the PATH; Go 1.26 or newer builds the referees"
  local program name package version module key
  for program in "${programs[@]}"; do
    read -r name package version module <<<"$program"
    if go_program_is "$cache/bin/$name" "$module" "$version"; then
      echo "$name $version: there"
    else
      staged "$name" go_install "$package@$version"
    fi
  done
  key=$(cat "$e2e"/estargz-check/{*.go,go.mod,go.sum} | sha256sum | cut -c1-16)
  if [[ -x $cache/bin/estargz-check && $(cat "$cache/estargz-check.key" 2>/dev/null) == "$key" ]]; then
    echo "estargz-check $key: there"
  else
    staged estargz-check build_checker
    echo "$key" >"$cache/estargz-check.key"
  fi
}

install_packages
install_programs
