#!/usr/bin/env bash
# Sends requests with unmodified third-party clients, and compares the answers with those of ONNX
# Runtime. Prints a line for each client: ok, FAILED, or skipped if it cannot be installed. Exits
# with 1 after a failure, and with 77 if no client could run.
#
# TESTED_SERVER names the server. pip and go install the clients into a temporary folder, from the
# registries that they are configured for.
set -uo pipefail
set -m # each background job gets its own process group, which cleanup ends as a whole

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly root="$here/../.."
readonly server="${TESTED_SERVER:-$root/build/release/bin/mlp-server}"
readonly install_seconds=240 # for all clients, from the start: Go builds its clients from source
readonly client_seconds=300 # they import large packages while tests/run.sh builds

children=()
passed=0
failed=0
skipped=0

cleanup() {
  local child
  for child in "${children[@]}"; do
    kill -- "-$child" 2>/dev/null
  done
  wait
  rm -rf "$work"
}

# --- Installing: each of these runs in the background and leaves its exit code in a file.

seconds_left() {
  echo "$((install_seconds > SECONDS ? install_seconds - SECONDS : 1))"
}

install_python() {
  local name="$1"
  python3 -m venv "$work/$name" &&
    timeout --foreground "$(seconds_left)" "$work/$name/bin/pip" install --disable-pip-version-check \
      --retries 1 --timeout 20 --requirement "$here/requirements-$name.txt"
}

install_go() {
  GOBIN="$work/bin" timeout --foreground "$(seconds_left)" go install "$1"
}

# install NAME COMMAND…
install() {
  local name="$1"
  shift
  "$@" >"$work/$name.log" 2>&1
  echo "$?" >"$work/$name.installed"
}

# Prints why a client is missing, or nothing if its installer should have worked.
why_missing() {
  local log="$work/$1.log"
  if [ "$(cat "$work/$1.installed")" -eq 124 ]; then
    echo "not installed within $install_seconds s"
  elif grep -qE 'NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError' "$log" ||
    grep -qE 'dial tcp|no such host|i/o timeout|TLS handshake timeout|proxyconnect' "$log"; then
    echo "its registry cannot be reached"
  elif grep -qE 'requires go >=|invalid go version|Requires-Python|different Python' "$log"; then
    echo "it needs another version of Go or Python"
  fi
}

# --- Sending requests.

skip() {
  echo "skipped  $1: $2"
  skipped=$((skipped + 1))
}

fail() {
  echo "FAILED   $1"
  sed 's/^/  | /' "$2"
  failed=$((failed + 1))
}

# ask NAME INSTALLED COMMAND… runs a client if INSTALLED, its installation, succeeded. ask_grpc and
# ask_rest add the address.
ask() {
  local name="$1" installed="$2" start="$SECONDS" reason
  shift 2
  if [ "$(cat "$work/$installed.installed")" -ne 0 ]; then
    reason="$(why_missing "$installed")"
    [ -n "$reason" ] && skip "$name" "$reason" || fail "$name" "$work/$installed.log"
  elif timeout "$client_seconds" "$@" >"$work/$name.out" 2>&1; then
    echo "ok       $name ($((SECONDS - start)) s)"
    passed=$((passed + 1))
  else
    fail "$name" "$work/$name.out"
  fi
}

ask_grpc() { ask "$@" "$grpc_address"; }
ask_rest() { ask "$@" "$rest_address"; }

# The sample models, a model with strings and categories, and one with the settings of a
# config.pbtxt: labels, priority levels and a queueing delay.
make_repository() {
  cp -r "$root/deploy/models/repository" "$1"
  mkdir -p "$1/people/1"
  cp "$root/tests/fixtures/onnx/graphs/categories_sklearn_one_hot_errors/model.onnx" "$1/people/1"
  cp -r "$1/digits-relu" "$1/digits-levels"
  seq -f 'digit %g' 0 9 >"$1/digits-levels/labels.txt"
  cat >"$1/digits-levels/config.pbtxt" <<'END'
output { name: "probabilities" data_type: TYPE_FP32 dims: 10 label_filename: "labels.txt" }
dynamic_batching {
  priority_levels: 2
  default_priority_level: 2
  max_queue_delay_microseconds: 100000
}
END
}

