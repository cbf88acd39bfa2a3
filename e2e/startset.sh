#!/usr/bin/env bash
# Start-up sets, judged by what real runs read: lighter startset works out what the start of an image reads, and the
# table compares that with recordings of runs in containerd (e2e/startset/recordings), made by e2e/startset/record.sh.
# Prints the table, and ends with the line "N passed, N failed".
#
#   e2e/startset.sh [--all] [NAME...]      five images of five kinds; --all: every one that has a recording
#   e2e/startset.sh --images               only builds the five images
#
# The images are built when they are not in the cache yet, see e2e/startset/images.sh. Needs root, e2e/tools.sh to have
# run, and the build of `mvn verify`; builds what is missing. Processor time is shown and not judged: TIMED=yes judges
# it, for a quiet machine.
set -euo pipefail
# shellcheck source=e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=e2e/jdk.sh
. "$e2e/jdk.sh"
root=$(dirname "$e2e")
recordings=$e2e/startset/recordings

finish() {
  local status=$?
  trap - EXIT
  rm -rf "$state"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

build() {
  "$lighter" --version >/dev/null
  [[ -n $(find "$root/conformance/target/test-classes" -name StartupTable.class \
    -newer "$root/conformance/src/test/java/io/lighter/conformance/startset/StartupTable.java" 2>/dev/null) ]] ||
    (cd "$root" && JAVA_HOME=$(jdk_25) mvn -B -q -DskipTests -Dspotless.check.skip=true -pl conformance -am test-compile)
}

build_images() {
  "$e2e/startset/images.sh" "${names[@]}" | tail -n 1 >"$state/images"
}

table() { # ARGUMENT...
  "$(jdk_25)/bin/java" -XX:+UseSerialGC -cp "$root/conformance/target/test-classes:$root/registry-server/target/lighter/lib/*" \
    io.lighter.conformance.startset.StartupTable --images "$(cat "$state/images")" --recordings "$recordings" --lighter "$lighter" "$@"
}

judge() { # NAME
  local timed=(--any-time) status=0
  [[ ${TIMED:-} != yes ]] || timed=()
  table "${timed[@]}" --details --json "$state/$1.json" "$1" >"$state/$1.table" || status=$?
  [[ ! -f $state/$1.json ]] || jq -r '.[0] | "note: recall \(.recallFiles * 1000 | round / 1000) of \(.recordedFiles) files,"
    + " \(.recallBytes * 1000 | round / 1000) of their bytes, \(.bytesRatio * 100 | round / 100) times the bytes"
    + (if .absentFiles == [] then "" else "; \(.absentFiles | length) recorded files are no longer in the image" end)' "$state/$1.json"
  [[ $status -eq 0 ]] || head -n 24 "$state/$1.table"
  return "$status"
}

usual=(nginx redis-entrypoint gunicorn node java)
names=()
for argument in "$@"; do
  case $argument in
    --all) mapfile -t names < <(cd "$recordings" && for file in *.jsonl; do basename "$file" .jsonl; done) ;;
    --images)
      "$e2e/startset/images.sh" "${usual[@]}"
      exit
      ;;
    *) names+=("$argument") ;;
  esac
done
[[ ${#names[@]} -gt 0 ]] || names=("${usual[@]}")

step 'the command and the table are built' build
step 'the images are built' build_images
for name in "${names[@]}"; do
  step "$name: what its start reads" judge "$name"
done
sed -n '1,2p' "$state/${names[0]}.table" 2>/dev/null || true
for name in "${names[@]}"; do
  sed -n '3p' "$state/$name.table" 2>/dev/null || true
done
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
