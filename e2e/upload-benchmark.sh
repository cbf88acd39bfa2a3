#!/usr/bin/env bash
# How fast blobs are pushed, side by side with distribution: the program that REGISTRY names, or the one of
# e2e/tools.sh. Wants a quiet machine, curl and twice --size plus 1 GB of room in TMPDIR. What it prints is explained
# in upload-benchmark.py.
#
#   e2e/upload-benchmark.sh [--rounds N] [--size MIB] [--cores 0,1]
set -euo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/cache.sh"
registry=${REGISTRY:-$(command -v registry || command -v docker-registry)} || {
  echo "upload-benchmark: there is nothing to compare with; run e2e/tools.sh, or name a program by REGISTRY=" >&2
  exit 1
}
"$e2e/../lighter" --version
exec python3 "$e2e/upload-benchmark.py" --lighter "$e2e/../lighter" --registry "$registry" "$@"
