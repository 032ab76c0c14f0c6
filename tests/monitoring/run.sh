#!/usr/bin/env bash
# Checks the monitoring that is deployed with the server: the files that Compose mounts, Prometheus'
# configurations, and Grafana's provisioning. Then a real Prometheus, with the configuration for Kubernetes,
# scrapes a real server, evaluates the alerts and answers every query of the dashboard; and a real Alertmanager
# receives alerts.
#
# Exits 77, with the reason, if one of these programs or Python is missing.
# Usage: tests/monitoring/run.sh PROGRAMS
set -euo pipefail
programs="$(cd "${1:?expected PROGRAMS, the folder of mlp-server and mlp-client}" && pwd)"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shellcheck source=tests/wait_for.sh
. tests/wait_for.sh

readonly here=tests/monitoring dashboard=deploy/grafana/dashboards/mlpserve.json

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

for program in prometheus promtool prometheus-alertmanager amtool python3; do
  command -v "$program" >/dev/null || {
    echo "SKIPPED: $program is not installed; deploy/install-packages.sh test"
    exit 77
  }
done

work="$(mktemp --directory)"
touch "$work"/{server,load,wrong,prometheus,alertmanager}.log
children=()
cleanup() {
  local status="$?"
  trap '' INT TERM
  for child in "${children[@]}"; do
    kill -TERM "$child" 2>/dev/null || true
  done
  wait
  if [ "$status" -ne 0 ]; then
    for log in "$work"/*.log; do
      echo "The end of ${log##*/}:" >&2
      tail -n 20 "$log" >&2
    done
  fi
  rm -rf "$work"
}
trap cleanup EXIT

# Every path that Compose mounts must exist: Docker would create a missing one as an empty folder.
mapfile -t mounts < <(sed -n 's/^ *- \(\.[^:]*\):.*/\1/p' deploy/compose.yaml)
[ "${#mounts[@]}" -ge 8 ] || fail "only ${#mounts[@]} mounts found in deploy/compose.yaml"
for mount in "${mounts[@]}"; do
  [ -e "deploy/$mount" ] || fail "deploy/compose.yaml mounts $mount, which does not exist"
done
if command -v docker-compose >/dev/null; then
  profiles=(--profile ask --profile load --profile drift --profile alerts)
  docker-compose --file deploy/compose.yaml "${profiles[@]}" config --quiet
  docker-compose --file deploy/compose.yaml --file deploy/compose.tls.yaml "${profiles[@]}" config --quiet
fi

# mounted PATH: prints the file or folder that deploy/compose.yaml mounts at PATH in a container.
mounted() {
  sed -n "s|^ *- \(\.[^:]*\):$1:ro\$|deploy/\1|p" deploy/compose.yaml
}

# Prometheus as Compose mounts it, with the rules that its configuration names.
mkdir "$work/prometheus"
cp "$(mounted /etc/prometheus/prometheus.yml)" "$work/prometheus"
cp -R "$(mounted /etc/prometheus/rules)" "$work/prometheus/rules"
promtool check config "$work/prometheus/prometheus.yml" | grep 'rules found' >/dev/null ||
  fail "Prometheus' configuration for Compose finds no rules"
# The configuration with TLS differs only in the lines for TLS. Its authority's file may be empty here.
sed 's|/tls/ca.pem|ca.pem|' deploy/prometheus/prometheus.tls.yml >"$work/prometheus/prometheus.tls.yml"
: >"$work/prometheus/ca.pem"
promtool check config "$work/prometheus/prometheus.tls.yml" | grep 'rules found' >/dev/null ||
  fail "Prometheus' configuration for Compose with TLS finds no rules"
[ "$(diff deploy/prometheus/prometheus.yml deploy/prometheus/prometheus.tls.yml | grep -c '^[<>]')" -eq 6 ] ||
  fail "Prometheus' configurations for Compose differ in more than TLS"

