#!/usr/bin/env bash
# Asks promtool whether the rules are well formed and the alerts fire when they should; and that every alert
# has a case in which it fires, one in which it is silent before and one in which it is silent after that, a
# place in docs/alerts.md, and only metrics that docs/metrics.md has or a rule records.
# Exits 77, with the reason, where promtool is missing.
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

# lives ALERT: whether a test has it silent, firing and silent again, in this order. Its cases begin with
# its name, and `exp_alerts: []` on the same line or behind it is silence.
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
  grep -q "^## $alert\$" docs/alerts.md || fail "docs/alerts.md says nothing of $alert"
  grep -q "runbook: docs/alerts.md#${alert,,}\$" "${rules[@]}" || fail "$alert has no runbook"
done
while read -r heading; do
  [[ " ${alerts[*]} " == *" $heading "* ]] || fail "docs/alerts.md has $heading, which is no alert"
done < <(sed -n 's/^## \(Mlp\)/\1/p' docs/alerts.md)

# Names without comments, annotations and what is recorded as level:metric:operation.
names() { sed 's/#.*//' "${rules[@]}" | grep -oE '[a-z_0-9]+(:[a-z_0-9]+)*' | grep -E "$1" | sort -u; }
# The names in docs/metrics.md are those that a running server has: a test of the server sees to that.
while read -r metric; do
  # A table, and a list of what there is with TLS alone.
  grep -qE "^(\| |- .*)\`${metric%_bucket}\`" docs/metrics.md || fail "a rule uses $metric, which docs/metrics.md does not have"
done < <(names '^(mlp|process)_')
while read -r recorded; do
  grep -q "record: $recorded\$" "${rules[@]}" || fail "a rule uses $recorded, which none records"
done < <(names '^[a-z_]+:mlp_')

# A ratio's name says of what: numerator_per_denominator, as Prometheus' convention has it.
while read -r recorded; do
  [[ "$recorded" =~ _per_[a-z_]+:ratio_ ]] || fail "$recorded does not name what it is a ratio of"
done < <(sed -n 's/^ *- record: \(.*:ratio.*\)/\1/p' "${rules[@]}")

echo "${#alerts[@]} alerts, each seen silent, firing, and silent again"
