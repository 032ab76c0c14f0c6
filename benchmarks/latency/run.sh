#!/usr/bin/env bash
# Compares the latency percentiles that clients measure with those of the server's histogram
# (mlp_request_duration_seconds), with 1, 8 and 64 requests in flight.
#
#   benchmarks/latency/run.sh PROGRAMS REPOSITORY MODEL... [-- OPTIONS OF MLP-SERVER]
#
# PROGRAMS is the folder of mlp-server and mlp-client, REPOSITORY the model repository. The server's
# percentiles are computed from the difference of two metrics pages, like Prometheus' histogram_quantile.
# Takes about 7 s for each line.
set -euo pipefail

readonly programs="${1:?expected PROGRAMS, the folder of mlp-server and mlp-client}"
readonly repository="${2:?expected REPOSITORY, a model repository}"
shift 2
models=()
while [ "$#" -gt 0 ] && [ "$1" != -- ]; do
  models+=("$1")
  shift
done
[ "$#" -eq 0 ] || shift
[ "${#models[@]}" -gt 0 ] || { echo "expected a MODEL of $repository" >&2; exit 2; }

work="$(mktemp --directory)"
"$programs/mlp-server" --model-repository "$repository" --grpc-address 127.0.0.1:0 \
  --http-address 127.0.0.1:0 "$@" 2>"$work/log" &
server="$!"
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
until grep -q ' ready ' "$work/log"; do
  kill -0 "$server" || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
http="$(sed -n 's/.* HTTP on .*, port \([0-9]*\):.*/\1/p' "$work/log")"
grpc="$(sed -n 's/.* gRPC on .*, port \([0-9]*\),.*/\1/p' "$work/log")"
readonly http grpc

# buckets MODEL: prints the bound and the count of each bucket of the model's request durations.
buckets() {
  curl --silent --fail "127.0.0.1:$http/metrics" |
    sed -n "s/^mlp_request_duration_seconds_bucket{model=\"$1\",.*le=\"\([^\"]*\)\"} \(.*\)/\1 \2/p"
}

# figure NAME: prints a figure of mlp-client's report.
figure() {
  sed -n "s/^ *\"$1\": \([0-9.]*\).*/\1/p" "$work/report.json"
}

printf '%-16s %9s %12s  %10s %10s  %10s %10s\n' \
  model 'in flight' requests/s 'client p50' 'server p50' 'client p99' 'server p99'
for model in "${models[@]}"; do
  for flight in 1 8 64; do
    # The server's histogram includes the warm-up, so it is a separate run.
    "$programs/mlp-client" bench "$model" --address "127.0.0.1:$grpc" --concurrency "$flight" \
      --warmup 0 --duration 2 >/dev/null
    buckets "$model" >"$work/before"
    "$programs/mlp-client" bench "$model" --address "127.0.0.1:$grpc" --concurrency "$flight" \
      --warmup 0 --duration 5 --json "$work/report.json" >/dev/null
    buckets "$model" >"$work/after"
    # shellcheck disable=SC2016 # awk's own variables
    paste -d' ' "$work/before" "$work/after" | awk -v model="$model" -v flight="$flight" \
      -v rate="$(figure requests_per_second)" \
      -v p50="$(figure p50)" \
      -v p99="$(figure p99)" '
      { bound[NR] = $1; count[NR] = $4 - $2 }
      function quantile(share,   i, wanted, below, from) {
        wanted = share * count[NR]
        for (i = 1; count[i] < wanted; ++i) { below = count[i]; from = bound[i] }
        if (bound[i] == "+Inf") return 1000 * from
        return 1000 * (from + (bound[i] - from) * (wanted - below) / (count[i] - below))
      }
      END {
        printf "%-16s %9d %12.0f  %7.2f ms %7.2f ms  %7.2f ms %7.2f ms\n",
               model, flight, rate, p50 / 1000, quantile(0.5), p99 / 1000, quantile(0.99)
      }'
  done
done
