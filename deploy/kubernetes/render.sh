#!/usr/bin/env bash
# Writes the plain manifests: renders the chart with its default values to deploy/kubernetes, and with
# deploy/helm/kserve-values.yaml to deploy/kserve/clusterservingruntime.yaml. Uses the helm in PATH.
# tests/kubernetes/tools.sh installs the one that the checks use:
#
#   PATH="$(tests/kubernetes/tools.sh helm):$PATH" deploy/kubernetes/render.sh
#
# With --check it writes nothing, shows the changes, and exits with 1 if there are any.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case "$#:${1:-}" in
  0: | 1:--check) ;;
  *)
    echo "Usage: deploy/kubernetes/render.sh [--check]" >&2
    exit 2
    ;;
esac
command -v helm >/dev/null || {
  echo "deploy/kubernetes/render.sh: helm is not on the PATH" >&2
  exit 1
}

work="$(mktemp --directory)"
trap 'rm -rf "$work"' EXIT

# render FOLDER [OPTION...]: writes a file for each template. Its first lines name the template.
render() {
  local folder="$1" file
  helm template mlpserve deploy/helm/mlpserve --namespace mlpserve --skip-tests --output-dir "$work/helm" \
    "${@:2}" >/dev/null
  mkdir -p "$work/$folder"
  for file in "$work"/helm/mlpserve/templates/*.yaml; do
    {
      echo "# Written by deploy/kubernetes/render.sh from ${file#"$work/helm/"}."
      grep -v '^# Source: ' "$file" | sed '1{/^---$/d}'
    } >"$work/$folder/${file##*/}"
  done
  rm -rf "$work/helm"
}

# Updates a committed folder from the rendered one, and removes files that are no longer rendered.
settle() {
  local folder="$1" file changed=0
  for file in "$folder"/*.yaml; do
    if grep -q '^# Written by deploy/kubernetes/render.sh' "$file" 2>/dev/null && [ ! -f "$work/$file" ]; then
      if "$check"; then
        echo "$file is no longer rendered" >&2
        changed=1
      else
        rm "$file"
      fi
    fi
  done
  for file in "$work/$folder"/*.yaml; do
    local to="$folder/${file##*/}"
    if "$check"; then
      diff -u "$to" "$file" >&2 || changed=1
    else
      cp "$file" "$to"
    fi
  done
  return "$changed"
}

check=false
[ "${1:-}" != --check ] || check=true
render deploy/kubernetes
render deploy/kserve --values deploy/helm/kserve-values.yaml
in_step=0
settle deploy/kubernetes || in_step=1
settle deploy/kserve || in_step=1
if [ "$in_step" -ne 0 ]; then
  echo "the manifests do not match the chart; run deploy/kubernetes/render.sh" >&2
  exit 1
fi
