#!/usr/bin/env bash
# How fast blobs are pushed, side by side with docker-registry. Wants a quiet machine, curl and twice --size plus 1 GB of
# room in TMPDIR. What it prints is explained in upload-benchmark.py.
#
#   e2e/upload-benchmark.sh [--rounds N] [--size MIB] [--cores 0,1]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/../lighter" --version
exec python3 "$here/upload-benchmark.py" --lighter "$here/../lighter" \
  --registry "${REGISTRY:-$(command -v docker-registry || command -v registry)}" "$@"
