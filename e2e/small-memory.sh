#!/usr/bin/env bash
# One server under a memory limit of 512 MiB: pushes, pulls, ranges over 64 connections and a conversion, and the kernel
# ends nothing. Needs root, and control groups that can be written to.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec python3 "$here/small-memory.py" --lighter "$here/../lighter" "$@"
