#!/usr/bin/env bash
# Run by cluster_test.sh as the test `documented`, in separate namespaces: brings up the cluster and
# runs the commands of docs/use/kubernetes.md and docs/use/scaling.md in it, exactly as written
# there. REGISTRY is only a name. containerd already has the image under the name that the
# document's build gives it, so the test leaves out only Docker's commands. cluster_test.sh sets
# work, cgroup, operator and root.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly namespace=mlpserve
readonly registry=registry.test/team
readonly kserve_definitions="${root:?}/../shared/cluster/crds"
: "${work:?}" "${cgroup:?}" "${operator:?}" # these are set by cluster_test.sh

# shellcheck source=tests/cluster/cluster.sh
. "$here/cluster.sh"

# --- The commands.

# commands_of DOCUMENT SECTION: prints each command on one line.
commands_of() {
  awk -v heading="$2" '
    /^```/ { fenced = !fenced }
    sub(/^##+ /, "") { inside = $0 == heading }
    inside && !fenced && /^    / {
      sub(/^ +/, "")
      goes_on = /[|\\]$/
      sub(/\\$/, "")
      printf "%s%s", $0, goes_on ? " " : "\n"
    }' "$root/docs/use/$1" | sed "s|REGISTRY|$registry|g"
}

# yaml_of DOCUMENT SECTION: prints its first block of YAML.
yaml_of() {
  awk -v heading="$2" '
    sub(/^##+ /, "") { inside = $0 == heading }
    inside && /^```$/ { exit }
    inside && wanted
    inside && /^```yaml$/ { wanted = 1 }' "$root/docs/use/$1"
}

# run COMMAND: runs it as a user would, in a folder with what the documents name. Its output is in
# $work/said.
run() {
  local status=0 process
  case "$1" in
    docker\ *)
      say "(left out) $1"
      return
      ;;
  esac
  setsid timeout 120 bash -o pipefail -c "$1" >"$work/said" 2>&1 &
  process="$!"
  wait "$process" || status="$?"
  # Ends what the command left running in the background.
  kill -TERM -- "-$process" 2>/dev/null || true
  [ "$status" -eq 0 ] || fail "$1: $(cat "$work/said")"
  ! grep -i warning "$work/said" || fail "$1 has a warning"
  say "$1"
}

# run_all DOCUMENT SECTION COUNT: runs the section's commands, of which there must be COUNT, each
# with check_after.
run_all() {
  local commands
  mapfile -t commands < <(commands_of "$1" "$2")
  [ "${#commands[@]}" -eq "$3" ] || fail "docs/use/$1, $2: ${#commands[@]} commands; expected $3"
  run_each "${commands[@]}"
}

run_each() {
  local command
  for command in "$@"; do
    run "$command"
    check_after "$command"
  done
}

says() {
  grep -e "$1" "$work/said" >/dev/null || fail "expected '$1' in the output: $(cat "$work/said")"
}

# --- The checks after them.

check_after() {
  case "$1" in
    "helm test"*) says "$test_says" ;;
    "helm rollback"*)
      expect "" horizontalpodautoscalers --output name
      expect 3 deployment mlpserve --output 'jsonpath={.spec.replicas}'
      ;;
    *"mlp-client describe mine") says '^model  *mine$' ;;
    *"secret tls inference-tls"*replace*)
      wait_for 120 all_say 1 'the new TLS files are in use' || fail "not every pod uses the new certificate"
      ;;
    *"secret generic inference-tokens"*replace*)
      wait_for 120 all_say 1 'the new tokens file is in use' || fail "not every pod uses the new tokens"
      ;;
  esac
}

is() {
  local expected="$1"
  shift
  [ "$(k get "$@" 2>/dev/null)" = "$expected" ]
}

# expect WHAT ARGUMENT...: waits up to a minute until `kubectl get` prints exactly WHAT.
expect() {
  wait_for 60 is "$@" || fail "get ${*:2}: $(k get "${@:2}" 2>&1); expected $1"
}

# Prints the option that makes kubectl show the reason of an object's condition.
condition() {
  echo "--output=jsonpath={.status.conditions[?(@.type==\"$1\")].reason}"
}

no_servers() {
  [ -z "$(pods)" ]
}

# all_say COUNT TEXT: checks that every pod's log has TEXT at least COUNT times.
all_say() {
  local pod
  for pod in $(pods); do
    [ "$(cat "$work/pods/${namespace}_${pod}_"*/server/*.log | grep -c "$2")" -ge "$1" ] || return 1
  done
}

# recipe TITLE: runs the first shell block of a section of docs/use/security.md, with the names of
# the Services.
recipe() {
  awk -v heading="$1" '
    sub(/^##+ /, "") { inside = $0 == heading }
    inside && /^```$/ { exit }
    inside && wanted
    inside && /^```sh$/ { wanted = 1 }' "$root/docs/use/security.md" |
    sed 's/DNS:localhost,IP:127.0.0.1/DNS:mlpserve.mlpserve.svc,DNS:mlpserve-headless.mlpserve.svc/' >"$work/recipe"
  [ -s "$work/recipe" ] || fail "docs/use/security.md, $1: no recipe"
  run "bash -eu $work/recipe"
}

# Prints the pod that KServe would make of the runtime: it adds the models and their mount.
runtime_as_pod() {
  kubectl label --local --filename deploy/kserve/clusterservingruntime.yaml --output json test=kserve |
    jq --arg image "$tag" '{apiVersion: "v1", kind: "Pod", metadata: {name: "kserve"}, spec: {
      containers: [.spec.containers[0]
        + {image: $image, volumeMounts: [{name: "models", mountPath: "/mnt/models", readOnly: true}]}],
      volumes: [{name: "models", configMap: {name: "mine", items: [{key: "model.onnx", path: "mine/1/model.onnx"}]}}]}}'
}

# --- The test.

bring_up
# Three pods of two CPUs each, one more while they are replaced, and those that are ending.
claim_cpus 12
from_nothing="From nothing to three replicas with alerts"
tag="$(commands_of kubernetes.md "$from_nothing" | sed -n 's/^docker build .*--tag \([^ ]*\) .*/\1/p')"
ctr --namespace k8s.io images tag docker.io/library/mlpserve:cluster-test "${tag:?}" >/dev/null
definitions=("$operator"/*_{podmonitors,prometheusrules}.yaml)
if [ -d "$kserve_definitions" ]; then
  definitions+=("$kserve_definitions"/serving.kserve.io_*.yaml)
fi
kubectl apply --server-side "${definitions[@]/#/--filename=}" >/dev/null
wait_for 60 established || fail "the definitions are not established"

# The programs and files that the documents name.
export PATH="$work/programs:$PATH"
mkdir "$work/user"
cd "$work/user"
cp -R "$root/deploy" .
cp "$root/deploy/models/repository/digits-relu/1/model.onnx" my_network.onnx
cp "$root/deploy/models/repository/digits-sigmoid/1/model.onnx" better.onnx
yaml_of kubernetes.md "$from_nothing" >mine.yaml

test_says='^accuracy 10/10 '
run_all kubernetes.md "$from_nothing" 10
expect "3 3 1" poddisruptionbudget mlpserve \
  --output 'jsonpath={.status.expectedPods} {.status.currentHealthy} {.status.disruptionsAllowed}'
expect $'mlpserve\nmlpserve' podmonitors,prometheusrules --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'
expect scoring networkpolicy mlpserve-ingress \
  --output 'jsonpath={.spec.ingress[0].from[0].namespaceSelector.matchLabels.kubernetes\.io/metadata\.name}'

# With TLS and tokens, which all later steps use.
yaml_of kubernetes.md "TLS and tokens" >tls.yaml
test_says='^serving$'
recipe "An authority of one's own"
mapfile -t secured < <(commands_of kubernetes.md "TLS and tokens")
[ "${#secured[@]}" -eq 10 ] || fail "docs/use/kubernetes.md, TLS and tokens: ${#secured[@]} commands; expected 10"
run_each "${secured[@]:0:8}"
recipe "A new certificate, as cert-manager and others write it"
run_each "${secured[8]}"
echo 'name=ops role=admin models=* dns=ops.example.com' >>tokens
run_each "${secured[9]}"

# One more than the chart's number, which autoscaling must leave as it is.
k scale deployment/mlpserve --replicas 4 >/dev/null
k rollout status deployment/mlpserve --timeout 180s >/dev/null
run_all kubernetes.md Models 1
before="$(pods)"
run_all scaling.md Autoscaling 1
# The autoscaler finds what to scale. It reports that it has no metrics: nothing here provides them.
expect SucceededGetScale horizontalpodautoscaler mlpserve "$(condition AbleToScale)"
expect FailedGetResourceMetric horizontalpodautoscaler mlpserve "$(condition ScalingActive)"
expect 4 horizontalpodautoscaler mlpserve --output 'jsonpath={.status.currentReplicas}'
[ "$(pods)" = "$before" ] || fail "turning on autoscaling replaced the pods $before with $(pods)"
# KServe, in addition.
if [ -d "$kserve_definitions" ]; then
  run_all kubernetes.md KServe 2
else
  say "KServe's definitions are missing: its two commands are left out"
fi
runtime_as_pod | k create --filename - >/dev/null
k wait pod/kserve --for condition=Ready --timeout 120s >/dev/null || fail "KServe's runtime is not ready"
say "a pod with KServe's runtime and what KServe would add is ready"

wait_for 120 all_say 2 "'mine' version 1 is loaded" || fail "the pods do not load the better model"
say "all pods have the better model"

# Back to the release without the autoscaler; then uninstall it.
run_all kubernetes.md "Rollouts and rollbacks" 2
wait_for 60 no_servers || fail "servers are left: $(pods)"
expect "mine mlpserve-test " configmaps --field-selector metadata.name!=kube-root-ca.crt \
  --output 'jsonpath={range .items[*]}{.metadata.name} {end}'

run_all kubernetes.md "Without Helm" 3
