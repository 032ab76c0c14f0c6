#!/usr/bin/env bash
# Loads a server with ghz: first as fast as it answers, then at a fixed rate.
# Usage: ghz.sh HOST:PORT
set -euo pipefail
# shellcheck source=tests/clients/held_out.sh
. "$(dirname "${BASH_SOURCE[0]}")/held_out.sh"

load() {
  ghz --insecure --call inference.GRPCInferenceService/ModelInfer -d "$(request)" "$@" "$address"
}
readonly address="$1"

closed="$(load --concurrency 8 --connections 2 --total 4000)"
echo "$closed"
grep -E '^ *\[OK\] +4000 responses' <<<"$closed"

open="$(load --async --rps 500 --concurrency 50 --duration 3s)"
echo "$open"
# ghz reports requests that are still in flight at the end as Canceled or Unavailable. On a busy machine it
# sends, and gets answered, far fewer than 1500.
answered="$(grep -oE '\[OK\] +[0-9]+' <<<"$open" | grep -oE '[0-9]+')"
[ "$answered" -ge 100 ]
! grep -E '^ *\[[A-Z]' <<<"$open" | grep -vE '\[(OK|Canceled|Unavailable)\]'
