#!/usr/bin/env bash
# Builds the images whose start is known (e2e/startset/recordings), as OCI layouts in the cache folder, and prints the
# folder that holds them on the last line: FOLDER/NAME, tag 1. One folder of e2e/startset/images per image:
#
#   Containerfile   FROM another one of them; the layers are what people's images have: base, runtime, dependencies,
#                   application
#   prepare         optional: puts what registries of packages have into the build's folder
#   ready           how a run of it shows that it is ready, see record.sh; absent: only a base of others
#
#   e2e/startset/images.sh [NAME...]
#
# An image is built again when its folder, that of its parent or this script changed. Python, npm and Maven packages are
# pinned; Debian's are what the release has, and a recording says which those were.
#
# Needs root, e2e/tools.sh, npm and Maven, and the mirrors of packages that this machine itself uses.
set -euo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/../cache.sh"
# shellcheck source=e2e/jdk.sh
. "$e2e/jdk.sh"

recipes=$e2e/startset/images
built=$cache/startset
mkdir -p "$built"

say() { echo "images: $*" >&2; }

parent_of() { # NAME
  sed -n 's|^FROM localhost/startset/||p' "$recipes/$1/Containerfile"
}

# Everything that decides what is in the image, but for the versions that Debian has today.
key_of() { # NAME
  local parent
  parent=$(parent_of "$1")
  {
    [[ -z $parent ]] || key_of "$parent"
    sed -n '/^# --- build/,$p' "$e2e/startset/images.sh"
    cd "$recipes/$1" && find . -type f ! -name ready | LC_ALL=C sort | xargs sha256sum
  } | sha256sum | cut -c1-16
}

# --- build -------------------------------------------------------------------------------------------------------

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

builder() { # ARGUMENT...   buildah with a store of its own, which the next build takes parents and layers from
  CONTAINERS_STORAGE_CONF=$built/storage.conf CONTAINERS_REGISTRIES_CONF=$built/registries.conf buildah "$@"
}

# Called where errexit does not reach. The files keep their times: with all of them set to one moment, Python would take no .pyc for valid.
build() { # NAME KEY
  local name=$1 key=$2 parent from=() context=$work/$1
  parent=$(parent_of "$name")
  if [[ -n $parent ]]; then
    image "$parent" || return 1
    from=(--from "localhost/startset/$parent:$(key_of "$parent")")
  fi
  cp -r "$recipes/$name" "$context"
  if [[ -x $context/prepare ]]; then
    (cd "$context" && DEBIAN_SOURCES=$(debian_sources) JDK=$(jdk_25) retry_download ./prepare) || return 1
  fi
  retry_download builder bud --signature-policy "$built/policy.json" --isolation=chroot --network=host --layers "${from[@]}" \
    -v /etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro \
    -t "localhost/startset/$name:$key" -f "$context/Containerfile" "$context"
}

image() { # NAME   into the store, unless it is there
  local key
  key=$(key_of "$1")
  builder images -q "localhost/startset/$1:$key" >/dev/null 2>&1 || build "$1" "$key"
}

layout() { # NAME   printed: the folder
  local name=$1 key target=$built/$1 started=$SECONDS
  key=$(key_of "$name")
  if [[ $(cat "$target.key" 2>/dev/null) != "$key" ]]; then
    image "$name" >"$work/log" 2>&1 || { say "$name failed"; tail -n 20 "$work/log" >&2; return 1; }
    rm -rf "$target" "$target.key"
    CONTAINERS_STORAGE_CONF=$built/storage.conf skopeo --insecure-policy copy -q \
      "containers-storage:localhost/startset/$name:$key" "oci:$work/layout/$name:1"
    mv "$work/layout/$name" "$target"
    echo "$key" >"$target.key"
    say "$name: built in $((SECONDS - started)) s, $(du -sh "$target" | cut -f1)"
  fi
}

work=$(mktemp -d "$cache/.startset.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/layout"
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$built/policy.json"
printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/store"\nrunroot = "%s/run"\n' "$built" "$built" >"$built/storage.conf"
echo 'unqualified-search-registries = []' >"$built/registries.conf"
names=("$@")
if [[ ${#names[@]} -eq 0 ]]; then
  mapfile -t names < <(cd "$recipes" && for name in */ready; do dirname "$name"; done)
fi
for name in "${names[@]}"; do
  [[ -f $recipes/$name/ready ]] || { say "there is no image $name; there are: $(cd "$recipes" && echo */ready | sed 's|/ready||g')"; exit 2; }
  layout "$name"
done
echo "$built"
