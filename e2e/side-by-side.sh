#!/usr/bin/env bash
# Runs the black-box tests of the module conformance against several registries and writes what each passes into
# docs/compatibility.md, between its markers. The registries: Lighter in the tests' own process, distribution, and the
# registry of go-containerregistry, plus whatever is named.
#
#   e2e/side-by-side.sh [NAME=URL]...     of a named one in the environment: its sparse repositories as SPARSE_NAME=PREFIX,
#                                         what the table is to call its version as VERSION_NAME
#
# Needs e2e/tools.sh to have run. Not part of .ci/run: others change when they like.
set -euo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/cache.sh"
# shellcheck source=e2e/registry.sh
. "$e2e/registry.sh"

root=$(dirname "$e2e")
run=$(mktemp -d "${TMPDIR:-/tmp}/lighter-side-by-side.XXXXXX")
crane_registry=
finish() {
  local status=$?
  trap - EXIT
  stop_registries "$run"
  [[ -z $crane_registry ]] || kill "$crane_registry" 2>/dev/null || true
  rm -rf "$run"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Failing tests are the result, not an error; a build that runs none is one.
tests() { # NAME [MAVEN-OPTION]...
  local name=$1 reports=$root/conformance/target/surefire-reports started=$SECONDS
  shift
  rm -rf "$reports"
  (cd "$root" && mvn -B -q -pl conformance -am '-Dtest=io.lighter.conformance.*Test' \
    -Dsurefire.failIfNoSpecifiedTests=false -Djacoco.skip "$@" test) >"$run/$name.log" 2>&1 || true
  ls "$reports"/TEST-*.xml >/dev/null 2>&1 || {
    tail -n 30 "$run/$name.log" >&2
    echo "side-by-side: no test ran against $name" >&2
    return 1
  }
  mkdir -p "$run/$name"
  mv "$reports"/TEST-*.xml "$run/$name/"
  echo "$name: done in $((SECONDS - started)) s"
}

against() { # NAME URL [SPARSE]
  tests "$1" "-Dlighter.conformance.url=$2" "-Dlighter.conformance.sparse=${3:-}"
}

columns=(Lighter)
tests Lighter

start_registry distribution "$run/store" "$run" '' delete
against distribution "http://$(registry_address distribution "$run")"
columns+=(distribution)

port=$(free_port)
crane registry serve --address "127.0.0.1:$port" >"$run/crane.log" 2>&1 &
crane_registry=$!
wait_for 10 curl -fs -o /dev/null "http://127.0.0.1:$port/v2/"
against go-containerregistry "http://127.0.0.1:$port"
columns+=(go-containerregistry)

for named in "$@"; do
  name=${named%%=*}
  sparse=SPARSE_$name
  against "$name" "${named#*=}" "${!sparse:-}"
  columns+=("$name")
done

about="Lighter of this tree, distribution $(go version -m "$cache/bin/registry" | awk '$1 == "mod" { print $3 }'),"
about+=" go-containerregistry $(go version -m "$cache/bin/crane" | awk '$1 == "mod" { print $3 }')"
for named in "$@"; do
  version=VERSION_${named%%=*}
  about+=", ${named%%=*} ${!version:-at ${named#*=}}"
done
python3 "$e2e/side-by-side.py" "$root/docs/compatibility.md" "$about." "${columns[@]/#/$run/}"
