#!/usr/bin/env bash
# Kills real servers with SIGKILL in the midst of uploads, mounts, manifests, tags, deletions and conversions, starts
# them again over the same data and compares what they have with what they had acknowledged: blobs, manifests and tags
# with their bytes, the offsets of unfinished uploads, deletions, referrers, converted images, and that nothing dangles
# and POST /admin/verify finds no damage. A kill is what a crash of the process does; the power stays on.
# Ends with the line "N passed, N failed", counting kills and contradictions.
#
#   e2e/kill-loop.sh [KILLS]      200 without an argument; 2000 for a night
#
# LIGHTER_KILL_LOOP_OPTIONS is handed on: --stores N servers at once, --seed N to repeat a run. Needs python3.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2086 # a list of options
exec python3 -B "$here/killloop" "$here/../lighter" "${1:-200}" --stores 2 ${LIGHTER_KILL_LOOP_OPTIONS:-}
