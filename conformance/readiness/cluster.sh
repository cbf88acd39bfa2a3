#!/usr/bin/env bash
# What happens in the cluster before a node pulls; the arms of arms.json name it.
#
#   READINESS_STATE=FOLDER cluster.sh warm NAME...   a Lighter at :30500 that has these images, original and lazy
#   READINESS_STATE=FOLDER cluster.sh empty          a Lighter at :30510 that has nothing
#   READINESS_STATE=FOLDER cluster.sh lazy NAME      waits until the image is lazy at :30510, whoever has pulled it
set -euo pipefail
# shellcheck source=conformance/readiness/lib.sh
. "$(dirname "$0")/lib.sh"

lazy_at() { # ADDRESS NAME
  curl -fsI -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://$1/v2/docker.io/library/$2/manifests/1" |
    tr -d '\r' | grep -qi '^lighter-view: lazy'
}

case $1 in
  warm)
    lighter_of_this warm
    for name in "${@:2}"; do
      "$lighter" pull --management=127.0.0.1:30501 --wait-converted --timeout=15m "docker.io/library/$name:1"
      ! curl -fs -o /dev/null "${manifest_types[@]}" "http://$LOCAL/v2/library/$name/manifests/listed" ||
        copy "docker://$LOCAL/library/$name:listed" "docker://$WARM/listed/$name:1"
    done
    ;;
  empty)
    [[ ! -f $state/cold/pid ]] || stop_lighter cold
    rm -rf "$state/cold"
    lighter_of_this cold
    ;;
  lazy)
    started=$SECONDS
    wait_for 600 lazy_at "$COLD" "$2"
    echo "$2: lazy $((SECONDS - started)) s after the first pull and what came after it" | tee -a "$state/second-node"
    ;;
esac