# Grafana must look for the dashboards where they are mounted, and the data source's host must be a service.
provisioning="$(mounted /etc/grafana/provisioning)"
dashboards="$(sed -n 's/.*options: {path: \(.*\)}/\1/p' "$provisioning/dashboards/mlpserve.yml")"
[ -f "$(mounted "$dashboards")/mlpserve.json" ] || fail "Grafana looks for dashboards in $dashboards, which has no mlpserve.json"
home="$(sed -n 's/^ *GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: //p' deploy/compose.yaml)"
[ -f "$(mounted "$dashboards")${home#"$dashboards"}" ] || fail "Grafana's home dashboard $home is not mounted"
host="$(sed -n 's|^ *url: http://\(.*\):[0-9]*$|\1|p' "$provisioning/datasources/prometheus.yml")"
grep -q "^  $host:\$" deploy/compose.yaml || fail "Compose has no service $host"

python3 "$here/dashboard.py" check "$dashboard" docs/reference/metrics.md || fail "the check of the dashboard"

# A real server with a baseline for one model, while another model learns its own. Of three clients, one requests
# a model that does not exist.
cp -R deploy/models/repository "$work/repository"
"$programs/mlp-client" calibrate "$work/repository/digits-relu/1/model.onnx" \
  --input deploy/models/training/pixels.npy >"$work/calibrate.log" 2>&1 || fail "no baseline: $(cat "$work/calibrate.log")"
"$programs/mlp-server" --model-repository "$work/repository" --saturation-window 500 --self-baseline 20000 \
  --grpc-address 127.0.0.1:0 --http-address 127.0.0.1:0 >"$work/server.log" 2>&1 &
children+=("$!")
logged_port() {
  sed -n "s/.*$1 on 127\.0\.0\.1:0, port \([0-9]*\).*/\1/p" "$work/server.log"
}
server_is_up() { [ -n "$(logged_port gRPC)" ]; }
wait_for 60 server_is_up || fail "the server does not start"
export MLP_ADDRESS
MLP_ADDRESS="127.0.0.1:$(logged_port gRPC)"
http_port="$(logged_port HTTP)"
"$programs/mlp-client" bench digits-relu --rate 100 --rows 10 --duration 600 --input deploy/models/training/pixels.npy \
  >"$work/load.log" 2>&1 &
children+=("$!")
"$programs/mlp-client" bench digits-tanh --rate 10 --duration 600 --input deploy/models/training/pixels.npy \
  >"$work/learning.log" 2>&1 &
children+=("$!")
while sleep 0.5; do
  "$programs/mlp-client" infer no-such-model --input deploy/models/held_out/pixels.npy
done >"$work/wrong.log" 2>&1 &
children+=("$!")

# The configuration for Kubernetes, with static targets instead of those that Kubernetes' API would report,
# because Debian's Prometheus is built without Kubernetes' discovery: a pod of the chart with its two ports, and
# another pod.
pod() {
  local meta=__meta_kubernetes
  echo "      - targets: ['127.0.0.1:$1']"
  echo "        labels: {${meta}_pod_label_app_kubernetes_io_name: $2, ${meta}_pod_label_app_kubernetes_io_component: server,"
  echo "          ${meta}_pod_annotation_prometheus_io_scrape: 'true', ${meta}_pod_annotation_prometheus_io_port: '$http_port',"
  echo "          ${meta}_pod_annotation_prometheus_io_path: /metrics, ${meta}_pod_container_port_name: $3,"
  echo "          ${meta}_namespace: here, ${meta}_pod_name: $4}"
}
mkdir "$work/kubernetes"
cp -R "$work/prometheus/rules" "$work/kubernetes/rules"
pods="$(pod 1 mlpserve http mlpserve-0 && pod 2 mlpserve grpc mlpserve-0 && pod 3 another http another-0)"
awk -v pods="$pods" '
  /kubernetes_sd_configs: \[{role: pod}\]/ { print "    static_configs:"; print pods; replaced = 1; next }
  { sub(/scrape_interval: 15s/, "scrape_interval: 1s\n  evaluation_interval: 1s"); print }
  END { exit !replaced }' deploy/prometheus/kubernetes.yml >"$work/kubernetes/prometheus.yml"
