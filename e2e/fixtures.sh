#!/usr/bin/env bash
# Builds the images that the end-to-end tests pull and push, once, into the cache folder, and prints that folder's
# name on the last line:
#
#   oci/nginx      a web server on Debian, four layers of real packages, built like any image (with deletions)
#   oci/index      the same for linux/amd64 beside a small linux/arm64 image and an attestation
#   oci/odd        few bytes, every oddity of tar that clients unpack
#   upstream       storage of a registry that serves them as library/nginx:1 and so on, and nginx as Docker's own
#                  manifest format as library/docker2:1
#   second         storage of another registry, which has other/tool:1
#
# Needs root (device files, chroot), e2e/tools.sh, and the Debian mirror this machine itself uses.
set -euo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/cache.sh"
# shellcheck source=e2e/registry.sh
. "$e2e/registry.sh"

key=$(cat "$e2e/fixtures.sh" "$e2e/fixtures.py" | sha256sum | cut -c1-16)
ready=$cache/fixtures-$key
if [[ -d $ready ]]; then
  echo "$ready"
  exit
fi
[[ $EUID -eq 0 ]] || { echo "fixtures: building images needs root" >&2; exit 1; }

work=$(mktemp -d "$cache/.fixtures.XXXXXX")
cleanup() {
  stop_registries "$work"
  rm -rf "$work"
}
trap cleanup EXIT
log=$work/log
say() { echo "fixtures: $*" >&2; }
quiet() { "$@" >>"$log" 2>&1 || { say "failed: $*"; tail -n 20 "$log" >&2; return 1; }; }

# --- nginx: one layer per step, as an image builder makes them ---------------------------------------------------

layout=$work/oci/nginx
bundle=$work/bundle
root=$bundle/rootfs

layer() { # NOTE   what changed below $root becomes the next layer
  quiet umoci repack --refresh-bundle --image "$layout:1" --history.created_by "$1" "$bundle"
}

in_root() { # COMMAND   with a /proc and a resolver that never reach the layer
  quiet unshare --mount --propagation private sh -c "
    mount -t proc proc '$root/proc'
    touch '$root/etc/resolv.conf' && mount --bind /etc/resolv.conf '$root/etc/resolv.conf'
    DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot '$root' sh -ec \"\$1\"" sh "$1"
}

apt_install() { # PACKAGE...
  in_root "apt-get -o Acquire::Retries=3 update -q
    apt-get -o Acquire::Retries=3 install -q -y --no-install-recommends $*
    apt-get clean
    rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/ldconfig"
}

debian_sources() {
  local file
  for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
    if [[ -s $file ]]; then
      echo "$file"
      return
    fi
  done
  say "no Debian mirror is configured on this machine"
  return 1
}

build_nginx() {
  quiet retry_download mmdebstrap --variant=minbase --include=ca-certificates --aptopt='Acquire::Languages "none"' \
    --aptopt='Acquire::Retries "3"' --dpkgopt='path-exclude=/usr/share/man/*' bookworm "$work/base.tar" "$(debian_sources)"
  quiet umoci init --layout "$layout"
  quiet umoci new --image "$layout:1"
  quiet umoci unpack --image "$layout:1" "$bundle"
  tar -C "$root" --xattrs --xattrs-include='*' --numeric-owner -xf "$work/base.tar"
  layer 'Debian 12'
  mkdir -p "$root/usr/share/man/man1"
  apt_install curl libcap2-bin iputils-ping python3-minimal
  layer 'curl, ping with a file capability, Python'
  apt_install nginx-light
  layer nginx
  echo '<h1>It is a lighter.</h1>' >"$root/var/www/html/index.html"
  ln "$root/var/www/html/index.html" "$root/var/www/html/same.html"
  rm -rf "$root/var/www/html/index.nginx-debian.html" "$root/usr/share/doc/nginx"
  layer 'the page'
  quiet umoci config --image "$layout:1" --config.exposedports 80/tcp --config.cmd nginx --config.cmd=-g --config.cmd='daemon off;' \
    --config.env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  quiet umoci gc --layout "$layout"
  rm -rf "$bundle" "$work/base.tar"
}

# --- registries that hold them -----------------------------------------------------------------------------------

publish() {
  local up second
  start_registry upstream "$work/upstream" "$work"
  up=$(registry_address upstream "$work")
  quiet copy --all "oci:$work/oci/nginx:1" "docker://$up/library/nginx:1"
  quiet copy --all "oci:$work/oci/index:1" "docker://$up/library/index:1"
  quiet copy --all "oci:$work/oci/odd:1" "docker://$up/library/odd:1"
  quiet skopeo --insecure-policy copy --format v2s2 --dest-tls-verify=false "oci:$work/oci/nginx:1" "docker://$up/library/docker2:1"
  start_registry second "$work/second" "$work"
  second=$(registry_address second "$work")
  quiet copy --all "oci:$work/oci/odd:1" "docker://$second/other/tool:1"
  stop_registries "$work"
}

started=$SECONDS
say "building nginx from Debian packages"
build_nginx
python3 "$e2e/fixtures.py" odd "$work/oci/odd"
python3 "$e2e/fixtures.py" index "$work/oci/index" "$layout"
publish
mkdir "$work/done"
mv "$work/oci" "$work/upstream" "$work/second" "$work/done"
mv "$work/done" "$ready"
say "built in $((SECONDS - started)) s: $(du -sh "$ready/oci/nginx" | cut -f1) in oci/nginx"
echo "$ready"
