#!/usr/bin/env bash
# Pulls through a real server from an upstream behind a network that is bad in earnest: one packet in a hundred lost,
# every packet lost without a word, every connection refused; and with each of them a restart, and the time until it
# recovers by itself. Ends with the line "N passed, N failed", which speaks of Lighter alone.
#
#   e2e/bad-link.sh                                              Lighter
#   e2e/bad-link.sh --table docs/compatibility.md distribution=PROGRAM zot=PROGRAM
#                                                                others as well, and the table of all in that document
#
# Needs root, python3, iproute2 and iptables. The network is a pair of interfaces into a namespace of its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec python3 -B "$here/badlink" "$here/../lighter" "$@"