promtool check config "$work/kubernetes/prometheus.yml" >/dev/null

prometheus --config.file="$work/kubernetes/prometheus.yml" --storage.tsdb.path="$work/data" \
  --web.listen-address=127.0.0.1:0 >"$work/prometheus.log" 2>&1 &
children+=("$!")
prometheus_port() { sed -n 's/.*"Listening on" address=127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/prometheus.log"; }
prometheus_is_up() { [ -n "$(prometheus_port)" ] && grep -q 'Server is ready' "$work/prometheus.log"; }
wait_for 60 prometheus_is_up || fail "Prometheus does not start"
address="http://127.0.0.1:$(prometheus_port)"

# The query that prometheus-adapter would send for the autoscaler.
adapter="$(sed -n '/metricsQuery: >-/,$p' deploy/prometheus/adapter-values.yaml | sed 1d | tr '\n' ' ' |
  sed 's/<<\.GroupBy>>/namespace, pod/g; s/<<\.LabelMatchers>>/namespace="here",pod=~"mlpserve-0"/g')"
python3 "$here/dashboard.py" ask "$dashboard" "$address" "$adapter" \
  'up{job="mlp-server",namespace="here",pod="mlpserve-0"} == 1' || fail "the dashboard's queries"
targets="$(promtool query instant "$address" 'count(up)')"
[[ "$targets" == *"=> 1 @"* ]] || fail "Prometheus scrapes $targets; expected only the pod's HTTP port"

# Prometheus must evaluate all rules without an error.
rules_are_evaluated() {
  curl --fail --silent --show-error --max-time 10 "$address/api/v1/rules" >"$work/rules.json" &&
    ! grep -q '"health":"unknown"' "$work/rules.json"
}
command -v curl >/dev/null || fail "curl is not installed; deploy/install-packages.sh test"
wait_for 60 rules_are_evaluated || fail "Prometheus does not evaluate the rules"
rules="$(grep -o '"health":"ok"' "$work/rules.json" | wc -l)"
[ "$rules" -eq "$(cat deploy/helm/mlpserve/rules/*.yaml | grep -cE '^ *- (alert|record): ')" ] ||
  fail "Prometheus evaluates only $rules rules without an error"
echo "$rules rules are evaluated"

# A real Alertmanager, with the configuration that Compose mounts. If a server is down, it shows only that, and
# not the alerts that follow from it.
prometheus-alertmanager --config.file="$(mounted /etc/alertmanager/alertmanager.yml)" --cluster.listen-address= \
  --storage.path="$work/alertmanager" --web.listen-address=127.0.0.1:0 >"$work/alertmanager.log" 2>&1 &
children+=("$!")
alertmanager_port() { sed -n 's/.*"Listening on" address=127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/alertmanager.log"; }
alertmanager_is_up() { [ -n "$(alertmanager_port)" ]; }
wait_for 60 alertmanager_is_up || fail "Alertmanager does not start"
ask_alertmanager() { amtool --alertmanager.url="http://127.0.0.1:$(alertmanager_port)" alert "$@"; }
ask_alertmanager add MlpServerDown instance=a
ask_alertmanager add MlpModelNotReady instance=a model=digits-relu
ask_alertmanager add MlpModelNotReady instance=b model=digits-relu
ask_alertmanager add MlpErrorBudgetBurnsFast instance=c model=digits-relu
ask_alertmanager add MlpErrorBudgetBurnsSlowly instance=c model=digits-relu
shown() { ask_alertmanager query --output=extended | awk '{ print $1, $2 }' | grep -o 'alertname="[A-Za-z]*" instance="[a-z]"' | sort; }
alerts_are_shown() { [ "$(shown)" = $'alertname="MlpErrorBudgetBurnsFast" instance="c"\nalertname="MlpModelNotReady" instance="b"\nalertname="MlpServerDown" instance="a"' ]; }
wait_for 30 alerts_are_shown || fail "Alertmanager shows: $(ask_alertmanager query --output=extended)"
echo "Alertmanager shows that a server is down, and not that its models are not ready"
