#!/usr/bin/env bash
# Attacks servers in containers with --memory=256m --pids-limit=64 --cpus=1: the end-to-end tests of
# hostile clients and operators, and the soak with its attacks, which also has healthy clients.
# Fails if one of them fails, or if the kernel killed a server because memory ran out.
#
#   TESTED_IMAGE=mlpserve:slim tests/e2e/hardened_container.sh PROGRAMS
#
# PROGRAMS is the folder of e2e_tests and soak. Needs root and the Docker daemon of DOCKER_HOST,
# which tests/e2e/container_test.sh provides. CONTAINER_SOAK_SECONDS bounds the soak.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly root
readonly programs="${1:?expected PROGRAMS, the folder of e2e_tests and soak}"
readonly attacks=(
  'UnreadAnswersTest.*' 'RequestLimitsTest.*' 'HostileConnectionsTest.*' 'HalfOpenConnectionsTest.*'
  'ConnectionLimitsTest.*' 'DescriptorsTest.*' 'ReflectionTest.Open*' 'HostileHttpTest.*'
  'HttpWithoutDescriptorsTest.*' '*SlowHttpClientsTest.*' 'BlockedLogTest.*'
  'RepositoryControlTest.*' 'RepositoryPollTest.SurvivesFolders*' '*StopSignalTest.*'
  'MetricsUnderLoadTest.*' 'OverloadTest.RefusesBeyond*' 'StreamTest.*BrokenStreams*'
  'StreamTest.AClientThatDoesNotRead*' 'SchedulingTest.AnswersLargeAndSmall*' 'MemoryBoundTest.*'
  'IdleStreamsTest.*' 'OpenStreamsServerTest.*' 'UnfinishedMessagesTest.*'
  '*IgnoredSignalTest.*' 'LittleMemoryTest.*' 'FairnessTest.*' 'ManyModelsTest.*'
  'UnfinishedFilesTest.*' 'LoadLimitsTest.Refuses*' 'LoadLimitsTest.Unloads*' 'StopInLoadTest.*'
  'ClockStepTest.*' 'IdleTest.AnUnloadedModel*' 'BadInputServerTest.*')

work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-hardened.XXXXXX")"
trap 'rm -rf "$work"' EXIT
export TESTED_SERVER="$root/tests/e2e/server_in_container.sh"
export TESTED_IMAGE_REPORT="$work/report"
: >"$TESTED_IMAGE_REPORT"
cd "$root"

# Runs a program with its output in a file. Shows only the failures and the last lines.
quietly() {
  local log="$work/$1"
  shift
  "$@" >"$log" 2>&1 && return
  grep --after-context=20 '^/.*Failure$' "$log" | head --lines=60 >&2 || true
  tail -n 10 "$log" >&2
  return 1
}

# If the system allows too little, the server says so in one line and exits with 1.
expect_refusal() {
  local status=0
  docker run --rm --network=none --memory=256m --pids-limit=64 --cpus=1 --read-only \
    --volume "$root/deploy/models/repository:/models:ro" "$@" \
    "$TESTED_IMAGE" --model-repository /models --log-level error \
    >/dev/null 2>"$work/refused" || status=$?
  if [ "$status" -ne 1 ] || [ "$(grep -c ' error ' "$work/refused")" -ne 1 ]; then
    echo "a server with $* ended with $status:" >&2
    cat "$work/refused" >&2
    return 1
  fi
}
# With lower limits, Docker itself fails.
expect_refusal --ulimit nofile=40:40
expect_refusal --pids-limit=8

# Each container has one CPU, so it runs half of the tests. Each half uses the other's pauses.
filter="$(IFS=:; echo "${attacks[*]}")"
halves=()
for half in 0 1; do
  GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX="$half" \
    quietly "half_$half" "$programs/e2e_tests" --gtest_filter="$filter" &
  halves+=("$!")
done
failed=0
for half in "${halves[@]}"; do
  wait "$half" || failed=1
done
[ "$failed" -eq 0 ] || { echo "tests failed against servers in containers" >&2; exit 1; }
quietly soak "$programs/soak" --seconds "${CONTAINER_SOAK_SECONDS:-20}"

# The report is complete once the last container is removed.
for _ in {1..100}; do
  [ -n "$(docker ps --quiet --filter ancestor="$TESTED_IMAGE")" ] || break
  sleep 0.2
done
awk '
  $4 != 0 { print "killed because memory ran out, or unknown: " $0; bad = 1 }
  $2 > peak { peak = $2 }
  END {
    printf "%d servers in containers, the largest peak %.0f MB\n", NR, peak / 1e6
    exit bad || NR == 0
  }' "$TESTED_IMAGE_REPORT"
awk '$2 == "PASSED" { tests += $4 } END { print tests + 0 " tests passed"; exit tests == 0 }' \
  "$work"/half_*
