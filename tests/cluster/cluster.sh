# Sourced by the scripts that cluster_test.sh starts in separate namespaces: brings up the cluster
# there. The script sets `here`, and `namespace`, whose pods are shown on failure; cluster_test.sh
# has set work, cgroup, tools and root.
# shellcheck shell=bash
# shellcheck disable=SC2154 # what they set

# shellcheck source=tests/cluster/asking.sh
. "$here/asking.sh"
# shellcheck source=tests/cluster/control_plane.sh
. "$here/control_plane.sh"
# shellcheck source=tests/cluster/node.sh
. "$here/node.sh"

show_logs_of_failure() {
  local status="$?"
  [ "$status" -ne 0 ] || return 0
  local file
  for file in "$work"/*.log "$work"/pods/"$namespace"_*/*/*.log; do
    [ ! -s "$file" ] || { echo "The end of ${file#"$work"/}:" >&2; tail -n 12 "$file" >&2; }
  done
  timeout 10 kubectl --namespace "$namespace" get pods,events >&2
}

trap show_logs_of_failure EXIT

say() {
  printf '%3d s  %s\n' "$SECONDS" "$*"
}

k() {
  kubectl --namespace "$namespace" "$@"
}

# Prints the servers' pods that are not terminating.
pods() {
  k get pods --selector app.kubernetes.io/component=server --no-headers \
    --output custom-columns='NAME:.metadata.name,ENDS:.metadata.deletionTimestamp' |
    awk '$2 == "<none>" { print $1 }'
}

# --- The cluster.

bring_up() {
  prepare_mounts
  prepare_network
  start_containerd "$work/pause.tar" "$work/mlpserve.tar" &
  local images="$!"
  start_api_server
  say "the API server is ready"
  start_controllers
  wait "$images"
  start_kubelet
  start_kube_proxy
  start_dns
  wait_for 120 node_is_ready || fail "the node is not ready"
  wait_for_program coredns 60 curl --fail http://127.0.0.1:8181/ready
  say "the node is ready"
}

node_is_ready() {
  [ "$(kubectl get node "$node" --output jsonpath='{.status.conditions[?(@.type=="Ready")].status}' \
    2>/dev/null)" = True ]
}

# --- The chart.

# Makes a namespace that enforces the standard "restricted".
make_namespace() {
  kubectl apply --filename "$here/namespace.yaml" >/dev/null
  # If the namespace allowed this pod, the test would not show that the chart meets the standard.
  wait_for 60 k get serviceaccount default >/dev/null || fail "the namespace has no ServiceAccount"
  ! k run unrestricted --image mlpserve --dry-run=server >"$work/refused" 2>&1 ||
    fail "a pod without restrictions is allowed"
  grep -q 'violates PodSecurity "restricted' "$work/refused" || fail "$(cat "$work/refused")"
}

# install_chart OPTION...: installs the chart with options for helm.
install_chart() {
  helm install mlpserve "$root/deploy/helm/mlpserve" --namespace "$namespace" "$@" \
    >"$work/helm.log" 2>&1 || fail "helm install"
  ! grep -i warning "$work/helm.log" || fail "Kubernetes warns about what the chart installs"
  all_ready
}

all_ready() {
  k rollout status deployment/mlpserve --timeout 180s >/dev/null
}

restart() {
  k rollout restart deployment/mlpserve >/dev/null
  all_ready
}

no_pods() {
  [ -z "$(k get pods --output name)" ]
}

# --- Prometheus.

# start_prometheus CONFIGURATION
start_prometheus() {
  launch prometheus prometheus --config.file "$1" --storage.tsdb.path "$work/prometheus" \
    --web.listen-address 127.0.0.1:9090 --log.level warn
}

# Prints the value of a query, as a whole number.
ask_prometheus() {
  curl --silent --fail --get --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query |
    sed -n 's/.*"value":\[[^,]*,"\([0-9]*\).*/\1/p'
}

prometheus_sees_pods() {
  [ "$(ask_prometheus 'count(up{job="mlp-server"} == 1)')" = "$1" ]
}
