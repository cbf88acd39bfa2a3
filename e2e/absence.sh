#!/usr/bin/env bash
# What a container that runs from a lazy image sees while Lighter restarts, is killed, or is away: a real containerd with
# the stargz snapshotter over FUSE, and a reader of files that nobody has read before. Prints a table, and ends with the
# line "N passed, N failed".
#
#   e2e/absence.sh [--all]       --all: also absences at whose end the client may have lost patience, for the table
#   e2e/absence.sh --tools       only builds the client
#
# Needs root, FUSE (fusermount3 or fusermount), e2e/tools.sh to have run, and a build.
set -euo pipefail
# shellcheck source=e2e/lazy-node.sh
. "$(dirname "$0")/lazy-node.sh"

[[ ${1:-} != --tools ]] || { install_lazy_client; exit; }
all=${1:-}

finish() {
  local status=$?
  trap - EXIT
  stop_node
  [[ ! -f $state/forwarder ]] || kill "$(cat "$state/forwarder")" 2>/dev/null || true
  stop_everything
  if [[ $failed -gt 0 || $status -ne 0 ]]; then
    mkdir -p "$e2e/target"
    cp "$state"/*.log "$e2e/target/" 2>/dev/null || true
    cp "$state/lighter/log" "$e2e/target/absence-lighter.log" 2>/dev/null || true
  fi
  rm -rf "$state" 2>/dev/null || { sleep 1; rm -rf "$state" || true; } # what was killed may still write
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# --- the image, and a container that stays -----------------------------------------------------------------------

publish() {
  start_lighter lighter --no-upstreams
  copy "oci:$image" "docker://$(at lighter)/app:1"
  wait_for 300 curl -fs -o /dev/null "${manifest_types[@]}" "http://$(at lighter)/v2/app/manifests/1-esgz"
}

run_container() { # ADDRESS
  # Nothing is fetched but what is read.
  printf 'noprefetch = true\nno_background_fetch = true\n' >"$node.toml"
  start_node "$1"
  lazy-client pull -address "$node/sock" "$1/app:1-esgz" >/dev/null
  on_node run -d --snapshotter stargz "$1/app:1-esgz" probe sleep 100000 >/dev/null
  root=/proc/$(on_node tasks ls | awk '$1 == "probe" { print $2 }')/root
  find "$root/usr" -xdev -type f -size +3k -printf '%p\n' | shuf --random-source=<(yes) >"$state/files"
  [[ $(wc -l <"$state/files") -gt 300 ]] || { echo "too few files in the image" >&2; return 1; }
}

# --- reading while something happens -----------------------------------------------------------------------------

# Reads file after file, each for the first time, until the action is over and ten seconds more. Prints how many, how
# many could not be read, and the longest that one took, in ms.
reading_during() { # COMMAND...
  local over=$state/over reader
  rm -f "$over"
  python3 "$e2e/read-files.py" "$state/files" "$over" >"$state/read" &
  reader=$!
  sleep 1
  "$@"
  sleep "${patience:-5}"
  touch "$over"
  wait "$reader"
  cat "$state/read"
}

restart() { stop_lighter lighter && start_lighter lighter --no-upstreams; }
killed() { kill_lighter lighter && start_lighter lighter --no-upstreams; }
away() { # SECONDS
  kill_lighter lighter
  sleep "$1"
  start_lighter lighter --no-upstreams
}

row() { # NAME COMMAND...   a row of the table; whether all could be read
  local name=$1 count errors longest
  shift
  read -r count errors longest < <(reading_during "$@")
  printf '| %s | %s | %s | %s |\n' "$name" "$count" "$errors" "$longest" >>"$state/table"
  [[ $count -ge 20 ]] || { echo "only $count files were read" >&2; return 1; }
  [[ $errors -eq 0 ]] || { echo "$errors of $count reads failed" >&2; return 1; }
}

# As much as two cores can do: pushes, manifests and ranges over 256 connections, for 20 s. What was refused is said.
loaded() {
  local digest base flood manifests
  base=http://$(at lighter)
  digest=$(curl -fs "${manifest_types[@]}" "$base/v2/app/manifests/1-esgz" | jq -er '.layers[0].digest')
  python3 "$e2e/push-flood.py" "$(cat "$state/lighter/port")" 64 20 >"$state/flood.log" 2>&1 &
  flood=$!
  "$lighter" bench manifest "${base#http://}/app:1" --connections 128 --duration 4s >"$state/bench-manifest.log" 2>&1 &
  manifests=$!
  # What is refused counts as an error there, and makes the exit code 1.
  "$lighter" bench range "$base/v2/app/blobs/$digest" --size 4Ki --connections 64 --duration 19s >"$state/bench-range.log" 2>&1 || true
  wait "$manifests" || true
  wait "$flood"
  cat "$state/flood.log" "$state"/bench-*.log >&2
  management lighter /metrics | awk '/^lighter_requests_seconds_count/ { all += $NF }
    /^lighter_requests_seconds_count.*status="503"/ { refused += $NF }
    END { print "note: of", all, "requests", refused + 0, "were answered 503" }' >&2
}

restarts() { # WHERE
  step "$1: SIGTERM and start: no read fails" row "$1: restart" restart
  step "$1: kill -9 and start: no read fails" row "$1: kill -9, start" killed
}

start_forwarder() {
  local port
  port=$(free_port)
  "$lighter" forward --listen "127.0.0.1:$port" --to "$(at lighter)" --hold 15s >>"$state/forwarder.log" 2>&1 </dev/null &
  echo $! >"$state/forwarder"
  echo "127.0.0.1:$port" >"$state/forwarded"
  wait_for 10 curl -fs -o /dev/null "http://127.0.0.1:$port/v2/"
}

"$lighter" --version >/dev/null
install_lazy_client
image=$("$e2e/fixtures.sh" | tail -n 1)/oci/nginx:1
step 'an image is pushed and converted' publish
step 'a container runs from the lazy image' run_container "$(at lighter)"
restarts directly
if [[ $all == --all ]]; then
  for seconds in 1 3 10 60; do
    patience=10 row "directly: gone for $seconds s" away "$seconds" || true
  done
  step 'directly: 256 connections ask all they can: no read fails' row 'directly: 256 connections ask all they can' loaded
fi
stop_node
step 'a forwarder in front' start_forwarder
step 'a container runs through the forwarder' run_container "$(cat "$state/forwarded")"
restarts forwarded
step 'forwarded: gone for 10 s: no read fails' row 'forwarded: gone for 10 s' away 10
[[ $all != --all ]] || patience=10 row 'forwarded: gone for 60 s' away 60 || true
stop_node
step 'Lighter stops in order' stop_lighter lighter
echo '| while Lighter | files read | reads that failed | longest read, ms |'
echo '|---|---|---|---|'
cat "$state/table"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
