#!/usr/bin/env bash
# Brings up a real cluster of one node, with an image of the programs, for one of three tests:
#
#   tests/cluster/cluster_test.sh PROGRAMS              installs the Helm chart and makes calls without
#                                                       a pause while its pods are replaced, deleted,
#                                                       evicted, stopped and scaled (steps.sh)
#   tests/cluster/cluster_test.sh PROGRAMS tls          installs it with TLS and tokens, and makes calls while
#                                                       certificates and tokens are replaced (tls.sh)
#   tests/cluster/cluster_test.sh PROGRAMS documented   runs the commands of docs/use/kubernetes.md exactly
#                                                       as written there (documented.sh)
#
# PROGRAMS is the folder of mlp-programs, which is mlp-server and mlp-client.
# The cluster runs in separate namespaces (network, mounts, processes): nothing outside sees it, and
# it leaves nothing behind. The programs come from tests/cluster/build-kube.sh, which must have run
# before. Exits 77, with the reason, if they are missing or if the machine cannot run a node.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
root="$(cd "$here/../.." && pwd)"
readonly root
programs="$(cd "${1:?expected PROGRAMS, the folder of mlp-programs}" && pwd)"
readonly programs
case "$#:${2:-}" in
  1:) readonly steps=steps.sh ;;
  2:tls) readonly steps=tls.sh ;;
  2:documented) readonly steps=documented.sh ;;
  *)
    echo "Usage: tests/cluster/cluster_test.sh PROGRAMS [tls | documented]" >&2
    exit 2
    ;;
esac
readonly cgroup="/mlpserve-test-$$"

# shellcheck source=tests/cluster/asking.sh
. "$here/asking.sh"

# Prints every hierarchy of control groups, of version 1 or 2.
hierarchies() {
  awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts
}

# shellcheck disable=SC2317,SC2329 # called by traps and by the sweeper
# Removes what outlives the namespaces. May be called again.
sweep() {
  local hierarchy
  for hierarchy in $(hierarchies); do
    [ ! -d "$hierarchy$cgroup" ] || find "$hierarchy$cgroup" -depth -type d -exec rmdir {} +
  done
  rm -rf --one-file-system "$work"
}

# shellcheck disable=SC2317,SC2329
cleanup() {
  local status="$?"
  set +e
  trap '' INT TERM
  [ -z "$cluster" ] || { kill -KILL "$cluster"; wait "$cluster"; } 2>/dev/null
  sweep
  exit "$status"
}

# Sweeps up after this script even if it is killed; the namespaces then end without help.
start_sweeper() {
  export -f sweep hierarchies
  # shellcheck disable=SC2016 # the sweeper's own variables
  setsid --fork bash -c '
    tail --pid="$1" --follow /dev/null
    for _ in 1 2 3 4 5; do sweep && break; sleep 1; done' sweeper "$$" </dev/null >/dev/null 2>&1
}

# Checks that the kernel and the test's permissions allow what a node needs.
try_kernel() {
  mkdir "$work/upper" "$work/lower"
  # shellcheck disable=SC2016 # the inner shell's own variable
  unshare --net --mount --pid --fork --mount-proc --propagation private sh -ec '
    mount -t overlay overlay -o "lowerdir=/opt,upperdir=$1/upper,workdir=$1/lower" /opt
    ip link add type bridge
    ip link add type veth
    nft list tables' sh "$work"
}

make_images() {
  # The client also makes calls from outside.
  mkdir "$work/programs" "$work/pause"
  strip -o "$work/programs/mlp-client" "$programs/mlp-programs"
  # The same files as in the Dockerfile's default image.
  "$root/deploy/image/collect.sh" "$work/files" /dev/null "$work/programs/mlp-client" \
    >"$work/collect.log" 2>&1 || fail "$(tail "$work/collect.log")"
  "$here/image.sh" docker.io/library/mlpserve:cluster-test "$work/mlpserve.tar" "$work/files" \
    /usr/bin/mlp-server
  cc -O2 -static -s -o "$work/pause/pause" "$here/pause.c"
  "$here/image.sh" docker.io/library/pause:cluster-test "$work/pause.tar" "$work/pause" /pause
}

[ "$(id -u)" -eq 0 ] || skip "a node of Kubernetes needs root"
kube="$("$here/build-kube.sh" find 2>&1)" || skip "${kube#SKIPPED: }"
helm="$("$root/tests/kubernetes/tools.sh" helm prometheus-operator)" || skip "helm is missing"
for program in containerd ctr runc ip nft openssl prometheus unshare setpriv setsid cc; do
  command -v "$program" >/dev/null ||
    skip "$program is not installed; deploy/install-packages.sh cluster-test container-test build"
done
[ -x /usr/lib/cni/bridge ] || skip "/usr/lib/cni/bridge is not installed"

cluster=""
work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-cluster.XXXXXX")"
readonly work
export root work cgroup
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
start_sweeper
why="$(try_kernel 2>&1)" || skip "no node can run here: $(tail -n 1 <<<"$why")"
build_tools
make_images
for hierarchy in $(hierarchies); do
  mkdir "$hierarchy$cgroup" 2>/dev/null || skip "cannot create a control group in $hierarchy"
done

# Everything ends with unshare, and unshare ends with this script, even if the script is killed.
PATH="$kube:$helm:$PATH" tools="$tools" operator="${helm##*:}" setpriv --pdeathsig KILL \
  unshare --net --mount --pid --uts --ipc --fork --kill-child --mount-proc --propagation private \
  "$here/$steps" &
cluster="$!"
status=0
wait "$cluster" || status="$?"
cluster=""
exit "$status"
