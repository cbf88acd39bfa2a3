#!/usr/bin/env bash
# Builds the layers of a large image from Debian packages, once per list of packages: 1.3 GB of programs, headers,
# documentation and Python modules in four layers, as FOLDER/1.tar.gz and so on. Prints the folder.
#
#   e2e/large-layers.sh
set -euo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/cache.sh"

layers=(
  'golang-1.19-src golang-1.19-go'
  'libboost1.74-dev openjdk-17-doc'
  'libllvm14 llvm-14-dev'
  'python3-scipy python3-sympy'
)

key=$(sha256sum "$0" | cut -c1-16)
ready=$cache/large-layers-$key
if [[ -d $ready ]]; then
  echo "$ready"
  exit
fi
work=$(mktemp -d "$cache/.large.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/packages" "$work/done"
# Without a list there is nothing to choose from, and the list of a fresh machine may be empty.
apt-cache show golang-1.19-go >/dev/null 2>&1 || retry_download apt-get update -q >&2
# shellcheck disable=SC2086 # lists of packages
(cd "$work/packages" && retry_download apt-get download -q ${layers[*]} >&2)
for i in "${!layers[@]}"; do
  for package in ${layers[i]}; do
    dpkg-deb -x "$work/packages/$package"_*.deb "$work/root"
  done
  # The two compressors of the machine's cores: this is preparation, and nothing measures it.
  tar -C "$work/root" --sort=name --numeric-owner -c . | gzip -3 >"$work/done/$((i + 1)).tar.gz"
  rm -rf "$work/root"
done
mv -T "$work/done" "$ready"
echo "$ready"
