# Sourced by record.sh and readiness.sh: the lazy client, and containers in a network namespace of their own.
# shellcheck shell=bash
# shellcheck source=e2e/lazy-node.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lazy-node.sh"

netns=startset-$$

start_netns() {
  ip netns add "$netns"
  ip -n "$netns" link set lo up
}

stop_netns() {
  ip netns delete "$netns" 2>/dev/null || true
}

in_netns() { # COMMAND...
  ip netns exec "$netns" "$@"
}

# How an image's file "ready" says that a run of it is ready:
#   http PORT PATH          GET is answered with 200
#   line PORT SAY EXPECT    a connection that says one line is told that line
#   ended                   the container has ended
answers() { # READY...
  case $1 in
    http) [[ $(in_netns curl -s -m 5 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$2$3") == 200 ]] ;;
    line) [[ $(in_netns timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/$2 && printf '%s\r\n' '$3' >&3 && head -n 1 <&3" 2>/dev/null) == "$4"$'\r' ]] ;;
    *) false ;;
  esac
}

node_ctr() { # ARGUMENT...
  ctr -a "$state/containerd/sock" -n startset "$@"
}

import_layout() { # LAYOUT NAME   as localhost/startset/NAME:1
  tar -C "$1" -c . | node_ctr images import --base-name "localhost/startset/$2" --no-unpack - >/dev/null
}
