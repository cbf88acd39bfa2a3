#!/usr/bin/env bash
# Disaster recovery for real: metadata damaged, a backup restored, the whole store lost (docs/backup-and-verify.md). Needs
# e2e/tools.sh to have run.
set -euo pipefail
# shellcheck source=e2e/cache.sh
. "$(dirname "$0")/cache.sh"
exec python3 "$e2e/recovery.py" --lighter "$e2e/../lighter" "$@"
