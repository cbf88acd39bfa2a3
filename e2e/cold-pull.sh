#!/usr/bin/env bash
# Pulls layers that are not here through a real server, from an upstream that counts what it sends: 64 clients at once
# (a third leaves half-way, a third is slow), the same with kill -9 in the middle, and ranges of a 1 GiB layer over a
# round trip of 40 ms. Ends with the line "N passed, N failed", which speaks of Lighter alone.
#
#   e2e/cold-pull.sh                                              Lighter
#   e2e/cold-pull.sh --table docs/compatibility.md distribution=PROGRAM zot=PROGRAM
#                                                                 others as well, and the table of all in that document
#
# Needs python3. The round trip is a pause of the upstream before each answer, not a slow network.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec python3 -B "$here/coldpull" "$here/../lighter" "$@"
