#!/usr/bin/env bash
# Submits every manifest to a real API server as a server-side dry run. The server refuses unknown
# fields, wrong values, and what the standard "restricted" forbids. This needs no node, so it runs
# on machines on which cluster_test.sh cannot.
#
#   tests/cluster/manifests_test.sh
#
# Exits 77, with the reason, if the programs of tests/cluster/build-kube.sh are missing.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
root="$(cd "$here/../.." && pwd)"
readonly root
readonly kserve_definitions="$root/../shared/cluster/crds"

# shellcheck source=tests/cluster/asking.sh
. "$here/asking.sh"
# shellcheck source=tests/cluster/control_plane.sh
. "$here/control_plane.sh"

# In separate namespaces, so that its ports are free and it leaves no process, even if it is killed.
if [ "${1:-}" != inside ]; then
  kube="$("$here/build-kube.sh" find 2>&1)" || skip "${kube#SKIPPED: }"
  tools="$("$root/tests/kubernetes/tools.sh" helm prometheus-operator cert-manager)" || skip "helm is missing"
  command -v openssl >/dev/null || skip "openssl is not installed; deploy/install-packages.sh cluster-test"
  apart=(unshare --net --pid --fork --kill-child --mount-proc)
  [ "$(id -u)" -eq 0 ] || apart+=(--user --map-root-user)
  "${apart[@]}" true 2>/dev/null || skip "cannot create namespaces here"
  work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-manifests.XXXXXX")"
  trap 'rm -rf "$work"' EXIT
  manager="${tools##*:}" operator="${tools%:*}"
  PATH="$kube:$tools:$PATH" work="$work" operator="${operator##*:}" manager="$manager" \
    setpriv --pdeathsig KILL "${apart[@]}" "$here/manifests_test.sh" inside
  exit
fi

# judge FILE: submits the manifests in it to the API server.
judge() {
  kubectl apply --dry-run=server --validate=strict --warnings-as-errors --filename "$1" \
    >"$work/said" 2>&1 || fail "$1: $(cat "$work/said")"
  judged=$((judged + $(grep -c '(server dry run)' "$work/said")))
}

refuses() {
  ! kubectl apply --dry-run=server --validate=strict --filename - >"$work/said" 2>&1 ||
    fail "the API server accepts a manifest with: $1"
  grep -q "$1" "$work/said" || fail "refused for another reason than $1: $(cat "$work/said")"
}

apply() {
  kubectl apply --server-side "$@" >"$work/said" 2>&1 || fail "$(cat "$work/said")"
}

# Makes the ServiceAccount, which a controller makes in a real cluster.
apply_namespace() {
  apply --filename "$1"
  kubectl --namespace "$2" create serviceaccount default >/dev/null
}

judged=0
cd "$root"
ip link set lo up
start_api_server
echo "the API server is ready after $SECONDS s"

# The CRDs of the objects that the chart can make.
definitions=("${operator:?}"/*_{podmonitors,servicemonitors,prometheusrules}.yaml
  "${manager:?}"/*_certificates.yaml)
kserve=(deploy/kserve/*.yaml)
if [ -d "$kserve_definitions" ]; then
  definitions+=("$kserve_definitions"/serving.kserve.io_*.yaml)
else
  kserve=()
  echo "KServe's definitions are missing: its objects are left out"
fi
apply "${definitions[@]/#/--filename=}"
wait_for 60 established || fail "the CRDs are not established"

apply_namespace deploy/kubernetes/00-namespace.yaml mlpserve
apply_namespace "$here/namespace.yaml" models
for file in deploy/kubernetes/*.yaml "${kserve[@]}"; do
  [ "$file" = deploy/kserve/values.yaml ] || judge "$file"
done
for values in tests/kubernetes/values/*.yaml tests/cluster/{,tls_}values.yaml; do
  rendered="$work/rendered-${values##*/}"
  helm template mlpserve deploy/helm/mlpserve --namespace models --values "$values" >"$rendered"
  judge "$rendered"
done

# A server that accepted everything would pass the checks above, so it must refuse two manifests.
sed 's/terminationGracePeriodSeconds/terminationGraceSeconds/' deploy/kubernetes/deployment.yaml |
  refuses 'unknown field "spec.template.spec.terminationGraceSeconds"'
refuses 'violates PodSecurity "restricted' <<END
{apiVersion: v1, kind: Pod, metadata: {name: test, namespace: models},
 spec: {containers: [{name: test, image: test}]}}
END
echo "the API server accepts $judged objects without a warning (after $SECONDS s)"
