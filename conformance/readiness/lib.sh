# Sourced by the scripts beside it: what e2e has, for the folder READINESS_STATE, which outlives each of them.
# shellcheck shell=bash
# shellcheck source=e2e/lazy-node.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../e2e/lazy-node.sh"
rmdir "$state"
state=$READINESS_STATE
node=$state/node

# All of it is in a network of its own, so that ports are what they are called everywhere.
export UPSTREAM=10.77.0.2:5000 # behind the slow link
export LOCAL=127.0.0.1:5000    # distribution in the cluster
export WARM=localhost:30500    # Lighter that has all images
export COLD=localhost:30510    # Lighter whose store is emptied

lighter_of_this() { # NAME
  mkdir -p "$state/$1"
  case $1 in
    warm) echo 30500 >"$state/warm/port" && echo 30501 >"$state/warm/management" ;;
    cold) echo 30510 >"$state/cold/port" && echo 30511 >"$state/cold/management" ;;
  esac
  # What is pushed is converted already.
  LIGHTER_CONVERSION_HOSTED=off start_lighter "$1" --no-upstreams --upstream "docker.io=http://$UPSTREAM"
}
