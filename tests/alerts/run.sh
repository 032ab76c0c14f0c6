#!/usr/bin/env bash
# Asks promtool whether the alerts are well formed and fire when they should; and that every alert has a
# case in which it fires, one in which it is silent, a place in docs/alerts.md, and only metrics that
# docs/metrics.md has. Exits 77, with the reason, where promtool is missing.
# Usage: tests/alerts/run.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly rules=deploy/helm/mlpserve/rules/mlpserve.yaml cases=tests/alerts/mlpserve_test.yaml

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

command -v promtool >/dev/null || {
  echo "SKIPPED: promtool is not installed; deploy/install-packages.sh test"
  exit 77
}

promtool check rules "$rules" >/dev/null
promtool test rules "$cases" >/dev/null

mapfile -t alerts < <(sed -n 's/^ *- alert: //p' "$rules")
[ "${#alerts[@]}" -gt 0 ] || fail "$rules has no alerts"
for alert in "${alerts[@]}"; do
  grep -q "alertname: $alert\$" "$cases" || fail "$cases has no case in which $alert fires"
  grep -q "{alertname: $alert, .*exp_alerts: \[\]}" "$cases" ||
    grep -A2 "alertname: $alert\$" "$cases" | grep "exp_alerts: \[\]" >/dev/null ||
    fail "$cases has no case in which $alert is silent"
  grep -q "^## $alert\$" docs/alerts.md || fail "docs/alerts.md says nothing of $alert"
  grep -q "runbook: docs/alerts.md#${alert,,}\$" "$rules" || fail "$alert has no runbook"
done

# The names in docs/metrics.md are those that a running server has: a test of the server sees to that.
while read -r metric; do
  grep -q "^| \`${metric%_bucket}\`" docs/metrics.md || fail "$rules uses $metric, which docs/metrics.md does not have"
done < <(grep -o '\b\(mlp\|process\)_[a-z_]*[a-z]' "$rules" | sort -u)

echo "${#alerts[@]} alerts, each seen firing and silent"
