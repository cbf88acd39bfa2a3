# Sourced by the other scripts: where installed tools and built fixtures are kept between runs, and what all of them use.
# shellcheck shell=bash disable=SC2034
e2e=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${LIGHTER_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lighter-ci}
mkdir -p "$cache/bin"
cache=$(cd "$cache" && pwd)
export PATH=$cache/bin:$PATH

# The only thing worth trying again is the network; everything else fails the same way twice.
retry_download() { # COMMAND...
  local attempt
  for attempt in 1 2 3; do
    "$@" && return
    echo "$(basename "$0"): attempt $attempt failed: $*" >&2
    sleep $((attempt * 5))
  done
  return 1
}

# Whether a line of standard input matches. grep -q leaves at the first match; what still writes to it then dies of
# SIGPIPE, and pipefail makes that a failure now and then. So all of the input is read first.
holds() { # GREP_ARGUMENT...
  local text
  text=$(cat)
  grep -q "$@" <<<"$text"
}
