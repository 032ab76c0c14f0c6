#!/usr/bin/env bash
# Servers behind one name start, end and fail while a client makes calls: no call fails, and every
# answer is right. The client is grpc-go with its own DNS resolver and the service config that
# docs/use/rollouts.md recommends. Each of the other clients differs in one setting, which shows
# what the setting does. One has gRPC's defaults, which shows that calls can be lost. The test needs
# no cluster: the servers have loopback addresses, and the test runs its own DNS server for the
# name.
#
#   tests/cluster/rollout_test.sh PROGRAMS    the folder of mlp-server
#
# Exits 77, with the reason, if Go is missing or its registry cannot be reached.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly root="$here/../.."
readonly server="${1:?expected PROGRAMS, the folder of mlp-server}/mlp-server"
readonly name=mlpserve.test
readonly drain_seconds=4

declare -A process log # each server's, by its address
addresses=()           # what the name resolves to
others=()              # clients
next_address=2         # the last number in 127.0.0.…
port=0                 # of all servers; the first finds a free one

# shellcheck source=tests/cluster/asking.sh
. "$here/asking.sh"

cleanup() {
  local status="$?" running
  set +e
  running="$(jobs -p)"
  # shellcheck disable=SC2086 # one word for each process
  [ -z "$running" ] || kill -KILL $running 2>/dev/null
  wait 2>/dev/null
  [ "$status" -eq 0 ] || [ "$status" -eq 77 ] || show_logs
  rm -rf "$work"
  exit "$status"
}

show_logs() {
  local file
  for file in "$work"/*.log; do
    [ ! -s "$file" ] || { echo "The end of ${file##*/}:" >&2; tail -n 8 "$file" >&2; }
  done
}

# --- Servers.

# start ADDRESS: starts a server and waits until it is ready.
start() {
  log[$1]="$work/$1.log"
  # Counted before the server starts: it may be ready before this script goes on.
  local readies
  touch "${log[$1]}"
  readies="$(grep -c '; ready ' "${log[$1]}" || true)"
  "$server" --model-repository "$work/models" --model-control poll --poll-seconds 1 \
    --grpc-address "$1:$port" --http-address "$1:0" --drain-seconds "$drain_seconds" \
    >>"${log[$1]}" 2>&1 &
  process[$1]="$!"
  wait_for 60 log_has "$1" $((readies + 1)) '; ready ' || fail "the server on $1 is not ready"
}

# new_address: sets $address to the next one.
new_address() {
  address="127.0.0.$next_address"
  next_address=$((next_address + 1))
}

log_has() {
  [ "$(grep -c "$3" "${log[$1]}")" -ge "$2" ]
}

# end ADDRESS: ends the server as a kubelet does, and checks that it has drained.
end() {
  kill -TERM "${process[$1]}"
  local status=0
  wait "${process[$1]}" || status="$?"
  [ "$status" -eq 0 ] || fail "the server on $1 ended with $status"
  tail -n 1 "${log[$1]}" | grep stopped >/dev/null || fail "the server on $1 did not stop as it should"
}

# crash ADDRESS
crash() {
  kill -KILL "${process[$1]}"
  wait "${process[$1]}" 2>/dev/null || true
}

# publish ADDRESS...: makes the name resolve to these addresses from now on.
publish() {
  addresses=("$@")
  printf '%s\n' "$@" >"$work/addresses.new"
  mv "$work/addresses.new" "$work/addresses"
}

# --- The steps. All except leave_one, add_two and end_first keep the number of servers.

replace_one_by_one() {
  local old
  for old in "${addresses[@]}"; do
    new_address
    start "$address"
    publish "${addresses[@]:1}" "$address"
    end "$old"
  done
}

# All old servers drain at the same time, so clients cannot follow one by one.
replace_all_at_once() {
  local old=("${addresses[@]}") new=() one
  for one in "${old[@]}"; do
    new_address
    start "$address"
    new+=("$address")
  done
  publish "${new[@]}"
  for one in "${old[@]}"; do
    kill -TERM "${process[$one]}"
  done
  for one in "${old[@]}"; do
    wait "${process[$one]}" || fail "the server on $one ended with $?"
  done
}

restart_in_place() {
  end "${addresses[0]}"
  start "${addresses[0]}"
}

