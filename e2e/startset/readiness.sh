#!/usr/bin/env bash
# How soon a program is ready on a node that has nothing of its image, pulled lazily by a real containerd with the stargz
# snapshotter over FUSE, by what is laid out first in its layers:
#
#   plain      nothing
#   startset   what the start reads, as lighter convert works it out by itself
#   recorded   what a real run read, e2e/startset/recordings
#   served     what a Lighter serves that was pushed the ordinary image: its own conversion, whatever it lays out
#
#   e2e/startset/readiness.sh [-n ROUNDS] [-v 'VARIANT...'] [NAME...]      default: 5, all four, nginx numpy pandas
#
# In each round every image is started once in every variant, each time on an empty node: new state of containerd, new
# cache of the snapshotter. All come from one Lighter on the same machine. Prints medians and the range of the total:
#
#   pull       until containerd has the image, which is when its layers are mounted
#   start      until the container's process runs; the snapshotter may hold it back, at most 10 s, for what it prefetches
#   ready      from then until it answers, or has ended if it is a program that ends
#   fetches    requests that a read had to wait for, until ready
#   MB         fetched until ready
#
# Wants a quiet machine. Needs root, FUSE (fusermount3 or fusermount), Go, and what images.sh needs.
set -euo pipefail
# shellcheck source=e2e/startset/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=5
variants='plain startset recorded served'
while getopts n:v: option; do
  case $option in
    n) rounds=$OPTARG ;;
    v) variants=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
names=("$@")
[[ ${#names[@]} -gt 0 ]] || names=(nginx numpy pandas)

cleanup() {
  stop_node
  stop_everything
  stop_netns
  rm -rf "$state"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# --- images ------------------------------------------------------------------------------------------------------

how() { # VARIANT NAME   printed: options for lighter convert, one a line
  case $1 in
    plain) printf '%s\n' --startup-set 0 ;;
    recorded) printf '%s\n' --startup-set 0 --record-in "$e2e/startset/recordings/$2.jsonl" ;;
  esac
}

publish() { # VARIANT NAME
  local options
  if [[ $1 == served ]]; then
    copy "oci:$images/$2:1" "docker://$(at served)/$2:1"
    wait_for 600 curl -fs -o /dev/null "${manifest_types[@]}" "http://$(at served)/v2/$2/manifests/1-esgz"
    return
  fi
  mapfile -t options < <(how "$1" "$2")
  rm -rf "$state/converted"
  "$lighter" convert "${options[@]}" "oci:$images/$2:1" "oci:$state/converted:1" >/dev/null
  copy "oci:$state/converted:1" "docker://$(at given)/$2:$1"
  rm -rf "$state/converted"
}

reference() { # VARIANT NAME
  if [[ $1 == served ]]; then
    echo "$(at served)/$2:1-esgz"
  else
    echo "$(at given)/$2:$1"
  fi
}

# --- one start ---------------------------------------------------------------------------------------------------

now() { # microseconds
  echo "${EPOCHREALTIME/[.,]/}"
}

wait_ready() { # READY...
  if [[ $1 == ended ]]; then
    # Deleting a task ends with the status of its process.
    until gone "$(on_node tasks ls | awk '$1 == "probe" { print $2 }')"; do sleep 0.01; done
    on_node tasks delete probe >/dev/null
  else
    local end=$((SECONDS + 120))
    until answers "$@"; do
      ((SECONDS < end)) || return 1
      sleep 0.005
    done
  fi
}

metric() { # PATTERN   the sum of the snapshotter's values
  curl -fsS "http://127.0.0.1:$(cat "$node/metrics")/metrics" | awk -v pattern="$1" '$0 ~ pattern { sum += $NF } END { printf "%d\n", sum }'
}

measure() { # VARIANT NAME   one line: name variant pull start ready total (ms) fetches bytes
  local ready begin pulled started answered reference
  read -ra ready <"$e2e/startset/images/$2/ready"
  reference=$(reference "$1" "$2")
  start_node "$(at given)" "$(at served)"
  begin=$(now)
  lazy-client pull -address "$node/sock" "$reference" >/dev/null
  pulled=$(now)
  on_node run -d --snapshotter stargz --with-ns "network:/run/netns/$netns" "$reference" probe >/dev/null
  started=$(now)
  wait_ready "${ready[@]}"
  answered=$(now)
  echo "$2 $1 $(((pulled - begin) / 1000)) $(((started - pulled) / 1000)) $(((answered - started) / 1000)) $(((answered - begin) / 1000))" \
    "$(metric 'operation_type="on_demand_remote_registry_fetch_count"')" "$(metric '^stargz_fs_layer_fetched_size_bytes')"
  stop_node
}

summary() { # reads the lines
  python3 -c '
import statistics, sys
runs = {}
for line in sys.stdin:
    name, variant, *figures = line.split()
    runs.setdefault((name, variant), []).append([int(figure) for figure in figures])
print("| image | laid out first | pull, s | start, s | ready, s | total, s | total, range | fetches before ready | MB before ready |")
print("|---|---|---|---|---|---|---|---|---|")
for (name, variant), each in runs.items():
    pull, start, ready, total, fetches, size = (statistics.median(column) for column in zip(*each))
    totals = [run[3] / 1e3 for run in each]
    print(f"| {name} | {variant} | {pull / 1e3:.2f} | {start / 1e3:.2f} | {ready / 1e3:.2f} | **{total / 1e3:.2f}** "
          f"| {min(totals):.2f}-{max(totals):.2f} | {fetches:.0f} | {size / 1e6:.1f} |")'
}

"$lighter" --version >&2 # builds it
install_lazy_client
images=$("$e2e/startset/images.sh" "${names[@]}" | tail -n 1)
start_netns
LIGHTER_CONVERSION_HOSTED=off start_lighter given --no-upstreams
start_lighter served --no-upstreams
for name in "${names[@]}"; do
  for variant in $variants; do
    publish "$variant" "$name"
  done
done
for round in $(seq "$rounds"); do
  for name in "${names[@]}"; do
    for variant in $variants; do
      measure "$variant" "$name" | tee -a "$state/runs" | sed "s/^/round $round: /" >&2
    done
  done
done
summary <"$state/runs"
