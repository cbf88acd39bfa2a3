#!/usr/bin/env bash
# Kills real servers with SIGKILL at random moments while they convert a store full of images, starts them again over
# the same data until everything is converted, and compares what every tag answers with what an undisturbed run over
# the same store published: the same digests, byte for byte, and POST /admin/verify finds no damage.
# Ends with the line "N passed, N failed", counting kills and contradictions.
#
#   e2e/conversion-kills.sh [KILLS]      100 without an argument
#
# LIGHTER_CONVERSION_KILLS_OPTIONS is handed on: --stores N servers at once, --seed N to repeat a run. Needs python3.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2086 # a list of options
exec python3 -B "$here/killloop/conversions.py" "$here/../lighter" "${1:-100}" --stores 2 ${LIGHTER_CONVERSION_KILLS_OPTIONS:-}
