#!/usr/bin/env bash
# Run by cluster_test.sh in separate namespaces: brings up the cluster, installs the chart, and
# replaces, deletes, evicts, stops and scales its pods while a client makes calls. cluster_test.sh
# sets work, cgroup, tools and root.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly namespace=models
readonly server_name=mlpserve-headless.models.svc.cluster.local
cd "${root:?}" # these are set by cluster_test.sh
: "${work:?}" "${cgroup:?}" "${tools:?}"

# shellcheck source=tests/cluster/cluster.sh
. "$here/cluster.sh"

# --- The chart.

# publish_model NAME: puts a sample model into the ConfigMap that is the pods' repository.
publish_model() {
  k create configmap digits --dry-run=client --output yaml \
    --from-file "$root/deploy/models/repository/$1/1/model.onnx" | k apply --filename - >/dev/null
}

# --- The steps.

update_model() {
  publish_model digits-tanh
  local pod
  for pod in $(pods); do
    wait_for 60 has_loaded_twice "$pod" || fail "$pod does not load the new model"
    # It logs this just before it serves the model.
    wait_for 60 has_new_answer "$(k get pod "$pod" --output 'jsonpath={.status.podIP}'):8001" careful ||
      fail "$pod does not serve the new model"
  done
}

has_loaded_twice() {
  [ "$(cat "$work/pods/${namespace}_$1_"*/server/*.log | grep -c "'digits' version 1 is loaded")" -ge 2 ]
}

# Waits until the pod has gone: gRPC makes at most five attempts, which the end of one server and
# the failure of the next within the same second can use up.
delete_pod() {
  k delete pod "$(pods | head -n 1)" >/dev/null
  all_ready
}

evict() {
  k create --raw "/api/v1/namespaces/$namespace/pods/$1/eviction" --filename - >"$work/evicted" 2>&1 <<END
{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "$1", "namespace": "$namespace"}}
END
}

# As kubectl drain does. The disruption budget allows one eviction. On the cordoned node, the pod that replaces
# the first cannot become ready before the second eviction, however late that is.
evict_both() {
  local first second
  { read -r first; read -r second; } < <(pods)
  # A controller counts the pods that are ready.
  wait_for 60 budget_allows_one || fail "the disruption budget allows no eviction"
  kubectl cordon "$node" >/dev/null
  evict "$first" || fail "the first eviction is refused: $(cat "$work/evicted")"
  ! evict "$second" || fail "the second eviction is allowed"
  grep -q 'disruption budget' "$work/evicted" || fail "refused for another reason: $(cat "$work/evicted")"
  kubectl uncordon "$node" >/dev/null
  k wait "pod/$first" --for=delete --timeout 120s >/dev/null
  all_ready
}

budget_allows_one() {
  [ "$(k get poddisruptionbudget mlpserve --output 'jsonpath={.status.disruptionsAllowed}')" = 1 ]
}

# A server that hangs: its liveness probe fails, and kubelet starts another one in the pod.
stop_process() {
  local process
  process="$(pgrep --exact mlp-server | head -n 1)"
  stopped="$(pod_of "$process")"
  kill -STOP "$process"
  k wait "pod/$stopped" --for=jsonpath='{.status.containerStatuses[0].restartCount}'=1 --timeout 120s >/dev/null
  k wait "pod/$stopped" --for=condition=Ready --timeout 120s >/dev/null
}

# Prints the pod that a process belongs to, by its host name.
pod_of() {
  nsenter --target "$1" --uts hostname
}

scale() {
  k scale deployment/mlpserve --replicas "$1" >/dev/null
  all_ready
}

scale_up() {
  scale 4
  wait_for 60 prometheus_sees_pods 4 || fail "Prometheus does not see four pods"
}

# do_step WHAT COMMAND...
do_step() {
  step "$@"
  keep_logs
}

# kubelet removes a pod's logs together with the pod, so they get second names.
keep_logs() {
  local log kept
  for log in "$work"/pods/"$namespace"_*/server/*.log; do
    kept="$work/kept/${log#"$work"/pods/}"
    mkdir -p "${kept%/*}"
    [ -e "$kept" ] || ln "$log" "$kept"
  done
}

# Checks that every server that has ended drained first, except for the process that hung.
check_drains() {
  local log ended=0
  for log in "$work"/kept/"$namespace"_*/server/*.log; do
    case "$log" in
      *"_${stopped}_"*/0.log) continue ;;
    esac
    grep -q '"signal 15: draining' "$log" || fail "no drain in ${log#"$work"/}"
    tail -n 1 "$log" | grep '"message":"stopped"' >/dev/null || fail "no clean end in ${log#"$work"/}"
    ended=$((ended + 1))
  done
  # Two at first, six from three restarts, one for the deleted and one for the evicted pod, two from
  # scaling.
  [ "$ended" -eq 12 ] || fail "$ended servers ended; expected 12"
  echo "$ended servers ended, each after a clean drain"
}

bring_up
start_prometheus "$here/prometheus.yml"
make_namespace
publish_model digits-relu
install_chart --values "$here/values.yaml"
say "two pods are ready"
wait_for 60 prometheus_sees_pods 2 || fail "Prometheus does not find the pods"
say "Prometheus scrapes them"

keep_logs
start_asking careful --model digits --target "dns:///$server_name:8001" --rate 200 "${patient[@]}" \
  --service-config "$service_config" "${resolving[@]}" "${pinging[@]}"
do_step "nothing" sleep 1
do_step "rollout restart" restart
do_step "the same again, immediately" restart
do_step "and a third time" restart
do_step "another model, by the ConfigMap" update_model
updated="$(now)"
do_step "a pod deleted" delete_pod
do_step "both pods evicted; the budget holds one back" evict_both
do_step "a process stopped, until its probe restarts it" stop_process
do_step "scaled from 2 to 4" scale_up
do_step "scaled back to 2" scale 2
stop_asking careful
say "all calls have ended"

report careful
no_old_answer_after "$updated" careful
helm uninstall mlpserve --namespace "$namespace" --wait >/dev/null
wait_for 60 no_pods || fail "pods are left"
check_drains
say "done"
