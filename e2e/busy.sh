#!/usr/bin/env bash
# Ranges over 64 connections, every byte compared, while the same server fetches images from an upstream, converts them,
# drops them and collects garbage: no request fails, and none takes longer than a second. Needs e2e/tools.sh to have run.
set -euo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/cache.sh"
exec python3 "$e2e/busy.py" --lighter "$e2e/../lighter" "$@"
