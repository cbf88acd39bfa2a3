#!/usr/bin/env bash
# How soon a container is ready on a node that has nothing of its image: pulled whole from an upstream behind a link of
# 100 Mbit/s and 41 ms, pulled whole and lazily from distribution in the cluster, and through Lighter. Real containerd,
# stargz snapshotter over FUSE, runc. See README.md.
#
#   conformance/readiness/run.sh [--rounds N] [--out FOLDER] [NAME...]   default: 3, target/readiness, nginx numpy pandas
#   conformance/readiness/run.sh --quick                                 a minute, for CI: is lazy through Lighter faster
#                                                                        than whole over the link, and are all bytes right?
#   conformance/readiness/run.sh --prepare [NAME...]                     only builds and converts the images, once
#
# On a machine that is shared, PREPARE_WITH and MEASURE_WITH name commands that run what they are given when it is their
# turn; the second one gets each round of each image by itself. PAUSE: seconds between those, default 0.
#
# Needs root, /dev/net/tun, FUSE, e2e/tools.sh to have run, and what e2e/startset/images.sh needs.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=conformance/readiness

rounds=3
out=target/readiness
mode=measure
while [[ ${1:-} == --* ]]; do
  case $1 in
    --quick) mode=quick ;;
    --prepare) mode=prepare ;;
    --rounds) rounds=$2 && shift ;;
    --out) out=$2 && shift ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
  esac
  shift
