#!/usr/bin/env bash
# Checks the server's health with grpc_health_probe.
# Usage: grpc_health_probe.sh HOST:PORT
set -euo pipefail

probe() {
  grpc-health-probe -addr="$address" -connect-timeout=30s -rpc-timeout=30s "$@"
}
readonly address="$1"

for service in "" inference.GRPCInferenceService digits-relu; do
  probe -service="$service"
done

status=0
probe -service=no-such-model || status="$?"
[ "$status" -eq 3 ] # the call failed
