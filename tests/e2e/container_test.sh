#!/usr/bin/env bash
# Builds the image in a separate Docker daemon, runs it as docs/use/container.md describes, and sends
# requests.
#
#   tests/e2e/container_test.sh PROGRAMS      the image holds the programs of this folder, which were
#                                             built here as the image builds them
#   tests/e2e/container_test.sh from-source   the image builds its own, which takes minutes
#
# The test checks the default image (image_checks.sh), builds it a second time, which must give the
# same layers, runs it and sends it requests. If the folder also has e2e_tests and soak, they then
# attack servers in small containers of the image `slim`, which has the same programs and libraries
# (hardened_container.sh).
#
# Exits with 77, with the reason, if no daemon can run. There is no registry to pull from: the base
# image is made with debootstrap and kept in build/container-base.tar for a week.
# CONTAINER_TEST_SECONDS bounds the time. CONTAINER_TEST_JOBS is the number of compilers that run at
# a time.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
readonly root
# shellcheck source=tests/wait_for.sh
. "$root/tests/wait_for.sh"
readonly base_tar="$root/build/container-base.tar"
readonly deadline="${CONTAINER_TEST_SECONDS:-900}"
readonly programs="${1:?expected PROGRAMS, their folder, or from-source}"

work=""
daemon=""
child=""
log="" # of the current step; its end is shown if the step fails
phase="start"
phase_start=0

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

skip() {
  echo "SKIPPED: $*"
  exit 77
}

# Runs a program for at most the time that is left. The program runs in the background, because bash
# delays its traps until a foreground program has ended.
bounded() {
  timeout --kill-after=10 "$((deadline > SECONDS ? deadline - SECONDS : 1))" "$@" &
  child="$!"
  local status=0
  wait "$child" || status="$?"
  child=""
  return "$status"
}

# Names the next phase, and prints how long the previous one took.
begin() {
  end_phase
  phase="$1"
  phase_start="$SECONDS"
}

end_phase() {
  [ "$phase" = start ] || echo "$((SECONDS - phase_start)) s  $phase"
}

cleanup() {
  local status="$?"
  set +e
  trap '' INT TERM
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
  if [ "$status" -ne 0 ] && [ "$status" -ne 77 ]; then
    echo "It failed in the phase: $phase" >&2
    timeout 10 docker logs server >"$work/server.log" 2>&1 && show_end "$work/server.log"
    show_end "$log"
  fi
  if [ -n "$daemon" ]; then
    containers="$(timeout 10 docker ps --all --quiet 2>/dev/null)"
    # shellcheck disable=SC2086 # one word for each container
    [ -z "$containers" ] || timeout 30 docker rm --force $containers >/dev/null 2>&1
    kill -TERM "$daemon" 2>/dev/null
    wait_for 20 daemon_is_gone || kill -KILL "$daemon" 2>/dev/null
    wait "$daemon" 2>/dev/null
  fi
  if [ -n "$work" ]; then
    # Unmounts what a killed daemon left mounted, the longest paths first.
    awk -v under="$work/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort --reverse |
      xargs --no-run-if-empty umount --lazy
    rm -rf --one-file-system "$work"
  fi
  exit "$status"
}

show_end() {
  [ ! -s "$1" ] || { echo "The end of ${1##*/}:" >&2; tail -n 40 "$1" >&2; }
}

daemon_is_gone() {
  ! kill -0 "$daemon" 2>/dev/null
}

start_daemon() {
  # A separate configuration too: this machine's may name another socket or data root.
  echo '{}' >"$work/daemon.json"
  # Neither a bridge nor firewall rules on this machine: the containers need no network. The daemon
  # ends with this script, even if the script is killed.
  setpriv --pdeathsig TERM dockerd --config-file "$work/daemon.json" \
    --host "$DOCKER_HOST" --data-root "$work/data" --exec-root "$work/exec" \
    --pidfile "$work/dockerd.pid" --bridge=none --iptables=false --ip6tables=false \
    --ip-forward=false --ip-masq=false >"$work/dockerd.log" 2>&1 &
  daemon="$!"
  if ! wait_for 30 daemon_answers_or_is_gone || daemon_is_gone; then
    skip "dockerd does not start: $(daemon_error)"
  fi
}

daemon_answers_or_is_gone() {
  daemon_is_gone || timeout 5 docker version >/dev/null 2>&1
}

daemon_error() {
  grep -v 'level=\(info\|warning\|debug\)' "$work/dockerd.log" | tail -n 1
}

