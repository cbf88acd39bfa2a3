#!/usr/bin/env bash
# The chart without a cluster: lint, golden outputs, what must be refused, types of the Kubernetes API, restricted pods,
# the server's own check of the configuration it would get, names of metrics, and whether README.md is current.
# Needs e2e/tools.sh and a build. Ends with the line "N passed, N failed".
#
#   e2e/chart.sh            checks
#   e2e/chart.sh --golden   writes the golden outputs anew
set -uo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/cache.sh"
cd "$e2e/.." || exit 1
chart=helm/lighter
tests=helm/tests
work=$(mktemp -d "${TMPDIR:-/tmp}/lighter-chart.XXXXXX")
trap 'rm -rf "$work"' EXIT
export HELM_CACHE_HOME=$work/cache HELM_CONFIG_HOME=$work/config HELM_DATA_HOME=$work/data

passed=0
failed=0
check() { # NAME COMMAND...
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "PASS $name"
  else
    failed=$((failed + 1))
    echo "FAIL $name"
    tail -n 30 <<<"$output" | sed 's/^/  | /'
  fi
}

rendered() { # VALUES   what is installed, and what `helm test` runs
  helm template lighter "$chart" --namespace lighter -f "$1"
}

# A version of Helm orders documents of equal weight as it likes; the golden files are sorted.
sorted() {
  python3 -c '
import re, sys
documents = [d.strip("\n") for d in re.split(r"^---$", sys.stdin.read(), flags=re.M)]
print("\n".join("---\n" + d for d in sorted(filter(None, documents))))'
}

golden() { # NAME
  sorted <"$work/$1.yaml" | diff -u "$tests/golden/$1.yaml" -
}

refused() { # VALUES   its first line is a comment with a part of the message
  local expected output
  expected=$(sed -n '1s/^# //p' "$1")
  if output=$(rendered "$1" 2>&1); then
    echo "it was accepted"
    return 1
  fi
  grep -qF -- "$expected" <<<"$output" || { echo "expected: $expected"; echo "$output"; return 1; }
}

# The server's own opinion. The files that it names are not here, so only those value files that name none.
accepted_by_server() { # NAME
  helm template lighter "$chart" -n lighter -f "$tests/values/$1.yaml" --show-only templates/configmap.yaml |
    python3 -c 'import sys; t = sys.stdin.read().split("lighter.yaml: |\n")[1]; print("\n".join(l[4:] for l in t.splitlines()))' >"$work/$1.lighter.yaml"
  [[ -s $work/$1.lighter.yaml ]] && ./lighter config check --config "$work/$1.lighter.yaml" --data "$work/store"
}

# Every metric of rules and dashboard is one that the server has: as it is named in the source, with dots.
metrics_exist() {
  local name stem unknown=0
  for name in $(grep -ohE '\blighter_[a-z_]+' "$chart"/files/{rules.yaml,dashboard.json} | sort -u); do
    stem=$(sed -E 's/_(total|seconds_(count|sum|max))$//' <<<"$name" | tr _ .)
    if ! grep -rqF "\"$stem\"" registry-server/src/main/java; then
      echo "the server has no $name"
      unknown=1
    fi
  done
  return $unknown
}

# Each alert has a line in the operator's handbook, and the other way round.
alerts_are_explained() {
  diff <(sed -n 's/^ *- alert: //p' "$chart/files/rules.yaml" | sort) \
    <(sed -n '/^### Alerts/,/^##* [^A]/s/^| `\(Lighter[A-Za-z]*\)`.*/\1/p' docs/operations.md | sort)
}

dashboard_current() {
  cp "$chart/files/dashboard.json" "$work/dashboard.json"
  python3 helm/dashboard.py
  if ! cmp "$work/dashboard.json" "$chart/files/dashboard.json"; then
    cp "$work/dashboard.json" "$chart/files/dashboard.json"
    echo "run helm/dashboard.py"
    return 1
  fi
}

# A key of values.yaml that no template reads does nothing.
values_are_used() {
  local key missing=0
  for key in $(grep -oE '^[a-zA-Z]+:' "$chart/values.yaml" | tr -d :); do
    grep -rq "\.Values\.$key\b" "$chart/templates" || { echo "no template reads $key"; missing=1; }
  done
  return $missing
}

for values in "$tests"/values/*.yaml; do
  name=$(basename "$values" .yaml)
  check "lint, $name" helm lint --strict "$chart" -f "$values"
  if ! rendered "$values" >"$work/$name.yaml" 2>"$work/error"; then
    cat "$work/error"
    : >"$work/$name.yaml"
  fi
  if [[ ${1:-} == --golden ]]; then
    sorted <"$work/$name.yaml" >"$tests/golden/$name.yaml"
  fi
  check "golden output, $name" golden "$name"
  check "types of the API, $name" chart-check types "$work/$name.yaml"
done
for values in "$tests"/refused/*.yaml; do
  check "refused, $(basename "$values" .yaml)" refused "$values"
done
for name in default forwarder existing-claim; do
  check "the server's own check, $name" accepted_by_server "$name"
done
check 'server and jobs keep to the restricted profile' chart-check restricted "$work"/{default,everything,ephemeral,existing-claim}.yaml
check 'metrics exist' metrics_exist
check 'alerts are explained' alerts_are_explained
check 'dashboard.json is current' dashboard_current
check 'README.md is current' helm/readme.py --check
check 'all values are used' values_are_used

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
