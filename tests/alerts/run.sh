#!/usr/bin/env bash
# Checks with promtool that the rules are well formed and that the alerts fire when they should.
# Also checks every alert: it has cases in which it is silent, then fires, then is silent again; it
# has a place in docs/reference/alerts.md; and it uses only metrics that docs/reference/metrics.md has or a rule
# records. Exits with 77, with the reason, if promtool is missing.
# Usage: tests/alerts/run.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

rules=(deploy/helm/mlpserve/rules/*.yaml)
cases=(tests/alerts/*_test.yaml)

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

command -v promtool >/dev/null || {
  echo "SKIPPED: promtool is not installed; deploy/install-packages.sh test"
  exit 77
}

promtool check rules "${rules[@]}" >/dev/null
promtool test rules "${cases[@]}" >/dev/null

# lives ALERT: whether the cases of an alert are silent, firing and silent again, in this order. A
# case begins with the alert's name. `exp_alerts: []` on the same line or below means silence.
lives() {
  awk -v alert="$1" '
    function ended() {
      if (named) stages = stages (silent ? "s" : "f")
      if (stages ~ /sf+s/) found = 1
      named = silent = 0
    }
    /^  - name:/ { ended(); stages = "" }
    /alertname:/ { ended(); named = $0 ~ "alertname: " alert "[,}]*( |$)" }
    named && /exp_alerts: \[\]/ { silent = 1 }
    END { ended(); exit !found }' "${cases[@]}"
}

mapfile -t alerts < <(sed -n 's/^ *- alert: //p' "${rules[@]}")
[ "${#alerts[@]}" -gt 0 ] || fail "${rules[*]} have no alerts"
for alert in "${alerts[@]}"; do
  lives "$alert" || fail "no case has $alert silent, then firing, then silent again"
  grep -q "^## $alert\$" docs/reference/alerts.md || fail "docs/reference/alerts.md has no section on $alert"
  grep -q "runbook: docs/reference/alerts.md#${alert,,}\$" "${rules[@]}" || fail "$alert has no runbook"
done
while read -r heading; do
  [[ " ${alerts[*]} " == *" $heading "* ]] || fail "docs/reference/alerts.md has $heading, which is not an alert"
done < <(sed -n 's/^## \(Mlp\)/\1/p' docs/reference/alerts.md)

# names REGEX: prints the names in the rules that match, except in comments. A recorded
# level:metric:operation is one name.
names() { sed 's/#.*//' "${rules[@]}" | grep -oE '[a-z_0-9]+(:[a-z_0-9]+)*' | grep -E "$1" | sort -u; }
# A test of the server checks that docs/reference/metrics.md has the names of a running server.
while read -r metric; do
  # The document has a table, and a list of the metrics that exist only with TLS.
  grep -qE "^(\| |- .*)\`${metric%_bucket}\`" docs/reference/metrics.md || fail "a rule uses $metric, which docs/reference/metrics.md does not have"
done < <(names '^(mlp|process)_')
while read -r recorded; do
  grep -q "record: $recorded\$" "${rules[@]}" || fail "a rule uses $recorded, which no rule records"
done < <(names '^[a-z_]+:mlp_')

# By Prometheus' convention, the name of a ratio says numerator_per_denominator.
while read -r recorded; do
  [[ "$recorded" =~ _per_[a-z_]+:ratio_ ]] || fail "$recorded does not name what it is a ratio of"
done < <(sed -n 's/^ *- record: \(.*:ratio.*\)/\1/p' "${rules[@]}")

echo "${#alerts[@]} alerts, each seen silent, firing, and silent again"
