#!/usr/bin/env bash
# Measures with perf_analyzer: single calls, then a stream. Usage: perf_analyzer.sh HOST:PORT
set -euo pipefail

measure() {
  local report
  report="$(perf_analyzer -i grpc -u "$address" -m digits-relu -p 1000 -s 50 -r 4 "$@")"
  echo "$report"
  # perf_analyzer adds up the server's own counts.
  grep -E 'Successful request count: [1-9]' <<<"$report"
}
readonly address="$1"

measure --concurrency-range 4 -b 8
measure --concurrency-range 4 -a --streaming