# Prints the folder to build from: the checkout, or one whose first stage takes the given programs
# instead of building them.
make_context() {
  if [ "$programs" = from-source ]; then
    echo "$root"
    return
  fi
  local context="$work/context"
  mkdir "$context"
  cp -R "$root/deploy" "$programs/mlp-programs" "$context"
  strip "$context/mlp-programs"
  "$root/deploy/image/compiled-in.sh" "$programs/.." >"$context/compiled-in"
  awk '/^FROM / { given = ($NF == "build") }
    !given { print }
    /^FROM / && given {
      print
      print "COPY mlp-programs /source/build/release/bin/"
      print "COPY compiled-in /source/build/release/"
    }' "$root/Dockerfile" >"$context/Dockerfile"
  echo "$context"
}

# Builds from make_context's folder. Uses the environment's proxies, if any.
docker_build() {
  bounded "$root/deploy/build-image.sh" --network=host \
    --build-arg BUILD_JOBS="${CONTAINER_TEST_JOBS:-}" \
    --build-arg http_proxy --build-arg https_proxy --build-arg no_proxy "$@" >"$log" 2>&1
}

build_image() {
  local revision
  if [ "$programs" = from-source ]; then
    revision="$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || true)"
  else
    revision="$("$programs/mlp-server" --version | sed 's/.*(\(.*\))/\1/')"
  fi
  BUILD_CONTEXT="$(make_context)"
  # A checkout without a remote has no address.
  export REVISION="$revision" BUILD_CONTEXT SOURCE_URL=https://mlpserve.example/source
  log="$work/build.log"
  docker_build --tag mlpserve || fail "docker build"
  docker_build --tag mlpserve:slim --target slim || fail "docker build --target slim"

  log="$work/run.log"
  local version
  version="$(run_hardened --rm --network=none mlpserve --version)"
  echo "$version, $(docker image inspect --format '{{.Size}}' mlpserve |
    awk '{ printf "%.0f MB", $1 / 1e6 }')"
  if [ "$programs" = from-source ]; then
    [[ "$version" == *"(${revision:-unknown})" ]] || fail "the version does not name '$revision'"
  else
    [ "$version" = "$("$programs/mlp-server" --version)" ] || fail "the image has another version than $programs"
  fi
}

layers_of() {
  docker image inspect --format '{{json .RootFS.Layers}}' "$1"
}

# Prints the folder of a client that can build with BuildKit. Newer clients need a plug-in for it,
# which Debian's client does not.
buildkit_folder() {
  local client
  for client in "$(command -v docker)" /usr/bin/docker; do
    if echo 'FROM scratch' | DOCKER_BUILDKIT=1 timeout 30 "$client" build - >/dev/null 2>&1; then
      dirname "$client"
      return
    fi
  done
}

# Uses the other builder, if it exists. In any case, uses nothing that the first build cached.
check_second_build() {
  local folder builder
  folder="$(buildkit_folder)"
  builder="$([ -n "$folder" ] && echo BuildKit || echo "the classic builder")"
  log="$work/second_build.log"
  DOCKER_BUILDKIT="${folder:+1}" PATH="${folder:+$folder:}$PATH" \
    docker_build --no-cache --tag mlpserve:again || fail "docker build, by $builder"
  [ "$(layers_of mlpserve:again)" = "$(layers_of mlpserve)" ] ||
    fail "a second build, by $builder, has the layers $(layers_of mlpserve:again), not $(layers_of mlpserve)"
  echo "built again by $builder: the same layer, $(layers_of mlpserve | cut -c3-21)"
}

# docker run with every restriction that docs/use/container.md recommends. Errors go to a file, because
# Docker warns each time that this machine forwards no packets.
run_hardened() {
  bounded docker run --read-only --cap-drop=ALL --security-opt=no-new-privileges \
    --memory=1g --pids-limit=256 "$@" 2>>"$work/run.log"
}

# Uses the image's own client in the server's network, so no port is opened on this machine.
ask() {
  run_hardened --rm --network=container:server --volume "$work/held_out:/held_out:ro" \
    --entrypoint /usr/bin/mlp-client mlpserve "$@"
}

server_state() {
  docker inspect --format "$1" server
}

docker_says_healthy() {
  [ "$(server_state '{{.State.Health.Status}}')" = healthy ]
}

# The value of a field of /proc/PID/status.
process_field() {
  awk -v name="$2:" '$1 == name { print $2 }' "/proc/$1/status"
}

check_confinement() {
  local pid="$1" field expected found
  while read -r field expected; do
    found="$(process_field "$pid" "$field")"
    [ "$found" = "$expected" ] || fail "the server's $field is $found; expected $expected"
  done <<'END'
Uid 65532
Gid 65532
CapEff 0000000000000000
CapBnd 0000000000000000
NoNewPrivs 1
Seccomp 2
END
  awk '$5 == "/" { exit ($6 !~ /^ro(,|$)/) }' "/proc/$pid/mountinfo" ||
    fail "the server's root can be written"
}

