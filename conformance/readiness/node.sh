#!/usr/bin/env bash
# The node of run.sh: ended, emptied, and with "start" begun anew. What makes a node cold for lighter bench readiness.
#
#   READINESS_STATE=FOLDER node.sh start|stop
set -euo pipefail
# shellcheck source=conformance/readiness/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2154 # The containerd of the Kubernetes tests is newer than Debian's.
export PATH=$cache/kubernetes:$PATH
# shellcheck disable=SC2034 # of lazy-node.sh: layers that are still fetched in the background are not waited for
stop_patience=3
stop_node
metrics_port=5990

nobody_listens() {
  ! ss -Hltn "sport = :$metrics_port" | grep -q .
}

[[ $1 != stop ]] || exit 0
# A snapshotter that was killed in the midst of a fetch ends when its mounts are gone.
wait_for 30 nobody_listens
start_node "$WARM" "$COLD" "$LOCAL"
