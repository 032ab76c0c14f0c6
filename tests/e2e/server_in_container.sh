#!/usr/bin/env bash
# Runs the mlp-server of an image in a small container: this process becomes the server. The program
# that started it can signal it, limit it, read its files in /proc and wait for its exit code, as if
# it had started the server directly. Tests use this script as the server through TESTED_SERVER.
#
#   TESTED_IMAGE=mlpserve:slim tests/e2e/server_in_container.sh OPTIONS
#
# The container holds a sleeping process, so the image must have a shell and its tools. This script
# enters the container's cgroups and file system, gives up all capabilities and becomes the server.
# It keeps this machine's network and process ids. The server sees the checkout and the folder for
# temporary files. After its end, a line in the file named by TESTED_IMAGE_REPORT gives the peak
# bytes that the container held, and how many of its processes were killed because memory ran out.
set -euo pipefail

readonly image="${TESTED_IMAGE:?expected the name of an image}"
readonly report="${TESTED_IMAGE_REPORT:-/dev/null}"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly root

# The folders of a process's cgroups, from lines of number:controllers:path.
cgroups_of() {
  local controllers path folder
  while IFS=: read -r _ controllers path; do
    for folder in "/sys/fs/cgroup/${controllers#name=}$path" "/sys/fs/cgroup/unified$path"; do
      [ ! -f "$folder/cgroup.procs" ] || echo "$folder"
    done
  done <"/proc/$1/cgroup"
}

# Waits for the end of the process that becomes the server, writes the report and removes the
# container.
watch_over() {
  tail --pid="$$" --sleep-interval=0.2 --follow /dev/null
  local folder peak="" kills=""
  for folder in "${cgroups[@]}"; do
    peak="${peak:-$(cat "$folder"/memory.{max_usage_in_bytes,peak} 2>/dev/null || true)}"
    kills="${kills:-$(awk '$1 == "oom_kill" { print $2 }' \
      "$folder"/memory.{oom_control,events} 2>/dev/null || true)}"
  done
  echo "peak ${peak:-unknown} oom_kills ${kills:-unknown} options $*" >>"$report"
  docker rm --force "$container" >/dev/null
}

# Docker's errors are shown only if it fails, because it also warns that this machine forwards no
# packets.
start_container() {
  docker run --detach --network=host --pid=host \
    --memory=256m --memory-swap=256m --pids-limit=64 --cpus=1 --read-only \
    --volume "$root:$root:ro" --volume "${TMPDIR:-/tmp}:${TMPDIR:-/tmp}" \
    --no-healthcheck --entrypoint /usr/bin/sleep "$image" infinity
}
# On a busy machine the daemon may fail once.
if ! container="$(start_container 2>/dev/null || start_container)"; then
  echo "docker run of $image failed" >&2
  exit 125
fi
readonly container
sleeper="$(docker inspect --format '{{.State.Pid}}' "$container")"
readonly sleeper
mapfile -t cgroups < <(cgroups_of "$sleeper")
# Started by an intermediate process, so it is not a child of the server.
(watch_over "$@" </dev/null >/dev/null 2>&1 &)

for folder in "${cgroups[@]}"; do
  echo "$$" >"$folder/cgroup.procs"
done
if [ "$(cat "/proc/$$/cgroup")" != "$(cat "/proc/$sleeper/cgroup")" ]; then
  echo "this process is not in all of the container's cgroups" >&2
  exit 125
fi
exec nsenter --target "$sleeper" --mount --uts --ipc --wdns="$PWD" \
  setpriv --no-new-privs --bounding-set=-all --inh-caps=-all /usr/bin/mlp-server "$@"
