#!/usr/bin/env bash
# Runs images of e2e/startset/images for real, twice each, until they are ready, and keeps which files that read:
# recordings/NAME.jsonl, in the order of first access, and recordings/NAME.json, which says how it was made and how much
# the second run differed.
#
#   e2e/startset/record.sh [NAME...]
#
# Needs root, fanotify, Go, and what images.sh needs.
set -euo pipefail
# shellcheck source=e2e/startset/lib.sh
. "$(dirname "$0")/lib.sh"

recordings=$e2e/startset/recordings
limit=60

cleanup() {
  stop_containerd
  stop_netns
  rm -rf "$state"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

kill_container() {
  local task
  for task in $(node_ctr tasks ls -q); do
    node_ctr tasks kill --all --signal SIGKILL "$task" 2>/dev/null || true
  done
}

record() { # NAME OUT
  local ready recorder
  read -ra ready <"$e2e/startset/images/$1/ready"
  TMPDIR=$state lazy-client record -address "$state/containerd/sock" -netns "/run/netns/$netns" -limit "${limit}s" -out "$2.all" \
    "localhost/startset/$1:1" >"$state/$1.log" 2>&1 </dev/null &
  recorder=$!
  if [[ ${ready[0]} != ended ]]; then
    if ! wait_for $limit ready_or_over "$recorder" "${ready[@]}" || gone "$recorder"; then
      cat "$state/$1.log" >&2
      return 1
    fi
    kill_container
  fi
  wait "$recorder" || { cat "$state/$1.log" >&2; return 1; }
  if grep -q 'timed out\|overflow' "$state/$1.log" || { [[ ${ready[0]} == ended ]] && ! grep -q 'exit with code 0' "$state/$1.log"; }; then
    cat "$state/$1.log" >&2
    return 1
  fi
  # Which build of the image it was says nothing about another one.
  jq -c '{path, layerIndex}' "$2.all" >"$2"
}

ready_or_over() { # PID READY...
  gone "$1" || answers "${@:2}"
}

# Debian's packages that the recorded files belong to, with their versions; its database knows paths as packages name
# them, without /usr for what has moved there.
debian_packages() { # NAME RECORD
  # shellcheck disable=SC2016 # for the shell in the container
  jq -r '.path' "$2" | sed 's|^|/|; p; s|^/usr||' >"$state/paths"
  node_ctr run --rm --mount "type=bind,src=$state/paths,dst=/run/paths,options=rbind:ro" "localhost/startset/$1:1" packages \
    sh -c 'xargs dpkg-query -S </run/paths 2>/dev/null | sed "s/:.*//" | sort -u | xargs dpkg-query -W' | sort |
    jq -Rn '[inputs / "\t" | {(.[0]): .[1]}] | add'
}

about() { # NAME FIRST SECOND
  local config
  config=$(layout_config "$1")
  jq -n --slurpfile config "$config" --slurpfile first "$2" --slurpfile second "$3" --arg ready "$(cat "$e2e/startset/images/$1/ready")" \
    --argjson packages "$(debian_packages "$1" "$2")" '
    ($first | map(.path)) as $a | ($second | map(.path)) as $b
    | {entrypoint: $config[0].config.Entrypoint, cmd: $config[0].config.Cmd, ready: $ready,
       files: ($a | length), onlyInThisRun: ($a - $b), onlyInSecondRun: ($b - $a), debianPackages: $packages}'
}

layout_config() { # NAME   the file
  local layout=$images/$1
  layout_blob "$layout" "$(jq -r .config.digest "$(layout_blob "$layout" "$(layout_digest "$layout")")")"
}

install_lazy_client
names=("$@")
if [[ ${#names[@]} -eq 0 ]]; then
  mapfile -t names < <(cd "$e2e/startset/images" && for name in */ready; do dirname "$name"; done)
fi
images=$("$e2e/startset/images.sh" "${names[@]}" | tail -n 1)
mkdir -p "$recordings"
start_netns
start_containerd
for name in "${names[@]}"; do
  import_layout "$images/$name" "$name"
  record "$name" "$state/first"
  record "$name" "$state/second"
  about "$name" "$state/first" "$state/second" >"$state/about"
  mv "$state/first" "$recordings/$name.jsonl"
  mv "$state/about" "$recordings/$name.json"
  node_ctr images rm --sync "localhost/startset/$name:1" >/dev/null
  jq -r --arg name "$name" '"\($name): \(.files) files; the second run read \(.onlyInSecondRun | length) others, and not \(.onlyInThisRun | length)"' \
    "$recordings/$name.json"
done
