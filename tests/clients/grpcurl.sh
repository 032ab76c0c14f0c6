#!/usr/bin/env bash
# Sends requests with grpcurl.
# Usage: grpcurl.sh HOST:PORT
set -euo pipefail
# shellcheck source=tests/clients/held_out.sh
. "$(dirname "${BASH_SOURCE[0]}")/held_out.sh"

call() {
  grpcurl -plaintext -connect-timeout 30 -max-time 60 -d "$2" "$address" "$1"
}
readonly address="$1"

grpcurl -plaintext -connect-timeout 30 -max-time 60 "$address" list | grep -x inference.GRPCInferenceService
call inference.GRPCInferenceService/ServerReady '{}' | grep '"ready": true'
call grpc.health.v1.Health/Check '{"service": "digits-relu"}' | grep '"status": "SERVING"'

# The values are between the brackets, one per line.
answer="$(call inference.GRPCInferenceService/ModelInfer "$(request)" |
  sed -n '/"fp32_contents"/,/]/p' | grep -o '[0-9][0-9.e-]*,\{0,1\}$' | tr -d ,)"
paste <(floats "$probabilities" 10) <(echo "$answer") | awk '
  { print; off = $1 - $2; if ((off < 0 ? -off : off) > 1e-5 * $1) bad = 1 }
  END { exit bad || NR != 10 }'

status=0
call inference.GRPCInferenceService/ModelInfer '{"model_name": "digits-relu", "model_version": "7"}' ||
  status="$?"
[ "$status" -eq 69 ] # 64 and NOT_FOUND
