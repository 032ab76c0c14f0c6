# Sourced by tests that wait for what others do.
# shellcheck shell=bash

# wait_for SECONDS COMMAND...: tries the command ten times a second, for at most so long.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}
