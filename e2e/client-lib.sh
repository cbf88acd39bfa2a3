# Sourced by clients.sh: the one Lighter, the images to push, the engines, and what the registry says of a client's work.
# shellcheck shell=bash disable=SC2154

policy=$state/policy.json
echo '{"default":[{"type":"insecureAcceptAnything"}]}' >"$policy"

# --- servers -----------------------------------------------------------------------------------------------------

# The default upstream refuses connections; another one takes them and never answers.
start_lighter_without_upstreams() {
  free_port >"$state/silent.port"
  python3 -c 'import signal, socket, sys
s = socket.socket(); s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(100); signal.pause()' "$(cat "$state/silent.port")" </dev/null &
  echo $! >"$state/silent.pid"
  LIGHTER_LOGGING_FORMAT=json start_lighter one --upstream docker.io=http://127.0.0.1:1 \
    --upstream "silent.example=http://127.0.0.1:$(cat "$state/silent.port")"
}

stop_silent_upstream() {
  [[ ! -f $state/silent.pid ]] || kill "$(cat "$state/silent.pid")" 2>/dev/null || true
}

start_dockerd() {
  local run=$state/docker
  mkdir -p "$run"
  dockerd --data-root "$run/data" --exec-root "$run/exec" -H "unix://$run/sock" -p "$run/dockerd.pid" \
    --iptables=false --ip6tables=false --bridge=none >>"$run/log" 2>&1 </dev/null &
  echo $! >"$run/engine.pid"
  wait_for 60 in_docker version
}

in_docker() {
  docker -H "unix://$state/docker/sock" "$@"
}

stop_dockerd() {
  local file=$state/docker/engine.pid
  [[ -f $file ]] || return 0
  kill "$(cat "$file")" 2>/dev/null || true
  wait_for 20 gone "$(cat "$file")" || kill -KILL "$(cat "$file")" 2>/dev/null || true
  rm -f "$file"
}

keep_logs() {
  mkdir -p "$e2e/target"
  local log
  for log in "$state"/*/log; do
    [[ ! -f $log ]] || cp "$log" "$e2e/target/clients-$(basename "$(dirname "$log")").log"
  done
}

# --- images ------------------------------------------------------------------------------------------------------

new_file() { # NAME   3 MiB that nobody else has; a file's name
  local file=$state/files/$1
  mkdir -p "$state/files"
  head -c 3145728 /dev/urandom >"$file"
  echo "$file"
}

# A layout with two layers that no other client pushes: else some would find their layers there already.
new_image() { # NAME
  local layout=$state/images/$1 bundle=$state/bundle file
  file=$(new_file "$1")
  mkdir -p "$state/images"
  umoci init --layout "$layout"
  umoci new --image "$layout:1"
  umoci unpack --image "$layout:1" "$bundle"
  cp "$file" "$bundle/rootfs/data"
  umoci repack --refresh-bundle --image "$layout:1" "$bundle"
  echo "$1" >"$bundle/rootfs/name"
  umoci repack --refresh-bundle --image "$layout:1" "$bundle"
  umoci config --image "$layout:1" --config.cmd /data
  umoci gc --layout "$layout"
  rm -rf "$bundle"
}

new_images() {
  local name
  for name in docker ctr skopeo umoci podman crane regctl cosign oras; do
    new_image "$name"
  done
}

in_storage() { # PROGRAM ARGUMENT...   buildah and podman with storage of their own
  local program=$1
  shift
  "$program" --root "$state/storage/root" --runroot "$state/storage/run" --storage-driver vfs "$@"
}

# --- what the registry says --------------------------------------------------------------------------------------

# Lines of the access log are held back for 200 ms at most.
logged() {
  sleep 0.4
  cat "$state/one/log"
}

requests() { # REPOSITORY   "METHOD URI STATUS" for each, in order
  logged | jq -rR --arg path "/v2/$1/" 'fromjson? | select(.logger == "access" and (.uri | startswith($path))) |
    "\(.method) \(.uri | gsub("%3A"; ":")) \(.status)"'
}

# No byte of a layer was sent: each was mounted, and no upload ended with its digest.
layers_mounted() { # REPOSITORY TAG
  local layers layer log
  layers=$(curl -fsS "${manifest_types[@]}" "$v2/$1/manifests/$2" | jq -er '.layers[].digest')
  log=$(requests "$1")
  for layer in $layers; do
    grep -qE "^POST [^ ]*[?&]mount=${layer}[^ ]* 201\$" <<<"$log" || { echo "$layer was not mounted: $log" >&2; return 1; }
    ! grep -E "[?&]digest=$layer" <<<"$log" || { echo "$layer was uploaded" >&2; return 1; }
    same "status of $layer" 200 "$(get_status "$v2/$1/blobs/$layer" -I)"
  done
  note "$(wc -l <<<"$layers") layers"
}

is_gone() { # REPOSITORY REFERENCE...
  local repository=$1 reference
  shift
  for reference in "$@"; do
    same "status of $repository $reference" 404 "$(get_status "$v2/$repository/manifests/$reference")"
  done
}

listed_by_api() { # REPOSITORY TAG ARTIFACT_TYPE
  same "referrers of $1:$2" "$3" \
    "$(curl -fsS "$v2/$1/referrers/$(get_digest "$v2/$1/manifests/$2")" | jq -r '.manifests[].artifactType' | sort -u | paste -sd ' ')"
}

no_server_error() {
  logged | jq -rR 'fromjson? | select(.logger == "access" and .status >= 500) | "\(.status) \(.method) \(.uri)"' >"$state/errors"
  [[ ! -s $state/errors ]] || { head -n 20 "$state/errors" >&2; return 1; }
}
