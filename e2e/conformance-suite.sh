#!/usr/bin/env bash
# Runs the official conformance suites against Lighter and judges them by their result files, because their exit
# status calls skipped tests and a run without results a success. Ends with the line "N passed, N failed".
#
#   CONFORMANCE=PROGRAM [CONFORMANCE_1_1=PROGRAM] e2e/conformance-suite.sh
#
# CONFORMANCE is the rewritten suite (module github.com/opencontainers/distribution-spec/conformance, package main) and
# CONFORMANCE_1_1 the one of version 1.1.1, built by "go test -c"; each runs if its variable is set.
# A failure leaves the suite's reports in e2e/target/.
set -euo pipefail
# shellcheck source=e2e/lib.sh
. "$(dirname "$0")/lib.sh"

finish() {
  local status=$?
  trap - EXIT
  stop_everything
  if [[ $failed -gt 0 || $status -ne 0 ]]; then
    mkdir -p "$e2e/target"
    rm -rf "$e2e/target/conformance"
    cp -r "$state" "$e2e/target/conformance"
    rm -rf "$e2e"/target/conformance/*/data
  fi
  rm -rf "$state"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# A stray setting could switch tests off unseen.
for name in $(compgen -e | grep '^OCI_' || true); do
  unset "$name"
done

nowhere=(--upstream docker.io=http://127.0.0.1:1 --upstream unreachable.example=http://127.0.0.1:1)

# In an empty folder, because the suite reads a configuration from the one it starts in.
suite() { # LIGHTER SPARSE MINIMUM [SETTING=VALUE...]
  local out=$state/$1/suite
  mkdir -p "$out" "$state/$1/empty"
  (cd "$state/$1/empty" && OCI_REGISTRY=$(at "$1") OCI_TLS=disabled OCI_VERSION=dev OCI_DATA_SPARSE=$2 \
    OCI_REPO1=conformance/one OCI_REPO2=conformance/two OCI_RESULTS_DIR=$out \
    env "${@:4}" timeout 300 "$CONFORMANCE") >"$out/log" 2>&1 || true
  python3 "$e2e/judge-conformance.py" "$out" "$2" "$3"
}

older_suite() { # LIGHTER
  local out=$state/$1/older-suite
  mkdir -p "$out"
  OCI_ROOT_URL=http://$(at "$1") OCI_NAMESPACE=older/one OCI_CROSSMOUNT_NAMESPACE=older/two OCI_AUTOMATIC_CROSSMOUNT=1 \
    OCI_TEST_PULL=1 OCI_TEST_PUSH=1 OCI_TEST_CONTENT_DISCOVERY=1 OCI_TEST_CONTENT_MANAGEMENT=1 OCI_REPORT_DIR=$out \
    timeout 300 "$CONFORMANCE_1_1" >"$out/log" 2>&1 || { tail -n 40 "$out/log" >&2; return 1; }
  python3 "$e2e/judge-conformance.py" --junit "$out" 74
}

suites() { # LIGHTER SPARSE MINIMUM DESCRIPTION
  [[ -z ${CONFORMANCE:-} ]] || step "suite: $4" suite "$1" "$2" "$3"
  [[ -z ${CONFORMANCE_1_1:-} ]] || step "suite 1.1.1: $4" older_suite "$1"
  step 'SIGTERM ends it with 0' stop_lighter "$1"
}

# Nobody may do anything without an account; the suite asks for a new token for every request.
accounts() { # FORM
  python3 -W ignore -c 'import crypt; print("writer:" + crypt.crypt("a-password", crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))' >"$state/users"
  cat >"$state/$1.yaml" <<END
access:
  anonymous: nothing
  htpasswd: $state/users
  challenge: $1
  rules:
    - {repositories: "**", users: writer, actions: [pull, push, delete]}
END
}

suite_with_account() { # FORM
  accounts "$1"
  sparsely "$1" --no-upstreams --config "$state/$1.yaml"
  same 'status without an account' 401 "$(get_status "http://$(at "$1")/v2/conformance/one/tags/list")"
  suite "$1" true 1032 OCI_USERNAME=writer OCI_PASSWORD=a-password OCI_CACHE_AUTH=false
  stop_lighter "$1"
}

suite_over_tls() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$state/tls.key" -out "$state/tls.crt"
  LIGHTER_HTTP_TLS_CERTIFICATE=$state/tls.crt LIGHTER_HTTP_TLS_KEY=$state/tls.key sparsely tls --no-upstreams
  suite tls true 1032 OCI_TLS=enabled "SSL_CERT_FILE=$state/tls.crt"
  stop_lighter tls
}

[[ -n ${CONFORMANCE:-}${CONFORMANCE_1_1:-} ]] || { echo "conformance-suite: neither CONFORMANCE nor CONFORMANCE_1_1 is set" >&2; exit 2; }
for program in "${CONFORMANCE:-}" "${CONFORMANCE_1_1:-}"; do
  [[ -z $program || -x $program ]] || { echo "conformance-suite: no program: $program" >&2; exit 2; }
done

step 'the launcher starts Lighter' "$lighter" --version

sparsely() { # NAME ARGUMENT...   manifests may name content that was not pushed, which one group of tests needs
  LIGHTER_HOSTED_SPARSE='["**"]' start_lighter "$@"
}

step 'serve, without upstreams' sparsely alone --no-upstreams
suites alone true 1032 'no upstreams'
step 'serve, upstreams out of reach' sparsely cut-off "${nowhere[@]}"
suites cut-off true 1032 'upstreams out of reach'
step 'serve, strictly as it is installed' start_lighter strict "${nowhere[@]}"
suites strict false 986 'no sparse manifests'
if [[ -n ${CONFORMANCE:-} ]]; then
  step 'suite: with an account, by Basic' suite_with_account basic
  step 'suite: with an account, by a token for each request' suite_with_account bearer
  step 'suite: over TLS' suite_over_tls
fi

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
