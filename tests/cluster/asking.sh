# Sourced by the tests that make calls while servers come and go. They set `here`, the folder of
# this file, `root`, the checkout, and `work`, a folder for output.
# shellcheck shell=bash
# shellcheck disable=SC2154 # what they set

# shellcheck source=tests/wait_for.sh
. "$root/tests/wait_for.sh"

# The settings with which a client loses no call (docs/use/rollouts.md).
# shellcheck disable=SC2034 # used by the tests
readonly service_config="$here/service_config.json" resolving=(--resolve-every 1s) pinging=(--ping-after 10s)
# For clients that must not lose a call. Pings need 12 s to notice a server that hangs; the rest is for a busy
# machine.
# shellcheck disable=SC2034
readonly patient=(--deadline 60s)

declare -A asking # a client's process, by the client's name

skip() {
  echo "SKIPPED: $*"
  exit 77
}

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# Builds the Go programs of tools/ into $tools, and a description of the protocol.
build_tools() {
  tools="$work/tools"
  mkdir "$tools"
  command -v go >/dev/null || skip "go, which builds the client, is not installed"
  (cd "$here/tools" && go mod download) >"$work/go.log" 2>&1 ||
    skip "cannot download the client's modules: $(tail -n 1 "$work/go.log")"
  (cd "$here/tools" && CGO_ENABLED=0 go build -o "$tools" ./...) >"$work/go.log" 2>&1
  protoc --proto_path="$root" --include_imports --descriptor_set_out="$work/protocol" \
    proto/open_inference.proto
}

# start_asking NAME FLAG...: starts a client whose record is $work/NAME.calls, and waits for its
# first answer.
start_asking() {
  local client="$1"
  shift
  "$tools/ask" --descriptors "$work/protocol" --pixels "$root/deploy/models/held_out/pixels.npy" \
    --expect "$root/tests/fixtures/reference/digits-relu/probabilities.npy" \
    --expect "$root/tests/fixtures/reference/digits-tanh/probabilities.npy" \
    --record "$work/$client.calls" "$@" >"$work/$client.log" 2>&1 &
  asking[$client]="$!"
  wait_for 60 test -s "$work/$client.calls" || fail "the client gets no answer"
}

# stop_asking NAME...: ends clients, and waits until their calls have ended.
stop_asking() {
  local client
  for client in "$@"; do
    kill -TERM "${asking[$client]}"
  done
  for client in "$@"; do
    wait "${asking[$client]}" || fail "the client ended with $?: $(cat "$work/$client.log")"
  done
}

now() {
  date +%s%6N
}

# step WHAT COMMAND...: runs the command while clients make calls, then waits a second; the report
# compares the step with that second. It also needs a call in each step, which a busy machine may
# delay.
step() {
  local what="$1" start client
  shift
  start="$(now)"
  "$@"
  echo "$start $(now) $what" >>"$work/steps"
  sleep 1
  for client in careful anew; do
    [ ! -e "$work/$client.calls" ] || wait_for 60 has_call_since "$start" "$client" ||
      fail "the client '$client' makes no calls"
  done
}

# has_call_since TIME NAME: whether a call that the client sent after that time has ended.
has_call_since() {
  awk -v start="$1" '$1 > start { found = 1 } END { exit !found }' "$work/$2.calls"
}

# has_new_answer SERVER NAME: whether the server, an address with a port, has answered a client's
# call with the second model.
has_new_answer() {
  awk -v server="$1" '$5 == server && $6 == "right" && $7 == 1 { found = 1 } END { exit !found }' "$work/$2.calls"
}

# report NAME: prints the table of a client's calls. Fails if a call failed or had a wrong answer.
report() {
  "$tools/report" "$work/$1.calls" "$work/steps"
}

# no_old_answer_after TIME NAME: checks that after that time, the first model answered none of a
# client's calls.
no_old_answer_after() {
  ! awk -v after="$1" '$1 > after && $6 == "right" && $7 == 0' "$work/$2.calls" | grep --max-count 3 . ||
    fail "calls were answered by the old model after every server had the new one"
}
