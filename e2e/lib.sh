# Sourced by main-job.sh: steps, Lighter instances and clients. Every server belongs to the folder $state and is
# found again by the files there, because each step runs in a subshell of its own.
# shellcheck shell=bash
# shellcheck source=e2e/cache.sh
. "$(dirname "${BASH_SOURCE[0]}")/cache.sh"
# shellcheck source=e2e/registry.sh
. "$e2e/registry.sh"

state=$(mktemp -d "${TMPDIR:-/tmp}/lighter-e2e.XXXXXX")
lighter=$(dirname "$e2e")/lighter
passed=0
failed=0
manifest_types=(-H 'Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json'
  -H 'Accept: application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json')

# Functions that print an answer are called in $(…), where errexit does not reach: they say "|| return 1" themselves.

# --- steps -------------------------------------------------------------------------------------------------------

step() { # NAME COMMAND...   runs it with errexit and judges by its status
  local name=$1 log=$state/step.log started=$SECONDS status
  shift
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1
  status=$?
  set -e
  if [[ $status -eq 0 ]]; then
    passed=$((passed + 1))
    echo "PASS  $name ($((SECONDS - started)) s)$(sed -n 's/^note: /; /p' "$log" | tr -d '\n')"
  else
    failed=$((failed + 1))
    echo "FAIL  $name ($((SECONDS - started)) s), status $status"
    tail -n 25 "$log" | sed 's/^/      | /'
  fi
}

note() { echo "note: $*"; }

same() { # WHAT EXPECTED ACTUAL
  [[ $2 == "$3" ]] || { echo "$1: wanted $2, got $3" >&2; return 1; }
}

# --- Lighter -----------------------------------------------------------------------------------------------------

start_lighter() { # NAME ARGUMENT...   NAME keeps its data and its ports from start to start
  local run=$state/$1
  shift
  mkdir -p "$run"
  [[ -f $run/port ]] || { free_port >"$run/port"; free_port >"$run/management"; }
  rm -f "$run/exit"
  (
    # A shell starts background commands deaf to SIGINT.
    LIGHTER_MANAGEMENT_LISTEN=127.0.0.1:$(cat "$run/management") env --default-signal=INT "$lighter" serve \
      --listen "127.0.0.1:$(cat "$run/port")" --data "$run/data" "$@" &
    echo $! >"$run/pid"
    status=0
    wait $! || status=$?
    echo "$status" >"$run/exit.new"
    mv "$run/exit.new" "$run/exit"
  ) >>"$run/log" 2>&1 </dev/null &
  wait_for 30 ready "$run" || { tail -n 15 "$run/log" >&2; return 1; }
}

ready() { # RUN   ready, or over: a start that failed need not be waited for
  [[ ! -f $1/exit ]] || { echo "lighter ended with $(cat "$1/exit")" >&2; exit 1; }
  curl -fs -m 5 -o /dev/null "http://127.0.0.1:$(cat "$1/management")/health/ready"
}

signal_lighter() { # NAME SIGNAL
  kill "-$2" "$(cat "$state/$1/pid")"
}

kill_lighter() { # NAME   at once, as power loss does to a process
  signal_lighter "$1" KILL
  wait_for 10 test -f "$state/$1/exit"
}

stop_lighter() { # NAME [SIGNAL]   orderly, within ten seconds and with status 0
  signal_lighter "$1" "${2:-TERM}"
  wait_for 10 test -f "$state/$1/exit"
  same "exit status of lighter" 0 "$(cat "$state/$1/exit")"
}

at() { # NAME   host:port of an instance
  echo "127.0.0.1:$(cat "$state/$1/port")"
}

management() { # NAME PATH
  curl -fsS -m 5 "http://127.0.0.1:$(cat "$state/$1/management")$2"
}

stop_everything() {
  local file run
  for file in "$state"/*/pid; do
    run=$(dirname "$file")
    [[ -f $file && ! -f $run/exit ]] || continue
    kill -KILL "$(cat "$file")" 2>/dev/null || true
    # Until then Lighter, or the shell that waits for it, may write to the folder that is removed next.
    wait_for 10 test -f "$run/exit" || true
  done
  stop_containerd
  stop_registries "$state"
}

# --- questions to a registry -------------------------------------------------------------------------------------

layout_digest() { # LAYOUT [TAG]
  jq -r --arg tag "${2:-1}" '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == $tag) | .digest' "$1/index.json"
}

layout_blob() { # LAYOUT DIGEST   the file
  echo "$1/blobs/${2/://}"
}

digest_of() { # reads bytes
  echo "sha256:$(sha256sum | cut -d ' ' -f 1)"
}

# The digest of the bytes that a GET answers; the header has to say the same.
get_digest() { # URL CURL_ARGUMENT...
  local url=$1 headers body
  shift
  headers=$(mktemp "$state/headers.XXXXXX") body=$(mktemp "$state/body.XXXXXX")
  curl -fsS -m 60 -D "$headers" -o "$body" "${manifest_types[@]}" "$@" "$url" || return 1
  local said
  said=$(tr -d '\r' <"$headers" | awk 'tolower($1) == "docker-content-digest:" { print $2 }')
  same "Docker-Content-Digest of $url" "$(digest_of <"$body")" "$said" || return 1
  rm -f "$headers" "$body"
  echo "$said"
}

get_status() { # URL CURL_ARGUMENT...
  local url=$1
  shift
  curl -sS -m 60 -o /dev/null -w '%{http_code}' "${manifest_types[@]}" "$@" "$url"
}

# A whole image by plain HTTP: the manifest, and every blob it names compared with its digest. Prints the digest.
get_image() { # BASE REFERENCE QUERY CURL_ARGUMENT...   BASE: http://host:port/v2/name
  local base=$1 reference=$2 query=$3 manifest blob
  shift 3
  manifest=$(mktemp "$state/manifest.XXXXXX")
  curl -fsS -m 60 -o "$manifest" "${manifest_types[@]}" "$@" "$base/manifests/$reference$query" || return 1
  jq -e '.layers | length > 0' "$manifest" >/dev/null || return 1
  for blob in $(jq -r '.config.digest, .layers[].digest' "$manifest"); do
    same "$base blob" "$blob" "$(curl -fsS -m 120 "$base/blobs/$blob$query" | digest_of)" || return 1
  done
  digest_of <"$manifest"
  rm -f "$manifest"
}

answers_other_than() { # DIGEST URL CURL_ARGUMENT...
  local old=$1 new
  shift
  new=$(get_digest "$@" 2>/dev/null) && [[ $new != "$old" ]]
}

# Waits until a tag's lazy view is another image than the original, at most the minute that is promised.
wait_lazy() { # ORIGINAL_DIGEST URL CURL_ARGUMENT...
  local started=$SECONDS
  wait_for 60 answers_other_than "$@"
  note "lazy after $((SECONDS - started)) s"
}

# --- what upstream saw -------------------------------------------------------------------------------------------

blob_gets() { # ACCESS_LOG   one line per answered blob GET: digest status bytes
  awk '$6 == "\"GET" && $7 ~ /\/blobs\/sha256:/ && $9 ~ /^20/ {
    sub(/.*\/blobs\//, "", $7); sub(/\?.*/, "", $7); print $7, $9, $10 }' "$1"
}

