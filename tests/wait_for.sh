# Sourced by tests that wait for other processes.
# shellcheck shell=bash

# wait_for SECONDS COMMAND...: tries the command ten times a second, for at most SECONDS.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}
