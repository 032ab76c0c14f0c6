#!/usr/bin/env bash
# Runs the drill (drill.py). Exits with 77, with the reason, if something that it needs is missing.
# Usage: tests/drill/run.sh PROGRAMS
set -euo pipefail
programs="$(cd "${1:?expected PROGRAMS, the folder of mlp-server and mlp-client}" && pwd)"
cd "$(dirname "${BASH_SOURCE[0]}")"

for program in prometheus prometheus-alertmanager python3; do
  command -v "$program" >/dev/null || {
    echo "SKIPPED: $program is not installed; deploy/install-packages.sh test"
    exit 77
  }
done

PYTHONDONTWRITEBYTECODE=1 exec python3 drill.py "$programs"
