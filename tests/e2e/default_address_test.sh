#!/usr/bin/env bash
# Checks which addresses a server opens without options, and with the environment that the image
# sets. Runs in a separate network, where the default ports are free and only loopback exists.
#
#   tests/e2e/default_address_test.sh PROGRAMS REPOSITORY
#
# Exits with 77 if this user may not create such a network.
set -euo pipefail
programs="$(cd "${1:?expected PROGRAMS, the folder of mlp-server and mlp-client}" && pwd)"
repository="${2:?expected REPOSITORY, the models}"

# Inside the network: starts a server, prints the addresses it listens on, and ends it.
if [ "${3:-}" = inside ]; then
  ip link set lo up
  "$programs/mlp-server" --model-repository "$repository" --log-level error &
  server="$!"
  "$programs/mlp-client" --address 127.0.0.1:8001 health --wait 60 >/dev/null
  ss --no-header --listening --tcp --numeric | awk '{ print $4 }' | sort | tr '\n' ' '
  kill "$server"
  wait "$server"
  exit
fi

if ! command -v ss >/dev/null || ! unshare --net --map-root-user ip link set lo up 2>/dev/null; then
  echo "cannot create a separate network: this needs unshare and iproute2" >&2
  exit 77
fi
listens_on() {
  unshare --net --map-root-user env "$@" "$0" "$programs" "$repository" inside
}
expect() {
  [ "$1" = "$2" ] || { echo "the server listens on '$1'; expected '$2'" >&2; exit 1; }
}
expect "$(listens_on)" '127.0.0.1:8001 127.0.0.1:8002 '
expect "$(listens_on MLP_GRPC_ADDRESS=0.0.0.0:8001 MLP_HTTP_ADDRESS=0.0.0.0:8002)" '0.0.0.0:8001 0.0.0.0:8002 '
