# Sourced by build.sh: AOT caches, trained where they are used.
# shellcheck shell=bash disable=SC2154

requests=$home/registry-server/src/main/training/requests.sh

# A cache is bound to the JVM, to its options and to the names, sizes and times of the jars, so the server that is
# trained runs in the image's own file system. Caches of the same content differ from run to run: one is kept for each
# content, so that what is built again on this machine is the same.
train() { # PLATFORM ROOT
  local platform=$1 root=$2 kept
  if [[ $platform != "$own" ]]; then
    echo "image: no AOT cache for $platform: it would have to be trained on $platform; it starts without" >&2
    return
  fi
  kept=$(python3 "$here/pack.py" --fingerprint "$root" && cat "$here/train.sh" "$requests")
  kept=$target/aot-${platform#*/}-$(sha256sum <<<"$kept" | cut -c 1-16).cache
  if [[ ! -f $kept ]]; then
    rm -f "$target/aot-${platform#*/}-"*.cache
    echo "image: training the start of $platform" >&2
    if ! train_in "$platform" "$root" "$kept.new"; then
      echo "image: no AOT cache for $platform, it starts without" >&2
      return
    fi
    mv "$kept.new" "$kept"
  fi
  mkdir -p "$root/lighter/aot"
  cp "$kept" "$root/lighter/aot/lighter"
  touch -d "$created" "$root/lighter/aot/lighter" "$root/lighter/aot"
}

# The second server finds the store as a kill leaves it, which is the longest of starts.
train_in() { # PLATFORM ROOT CACHE
  local root=$2 scratch=$work/training-${1#*/}
  rm -rf "$scratch"
  mkdir -p "$scratch/tmp"
  tar -C "$home" -czf "$scratch/layer" registry-server/src/main
  serve_once "$root" "$scratch" KILL || return 1
  tar -C "$home" -czf "$scratch/layer" conversion/src/main # another one, or there is nothing to convert
  serve_once "$root" "$scratch" TERM -XX:AOTCacheOutput=/tmp/cache || return 1
  [[ -s $scratch/tmp/cache ]] || { tail -n 20 "$scratch"/log >&2; return 1; }
  mv "$scratch/tmp/cache" "$3"
}

serve_once() { # ROOT SCRATCH SIGNAL JAVA_OPTION...
  local root=$1 scratch=$2 signal=$3 options=() option server url management waited=0
  shift 3
  # An option of the file may be said twice, but a cache is not read where one is written.
  while read -r option; do
    [[ $# -gt 0 && $option == -XX:AOT* ]] || [[ $option == \#* ]] || options+=("$option")
  done <"$here/java.options"
  : >"$scratch/log"
  # shellcheck disable=SC2016 # for the inner shell
  env -i PATH="$PATH" LANG=C.UTF-8 LIGHTER_MANAGEMENT_LISTEN=127.0.0.1:0 "${as_root[@]}" unshare --mount --propagation private sh -ec '
    mount --bind "$0" "$0" # or there is no mount point above the store, and no space to ask for
    mount --rbind /proc "$0/proc"
    mount --rbind /dev "$0/dev"
    mount --bind "$1" "$0/tmp"
    shift
    exec chroot "$0" "$@"' "$root" "$scratch/tmp" \
    /lighter/runtime/bin/java "$@" "${options[@]}" \
    /lighter/bin/lighter serve --no-upstreams --listen 127.0.0.1:0 --data /tmp/data >>"$scratch/log" 2>&1 &
  server=$!
  until grep -q ' timeouts ' "$scratch/log"; do
    if [[ $waited -ge 3000 ]] || ! kill -0 "$server" 2>/dev/null; then
      tail -n 20 "$scratch/log" >&2
      kill -KILL "$server" 2>/dev/null || true
      return 1
    fi
    waited=$((waited + 1))
    sleep 0.1
  done
  url=$(sed -n 's/.* registry  *\(http:[^ ]*\).*/\1/p' "$scratch/log")
  management=$(sed -n 's/.* management  *\(http:[^ ]*\).*/\1/p' "$scratch/log")
  "$requests" "$url" "$management" "$scratch" "$scratch/layer" || return 1
  kill "-$signal" "$server"
  { wait "$server" || true; } 2>/dev/null # a shell tells of each kill
}