crash_one() {
  local one="${addresses[0]}"
  crash "$one"
  publish "${addresses[@]:1}"
  start "$one"
  publish "${addresses[@]}" "$one"
}

# A server that hangs keeps its connections: only pings show clients that it hangs.
hang_one() {
  local one="${addresses[0]}"
  local start
  start="$(now)"
  kill -STOP "${process[$one]}"
  publish "${addresses[@]:1}"
  wait_for 60 retried_since "$start" || fail "the client still waits for the server that hangs"
  crash "$one"
  start "$one"
  publish "${addresses[@]}" "$one"
}

retried_since() {
  awk -v start="$1" '$1 > start && $4 > 1 { found = 1 } END { exit !found }' "$work/careful.calls"
}

leave_one() {
  local old=("${addresses[@]:1}") one
  publish "${addresses[0]}"
  for one in "${old[@]}"; do
    end "$one"
  done
}

add_two() {
  local _
  for _ in 1 2; do
    new_address
    start "$address"
    publish "${addresses[@]}" "$address"
  done
}

end_first() {
  local first="${addresses[0]}"
  publish "${addresses[@]:1}"
  end "$first"
}

# The version stays the same, but its weights change.
update_model() {
  cp "$root/deploy/models/repository/digits-tanh/1/model.onnx" "$work/new.onnx"
  mv "$work/new.onnx" "$work/models/digits/1/model.onnx"
  local one
  for one in "${addresses[@]}"; do
    wait_for 60 log_has "$one" 2 "model 'digits' version 1 is loaded" || fail "the server on $one does not load the new model"
    # It logs this just before it serves the model.
    wait_for 60 has_new_answer "$one:$port" careful || fail "the server on $one does not serve the new model"
  done
}

# --- The other clients, which make fewer calls. Each is named after what differs.

start_another() {
  local what="$1"
  shift
  others+=("$what")
  start_asking "$what" --model digits --target "$target" --rate 20 "$@"
}

start_others() {
  local setting config="$work/service_config"
  for setting in round_robin waitForReady retryPolicy; do
    grep -v "$setting" "$service_config" >"$config.$setting"
    start_another "without $setting" --service-config "$config.$setting" "${resolving[@]}" "${pinging[@]}"
  done
  start_another "without pings" --service-config "$service_config" "${resolving[@]}"
  start_another "asking the DNS every 30 s" --service-config "$service_config" "${pinging[@]}"
  sed 's/^{/{ "healthCheckConfig": {"serviceName": ""},/' "$service_config" >"$config.health"
  start_another "with health checks too" --service-config "$config.health" "${resolving[@]}" "${pinging[@]}"
  start_another "with gRPC's defaults"
}

# --- The test.

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-rollout.XXXXXX")"
readonly work
build_tools

mkdir -p "$work/models/digits/1"
cp "$root/deploy/models/repository/digits-relu/1/model.onnx" "$work/models/digits/1/"
new_address
start "$address"
port="$(sed -n 's/.* gRPC on .*, port \([0-9]*\),.*/\1/p' "${log[$address]}")"
publish "$address"
add_two

"$tools/names" --name "$name" --file "$work/addresses" >"$work/names" 2>"$work/names.log" &
wait_for 30 test -s "$work/names" || fail "the DNS server does not start"
target="dns://$(cat "$work/names")/$name:$port"
readonly target

start_asking careful --model digits --target "$target" --rate 200 "${patient[@]}" \
  --service-config "$service_config" "${resolving[@]}" "${pinging[@]}"
start_others

step "another model for all three, by poll" update_model
updated="$(now)"
step "three servers replaced one by one" replace_one_by_one
step "the same again, immediately" replace_one_by_one
step "all three replaced together" replace_all_at_once
step "one restarted on its address" restart_in_place
step "one killed, and started again" crash_one
step "one hanging, until clients notice; then killed" hang_one
step "two of three end" leave_one
step "the remaining one replaced" replace_one_by_one
step "two added" add_two
step "the oldest one ends" end_first

stop_asking careful "${others[@]}"
report careful
no_old_answer_after "$updated" careful

echo
for other in "${others[@]}"; do
  echo "$other: $(cat "$work/$other.log")"
done
# If this client lost no call either, the test would show nothing.
! grep -q ' 0 failed' "$work/with gRPC's defaults.log" || fail "gRPC's defaults lost no call either"
