#!/usr/bin/env bash
# Renders the Helm chart with several kinds of values and checks the results: by schemas, strictly,
# for the oldest Kubernetes that the chart supports and the newest that has schemas here; the
# objects against one another; and by kube-score. Checks that the chart refuses values that could
# not work, and that the manifests, the table of values and the sample model match their sources.
# Contacts no cluster.
#
# Exits 77, with the reason, if a tool is missing (tools.sh). KServe's schemas are used only if
# ../shared/cluster/crds exists.
# Usage: tests/kubernetes/run.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly chart=deploy/helm/mlpserve here=tests/kubernetes kserve_definitions=../shared/cluster/crds
failed=0

fail() {
  echo "FAILED: $*" >&2
  failed=$((failed + 1))
}

work="$(mktemp --directory)"
trap 'rm -rf "$work"' EXIT

tools="$("$here/tools.sh" helm kube-score kubernetes-validate prometheus-operator cert-manager)"
PATH="$tools:$PATH"
validate="$(dirname "$(command -v kubernetes-validate)")/library"
operator="$(tr ':' '\n' <<<"$tools" | grep /prometheus-operator-)"
manager="$(tr ':' '\n' <<<"$tools" | grep /cert-manager-)"
definitions=(--definitions "$operator" --definitions "$manager")
if [ -d "$kserve_definitions" ]; then
  definitions+=(--definitions "$kserve_definitions")
else
  definitions+=(--without-schema serving.kserve.io)
  echo "KServe's definitions do not exist here, so its objects are checked without them"
fi

# check [OPTION...] FILE...: checks manifests with check.py.
check() {
  PYTHONPATH="$validate" python3 "$here/check.py" "${definitions[@]}" "$@"
}

rendered=0
# render_and_check VALUES: renders the chart with a file of values. Comments in the file say what must
# result: `# kinds: …` lists the objects, `# holds: …` is a piece of their text.
render_and_check() {
  local values="$1" out kinds piece version
  out="$work/$(basename "$values")"
  if ! helm template release "$chart" --namespace ns --values "$values" >"$out"; then
    fail "$values: helm template"
    return 0
  fi
  helm lint --quiet "$chart" --values "$values" || fail "$values: helm lint"
  kinds="$(sed -n 's/^# kinds: //p' "$values")"
  for version in 1.31.0 1.37.0; do
    check --version "$version" --kinds "$kinds" "$out" || fail "$values, Kubernetes $version"
  done
  while read -r piece; do
    grep -qF -- "$piece" "$out" || fail "$values: the rendered objects do not contain: $piece"
  done < <(sed -n 's/^# holds: //p' "$values")
  rendered=$((rendered + 1))
}

for values in "$here"/values/*.yaml deploy/helm/kserve-values.yaml; do
  render_and_check "$values"
done
[ "$rendered" -ge 14 ] || fail "only $rendered files of values were rendered"

# Values that the chart must refuse.
refused=0
while IFS= read -r line; do
  [[ "$line" != \#* && -n "$line" ]] || continue
  options="${line%% | *}" expected="${line#* | }"
  # shellcheck disable=SC2086 # several options
  if said="$(helm template release "$chart" $options 2>&1)"; then
    fail "the chart accepts $options"
  elif ! grep -qF -- "$expected" <<<"$said"; then
    fail "the chart refuses $options, but does not say: $expected"
    echo "$said" >&2
  fi
  refused=$((refused + 1))
done <"$here/refused.txt"
[ "$refused" -ge 85 ] || fail "only $refused lines of refused.txt were tried"

# kube-score's findings, except those for which kube_score.txt gives a reason. The minimal values
# are not scored, because they lack most of what kube-score asks for.
scored=(default mesh autoscaled config_maps claim init_container image_volume tls_cert_manager tls_secret tls_http)
ignored=()
while read -r finding _; do
  [[ "$finding" != \#* && -n "$finding" ]] || continue
  ignored+=(--ignore-test "$finding")
done <"$here/kube_score.txt"
for values in "${scored[@]}"; do
  kube-score score --output-format ci "${ignored[@]}" "$work/$values.yaml" >"$work/score" 2>&1 || true
  grep -q '^\[OK\]' "$work/score" || fail "kube-score says nothing of $values: $(head -n 3 "$work/score")"
  if grep -E '^\[(CRITICAL|WARNING)\]' "$work/score" >&2; then
    fail "kube-score on $values: see above"
  fi
done
# A reason for a finding that no longer occurs is out of date.
kube-score score --output-format json "$work/default.yaml" >"$work/score.json" 2>/dev/null || true
while read -r finding _; do
  [[ "$finding" != \#* && -n "$finding" ]] || continue
  python3 - "$finding" "$work/score.json" <<'PYTHON' || fail "kube-score does not find $finding any more"
import json, sys
found = {c["check"]["id"] for o in json.load(open(sys.argv[2])) for c in o["checks"] if c["grade"] < 10 and not c["skipped"]}
sys.exit(0 if sys.argv[1] in found else 1)
PYTHON
done <"$here/kube_score.txt"

# Generated and copied files.
deploy/kubernetes/render.sh --check || fail "the manifests do not match the chart"
check deploy/kubernetes/*.yaml || fail "deploy/kubernetes"
check deploy/kserve/clusterservingruntime.yaml deploy/kserve/inferenceservice.yaml || fail "deploy/kserve"
deploy/helm/values_table.sh --check || fail "the table of values does not match values.yaml"
cmp "$chart/sample/digits-tanh/1/model.onnx" deploy/models/repository/digits-tanh/1/model.onnx ||
  fail "the chart's sample model differs from that of deploy/models"
project="$(sed -n 's/^project(mlpserve VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)"
grep -qx "appVersion: \"$project\"" "$chart/Chart.yaml" || fail "the chart's appVersion is not $project"

[ "$failed" -eq 0 ] || exit 1
echo "$rendered kinds of values rendered and checked, $refused refused"