check_answers() {
  local answer accuracy right rows
  answer="$(ask infer digits-tanh --input /held_out/pixels.npy --labels /held_out/labels.npy)"
  accuracy="$(grep '^accuracy ' <<<"$answer")" || fail "no accuracy in the answer: $answer"
  echo "digits-tanh: $accuracy"
  [[ "$accuracy" =~ ^accuracy\ ([0-9]+)/([0-9]+)\  ]] || fail "expected an accuracy, got: $accuracy"
  right="${BASH_REMATCH[1]}" rows="${BASH_REMATCH[2]}"
  [ "$rows" -eq 360 ] || fail "$rows rows were answered; expected 360"
  [ "$right" -ge 346 ] || fail "$accuracy; expected at least 96 %"
}

check_metrics() {
  local pid="$1" headers="$work/headers" metrics="$work/metrics"
  # From this machine, but in the server's network, because the image has no HTTP client.
  bounded nsenter --target "$pid" --net curl --fail --silent --show-error --max-time 10 \
    --dump-header "$headers" --output "$metrics" http://127.0.0.1:8002/metrics ||
    fail "/metrics does not answer"
  # Prometheus 3 refuses a page without a content type that it knows.
  grep -qi '^content-type: text/plain' "$headers" || fail "/metrics does not have the content type text/plain"
  grep -q '^mlp_rows_total{.*digits-tanh.*} 360$' "$metrics" ||
    fail "/metrics does not count 360 rows: $(grep '^mlp_rows_total' "$metrics")"
}

check_stop() {
  local start="$SECONDS"
  bounded docker stop -t 60 server >/dev/null
  local seconds=$((SECONDS - start)) code
  code="$(server_state '{{.State.ExitCode}}')"
  [ "$code" -eq 0 ] || fail "docker stop: exit code $code; expected 0"
  [ "$seconds" -le 30 ] || fail "docker stop took $seconds s; expected a few"
}

# Checks that need no daemon.
begin "check the configurations of Compose and Prometheus"
if command -v docker-compose >/dev/null; then
  docker-compose --file "$root/deploy/compose.yaml" config --quiet
fi
if command -v promtool >/dev/null; then
  promtool check config "$root/deploy/prometheus/prometheus.yml" >/dev/null
fi

[ "$(id -u)" -eq 0 ] || skip "a separate Docker daemon needs root"
for program in docker dockerd debootstrap curl jq nsenter python3 setpriv apt-get; do
  command -v "$program" >/dev/null ||
    skip "$program is not installed; deploy/install-packages.sh container-test test"
done

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-container.XXXXXX")"
# The classic builder, which every engine has. check_second_build uses the other one.
export DOCKER_HOST="unix://$work/docker.sock" DOCKER_CONFIG="$work/client" DOCKER_BUILDKIT=0
unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH

begin "start the daemon"
start_daemon

begin "make the base image"
log="$work/base.log"
status=0
bounded "$root/tests/e2e/debian_base.sh" "$base_tar" >"$log" 2>&1 || status="$?"
[ "$status" -ne 77 ] || skip "$(tail -n 1 "$log")"
[ "$status" -eq 0 ] || fail "no base image"
docker import "$base_tar" debian:bookworm-slim >/dev/null
bounded docker run --rm --network=none debian:bookworm-slim /bin/true 2>"$work/first_run.log" ||
  skip "no container can run here: $(tail -n 1 "$work/first_run.log")"

begin "build the image"
build_image

begin "check the image"
log="$work/checks.log"
bounded "$root/tests/e2e/image_checks.sh" mlpserve mlpserve:slim >"$log" 2>&1 ||
  fail "the checks of the image fail"
cat "$log"

begin "build it again"
check_second_build

begin "start the server"
# Copies that any user may read, whatever umask the checkout was made with.
cp -R "$root/deploy/models/repository" "$root/deploy/models/held_out" "$work"
chmod -R a+rX "$work/repository" "$work/held_out"
chmod a+rx "$work"
run_hardened --detach --name server --network=none --volume "$work/repository:/models:ro" \
  mlpserve >/dev/null
ask health --wait 120 >/dev/null || fail "the server does not serve"

begin "send requests and check the answers"
server_pid="$(server_state '{{.State.Pid}}')"
check_confinement "$server_pid"
check_answers
check_metrics "$server_pid"
wait_for 90 docker_says_healthy || fail "the image's health check does not pass"

begin "stop the server"
check_stop

if [ -x "$programs/e2e_tests" ] && [ -x "$programs/soak" ]; then
  begin "attack servers in containers of 256 MB"
  log="$work/hardened.log"
  TESTED_IMAGE=mlpserve:slim bounded "$root/tests/e2e/hardened_container.sh" "$programs" \
    >"$log" 2>&1 || fail "the servers in small containers do not withstand the attacks"
  cat "$log"
fi

end_phase
echo "passed in $SECONDS s"
