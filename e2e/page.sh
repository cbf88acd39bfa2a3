#!/usr/bin/env bash
# The web page in headless Chromium: a real image is pulled through Lighter, becomes lazy and is read by nodes as a lazy
# snapshotter reads it (lighter bench lazy); then e2e/page clicks through every view, light, dark and narrow, listens
# for complaints of the console and requests to other hosts, and has axe look for what is not accessible. Ends with the
# line "N passed, N failed".
#
#   e2e/page.sh [PICTURES]      a folder for pictures of every view
#
# Needs e2e/tools.sh and e2e/fixtures.sh to have run, and the build of `mvn verify`. All ports are free ones on the
# loopback, all state is in a temporary folder. A failure leaves logs and pictures in e2e/target/. Takes 98 s on two cores
# that others use too.
set -euo pipefail
# shellcheck source=e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=e2e/jdk.sh
. "$e2e/jdk.sh"

finish() {
  local status=$?
  trap - EXIT
  if [[ $failed -gt 0 || $status -ne 0 ]]; then
    mkdir -p "$e2e/target"
    for log in page/log browser driver; do
      [[ ! -f $state/$log ]] || cp "$state/$log" "$e2e/target/page-$(tr / - <<<"$log")"
    done
    [[ ! -d $pictures ]] || cp -r "$pictures/." "$e2e/target/"
  fi
  stop_everything
  rm -rf "$state"
  exit "$status"
}
pictures=${1:-$state/pictures}
trap finish EXIT
trap 'exit 130' INT TERM

image=docker.io/library/nginx:1
fixtures=$("$e2e/fixtures.sh" | tail -n 1)
"$lighter" --version >/dev/null # builds what is missing, and trains the start

starts() {
  cp -r "$fixtures/upstream" "$state/upstream"
  start_registry upstream "$state/upstream" "$state" readonly
  start_lighter page --no-upstreams --upstream "docker.io=http://$(registry_address upstream "$state")" \
    --upstream ghcr.io=http://127.0.0.1:1
}

tell() { # COMMAND...
  "$lighter" "$@" --management "127.0.0.1:$(cat "$state/page/management")"
}

is_lazy() {
  [[ $(tell images --json "$image" | jq -r .state) == lazy ]]
}

has_content() {
  tell pull --wait-converted --timeout 2m "$image"
  copy "oci:$fixtures/oci/odd:1" "docker://$(at page)/team/odd:1"
  # One upstream does not answer, and another image cannot be had.
  ! curl -fsS -m 20 "http://$(at page)/v2/ghcr.io/team/app/manifests/1"
  wait_for 60 is_lazy
}

nodes_read() {
  "$lighter" bench lazy "$(at page)/$image" --nodes 4 --stagger 300ms
  layer=$(tell images --json "$image" | jq -er '[.platforms[0].layers[] | select(.lazy.ranges > 0)][0].lazy.digest')
  echo "$layer" >"$state/layer"
  note "$(tell images --json "$image" | jq -r '[.platforms[0].layers[].lazy | select(.) | .ranges] | add') ranges"
}

page_tests() { # ARGUMENT...
  (cd "$e2e/.." && JAVA_HOME=$(jdk_25) timeout --kill-after=30 400 \
    mvn -B -Ppage -pl e2e/page test -Djacoco.skip -Dspotless.check.skip "$@")
}

# Selenium and axe are no part of `mvn verify`.
has_its_driver() {
  retry_download page_tests -q -DskipTests
}

# Its tests count one by one.
browser() {
  local started=$SECONDS status=0 reports=$e2e/page/target/surefire-reports tests bad
  rm -rf "$reports"
  page_tests "-Dlighter.page.url=http://127.0.0.1:$(cat "$state/page/management")/ui/" "-Dlighter.page.registry=http://$(at page)" \
    "-Dlighter.page.image=$image" "-Dlighter.page.layer=$(cat "$state/layer")" "-Dlighter.page.pictures=$pictures" "-Dlighter.page.driverLog=$state/driver" >>"$state/browser" 2>&1 || status=$?
  read -r tests bad < <(find "$reports" -name 'TEST-*.xml' -exec grep -ohm1 '<testsuite [^>]*>' {} + 2>/dev/null |
    awk 'function number(name) { return match($0, " " name "=\"[0-9]+") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) : 0 }
      { tests += number("tests"); bad += number("errors") + number("failures") + number("skipped") } END { print tests + 0, bad + 0 }')
  [[ $tests -gt 0 && ($status -eq 0 || $bad -gt 0) ]] || bad=$((bad + 1))
  [[ $bad -eq 0 ]] || explain_browser
  passed=$((passed + (tests > bad ? tests - bad : 0)))
  failed=$((failed + bad))
  echo "$tests tests in the browser ($((SECONDS - started)) s), $bad failed"
}

explain_browser() {
  {
    grep -m 40 -E 'ERROR|FAIL|Expecting' "$state/browser" || tail -n 20 "$state/browser"
    if [[ $tests -le 1 ]]; then # It did not come up; then its driver knows more.
      tail -n 20 "$state/driver" || true
    fi
  } 2>&1 | cut -c 1-300 | sed 's/^/      | /'
}

step 'a server with two upstreams' starts
step 'an image is pulled and becomes lazy, another is pushed' has_content
step 'nodes read it lazily' nodes_read
step 'the driver of the browser is there' has_its_driver
if [[ $failed -eq 0 ]]; then
  browser
fi
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