start_server() {
  make_repository "$work/repository"
  # With explicit control, clients may change the log's settings.
  "$server" --model-repository "$work/repository" --model-control explicit --load-model '*' --grpc-address 127.0.0.1:0 \
    --http-address 127.0.0.1:0 --rest-address 127.0.0.1:0 >"$work/server.log" 2>&1 &
  children+=("$!")
  local port="" tries
  for ((tries = 0; tries < 600 && !${#port}; ++tries)); do
    sleep 0.1
    port="$(sed -n 's/.* gRPC on .*, port \([0-9]*\),.*/\1/p' "$work/server.log")"
  done
  grpc_address="127.0.0.1:$port"
  rest_address="127.0.0.1:$(sed -n 's/.* REST on .*, port \([0-9]*\),.*/\1/p' "$work/server.log")"
  [ -n "$port" ]
}

python=false
! python3 -c 'import ensurepip, venv' 2>/dev/null || python=true
go=false
! command -v go >/dev/null || go=true
if ! "$python" && ! "$go"; then
  echo "SKIPPED: neither pip nor go is installed"
  exit 77
fi

work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-clients.XXXXXX")"
readonly work
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export PATH="$work/bin:$PATH"
export PYTHONDONTWRITEBYTECODE=1

readonly go_clients=(
  "grpcurl github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3"
  "ghz github.com/bojand/ghz/cmd/ghz@v0.93.0"
  "grpc_health_probe github.com/grpc-ecosystem/grpc-health-probe@v0.4.62"
)
readonly glibc_needed=2.38 # by perf_analyzer's wheel; otherwise pip installs an empty package
glibc="$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)"
perf_analyzer=false
[ "$(printf '%s\n' "$glibc_needed" "${glibc:-0}" | sort -V | head -1)" != "$glibc_needed" ] ||
  perf_analyzer=true

if ! start_server; then
  fail "the server does not start" "$work/server.log"
  exit 1
fi

if "$go"; then
  for client in "${go_clients[@]}"; do
    install "${client%% *}" install_go "${client#* }"
  done &
  go_installer="$!"
  children+=("$go_installer")
fi

if "$python"; then
  install kserve install_python kserve &
  kserve_installer="$!"
  children+=("$kserve_installer")
  install tritonclient install_python tritonclient
  triton="$work/tritonclient/bin/python"
  ask_grpc tritonclient tritonclient "$triton" "$here/tritonclient_sync.py"
  ask_grpc tritonclient-aio tritonclient "$triton" "$here/tritonclient_aio.py"
  ask_grpc tritonclient-stream tritonclient "$triton" "$here/tritonclient_stream.py"
  ask_rest tritonclient-http tritonclient "$triton" "$here/tritonclient_http.py"
  wait "$kserve_installer"
  ask_grpc kserve kserve "$work/kserve/bin/python" "$here/kserve_sdk.py"
  ask_rest kserve-rest kserve "$work/kserve/bin/python" "$here/kserve_rest.py"
  if "$perf_analyzer"; then
    install perf_analyzer install_python perf_analyzer
    PATH="$work/perf_analyzer/bin:$PATH" ask_grpc perf_analyzer perf_analyzer "$here/perf_analyzer.sh"
  else
    skip perf_analyzer "its wheel needs glibc $glibc_needed; this machine has ${glibc:-another C library}"
  fi
else
  for client in tritonclient tritonclient-aio tritonclient-stream tritonclient-http kserve kserve-rest \
    perf_analyzer; do
    skip "$client" "python3 with venv and pip is not installed"
  done
fi

if command -v curl >/dev/null && command -v python3 >/dev/null; then
  echo 0 >"$work/curl.installed"
  ask_rest curl curl "$here/curl.sh"
else
  skip curl "curl or python3 is not installed"
fi

if "$go"; then
  wait "$go_installer"
  for client in "${go_clients[@]}"; do
    ask_grpc "${client%% *}" "${client%% *}" "$here/${client%% *}.sh"
  done
else
  for client in "${go_clients[@]}"; do
    skip "${client%% *}" "go is not installed"
  done
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] || exit 1
[ "$passed" -gt 0 ] || exit 77