done
names=("$@")
[[ ${#names[@]} -gt 0 ]] || names=(nginx numpy pandas)
[[ $mode != quick ]] || names=(nginx)

# --- with the machine's network ----------------------------------------------------------------------------------

if [[ -z ${READINESS_STATE:-} ]]; then
  ./lighter --version >&2 # builds it
  images=$(e2e/startset/images.sh "${names[@]}" | tail -n 1)
  READINESS_STATE=$(mktemp -d "${TMPDIR:-/tmp}/readiness.XXXXXX") # sockets have short paths
  export READINESS_STATE images
  # shellcheck source=conformance/readiness/lib.sh
  . "$here/lib.sh"
  install_lazy_client
  status=0
  options=("--$mode" --rounds "$rounds" --out "$out")
  [[ $mode != measure ]] || options=("${options[@]:1}")
  unshare --net "$here/run.sh" "${options[@]}" "${names[@]}" || status=$?
  rm -rf "$READINESS_STATE" 2>/dev/null || { sleep 1 && rm -rf "$READINESS_STATE"; }
  exit "$status"
fi

# --- in a network of its own -------------------------------------------------------------------------------------

# shellcheck source=conformance/readiness/lib.sh
. "$here/lib.sh"
far=

finish() {
  local status=$?
  trap - EXIT
  "$here/node.sh" stop || true
  stop_everything
  [[ -z $far ]] || kill "$far" 2>/dev/null || true
  [[ ! -f $state/link.pid ]] || kill "$(cat "$state/link.pid")" 2>/dev/null || true
  if [[ $status -ne 0 ]]; then
    mkdir -p "$out/logs"
    cp "$state"/*.log "$state"/*/log "$out/logs/" 2>/dev/null || true
  fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

start_network() {
  ip link set lo up
  unshare --net sleep infinity &
  far=$!
  wait_for 5 other_network
  python3 "$here/slowlink.py" slow0 "/proc/$far/ns/net" 41 100 >"$state/link.log" 2>&1 &
  echo $! >"$state/link.pid"
  wait_for 5 grep -q up "$state/link.log"
  ip address add 10.77.0.1/24 dev slow0
  ip link set slow0 up
  nsenter -t "$far" -n sh -c 'ip link set lo up; ip address add 10.77.0.2/24 dev slow0; ip link set slow0 up'
}

other_network() {
  [[ $(readlink "/proc/$far/ns/net") != "$(readlink /proc/self/ns/net)" ]]
}

# The same images twice: what is in the cluster, and what is far away.
start_distribution() {
  # shellcheck disable=SC2154 # of cache.sh
  local store=$cache/readiness/store place address
  mkdir -p "$store"
  for place in local upstream; do
    address=$LOCAL
    [[ $place == local ]] || address=$UPSTREAM
    cat >"$state/$place.yml" <<YML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: "$store"}, delete: {enabled: true}}
http: {addr: "$address", secret: readiness}
YML
  done
  OTEL_TRACES_EXPORTER=none registry serve "$state/local.yml" >"$state/local.log" 2>&1 </dev/null &
  echo $! >"$state/local.registry"
  OTEL_TRACES_EXPORTER=none nsenter -t "$far" -n registry serve "$state/upstream.yml" >"$state/upstream.log" 2>&1 </dev/null &
  echo $! >"$state/upstream.registry"
  wait_for 10 curl -fs -o /dev/null "http://$LOCAL/v2/"
  wait_for 10 curl -fs -o /dev/null "http://$UPSTREAM/v2/"
}

# --- images, in distribution's store, which stays in the cache ---------------------------------------------------

original() { # NAME
  stale "$1.original" "$(key "$1")" || return 0
  copy "oci:$images/$1:1" "docker://$LOCAL/library/$1:1"
  key "$1" >"$cache/readiness/$1.original"
}

stale() { # WHAT KEY   whether it has to be made again
  [[ $(cat "$cache/readiness/$1" 2>/dev/null) != "$2" ]]
}

key() { # NAME
  echo "$(layout_digest "$images/$1")-$(sha256sum <"$e2e/startset/recordings/$1.jsonl" | cut -c1-16)"
}

# As ctr-remote makes them: all together, because a layer that two of them have is converted once.
plain() { # NAME...
  local name missing=() pairs=()
  for name in "$@"; do
    ! stale "$name.plain" "$(key "$name")" || missing+=("$name")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  "$here/node.sh" start
  for name in "${missing[@]}"; do
    import "$name"
    pairs+=("original/$name:1" "$LOCAL/library/$name:plain")
  done
  lazy-client convert -address "$node/sock" "${pairs[@]}"
  for name in "${missing[@]}"; do
    on_node images push --plain-http "$LOCAL/library/$name:plain" >/dev/null
    key "$name" >"$cache/readiness/$name.plain"
  done
  "$here/node.sh" stop
}

import() { # NAME
  tar -C "$images/$1" -c . | on_node images import --base-name "original/$1" --no-unpack - >/dev/null
}

# As ctr-remote makes them of a run that was recorded.
optimized() { # NAME
  stale "$1.optimized" "$(key "$1")" || return 0
  "$here/node.sh" start
  import "$1"
  lazy-client convert -address "$node/sock" -record "$e2e/startset/recordings/$1.jsonl" "original/$1:1" "$LOCAL/library/$1:optimized"
  on_node images push --plain-http "$LOCAL/library/$1:optimized" >/dev/null
  "$here/node.sh" stop
  key "$1" >"$cache/readiness/$1.optimized"
}

# As lighter convert makes them with the same run as prefetch list.
listed() { # NAME
  stale "$1.listed" "$(key "$1")" || return 0
  rm -rf "$state/listed"
  "$lighter" convert --startup-set 0 --record-in "$e2e/startset/recordings/$1.jsonl" "oci:$images/$1:1" "oci:$state/listed:1" >/dev/null
  copy "oci:$state/listed:1" "docker://$LOCAL/library/$1:listed"
  rm -rf "$state/listed"
  key "$1" >"$cache/readiness/$1.listed"
}

# --- measuring ---------------------------------------------------------------------------------------------------

readiness() { # ARMS OPTION...
  "$here/node.sh" start
  # shellcheck disable=SC2086 # a command and its options
  ${MEASURE_WITH:-} env PATH="$cache/kubernetes:$PATH" "$lighter" bench readiness "$@" --address "$node/sock" --namespace startset \
    --cold "$here/node.sh start" --lazy-pull 'lazy-client pull -address {address} {reference}' --scratch "$state"
}

measure() {
  local round name results=$out/readiness.json
  mkdir -p "$out"
  rm -f "$results"
  # shellcheck disable=SC2086 # a command and its options
  ${PREPARE_WITH:-} "$here/cluster.sh" warm "${names[@]}"
  for ((round = 1; round <= rounds; round++)); do
    for name in "${names[@]}"; do
      add=()
      [[ ! -f $results ]] || add=(--add "$results")
      readiness "$here/arms.json" --image "$name" --rounds 1 "${add[@]}" --json "$results" || true # a run that failed is counted
      sleep "${PAUSE:-0}"
    done
  done
  "$lighter" bench readiness "$here/arms.json" --rounds 0 --add "$results" --json "$results" --chart "$out/readiness.svg" >"$out/readiness.txt"
  cat "$out/readiness.txt"
  [[ ! -f $state/second-node ]] || sort "$state/second-node"
}

# Every file of a container that runs lazily, read through FUSE, against the original image.
same_bytes() {
  "$here/node.sh" start
  lazy-client pull -address "$node/sock" "$WARM/docker.io/library/nginx:1"
  on_node run -d --net-host --snapshotter stargz "$WARM/docker.io/library/nginx:1" probe sleep 1000
  local root
  root=/proc/$(on_node tasks ls | awk '$1 == "probe" { print $2 }')/root
  grep -q " $node/stargz/.* fuse" /proc/mounts || { echo "nothing is mounted over FUSE" >&2; return 1; }
  unpack "$images/nginx" "$state/unpacked"
  local folder
  for folder in usr bin lib etc/nginx var/www; do
    sums "$state/unpacked/rootfs/$folder" >"$state/wanted"
    sums "$root/$folder" >"$state/found"
    [[ ! -d $state/unpacked/rootfs/$folder ]] || [[ -L $state/unpacked/rootfs/$folder ]] || test -s "$state/wanted"
    diff "$state/wanted" "$state/found" | head -n 20
    cmp "$state/wanted" "$state/found"
    note "$folder: $(wc -l <"$state/wanted") files"
  done
  "$here/node.sh" stop
}

sums() { # FOLDER
  (cd "$1" && find . -xdev -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum)
}

quick() {
  readiness "$here/arms-quick.json" --rounds 1 --json "$state/quick.json"
}

faster() {
  note "$(jq -r '.summaries | map("\(.arm) \(.total * 100 | round / 100) s") | join("; ")' "$state/quick.json")"
  jq -e '.summaries | map({(.arm): .}) | add | .["lazy, Lighter"].total < .["whole, slow upstream"].total' "$state/quick.json"
}

no_more_than_read() { # lazily, containerd gets no layer, and the snapshotter not half of the image
  jq -e '.summaries[] | select(.arm == "lazy, Lighter") | .figures["stored, MB"] < 1 and .figures["lazy, MB"] > 1 and .figures["lazy, MB"] < 60' \
    "$state/quick.json"
}

mkdir -p "$cache/readiness"
start_network
start_distribution
for name in "${names[@]}"; do
  original "$name"
done
if [[ $mode != quick ]]; then
  plain "${names[@]}"
  for name in "${names[@]}"; do
    listed "$name"
    [[ $name != nginx ]] || optimized "$name"
  done
fi
case $mode in
  prepare) ;;
  measure) measure ;;
  quick)
    step 'an image comes over the slow link, and is converted' "$here/cluster.sh" warm nginx
    step 'a node starts it, whole and lazily' quick
    step 'lazily through Lighter is faster than whole over the link' faster
    step 'what nobody reads stays where it is' no_more_than_read
    step 'all bytes are right' same_bytes
    echo "$passed passed, $failed failed"
    [[ $failed -eq 0 ]]
    ;;
esac
