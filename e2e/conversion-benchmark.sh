#!/usr/bin/env bash
# What converting a layer costs, side by side with the stargz snapshotter's own library. Wants a quiet machine with two
# cores and 2 GB of room in TMPDIR; takes some ten minutes. What it prints is explained in conversion-benchmark/run.py.
#
#   e2e/conversion-benchmark.sh [--rounds N] [--cores 1,2]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/../lighter" --version
java=${JAVA_HOME:-/usr/lib/jvm/temurin-25-jdk-amd64}/bin/java
(cd "$here/conversion-benchmark" && go build -o "$work/go-estargz" .)
layers=${LAYERS:-$work/layers}
[ -f "$layers/small.tar.gz" ] || python3 "$here/conversion-benchmark/layers.py" "$layers"
python3 "$here/conversion-benchmark/run.py" --go "$work/go-estargz" --lighter "$here/../registry-server/target/lighter" \
  --java "$java" --layers "$layers" "$@"