# Every byte of every blob of the image crossed the upstream link exactly once, in however many answers.
seen_once() { # ACCESS_LOG LAYOUT
  local manifest wanted digest size
  manifest=$(layout_blob "$2" "$(layout_digest "$2")")
  wanted=$(jq -er '(.config, .layers[]) | "\(.digest) \(.size)"' "$manifest") || return 1
  while read -r digest size; do
    same "bytes that upstream sent of $digest" "$size" \
      "$(blob_gets "$1" | awk -v digest="$digest" '$1 == digest { sent += $3 } END { print sent + 0 }')" || return 1
  done <<<"$wanted"
  note "$(wc -l <<<"$wanted") blobs"
}

# --- images on disk ----------------------------------------------------------------------------------------------

unpack() { # LAYOUT TARGET
  rm -rf "$2"
  umoci unpack --image "$1:1" "$2" >/dev/null
}

same_files() { # ORIGINAL_LAYOUT LAZY_LAYOUT TREEDIFF_ARGUMENT...
  local original lazy=$state/unpacked-lazy status=0
  original=$state/unpacked-$(basename "$1")
  [[ -d $original ]] || unpack "$1" "$original" # stays: several scenarios compare with it
  unpack "$2" "$lazy"
  shift 2
  python3 "$e2e/treediff.py" "$@" "$original/rootfs" "$lazy/rootfs" || status=$?
  rm -rf "$lazy"
  return "$status"
}

# Pulls with a client that knows nothing of eStargz, has the Go library judge the layers and compares the files.
judge_lazy() { # ORIGINAL_LAYOUT IMAGE CHECK_ARGUMENTS TREEDIFF_ARGUMENT...
  local original=$1 image=$2 check=$3 lazy
  shift 3
  lazy=$(mktemp -d "$state/lazy.XXXXXX")
  copy "docker://$image" "oci:$lazy:1"
  # shellcheck disable=SC2086 # a list of options
  estargz-check $check "$lazy:1"
  same_files "$original" "$lazy" "$@"
  rm -rf "$lazy"
}

# --- containerd --------------------------------------------------------------------------------------------------

start_containerd() {
  local run=$state/containerd
  mkdir -p "$run"
  cat >"$run/config.toml" <<TOML
version = 2
root = "$run/root"
state = "$run/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$run/sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$run/opt"
TOML
  containerd -c "$run/config.toml" >>"$run/log" 2>&1 </dev/null &
  echo $! >"$run/containerd.pid"
  wait_for 10 ctr -a "$run/sock" version
}

stop_containerd() {
  local file=$state/containerd/containerd.pid
  [[ -f $file ]] || return 0
  kill "$(cat "$file")" 2>/dev/null || true
  wait_for 10 gone "$(cat "$file")" || true
  rm -f "$file"
}

# Pulls as a node does: the registry's own name, Lighter as its mirror, ?ns= on every request, no way around it.
ctr_pull() { # INSTANCE NAMESPACE REFERENCE VIEW(original|lazy|any) content fetch|images pull...
  local hosts=$state/containerd/hosts-$1-$4 host=${3%%/*} mirror
  mirror="http://$(at "$1")"
  mkdir -p "$hosts/$host"
  {
    printf 'server = "http://127.0.0.1:1"\n[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$mirror"
    [[ $4 == any ]] || printf '  [host."%s".header]\n    Lighter-View = ["%s"]\n' "$mirror" "$4"
  } >"$hosts/$host/hosts.toml"
  local namespace=$2 reference=$3
  shift 4
  ctr -a "$state/containerd/sock" -n "$namespace" "$@" --hosts-dir "$hosts" "$reference"
  ctr -a "$state/containerd/sock" -n "$namespace" images ls | awk -v r="$reference" '$1 == r { print $3 }' >"$state/ctr.digest"
}
